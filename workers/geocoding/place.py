"""A place: the answer to "where is this?", in the shape of the wire."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

NOT_NAMED_YET = "Place not named yet"


@dataclass(frozen=True, slots=True)
class Road:
    """The nearest named road and how far it is, metres."""

    name: str
    distance_m: float
    source: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """The nearest locality and how far its centre is, metres."""

    name: str
    distance_m: float
    source: str


@dataclass(frozen=True, slots=True)
class PostcodeNear:
    """The nearest postcode and how far its centre is, metres."""

    code: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area the place is in."""

    kind: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point is. Distances, easting and northing in metres to 0.1 m; None for what is not known."""

    label: str
    road: Road | None
    locality: Settlement | None
    postcode: PostcodeNear | None
    areas: tuple[AreaName, ...]
    grid_reference: str | None
    easting: float | None
    northing: float | None
    plus_code: str
    in_area_served: bool

    def as_json(self) -> dict[str, Any]:
        """The body of `places/reverse`, ready for JSON."""
        return {**asdict(self), "areas": [asdict(area) for area in self.areas]}


def label_for(road: Road | None, locality: Settlement | None) -> str:
    """One line for people: "Road, Locality", "Road", "near Locality" or NOT_NAMED_YET; never blank."""
    if road is not None and locality is not None:
        return f"{road.name}, {locality.name}"
    if road is not None:
        return road.name
    if locality is not None:
        return f"near {locality.name}"
    return NOT_NAMED_YET
