"""Counting, after everything that went wrong, what is on the server: each thing once, and nothing missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case
from server.intake.models import AppliedOp, Report, ReportStanding
from server.photos.models import Photo
from server.store.checkpoints import verify
from server.store.deferred import DeferredTask
from server.store.events import Event
from server.store.transaction import reading
from tests.builders import Council
from tests.faults.phone import Phone
from tests.services.processes import wait_for
from tests.services.stack import Stack

# What happens to a report, a case and a photo once, however often it was tried.
ONCE = (
    "report.received",
    "report.placed",
    "report.joined",
    "case.opened",
    "photo.received",
    "photo.verified",
)


def wait_until_done(stack: Stack, council: Council, within_s: float = 60.0) -> None:
    """Wait until no deferred task is left. Raises TimeoutError."""

    def none_left() -> bool:
        with reading(council.id) as session:
            return session.scalar(sa.select(DeferredTask.id).where(DeferredTask.done_at.is_(None))) is None

    with stack.app():
        wait_for("the end of all deferred tasks", none_left, within_s)


def open_tasks(stack: Stack, council: Council, name: str) -> int:
    """How many deferred tasks of this name are not done."""
    with stack.app(), reading(council.id) as session:
        query = sa.select(sa.func.count(DeferredTask.id))
        return session.scalar(query.where(DeferredTask.done_at.is_(None), DeferredTask.name == name)) or 0


def count_everything(stack: Stack, council: Council, phones: Iterable[Phone]) -> None:
    """Hold what the phones saved against what the server has, once all was sent and no task is left."""
    phones = list(phones)
    ops = {op_id: report_id for phone in phones for op_id, report_id in phone.reports.items()}
    with stack.app(), reading(council.id) as session:
        _count_reports(session, ops)
        _count_cases(session, len(ops))
        _count_photos(session, [photo_id for phone in phones for photo_id in phone.photos])
        _count_events(session)
        assert verify(session) == [], "the record is broken"
    for phone in phones:
        for op_id in phone.reports:
            assert phone.verdicts[op_id][-1] in ("applied", "duplicate")
            assert phone.verdicts[op_id].count("applied") <= 1, "an op took effect twice"
    _compare_originals(stack, council, phones)


def _count_reports(session: Session, ops: dict[str, str]) -> None:
    applied = session.execute(sa.select(AppliedOp.id, AppliedOp.entity_id)).all()
    assert {str(op_id): str(report_id) for op_id, report_id in applied} == ops
    assert sorted(str(report_id) for report_id in session.scalars(sa.select(Report.id))) == sorted(
        ops.values()
    )
    standings = list(session.scalars(sa.select(ReportStanding)))
    assert len(standings) == len(ops)
    assert all(standing.place and standing.case_id for standing in standings)


def _count_cases(session: Session, reports: int) -> None:
    cases = list(session.scalars(sa.select(Case)))
    assert sum(case.report_count for case in cases) == reports
    numbers = sorted(int(case.reference.rpartition("-")[2]) for case in cases)
    assert numbers == list(range(1, len(cases) + 1)), "references have gaps or doubles"


def _count_photos(session: Session, photo_ids: list[str]) -> None:
    states = {str(photo.id): photo.state for photo in session.scalars(sa.select(Photo))}
    assert states == dict.fromkeys(photo_ids, "verified")


def _count_events(session: Session) -> None:
    """Every report has one photo, so even the photos' events are there once in its stream."""
    kinds = session.execute(sa.select(Event.stream_id, Event.kind).where(Event.kind.in_(ONCE)))
    doubled = {
        key: number for key, number in Counter((row[0], row[1]) for row in kinds).items() if number > 1
    }
    assert not doubled
    reports = session.scalar(sa.select(sa.func.count(Report.id)))
    for kind in ("report.joined", "case.report_joined"):
        assert session.scalar(sa.select(sa.func.count(Event.id)).where(Event.kind == kind)) == reports


def _compare_originals(stack: Stack, council: Council, phones: list[Phone]) -> None:
    officer = Phone(stack.url, council, phones[0].rng)
    officer.sign_in("officer")
    for phone in phones:
        for photo_id, content in phone.photos.items():
            assert officer.original(photo_id) == content
