"""Lists for any window and moment, worked out on the spot and not kept; places keep the ids they have on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.opening import local_day
from server.hotspots.areas import all_in, areas_at
from server.hotspots.labels import tell_new_rows_apart
from server.hotspots.models import Hotspot
from server.hotspots.service import (
    MIN_COUNT,
    RADIUS_M,
    WINDOW_DAYS,
    as_known,
    build,
    members_by_hotspot,
    newest_run,
)
from server.hotspots.view import WHOLE, area_rows, hotspot_rows, listed, run_row
from server.places.service import gazetteers
from server.store.clock import rfc3339
from workers.clustering.background import Chance
from workers.clustering.identity import ListedPlace, match_places
from workers.clustering.places import HotPlace
from workers.clustering.trend import word_on_record
from workers.geocoding.grid import from_grid
from workers.geocoding.place import AreaName

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """Which list: of which kind, from how many cases on, of how many days up to when (None: the stored list's), and
    of the places in which areas."""

    kind: str
    min_count: int
    window_days: int | None = None
    as_of: datetime | None = None
    within: tuple[AreaName, ...] = ()


def hotspot_list(
    session: Session, question: Question, at: datetime, part: slice = WHOLE
) -> tuple[Rows, dict[str, Any] | None]:
    """The rows of a `part` of a list, best first, and the run they go with (None: no list was ever made).

    The stored list where the window is the stored one's and no moment is named; else one worked out as of `as_of`
    (now at the latest), by what is known of its cases today.
    """
    run = newest_run(session)
    if question.as_of is None and question.window_days in (None, run.window_days if run else WINDOW_DAYS):
        places = listed(session, question.kind, question.min_count, question.within, part)
        return hotspot_rows(session, places), run_row(run) if run else None
    as_of = min(question.as_of or at, at)
    rows, worked_out = _worked_out(session, question, as_of)
    return rows[part], worked_out


def _worked_out(session: Session, question: Question, as_of: datetime) -> tuple[Rows, dict[str, Any]]:
    kind, window_days = question.kind, question.window_days or WINDOW_DAYS
    built = build(session, as_of, window_days, kind)
    places = built.places.get(kind, [])
    known = {str(row.id): row for row in session.scalars(sa.select(Hotspot).where(Hotspot.kind == kind))}
    ids = _ids_on_record(session, known, places)
    around = areas_at(session, [(place.easting, place.northing) for place in places])
    rows = [
        _row(place, known.get(kept or ""), kind, built.first_labels[kind, index], built.chances[kind, index])
        | {"trend": _trend(place, known.get(kept or ""), as_of), "areas": area_rows(areas)}
        for index, (place, kept, areas) in enumerate(zip(places, ids, around, strict=True))
    ]
    tell_new_rows_apart(rows, list(known.values()), as_of, lambda: gazetteers.of(session))
    rows = [
        row
        for row, areas in zip(rows, around, strict=True)
        if row["count"] >= question.min_count and all_in(areas, question.within)
    ]
    run: dict[str, Any] = {
        "id": None, "stored": False, "as_of": rfc3339(as_of), "window_days": window_days, "radius_m": RADIUS_M,
        "min": MIN_COUNT, "half_life_days": built.half_life_days, "cases": built.cases,
        "background": built.background, "by_chance": built.by_chance,
    }  # fmt: skip
    return rows, run


def _ids_on_record(
    session: Session, known: dict[str, Hotspot], places: list[HotPlace]
) -> tuple[str | None, ...]:
    members = members_by_hotspot(session)
    on_record = [as_known(row, members.get(row.id, ())) for row in known.values()]
    found = [ListedPlace(place.easting, place.northing, frozenset(place.members)) for place in places]
    return tuple(match_places(on_record, found).ids)


def _row(
    place: HotPlace, known: Hotspot | None, kind: str, first_label: str, chance: Chance
) -> dict[str, Any]:
    lat, lon = from_grid(place.easting, place.northing)
    return {
        "rank": place.rank, "id": str(known.id) if known else None, "kind": kind,
        "label": known.label if known else first_label, "easting": place.easting, "northing": place.northing,
        "lat": lat, "lon": lon, "extent_m": place.extent_m, "count": place.count, "score": place.score,
        "expected": chance.expected, "p": chance.p, "q": chance.q,
        "first": place.first.isoformat(), "last": place.last.isoformat(), "members": list(place.members),
    }  # fmt: skip


def _trend(place: HotPlace, known: Hotspot | None, as_of: datetime) -> str:
    listed_on = local_day(known.created_at) if known else None
    return word_on_record(place.trend, place.count, listed_on, local_day(as_of))
