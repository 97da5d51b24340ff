"""Lists of one ward, parish or police beat: the places of the council's list whose centre lies in it.

A place has one rank, the council's, in every list; a centre on a border lies in the areas on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Problem
from server.places.models import Area
from server.places.service import gazetteers
from workers.geocoding.place import AreaName

LIST_AREAS = ("ward", "parish", "beat")
# So many are named to whoever asked for one that is not there.
_NAMED_AT_MOST = 12


def areas_asked(session: Session, asked: Mapping[str, Any]) -> tuple[AreaName, ...]:
    """The areas that `asked` names by kind (of LIST_AREAS), each by its code, or by its name where one has it alone.

    Raises Problem invalid_request, which names the field, for what the open authority has not or has more than once.
    """
    return tuple(_asked(session, kind, asked[kind]) for kind in LIST_AREAS if asked.get(kind) is not None)


def _asked(session: Session, kind: str, text: str) -> AreaName:
    query = sa.select(Area.code, Area.name).where(Area.kind == kind).order_by(Area.name, Area.code)
    areas = [AreaName(kind, code, name) for code, name in session.execute(query)]
    wanted = text.strip().casefold()
    found = [area for area in areas if area.code.casefold() == wanted]
    found = found or [area for area in areas if area.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if not areas:
        said = f"No {kind} was imported for your council yet"
    elif found:
        said = (
            f"More than one {kind} is called {text}. Give its code: {', '.join(area.code for area in found)}"
        )
    else:
        named = [f"{area.name} ({area.code})" for area in areas[:_NAMED_AT_MOST]]
        more = f" and {len(areas) - _NAMED_AT_MOST} more" if len(areas) > _NAMED_AT_MOST else ""
        said = f"Your council has no {kind} {text}. Give a code or a name of: {', '.join(named)}{more}"
    raise Problem("invalid_request", said, {kind: [said]})


def areas_at(session: Session, centres: Sequence[tuple[float, float]]) -> list[tuple[AreaName, ...]]:
    """For each centre (easting and northing in metres) the wards, parishes and beats that it lies in."""
    if not centres:
        return []
    east, north = np.array(centres, dtype=float).T
    around = gazetteers.of(session).areas_around(east, north)
    return [tuple(area for area in areas if area.kind in LIST_AREAS) for areas in around]


def all_in(areas: Sequence[AreaName], within: Sequence[AreaName]) -> bool:
    """Whether a place that lies in `areas` lies in each of `within`."""
    return set(within) <= set(areas)
