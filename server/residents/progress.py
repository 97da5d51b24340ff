"""How far a report has come, told to whoever sent it: nothing about enforcement, nothing about other people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job
from server.cases.opening import LOCAL
from server.intake.models import Report, ReportStanding
from server.photos.models import Photo
from server.residents.quarantine import was_refused

STEPS = ("Received", "Looked at", "Dealt with", "Closed")
NOT_OURS = "We have looked into this. It is not something this council can deal with."
WORDS = {
    "Received": "We have your report and will look at it soon.",
    "Looked at": "We have looked at your report and are dealing with it.",
    "Dealt with": "We have been there and dealt with what you reported.",
    "Closed": "We have finished with this report. Thank you for telling us.",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """`reached` is the last of STEPS that was come to; `place` what the place is called, once it is known."""

    receipt_code: str
    received_at: datetime
    place: str
    reached: str
    cleared: bool
    words: str
    photos_checked: int
    photos: int

    @property
    def finished(self) -> bool:
        """Whether nothing more is to come."""
        return self.reached == "Closed"

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Every step with how it stands: done, here, or nothing yet."""
        at = STEPS.index(self.reached)
        return [(step, self._standing(step, index - at)) for index, step in enumerate(STEPS)]

    def _standing(self, step: str, after: int) -> str:
        if after == 0:
            return "here"
        # What was closed without anybody having been there was not dealt with.
        return "done" if after < 0 and (step != "Dealt with" or self.cleared) else ""

    @property
    def received_words(self) -> str:
        """When it came, as people say it by the council's own clock."""
        local = self.received_at.astimezone(LOCAL)
        return f"{local.day} {local:%B %Y at %H:%M}"


def progress_of(session: Session, report_id: uuid.UUID) -> Progress:
    """How far the report of the open authority has come."""
    authority_id = session.info["authority_id"]
    report = session.get_one(Report, (authority_id, report_id))
    standing = session.get_one(ReportStanding, (authority_id, report_id))
    states = list(session.scalars(sa.select(Photo.state).where(Photo.report_id == report_id)))
    case = _case_of(session, standing)
    cleared = case is not None and _cleared(session, case)
    reached = "Closed" if was_refused(session, report_id) else _reached(case, cleared)
    not_ours = case is not None and case.closed_because == "not_ours"
    return Progress(
        report.receipt_code, report.received_at, (standing.place or {}).get("label") or report.where, reached, cleared,
        NOT_OURS if not_ours else WORDS[reached], states.count("verified"), len(states),
    )  # fmt: skip


def _case_of(session: Session, standing: ReportStanding) -> Case | None:
    """The report's case; of one that repeats another, that other."""
    case = session.get(Case, (standing.authority_id, standing.case_id)) if standing.case_id else None
    seen: set[uuid.UUID] = set()
    while case is not None and case.duplicate_of is not None and case.id not in seen:
        seen.add(case.id)
        case = session.get(Case, (standing.authority_id, case.duplicate_of))
    return case


def _cleared(session: Session, case: Case) -> bool:
    done = sa.select(Job.id).where(Job.case_id == case.id, Job.kind == "clear", Job.state == "done")
    return session.execute(done.limit(1)).first() is not None


def _reached(case: Case | None, cleared: bool) -> str:
    if case is None or case.state == "new":
        return "Received"
    if case.state == "closed":
        return "Closed"
    return "Dealt with" if cleared else "Looked at"
