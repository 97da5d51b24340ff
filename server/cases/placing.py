"""A report finds its place and its case: joins an open one that is the same thing, or opens one with a reference."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.opening import cells_around, open_case, put_on_map, usable_time
from server.cases.regroup import Step, merge
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
from server.places.outside.service import want_opinions
from server.places.service import locate_many
from server.store import deferred
from server.store.events import SYSTEM, Event, Stream, append_event, head_of
from server.store.transaction import lock, locked_row, locked_rows, touch
from workers.clustering.collapse import SUGGEST_LIMIT_M, Join, Open, OpenCase, Sighting, Suggest, collapse
from workers.geocoding.place import Place

# The flag of a report that waits for a person: it has no case until it was released, which has it placed again.
HELD = "quarantined"
PLACE_FLAGS = {"no_position", "outside_area", "outside_great_britain"}
PERHAPS_SAME = "perhaps_same_as_another"
_easting, _northing = sa.bindparam("easting", type_=sa.Float()), sa.bindparam("northing", type_=sa.Float())
_NEARBY = sa.select(
    Case.id, Case.kind, Case.easting, Case.northing, Case.accuracy_m, Case.first_seen_at, Case.last_seen_at,
    Case.opened_at,
).where(
    Case.authority_id == sa.bindparam("of"),
    Case.cell.in_(sa.bindparam("cells", expanding=True)),
    Case.state != "closed",
    Case.kind == sa.bindparam("kind"),
    Case.easting.between(_easting - SUGGEST_LIMIT_M, _easting + SUGGEST_LIMIT_M),
    Case.northing.between(_northing - SUGGEST_LIMIT_M, _northing + SUGGEST_LIMIT_M),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Located:
    """A position of a report, and its place."""

    position_id: uuid.UUID | None
    place: Place | None


def find_place(session: Session, report_id: uuid.UUID) -> Located:
    """Look up where a report's newest position is. Only reads, so that no lock is held meanwhile."""
    return find_places(session, [report_id])[0]


def find_places(session: Session, report_ids: Sequence[uuid.UUID]) -> list[Located]:
    """As `find_place`, for each of many."""
    counts = sa.and_(
        ReportStanding.authority_id == ReportPosition.authority_id,
        ReportStanding.position_id == ReportPosition.id,
    )
    query = sa.select(ReportPosition).join(ReportStanding, counts).where(ReportStanding.id.in_(report_ids))
    positions = session.scalars(query).all()
    places = locate_many(session, [(position.lat, position.lon) for position in positions])
    found = {
        position.report_id: Located(position.id, place)
        for position, place in zip(positions, places, strict=True)
    }
    return [found.get(report_id, Located(None, None)) for report_id in report_ids]


def hold_reports(session: Session, report_ids: Sequence[uuid.UUID]) -> None:
    """Ask at once for what placing each of these would ask for one by one, and keep it at hand by locking it."""
    lock(session, "placing")
    standings = locked_rows(session, ReportStanding, report_ids).values()
    position_ids = [standing.position_id for standing in standings if standing.position_id]
    locked_rows(session, Stream, report_ids)
    locked_rows(session, Report, report_ids)
    locked_rows(session, ReportPosition, position_ids)


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
    write_place(session, standing, located, at)
    if first_time:
        case = _give_case(session, report, standing, position, located.place, at)
    elif position is not None:
        case = _follow(session, report, standing, position, located.place, at)
    session.flush()
    if position is not None and position.easting is not None:
        delay = timedelta(seconds=current_app.config["SETTINGS"].hotspot_delay_s)
        deferred.defer(deferred.HOTSPOTS_CHANGED, standing.authority_id, after=delay, once=True)
        # Services outside are asked about where cases are: about a report that joined another's case, nobody is.
        if (case.lat, case.lon) == (position.lat, position.lon):
            want_opinions(session, position.lat, position.lon, at)


def write_place(session: Session, standing: ReportStanding, located: Located, at: datetime) -> None:
    """Write down where a report is, with what that flags, and an event."""
    place = located.place
    standing.placed_at, standing.placed_position_id = at, located.position_id
    standing.place = place.as_json() if place else None
    flags = [flag for flag in standing.flags if flag not in PLACE_FLAGS]
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
) -> Case:  # fmt: skip
    """The case that a report joins, or opens."""
    case, because = _named_case(session, report, standing)
    if case is None:
        verdict = collapse(_sighting(report, standing, position), _neighbours(session, report, position))
        if isinstance(verdict, Join):
            case = locked_row(session, Case, uuid.UUID(verdict.case_id))
            because = verdict.because
            if case is not None and case.state == "closed":
                case = None  # an officer closed it while this transaction waited for it
        elif isinstance(verdict, Suggest):
            _suggest(standing, verdict.case_ids)
    words = words_of_report(report)
    if case is None:
        whereabouts = place.as_json() if place else None
        case = open_case(session, report, standing, position, whereabouts, at)
        because = "opened by this report"
        words |= words_of_reference(case.reference) | words_of_place(case)
    _join(session, report, standing, case, because, at)
    add_words(session, case, words)
    show_with_case(session, case.id, report_id=report.id)
    return case


