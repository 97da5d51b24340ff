"""A task that fails, or takes its worker with it, is tried again ever more rarely, and in the end left to a person."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from server.store.deferred import PARK_AFTER_ATTEMPTS, DeferredTask, claim_overdue, defer
from server.store.transaction import reading, transaction
from tests.builders import Council, SetClock
from workers.tasks import HANDLERS, Handler, run

NAME = "tipwatch.tests.troublesome"


class WorkerKilled(BaseException):
    """Nothing after it is run, as after SIGKILL."""


class Troublesome:
    """A task's handler that does what it is told, and the row of the task."""

    def __init__(self, app: Flask, authority_id: uuid.UUID) -> None:
        self.authority_id = authority_id
        self.trouble: BaseException | None = None
        self.began = 0
        HANDLERS[NAME] = Handler(self._begin, lambda *_: None)
        with transaction(authority_id):
            defer(NAME, uuid.uuid4())
        with reading(authority_id) as session:
            self.task_id = session.query(DeferredTask.id).filter_by(name=NAME).scalar()

    def _begin(self, *_: object) -> None:
        self.began += 1
        if self.trouble is not None:
            raise self.trouble

    def run(self, trouble: BaseException | None = None) -> None:
        """Try the task once, as a worker does."""
        self.trouble = trouble
        with suppress(WorkerKilled):
            run(NAME, self.authority_id, self.task_id)

    @property
    def row(self) -> DeferredTask:
        """The task as it stands."""
        with reading(self.authority_id) as session:
            found = session.get_one(DeferredTask, (self.authority_id, self.task_id))
            session.expunge(found)
            return found


@pytest.fixture
def clock(app: Flask) -> SetClock:
    """A clock to move."""
    return SetClock(app, datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def troublesome(app: Flask, clock: SetClock, council: Council) -> Iterator[Troublesome]:
    """A deferred task that was just written."""
    with app.app_context():
        yield Troublesome(app, council.id)
    del HANDLERS[NAME]


def test_a_first_try_that_succeeds_counts_nothing(troublesome: Troublesome) -> None:
    troublesome.run()
    assert troublesome.row.done_at is not None
    assert troublesome.row.attempts == 0


@pytest.mark.parametrize("trouble", [ValueError("of no use"), WorkerKilled()])
def test_trouble_without_end_is_parked_for_a_person(
    troublesome: Troublesome, clock: SetClock, trouble: BaseException
) -> None:
    for _ in range(3 * PARK_AFTER_ATTEMPTS):
        troublesome.run(trouble)
        clock.forward(timedelta(hours=1))
        if not claim_overdue():
            break
    row = troublesome.row
    assert row.parked_at is not None and row.done_at is None
    assert row.attempts == PARK_AFTER_ATTEMPTS
    # A try that failed says so itself; that the first one took its worker with it is seen when the next begins.
    assert troublesome.began == PARK_AFTER_ATTEMPTS + isinstance(trouble, WorkerKilled)
    troublesome.run()
    assert troublesome.row.done_at is None, "a message that is still about must not run a parked task"


def test_what_failed_once_is_done_by_the_next_try(troublesome: Troublesome, clock: SetClock) -> None:
    troublesome.run(ValueError("not now"))
    assert (troublesome.row.attempts, troublesome.row.last_error) == (1, "ValueError: not now")
    clock.forward(timedelta(seconds=6))
    assert [message.task_id for message in claim_overdue()] == [troublesome.task_id]
    troublesome.run()
    assert troublesome.row.done_at is not None


def test_the_lease_of_another_try_is_as_long_as_the_first(troublesome: Troublesome, clock: SetClock) -> None:
    troublesome.run(WorkerKilled())
    clock.forward(timedelta(seconds=61))
    troublesome.run(WorkerKilled())
    clock.forward(timedelta(seconds=59))
    assert claim_overdue() == []
    clock.forward(timedelta(seconds=2))
    assert len(claim_overdue()) == 1
