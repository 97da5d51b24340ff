"""A report finds its place and its case: joins an open one that is the same thing, or opens one with a reference."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.cases.models import Case
from server.cases.words import (
    add_words,
    renew_words,
    words_of_place,
    words_of_reference,
    words_of_report,
)
from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.reference import severity
from server.intake.service import standing_of
from server.photos.expected import show_with_case
from server.places.service import locate
from server.store import deferred
from server.store.events import SYSTEM, Actor, append_event, head_of
from server.store.transaction import lock, next_value, touch
from workers.clustering.collapse import SUGGEST_LIMIT_M, Join, OpenCase, Sighting, Suggest, collapse
from workers.geocoding.place import Place

CELL_M = 1000
# References carry the year of the council's own clock.
LOCAL = ZoneInfo("Europe/London")
NO_PLACE = "Place not known yet"
ODD_TIMES = {"time_in_future", "time_long_ago"}
# The flag of a report that waits for a person: it has no case until it was released, which has it placed again.
HELD = "quarantined"


@dataclass(frozen=True, slots=True)
class Located:
    """A position of a report, and its place."""

    position_id: uuid.UUID | None
    place: Place | None


def find_place(session: Session, report_id: uuid.UUID) -> Located:
    """Look up where a report's newest position is. Only reads, so that no lock is held meanwhile."""
    query = sa.select(ReportPosition).join(
        ReportStanding,
        sa.and_(
            ReportStanding.authority_id == ReportPosition.authority_id,
            ReportStanding.position_id == ReportPosition.id,
        ),
    )
    position = session.scalars(query.where(ReportStanding.id == report_id)).first()
    if position is None:
        return Located(None, None)
    return Located(position.id, locate(session, position.lat, position.lon))


def place_report(session: Session, report_id: uuid.UUID, located: Located, at: datetime) -> None:
    """Write down a report's place and give it its case. Safe to run again, in any order with newer positions."""
    # Two reports of one thing placed at the same moment would each open a case.
    lock(session, "placing")
    standing = standing_of(session, report_id)
    if HELD in standing.flags or standing.position_id != located.position_id:
        return  # it waits for a person; or a newer position came meanwhile, with a task of its own
    first_time = standing.case_id is None
    if not first_time and standing.placed_position_id == standing.position_id:
        return
    report = session.get_one(Report, (standing.authority_id, report_id))
    position = (
        session.get(ReportPosition, (standing.authority_id, standing.position_id))
        if standing.position_id
        else None
    )
    _write_place(session, standing, located, at)
    if first_time:
        _give_case(session, report, standing, position, located.place, at)
    elif position is not None:
        _move_case(session, standing, position, located.place)
    if position is not None and position.easting is not None:
        delay = timedelta(seconds=current_app.config["SETTINGS"].hotspot_delay_s)
        deferred.defer(deferred.REBUILD_HOTSPOTS, standing.authority_id, after=delay, once=True)


def _write_place(session: Session, standing: ReportStanding, located: Located, at: datetime) -> None:
    place = located.place
    standing.placed_at, standing.placed_position_id = at, located.position_id
    standing.place = place.as_json() if place else None
    flags = [
        flag
        for flag in standing.flags
        if flag not in ("outside_area", "outside_great_britain", "no_position")
    ]
    if place is None:
        flags.append("no_position")
    elif place.grid_reference is None:
        flags.append("outside_great_britain")
    elif not place.in_area_served:
        flags.append("outside_area")
    standing.flags = flags
    facts = {"position_id": located.position_id, "label": place.label if place else None,
             "grid_reference": place.grid_reference if place else None}  # fmt: skip
    append_event(session, ("report", standing.id), "report.placed", facts, by=SYSTEM, at=at)


def _give_case(
    session: Session, report: Report, standing: ReportStanding, position: ReportPosition | None,
    place: Place | None, at: datetime,
) -> None:  # fmt: skip
    case, because = _named_case(session, report, standing)
    if case is None:
        verdict = collapse(_sighting(report, standing, position), _neighbours(session, report, position))
        if isinstance(verdict, Join):
            case = session.get(Case, (report.authority_id, uuid.UUID(verdict.case_id)), with_for_update=True)
            because = verdict.because
            if case is not None and case.state == "closed":
                case = None  # an officer closed it while this transaction waited for it
        elif isinstance(verdict, Suggest):
            standing.suggested_cases = list(verdict.case_ids)
            standing.flags = [*standing.flags, "perhaps_same_as_another"]
    words = words_of_report(report)
    if case is None:
        whereabouts = place.as_json() if place else None
        case = open_case(session, report, standing, position, whereabouts, at)
        because = "opened by this report"
        words |= words_of_reference(case.reference) | words_of_place(case)
    _join(session, report, standing, case, because, at)
    add_words(session, case, words)


def _named_case(session: Session, report: Report, standing: ReportStanding) -> tuple[Case | None, str]:
    """The open case the sender said it is, or that it was found to repeat; a closed or unknown one is flagged."""
    if report.joins is None:
        return None, ""
    case = session.get(Case, (report.authority_id, report.joins), with_for_update=True)
    passed = set()
    while case is not None and case.duplicate_of is not None and case.id not in passed:
        passed.add(case.id)
        case = session.get(Case, (report.authority_id, case.duplicate_of), with_for_update=True)
    if case is None or case.state == "closed":
        standing.flags = [*standing.flags, "named_case_not_open"]
        return None, ""
    return case, "the sender said it is this one"


