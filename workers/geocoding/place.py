"""A place: the answer to "where is this?", in the shape of the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

NOT_NAMED_YET = "Place not named yet"
NOTHING_NEAR = "Nothing named within 5 km"
OUTSIDE_GREAT_BRITAIN = "Outside Great Britain"
OUTSIDE_AREA = "Outside the area we serve"


@dataclass(frozen=True, slots=True)
class Near:
    """A name on the ground and how far it is, metres: a road, a locality (its centre) or a landmark."""

    name: str
    distance_m: float
    source: str


@dataclass(frozen=True, slots=True)
class CodeNear:
    """A postcode (its centre), or the number of a property (UPRN) or street (USRN), and how far it is, metres."""

    code: str
    distance_m: float
    source: str


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area the place is in."""

    kind: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point is. Distances, easting and northing in metres to 0.1 m; None for what is not known.

    between: on a long lane the roads that meet it on either side. note: what a person should know of the position,
    in words, when it is outside the area served or Great Britain.
    """

    label: str
    road: Near | None = None
    between: tuple[str, str] | None = None
    locality: Near | None = None
    landmark: Near | None = None
    postcode: CodeNear | None = None
    uprn: CodeNear | None = None
    usrn: CodeNear | None = None
    areas: tuple[AreaName, ...] = ()
    grid_reference: str | None = None
    easting: float | None = None
    northing: float | None = None
    plus_code: str = ""
    in_area_served: bool = False
    note: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The body of `places/reverse`, ready for JSON."""
        return {
            **asdict(self),
            "between": list(self.between) if self.between else None,
            "areas": [asdict(area) for area in self.areas],
        }


def outside_note(areas: Sequence[AreaName]) -> str:
    """What a person should know of a position outside the area served, and whose it is where that is known."""
    whose = next((area.name for area in areas if area.kind == "authority"), None)
    return OUTSIDE_AREA if whose is None else f"{OUTSIDE_AREA}: this is {whose}"