def _named_case(session: Session, report: Report, standing: ReportStanding) -> tuple[Case | None, str]:
    """The open case the sender said it is, or that it was found to repeat; a closed or unknown one is flagged."""
    if report.joins is None:
        return None, ""
    case = locked_row(session, Case, report.joins)
    passed = set()
    while case is not None and case.duplicate_of is not None and case.id not in passed:
        passed.add(case.id)
        case = locked_row(session, Case, case.duplicate_of)
    if case is None or case.state == "closed":
        standing.flags = [*standing.flags, "named_case_not_open"]
        return None, ""
    return case, "the sender said it is this one"


def _neighbours(session: Session, report: Report, position: ReportPosition | None) -> list[OpenCase]:
    if position is None or position.easting is None or position.northing is None:
        return []
    wanted = {
        "of": report.authority_id, "kind": report.kind, "cells": cells_around(position.easting, position.northing),
        "easting": position.easting, "northing": position.northing,
    }  # fmt: skip
    # What reports before this one did to cases is written: placing each ends so.
    found = session.connection().execute(_NEARBY, wanted)
    return [
        OpenCase(
            id=str(case.id), kind=case.kind, easting=case.easting, northing=case.northing, accuracy_m=case.accuracy_m,
            first_seen_at=case.first_seen_at, last_seen_at=case.last_seen_at, opened_at=case.opened_at,
        )
        for case in found
    ]  # fmt: skip


def _sighting(report: Report, standing: ReportStanding, position: ReportPosition | None) -> Sighting:
    return Sighting(
        kind=report.kind,
        easting=position.easting if position else None,
        northing=position.northing if position else None,
        accuracy_m=position.accuracy_m if position else None,
        seen_at=usable_time(report, standing),
    )


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
    facts = {"case_id": case.id, "because": because, "case_head": head_of(session, ("case", case.id))}
    joined = append_event(session, ("report", report.id), "report.joined", facts, by=SYSTEM, at=at)
    facts = {"report_id": report.id, "because": because, "report_head": joined.hash}
    append_event(session, ("case", case.id), "case.report_joined", facts, by=SYSTEM, at=at)


def _suggest(standing: ReportStanding, case_ids: Sequence[str]) -> None:
    """Show these cases, and no others, to an officer as perhaps the same."""
    standing.suggested_cases = list(case_ids)
    flags = [flag for flag in standing.flags if flag != PERHAPS_SAME]
    standing.flags = [*flags, PERHAPS_SAME] if case_ids else flags


def _follow(
    session: Session, report: Report, standing: ReportStanding, position: ReportPosition, place: Place | None,
    at: datetime,
) -> Case:  # fmt: skip
    """A report was located again: its case moves with it when it had no position or holds no other report.

    The case that it belongs to then.

    A case that nobody has touched then joins another as a fresh report would, by a merge that can be undone. Where
    people have been at work, or others' reports are in the case, the other case is only suggested.
    """
    case = session.get_one(Case, (standing.authority_id, standing.case_id), with_for_update=True)
    alone = case.report_count == 1
    moves = place is not None and (case.lat is None or alone)
    found = [
        near for near in _neighbours(session, report, position) if not (moves and near.id == str(case.id))
    ]
    verdict = collapse(_sighting(report, standing, position), found)
    joins = verdict if isinstance(verdict, Join) and verdict.case_id != str(case.id) else None
    into = uuid.UUID(joins.case_id) if joins and alone and _untouched(session, case) else None
    _suggest(standing, [] if into or case.state == "closed" else _others(verdict, case))
    if moves and place is not None:
        put_on_map(case, position, place.as_json())
        case.flags = sorted((set(case.flags) - PLACE_FLAGS - {PERHAPS_SAME}) | set(standing.flags))
        renew_words(session, [case])
    else:
        case.flags = sorted({*case.flags, *standing.flags} - ({PERHAPS_SAME} if alone else set()))
        touch(session, case)
    if joins and into:
        other = session.get_one(Case, (case.authority_id, into), with_for_update=True)
        if other.state != "closed":  # an officer may have closed it while this transaction waited for it
            merge(session, other, [case], Step(SYSTEM, at, f"Its position was given later. {joins.because}"))
            return other
    return case


def _others(verdict: Join | Suggest | Open, case: Case) -> list[str]:
    if isinstance(verdict, Open):
        return []
    near = (verdict.case_id,) if isinstance(verdict, Join) else verdict.case_ids
    return [case_id for case_id in near if case_id != str(case.id)]


def _untouched(session: Session, case: Case) -> bool:
    """Whether a case is new, and its history names nobody but Tipwatch itself."""
    by_people = sa.select(Event.seq).where(Event.stream_id == case.id, Event.by != SYSTEM.name).limit(1)
    return case.state == "new" and session.scalar(by_people) is None
