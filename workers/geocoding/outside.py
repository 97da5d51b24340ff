"""Outside services as a second opinion on a place: Nominatim, OS Names and OS Places.

Off by default, and never asked while anybody waits: the local answer stands by itself. Each service is asked no more
often than it allows, at most for a second, and left alone for a while after it failed a few times. Answers are kept by
the caller. OS Names and OS Places by their documented `nearest` calls (docs.os.uk); Nominatim through geopy.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pybreaker
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim

TIMEOUT_S = 1.0
FAILURES_MOST, REST_S = 3, 300.0
AGENT = "tipwatch"
OS_NAMES = "https://api.os.uk/search/names/v1/nearest"
OS_PLACES = "https://api.os.uk/search/places/v1/nearest"
# Seconds between two calls: Nominatim's public service allows one a second for all of an application; OS ten.
EVERY_S = {"nominatim": 1.1, "os_names": 0.1, "os_places": 0.1}

Get = Callable[[str, Mapping[str, str]], Any]


class NoAnswer(Exception):
    """The service did not answer, is resting after failures, or was asked a moment ago."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What an outside service calls a place. distance_m: how far its own point is, where it says."""

    service: str
    label: str
    distance_m: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"service": self.service, "label": self.label, "distance_m": self.distance_m}


@dataclass(frozen=True, slots=True)
class Position:
    """A position in WGS84 degrees and National Grid metres."""

    lat: float
    lon: float
    easting: float
    northing: float


class Service:
    """One outside service, with its rate limit and its circuit breaker."""

    def __init__(
        self, name: str, ask: Callable[[Position], SecondOpinion | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.name = name
        self._ask = ask
        self._clock = clock
        self._breaker = pybreaker.CircuitBreaker(fail_max=FAILURES_MOST, reset_timeout=REST_S)
        self._lock = threading.Lock()
        self._free_at = 0.0

    def opinion(self, position: Position) -> SecondOpinion | None:
        """What the service says, or None where it knows nothing near. Raises NoAnswer."""
        with self._lock:
            if self._clock() < self._free_at:
                raise NoAnswer(f"{self.name} was asked a moment ago")
            self._free_at = self._clock() + EVERY_S[self.name]
        try:
            answer: SecondOpinion | None = self._breaker.call(self._ask, position)
        except pybreaker.CircuitBreakerError as error:
            raise NoAnswer(
                f"{self.name} failed {FAILURES_MOST} times and is left alone for a while"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, GeopyError) as error:
            raise NoAnswer(f"{self.name} did not answer: {type(error).__name__}") from error
        return answer


def nominatim(domain: str, *, scheme: str = "https") -> Service:
    """A Nominatim server by its domain."""
    client = Nominatim(user_agent=AGENT, domain=domain, scheme=scheme, timeout=TIMEOUT_S)

    def ask(position: Position) -> SecondOpinion | None:
        found = client.reverse((position.lat, position.lon), zoom=17, language="en")
        return None if found is None else SecondOpinion("nominatim", str(found.address))

    return Service("nominatim", ask)


def os_names(key: str, get: Get | None = None) -> Service:
    """The OS Names API: the nearest named thing."""

    def ask(position: Position) -> SecondOpinion | None:
        query = {
            "point": f"{position.easting:.2f},{position.northing:.2f}",
            "radius": "250",
            "format": "JSON",
        }
        answer = (get or _get)(f"{OS_NAMES}?{urlencode(query)}", {"key": key})
        entries = [each.get("GAZETTEER_ENTRY", each) for each in answer.get("results") or []]
        if not entries:
            return None
        entry = entries[0]
        place = entry.get("POPULATED_PLACE") or ""
        away = _away(position, entry["GEOMETRY_X"], entry["GEOMETRY_Y"])
        return SecondOpinion("os_names", f"{entry['NAME1']}, {place}" if place else str(entry["NAME1"]), away)

    return Service("os_names", ask)


def os_places(key: str, get: Get | None = None) -> Service:
    """The OS Places API: the nearest address."""

    def ask(position: Position) -> SecondOpinion | None:
        query = {
            "point": f"{position.easting:.2f},{position.northing:.2f}",
            "radius": "100",
            "srs": "EPSG:27700",
        }
        answer = (get or _get)(f"{OS_PLACES}?{urlencode(query)}", {"key": key})
        entries = [each.get("DPA") or each.get("LPI") for each in answer.get("results") or []]
        if not entries:
            return None
        entry = entries[0]
        away = _away(position, entry["X_COORDINATE"], entry["Y_COORDINATE"])
        return SecondOpinion("os_places", str(entry["ADDRESS"]), away)

    return Service("os_places", ask)


def _away(position: Position, easting: float, northing: float) -> float:
    return round(
        ((position.easting - float(easting)) ** 2 + (position.northing - float(northing)) ** 2) ** 0.5, 1
    )


def _get(url: str, headers: Mapping[str, str]) -> Any:
    request = Request(url, headers={"User-Agent": AGENT, "Accept": "application/json", **headers})
    with urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)
