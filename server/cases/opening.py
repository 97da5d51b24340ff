"""A case is opened for a report, gets its reference, and is put on the map."""

from __future__ import annotations

import math
import uuid
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.cases.models import Case
from server.intake.models import Report, ReportPosition, ReportStanding
from server.store.events import SYSTEM, Actor, begin_stream
from server.store.transaction import next_value
from workers.clustering.points import Days, Floats

CELL_M = 1000
# The council's own clock: references carry its year, cases count for its days.
LOCAL = ZoneInfo("Europe/London")
NO_PLACE = "Place not known yet"
ODD_TIMES = {"time_in_future", "time_long_ago"}
_PREFIX = sa.select(Authority.reference_prefix).where(Authority.id == sa.bindparam("of"))


def open_case(
    session: Session, report: Report, standing: ReportStanding, position: ReportPosition | None,
    place: dict[str, Any] | None, at: datetime, by: Actor = SYSTEM,
) -> Case:  # fmt: skip
    """Open a case for a report, with the next reference of its year; `place` as the wire shows it."""
    seen_at = usable_time(report, standing)
    case = Case(
        id=uuid.uuid4(), reference=next_reference(session, at), kind=report.kind, category=report.category, state="new",
        opened_at=at, first_seen_at=seen_at, last_seen_at=seen_at, label=NO_PLACE,
        report_count=0, hazards=[], severity=1, witnessed=False, flags=[],
    )  # fmt: skip
    if position is not None and place is not None:
        put_on_map(case, position, place)
    session.add(case)
    facts = {"reference": case.reference, "report_id": report.id, "kind": case.kind, "label": case.label}
    begin_stream(session, ("case", case.id), "case.opened", facts, by=by, at=at)
    return case


def local_day(moment: datetime) -> date:
    """The day of a moment by the council's own clock."""
    return moment.astimezone(LOCAL).date()


def local_days(seconds: Floats) -> Days:
    """The same for very many moments (n,), each in seconds since 1970."""
    if len(seconds) == 0:
        return np.empty(0, dtype="datetime64[D]")
    first, last = (local_day(datetime.fromtimestamp(end, UTC)) for end in (seconds.min(), seconds.max()))
    days: Days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    midnights = [datetime.combine(day, time(), LOCAL).timestamp() for day in days.tolist()]
    found: Days = days[np.searchsorted(midnights, seconds, side="right") - 1]
    return found


def next_reference(session: Session, at: datetime) -> str:
    """Such as `NW-26-00123`: the council's prefix, the year by its own clock, a number without gaps."""
    authority_id, year = session.info["authority_id"], at.astimezone(LOCAL).year
    prefix = session.connection().execute(_PREFIX, {"of": authority_id}).scalar_one()
    return f"{prefix}-{year % 100:02d}-{next_value(session, authority_id, f'reference:{year}'):05d}"


def put_on_map(case: Case, position: ReportPosition, place: dict[str, Any]) -> None:
    """Give a case its position, and its place as the wire shows it; a label that a person gave stays."""
    case.lat, case.lon, case.accuracy_m = position.lat, position.lon, position.accuracy_m
    case.easting, case.northing = position.easting, position.northing
    case.cell = None
    if position.easting is not None and position.northing is not None:
        case.cell = cell_of(position.easting, position.northing)
    case.place, case.label = place, case.label if case.labelled else place["label"]
    case.ward_code = next((area["code"] for area in place["areas"] if area["kind"] == "ward"), None)


def usable_time(report: Report, standing: ReportStanding) -> datetime:
    """When it was seen; when that cannot be right, when it was received."""
    return report.received_at if ODD_TIMES & set(standing.flags) else report.seen_at


def cell_of(easting: float, northing: float) -> int:
    """The number of the 1 km square that a grid point (metres) lies in."""
    return int(easting // CELL_M) * 10_000 + int(northing // CELL_M)


def cells_around(easting: float, northing: float, reach_m: float = CELL_M) -> list[int]:
    """The square of a grid point and its eight neighbours, or all that reach so far."""
    squares = math.ceil(reach_m / CELL_M)
    steps = [step * CELL_M for step in range(-squares, squares + 1)]
    return [cell_of(easting + east, northing + north) for east in steps for north in steps]
