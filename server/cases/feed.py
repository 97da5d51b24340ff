"""What phones carry of reports, cases and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job
from server.cases.view import thumbs
from server.intake.models import Report, ReportStanding
from server.photos.counts import photo_counts
from server.photos.models import Photo
from server.store.clock import rfc3339
from server.sync.feed import Scope, feed_source


def _own_reports(scope: Scope) -> sa.ColumnElement[bool]:
    own = sa.select(Report.id).where(
        Report.authority_id == ReportStanding.authority_id,
        Report.id == ReportStanding.id,
        Report.user_id == scope.user_id,
    )
    return own.exists()


@feed_source("report", ReportStanding, within=_own_reports)
def show_reports(
    session: Session, scope: Scope, rows: Sequence[ReportStanding]
) -> list[dict[str, Any] | None]:
    """A person's own reports, and what became of them."""
    ids = [row.id for row in rows]
    of_report = sa.select(Report.id, Report.user_id, Report.receipt_code).where(Report.id.in_(ids))
    reports = {report.id: report for report in session.execute(of_report)}
    case_ids = {row.case_id for row in rows if row.case_id is not None}
    of_case = sa.select(Case.id, Case.reference, Case.state).where(Case.id.in_(case_ids))
    cases = {case.id: case for case in session.execute(of_case)}
    photos = photo_counts(session, Photo.report_id, ids)
    shown: list[dict[str, Any] | None] = []
    for row in rows:
        report, case = reports[row.id], cases.get(row.case_id) if row.case_id else None
        if report.user_id != scope.user_id:
            shown.append(None)
            continue
        shown.append(
            {
                "receipt_code": report.receipt_code, "state": _report_state(case and case.state),
                "case_id": str(case.id) if case else None, "case_reference": case.reference if case else None,
                "label": (row.place or {}).get("label"), "photos": photos[row.id],
            }
        )  # fmt: skip
    return shown


def _report_state(case_state: str | None) -> str:
    if case_state is None:
        return "received"
    return "placed" if case_state == "new" else case_state


@feed_source("case", Case, within=lambda _scope: Case.state != "closed")
def show_cases(session: Session, _scope: Scope, rows: Sequence[Case]) -> list[dict[str, Any] | None]:
    """Open cases, compact."""
    pictures = thumbs(session, [case.id for case in rows])
    return [
        None if case.state == "closed" else {
            "reference": case.reference, "kind": case.kind, "category": case.category, "state": case.state,
            "label": case.label, "lat": case.lat, "lon": case.lon, "opened_at": rfc3339(case.opened_at),
            "thumb_photo_id": pictures.get(case.id), "hazards": case.hazards,
        }
        for case in rows
    ]  # fmt: skip


@feed_source("job", Job, within=lambda _scope: Job.state == "open")
def show_jobs(session: Session, scope: Scope, rows: Sequence[Job]) -> list[dict[str, Any] | None]:
    """A crew's open jobs; officers carry them all."""
    cases = {
        case.id: case
        for case in session.scalars(sa.select(Case).where(Case.id.in_([job.case_id for job in rows])))
    }
    pictures = thumbs(session, list(cases))
    shown: list[dict[str, Any] | None] = []
    for job in rows:
        case = cases[job.case_id]
        theirs = scope.role != "crew" or job.crew_id in (None, scope.user_id)
        if not theirs or job.state != "open" or case.state == "closed":
            shown.append(None)
            continue
        shown.append(
            {
                "case_id": str(case.id), "case_reference": case.reference, "kind": job.kind, "state": job.state,
                "label": case.label, "lat": case.lat, "lon": case.lon, "text": job.text,
                "given_at": rfc3339(job.given_at), "due_at": job.due_at and rfc3339(job.due_at),
                "hazards": case.hazards, "thumb_photo_id": pictures.get(case.id),
            }
        )  # fmt: skip
    return shown