def _neighbours(session: Session, report: Report, position: ReportPosition | None) -> list[OpenCase]:
    if position is None or position.easting is None or position.northing is None:
        return []
    reach = SUGGEST_LIMIT_M
    nearby = sa.select(Case).where(
        Case.cell.in_(cells_around(position.easting, position.northing)),
        Case.state != "closed",
        Case.kind == report.kind,
        Case.easting.between(position.easting - reach, position.easting + reach),
        Case.northing.between(position.northing - reach, position.northing + reach),
    )
    return [
        OpenCase(
            id=str(case.id), kind=case.kind, easting=case.easting, northing=case.northing, accuracy_m=case.accuracy_m,
            first_seen_at=case.first_seen_at, last_seen_at=case.last_seen_at, opened_at=case.opened_at,
        )
        for case in session.scalars(nearby)
    ]  # fmt: skip


def cell_of(easting: float, northing: float) -> int:
    """The number of the 1 km square that a grid point (metres) lies in."""
    return int(easting // CELL_M) * 10_000 + int(northing // CELL_M)


def cells_around(easting: float, northing: float) -> list[int]:
    """The square of a grid point and its eight neighbours."""
    steps = (-CELL_M, 0, CELL_M)
    return [cell_of(easting + east, northing + north) for east in steps for north in steps]


def _sighting(report: Report, standing: ReportStanding, position: ReportPosition | None) -> Sighting:
    return Sighting(
        kind=report.kind,
        easting=position.easting if position else None,
        northing=position.northing if position else None,
        accuracy_m=position.accuracy_m if position else None,
        seen_at=usable_time(report, standing),
    )


def usable_time(report: Report, standing: ReportStanding) -> datetime:
    """When it was seen; when that cannot be right, when it was received."""
    return report.received_at if ODD_TIMES & set(standing.flags) else report.seen_at


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
    session.flush()
    facts = {"reference": case.reference, "report_id": report.id, "kind": case.kind, "label": case.label}
    append_event(session, ("case", case.id), "case.opened", facts, by=by, at=at)
    return case


def next_reference(session: Session, at: datetime) -> str:
    """Such as `NW-26-00123`: the council's prefix, the year by its own clock, a number without gaps."""
    authority = session.get_one(Authority, session.info["authority_id"])
    year = at.astimezone(LOCAL).year
    number = next_value(session, authority.id, f"reference:{year}")
    return f"{authority.reference_prefix}-{year % 100:02d}-{number:05d}"


def put_on_map(case: Case, position: ReportPosition, place: dict[str, Any]) -> None:
    """Give a case its position, and its place as the wire shows it; a label that a person gave stays."""
    case.lat, case.lon, case.accuracy_m = position.lat, position.lon, position.accuracy_m
    case.easting, case.northing = position.easting, position.northing
    case.cell = None
    if position.easting is not None and position.northing is not None:
        case.cell = cell_of(position.easting, position.northing)
    case.place, case.label = place, case.label if case.labelled else place["label"]
    case.ward_code = next((area["code"] for area in place["areas"] if area["kind"] == "ward"), None)


def _join(
    session: Session, report: Report, standing: ReportStanding, case: Case, because: str, at: datetime
) -> None:
    """Put a report into a case, with an event in both streams, each naming the other's head."""
    standing.case_id = case.id
    case.report_count += 1
    case.first_seen_at = min(case.first_seen_at, usable_time(report, standing))
    case.last_seen_at = max(case.last_seen_at, usable_time(report, standing))
    case.hazards = sorted({*case.hazards, *report.hazards})
    case.severity = severity(case.hazards)
    case.witnessed = case.witnessed or report.witnessed
    case.flags = sorted({*case.flags, *standing.flags})
    if case.source is None:
        case.source, case.waste = report.source, report.waste[0] if report.waste else None
    show_with_case(session, case.id, report_id=report.id)
    facts = {"case_id": case.id, "because": because, "case_head": head_of(session, case.id)}
    joined = append_event(session, ("report", report.id), "report.joined", facts, by=SYSTEM, at=at)
    facts = {"report_id": report.id, "because": because, "report_head": joined.hash}
    append_event(session, ("case", case.id), "case.report_joined", facts, by=SYSTEM, at=at)


def _move_case(
    session: Session, standing: ReportStanding, position: ReportPosition, place: Place | None
) -> None:
    """A report was located again: its case follows when it had no position, or holds no other report."""
    case = session.get_one(Case, (standing.authority_id, standing.case_id), with_for_update=True)
    if place is not None and (case.lat is None or case.report_count == 1):
        put_on_map(case, position, place.as_json())
        case.flags = sorted(
            (set(case.flags) - {"no_position", "outside_area", "outside_great_britain"}) | set(standing.flags)
        )
        renew_words(session, [case])
    else:
        touch(session, case)
