"""The services themselves: Nominatim through geopy, OS Names and OS Places by their `nearest` calls (docs.os.uk)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from server.config import Settings
from server.places.outside.fetch import fetch_json
from workers.geocoding.grid import to_grid

AGENT = "tipwatch"
# Seconds between two questions of all processes. Nominatim's public server allows one a second; OS ten.
EVERY_S: Mapping[str, float] = {"nominatim": 1.1, "os_names": 0.2, "os_places": 0.2}
# Who gets to know the position, as people are told.
RUN_BY: Mapping[str, str] = {
    "nominatim": "a map server (Nominatim)", "os_names": "Ordnance Survey", "os_places": "Ordnance Survey",
}  # fmt: skip
LABEL_LIMIT = 200
NAMES_WITHIN_M, PLACES_WITHIN_M = 250, 100
_ROADS = ("Named_Road", "Section_Of_Named_Road", "Numbered_Road", "Section_Of_Numbered_Road")
_LOCALITIES = ("hamlet", "village", "suburb", "town", "city")


class NoAnswer(Exception):
    """The service did not answer, or not with anything that can be used. Holds no address and no key."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a service calls a position. distance_m: metres to its point, where that is what was meant."""

    label: str
    distance_m: float | None = None


def ask(name: str, settings: Settings, lat: float, lon: float) -> Opinion | None:
    """What the service says about a position in WGS84 degrees, None where it knows nothing near. Raises NoAnswer."""
    try:
        return _ASK[name](settings, lat, lon)
    except Exception as error:  # whatever a stranger's answer sets off, it is no answer
        reason = str(error) if isinstance(error, OSError) else type(error).__name__
        raise NoAnswer(f"{name} did not answer: {reason}") from None


def _nominatim(settings: Settings, lat: float, lon: float) -> Opinion | None:
    from server.places.outside.nominatim import found_at

    found = found_at(settings.nominatim_url, AGENT, lat, lon)
    if found is None:
        return None
    address = found.get("address") or {}
    locality = next((address[kind] for kind in _LOCALITIES if address.get(kind)), None)
    if address.get("road") and locality:
        return Opinion(_line(f"{_line(address['road'])}, {_line(locality)}"))
    return Opinion(_line(found["display_name"]))


def _os_names(settings: Settings, lat: float, lon: float) -> Opinion | None:
    roads = " ".join(f"LOCAL_TYPE:{kind}" for kind in _ROADS)
    results = _nearest(settings, "names", lat, lon, {"radius": NAMES_WITHIN_M, "fq": roads})
    if not results:
        return None
    entry = results[0]["GAZETTEER_ENTRY"]
    road, locality = _line(entry["NAME1"]), entry.get("POPULATED_PLACE")
    return Opinion(_line(f"{road}, {_line(locality)}") if locality else road)


def _os_places(settings: Settings, lat: float, lon: float) -> Opinion | None:
    query = {"radius": PLACES_WITHIN_M, "srs": "EPSG:27700", "output_srs": "EPSG:27700"}
    results = _nearest(settings, "places", lat, lon, query)
    if not results:
        return None
    entry = results[0].get("DPA") or results[0]["LPI"]
    at = float(entry["X_COORDINATE"]), float(entry["Y_COORDINATE"])
    away = math.dist(_on_grid(lat, lon), at)
    if not math.isfinite(away):
        raise ValueError("its position is not a number")
    return Opinion(_line(entry["ADDRESS"]), round(away, 1))


def _nearest(settings: Settings, api: str, lat: float, lon: float, query: Mapping[str, Any]) -> list[Any]:
    easting, northing = _on_grid(lat, lon)
    asked = urlencode({"point": f"{easting:.2f},{northing:.2f}", "format": "JSON", **query})
    # The key goes in a header: addresses end up in logs.
    headers = {"User-Agent": AGENT, "Accept": "application/json", "key": settings.os_api_key}
    results = fetch_json(f"{settings.os_api_url}/search/{api}/v1/nearest?{asked}", headers).get("results", [])
    if not isinstance(results, list):
        raise TypeError("results is no list")
    return results


def _on_grid(lat: float, lon: float) -> tuple[float, float]:
    point = to_grid(lat, lon)
    if point is None:
        raise ValueError("the position is outside Great Britain")
    return point


def _line(text: Any) -> str:
    """One line of text from an answer."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("there is no name in it")
    return " ".join(text.split())[:LABEL_LIMIT]


_ASK: Mapping[str, Callable[[Settings, float, float], Opinion | None]] = {
    "nominatim": _nominatim, "os_names": _os_names, "os_places": _os_places,
}  # fmt: skip
