"""What phones show of a case beside the case itself: its jobs and its reports go down again when it changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.cases.models import Case, Job
from server.intake.models import ReportStanding
from server.intake.service import report_watcher
from server.store.transaction import touch

WITH_A_JOB = ("state", "label", "lat", "lon", "hazards")
WITH_A_REPORT = ("state", "reference")


@event.listens_for(Session, "before_flush")
def _follow_cases(session: Session, _context: Any, _instances: Any) -> None:
    """Whatever changes a case, from a decision to a hazard found later: no phone keeps showing what was."""
    for case in [row for row in session.dirty if isinstance(row, Case)]:
        changed = {each.key for each in sa.inspect(case).attrs if each.history.has_changes()}
        if changed.intersection(WITH_A_JOB):
            show_jobs_anew(session, case)
        if changed.intersection(WITH_A_REPORT):
            for standing in session.scalars(
                sa.select(ReportStanding).where(ReportStanding.case_id == case.id)
            ):
                touch(session, standing)


def show_jobs_anew(session: Session, case: Case) -> None:
    """An open job is shown with its case's place, hazards and picture, and only while the case is open."""
    for job in session.scalars(sa.select(Job).where(Job.case_id == case.id, Job.state == "open")):
        touch(session, job)


@report_watcher
def show_case_anew(session: Session, standing: ReportStanding) -> None:
    """What was added to a report is seen with its case."""
    if standing.case_id is not None:
        touch(session, session.get_one(Case, (standing.authority_id, standing.case_id)))
