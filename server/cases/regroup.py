"""Which reports belong together, as officers see it: merging cases, and splitting a report off.

Nothing is deleted. A merged case stays, closed as a duplicate; each step is an event in every stream it concerns,
and the events name each other's heads.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.changes import as_it_is, changes_since
from server.cases.models import Case, Job
from server.cases.opening import open_case, put_on_map, usable_time
from server.cases.service import with_reason
from server.cases.words import renew_words
from server.errors import Problem
from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.reference import severity
from server.photos.expected import show_with_case
from server.photos.models import Photo
from server.store.events import Actor, Event, append_event, head_of
from server.store.transaction import touch


@dataclass(frozen=True, slots=True)
class Step:
    """Who does it, when, and why in their words."""

    by: Actor
    at: datetime
    reason: str = ""


def merge(session: Session, case: Case, others: Sequence[Case], step: Step) -> Event:
    """Move the reports and open jobs of `others` into `case` and close them as its duplicates.

    Raises Problem not_a_next_step when one of them is closed. The caller holds the lock "placing".
    """
    for one in (case, *others):
        if one.state == "closed":
            raise Problem("not_a_next_step", f"{one.reference} is closed: reopen it first")
    before = {one.id: as_it_is(one) for one in (case, *others)}
    facts: dict[str, Any] = {"others": [], "reports": [], "jobs": [], "changes": {}}
    for other in others:
        facts["reports"] += [{"id": report.id, "from": other.id} for report, _ in reports_of(session, other)]
        facts["jobs"] += move_jobs(session, other, case)
        _take_in(case, other)
        other.report_count = 0
        close_as_duplicate(session, other, case, step.at)
    session.flush()
    for report in facts["reports"]:
        report["head"] = move_report(session, report["id"], case, step, "cases were merged")
    for other in others:
        facts["changes"][str(other.id)] = changed = changes_since(other, before[other.id])
        event = append_event(
            session, ("case", other.id), "case.merged_into",
            {"into": case.id, "into_reference": case.reference, "into_head": head_of(session, ("case", case.id)),
             "changes": changed},
            by=step.by, at=step.at,
        )  # fmt: skip
        facts["others"].append(
            {"id": other.id, "reference": other.reference, "seq": event.seq, "head": event.hash}
        )
    facts["changes"][str(case.id)] = changes_since(case, before[case.id])
    renew_words(session, [case, *others])
    facts, contents = with_reason(session, case, facts, step.reason, step.by, step.at)
    return append_event(
        session, ("case", case.id), "case.merged", facts, by=step.by, at=step.at, contents=contents
    )


def _take_in(case: Case, other: Case) -> None:
    """What a case knows once the reports of another belong to it."""
    case.report_count += other.report_count
    case.first_seen_at = min(case.first_seen_at, other.first_seen_at)
    case.last_seen_at = max(case.last_seen_at, other.last_seen_at)
    case.hazards = sorted({*case.hazards, *other.hazards})
    case.severity = severity(case.hazards)
    case.witnessed = case.witnessed or other.witnessed
    case.flags = sorted({*case.flags, *other.flags})
    if case.lat is None and other.lat is not None:
        for name in ("lat", "lon", "easting", "northing", "accuracy_m", "cell", "place", "ward_code"):
            setattr(case, name, getattr(other, name))
        case.label = case.label if case.labelled else other.label
        case.flags = [flag for flag in case.flags if flag != "no_position"]


def split(session: Session, case: Case, report_id: uuid.UUID, step: Step) -> tuple[Event, Case]:
    """Give one report of `case` a case of its own; the new case is answered too.

    Raises Problem not_found, or not_a_next_step when it is the only report or the case is closed. The caller
    holds the lock "placing".
    """
    if case.state == "closed":
        raise Problem("not_a_next_step", f"{case.reference} is closed: reopen it first")
    reports = reports_of(session, case)
    leaving = next((pair for pair in reports if pair[0].id == report_id), None)
    if leaving is None:
        raise Problem("not_found", f"This report does not belong to {case.reference} any more")
    if len(reports) == 1:
        raise Problem("not_a_next_step", f"It is the only report of {case.reference}")
    before = as_it_is(case)
    opened = _open_for(session, *leaving, step)
    _let_go(session, case, leaving, [pair for pair in reports if pair is not leaving])
    report_head = move_report(session, report_id, opened, step, "it was split off")
    joined = append_event(
        session, ("case", opened.id), "case.report_joined",
        {"report_id": report_id, "because": f"split off from {case.reference}", "report_head": report_head,
         "from": case.id, "from_head": head_of(session, ("case", case.id))},
        by=step.by, at=step.at,
    )  # fmt: skip
    renew_words(session, [case, opened])
    facts = {
        "report_id": report_id, "receipt_code": leaving[0].receipt_code, "report_head": report_head, "to": opened.id,
        "to_reference": opened.reference, "to_seq": joined.seq, "to_head": joined.hash,
        "changes": {str(case.id): changes_since(case, before)},
    }  # fmt: skip
    facts, contents = with_reason(session, case, facts, step.reason, step.by, step.at)
    event = append_event(
        session, ("case", case.id), "case.split", facts, by=step.by, at=step.at, contents=contents
    )
    return event, opened


def _open_for(session: Session, report: Report, standing: ReportStanding, step: Step) -> Case:
    opened = open_case(
        session, report, standing, _position(session, standing), standing.place, step.at, by=step.by
    )
    opened.report_count, opened.hazards, opened.severity = 1, sorted(report.hazards), severity(report.hazards)
    opened.witnessed, opened.flags = report.witnessed, sorted(standing.flags)
    opened.source, opened.waste = report.source, report.waste[0] if report.waste else None
    session.flush()
    return opened


def _let_go(
    session: Session, case: Case, leaving: tuple[Report, ReportStanding], staying: list[tuple[Report, ReportStanding]]
) -> None:  # fmt: skip
    """What a case no longer knows once one report has left; what a person added to it stays."""
    report, standing = leaving
    case.report_count -= 1
    seen = [usable_time(other, where) for other, where in staying]
    case.first_seen_at, case.last_seen_at = min(seen), max(seen)
    case.hazards = _without(case.hazards, report.hazards, [other.hazards for other, _ in staying])
    case.severity = severity(case.hazards)
    case.flags = _without(case.flags, standing.flags, [where.flags for _, where in staying])
    case.witnessed = any(other.witnessed for other, _ in staying)
    first = staying[0][0]
    case.source, case.waste = first.source, first.waste[0] if first.waste else None
    position = _position(session, standing)
    if position is not None and (position.lat, position.lon) == (case.lat, case.lon):
        placed = (where for _, where in staying if where.place is not None)
        if (instead := next(placed, None)) is not None:
            _place_by(session, case, instead)


def _without(codes: Sequence[str], leaving: Sequence[str], staying: Sequence[Sequence[str]]) -> list[str]:
    return sorted(set(codes) - (set(leaving) - {code for others in staying for code in others}))


def _place_by(session: Session, case: Case, standing: ReportStanding) -> None:
    position = _position(session, standing)
    if position is not None and standing.place is not None:
        put_on_map(case, position, standing.place)


def _position(session: Session, standing: ReportStanding) -> ReportPosition | None:
    if standing.position_id is None:
        return None
    return session.get_one(ReportPosition, (standing.authority_id, standing.position_id))


def reports_of(session: Session, case: Case) -> list[tuple[Report, ReportStanding]]:
    """The reports of a case, first received first, where they stand locked."""
    joined = sa.and_(ReportStanding.authority_id == Report.authority_id, ReportStanding.id == Report.id)
    query = sa.select(Report, ReportStanding).join(ReportStanding, joined)
    query = query.where(ReportStanding.case_id == case.id).order_by(Report.received_at, Report.id)
    return [
        (report, standing) for report, standing in session.execute(query.with_for_update(of=ReportStanding))
    ]


def move_report(session: Session, report_id: uuid.UUID, to: Case, step: Step, because: str) -> str:
    """Let a report and its photos belong to another case; returns the new head of the report's stream."""
    standing = session.get_one(ReportStanding, (to.authority_id, report_id))
    facts = {
        "from": standing.case_id,
        "to": to.id,
        "because": because,
        "to_head": head_of(session, ("case", to.id)),
    }
    show_with_case(session, to.id, report_id=report_id)
    standing.case_id = to.id
    event = append_event(session, ("report", report_id), "report.moved", facts, by=step.by, at=step.at)
    return event.hash


def move_jobs(session: Session, case: Case, to: Case, only: Sequence[uuid.UUID] = ()) -> list[dict[str, Any]]:
    """Let the open jobs of a case (or `only` these) belong to another, with their photos."""
    query = sa.select(Job).where(Job.case_id == case.id, Job.state == "open")
    jobs = list(session.scalars(query.where(Job.id.in_(only)) if only else query))
    for job in jobs:
        job.case_id = to.id
        for photo in session.scalars(
            sa.select(Photo).where(Photo.case_id == case.id, Photo.job_id == job.id)
        ):
            photo.case_id = to.id
    return [{"id": job.id, "from": case.id} for job in jobs]


def close_as_duplicate(session: Session, case: Case, of: Case, at: datetime) -> None:
    """Close a case whose reports went to another one."""
    case.state, case.closed_because, case.closed_at, case.duplicate_of = "closed", "duplicate", at, of.id
    touch(session, case)
