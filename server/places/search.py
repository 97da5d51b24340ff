"""Where is that? Names as they are typed, and figures in every usual spelling."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.places.service import gazetteers
from workers.geocoding.gazetteer import Gazetteer
from workers.geocoding.grid import from_grid, grid_reference, to_grid
from workers.geocoding.typed import ShortCode, Typed, read_typed, short_to_typed

DegreesNear = tuple[float, float]
THREE_WORDS = (
    "Three words are kept as they are; add a street or a grid reference, so that the place can be found."
)


@dataclass(frozen=True, slots=True)
class Match:
    """A place that was found.

    kind: road, locality, landmark, postcode, grid_reference, plus_code, lat_lon or three_words.

    lat, lon in WGS84 degrees, None for words that are only kept; distance_m from where the person is, when known.
    """

    kind: str
    label: str
    name: str
    locality: str | None = None
    lat: float | None = None
    lon: float | None = None
    grid_reference: str | None = None
    accuracy_m: float | None = None
    distance_m: float | None = None
    note: str | None = None


def search(session: Session, text: str, limit: int, near: DegreesNear | None = None) -> list[Match]:
    """What `text` may mean to the open authority, best first. near: degrees of the person.

    ValueError tells what is wrong with figures.
    """
    gazetteer = gazetteers.of(session)
    typed = read_typed(text)
    if isinstance(typed, ShortCode):
        typed = _whole(gazetteer, typed, near)
    if typed is not None:
        return [_of_figures(gazetteer, typed)]
    point = to_grid(*near) if near is not None else None
    matches = []
    for found in gazetteer.search(text, limit, near=point):
        lat, lon = from_grid(found.easting, found.northing)
        matches.append(
            Match(
                kind=found.kind, label=found.label, name=found.name, locality=found.locality or None,
                lat=round(lat, 6), lon=round(lon, 6), grid_reference=grid_reference(found.easting, found.northing),
                distance_m=found.distance_m,
            )
        )  # fmt: skip
    return matches


def _whole(gazetteer: Gazetteer, short: ShortCode, near: DegreesNear | None) -> Typed:
    """A shortened plus code by the place named with it, else by where the person or the authority is."""
    if short.place:
        found = gazetteer.search(short.place, 1)
        if not found:
            raise ValueError(f"No place called {short.place} is known here. Give the whole plus code.")
        return short_to_typed(short, *from_grid(found[0].easting, found[0].northing))
    if near is None:
        if gazetteer.bounds is None:
            raise ValueError("Give the whole plus code, or a place with it, such as HFG4+66 Hartshill.")
        west, south, east, north = gazetteer.bounds
        near = from_grid((west + east) / 2, (south + north) / 2)
    return short_to_typed(short, *near)


def _of_figures(gazetteer: Gazetteer, typed: Typed) -> Match:
    if typed.lat is None or typed.lon is None:
        return Match(kind=typed.kind, label=typed.text, name=typed.text, note=THREE_WORDS)
    place = gazetteer.locate(typed.lat, typed.lon)
    return Match(
        kind=typed.kind, label=f"{typed.text}: {place.label}", name=typed.text,
        locality=place.locality.name if place.locality else None,
        lat=round(typed.lat, 7), lon=round(typed.lon, 7), grid_reference=place.grid_reference,
        accuracy_m=typed.accuracy_m, note=place.note,
    )  # fmt: skip
