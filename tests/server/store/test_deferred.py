"""Deferred work: written with its cause, sent on a lease, swept up, tried again, parked; its effect is there once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from celery import Celery
from flask import Flask

from server.cases.models import Case
from server.intake.models import ReportStanding
from server.store import deferred
from server.store.deferred import (
    HOTSPOTS_CHANGED,
    PARK_AFTER_ATTEMPTS,
    PLACE_REPORT,
    REBUILD_HOTSPOTS,
    DeferredTask,
    Sender,
)
from server.store.events import Event
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from tests.builders import (
    HERE,
    Council,
    Phone,
    SetClock,
    deferred_tasks,
    drain,
    make_phone,
    position,
    report_op,
)
from workers import tasks


@pytest.fixture
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The ids of the tasks that were handed to the broker."""
    ids: list[uuid.UUID] = []
    monkeypatch.setattr(Sender, "send", lambda _self, messages: ids.extend(each.task_id for each in messages))
    return ids


def sweep(app: Flask) -> list[uuid.UUID]:
    """What the sweep takes now."""
    with app.app_context():
        return [message.task_id for message in deferred.claim_overdue()]


def defer_later(app: Flask, council: Council, name: str = REBUILD_HOTSPOTS) -> None:
    """Defer work by 15 s, once."""
    with app.app_context(), transaction(council.id):
        deferred.defer(name, council.id, after=timedelta(seconds=15), once=True)


def test_a_task_is_written_with_its_cause_and_sent_after_it_was_committed(
    app: Flask, council: Council, sent: list[uuid.UUID]
) -> None:
    make_phone(app, council).push(report_op())
    (task,) = deferred_tasks(app, PLACE_REPORT)
    assert sent == [task.id]


def test_what_fails_leaves_no_task_and_sends_none(
    app: Flask, council: Council, sent: list[uuid.UUID]
) -> None:
    def fail() -> None:
        with transaction(council.id):
            deferred.defer(PLACE_REPORT, uuid.uuid4())
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        fail()
    assert (deferred_tasks(app, PLACE_REPORT), sent) == ([], [])


def test_a_rejected_op_among_others_sends_no_task(
    app: Flask, council: Council, sent: list[uuid.UUID]
) -> None:
    make_phone(app, council).push(report_op(photos=[{}]), report_op(seq=2))
    assert sent == [task.id for task in deferred_tasks(app, PLACE_REPORT)] and len(sent) == 1


def test_a_broker_that_is_away_is_left_alone_for_a_while_and_the_sweep_takes_over(
    app: Flask, council: Council, clock: SetClock
) -> None:
    calls: list[str] = []

    class Away(Celery):  # type: ignore[misc]
        def send_task(self, name: str, **_options: Any) -> None:
            calls.append(name)
            raise ConnectionError

    app.extensions["tipwatch_sender"] = Sender(Away())
    phone = make_phone(app, council)
    assert [verdict["verdict"] for verdict in phone.push(report_op(seq=1), report_op(seq=2))] == [
        "applied"
    ] * 2
    phone.push(report_op(seq=3))
    assert calls == [PLACE_REPORT]
    clock.forward(timedelta(minutes=2))
    assert len(sweep(app)) == 3


def test_the_sweep_takes_a_task_when_its_lease_has_passed_and_gives_it_a_new_one(
    app: Flask, council: Council, clock: SetClock
) -> None:
    make_phone(app, council).push(report_op())
    (task,) = deferred_tasks(app, PLACE_REPORT)
    assert sweep(app) == []
    clock.forward(timedelta(seconds=60))
    assert sweep(app) == [task.id]
    assert sweep(app) == []
    clock.forward(timedelta(seconds=60))
    assert sweep(app) == [task.id]
    drain(app)
    clock.forward(timedelta(days=1))
    assert task.id not in sweep(app)


def test_a_task_that_fails_is_tried_later_and_later_and_parked_after_twelve(
    app: Flask, council: Council, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(app)
    handler = tasks.HANDLERS[PLACE_REPORT]

    def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, tasks.Handler(broken, broken))
    make_phone(app, council).push(report_op())
    (task,) = deferred_tasks(app, PLACE_REPORT)
    waits = []
    for _ in range(PARK_AFTER_ATTEMPTS):
        with app.app_context():
            tasks.run(PLACE_REPORT, council.id, task.id)
        (task,) = deferred_tasks(app, PLACE_REPORT)
        waits.append((task.leased_until - clock.moment).total_seconds())
        clock.moment = task.leased_until
    assert waits[0] == 5 and waits == sorted(waits) and waits[-1] == 900
    assert task.parked_at is not None and task.attempts == PARK_AFTER_ATTEMPTS
    assert "no such luck" in (task.last_error or "")
    assert sweep(app) == []

    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, handler)
    with app.app_context(), transaction(council.id) as session:
        assert deferred.unpark(session) == 1
    assert sweep(app) == [task.id]
    drain(app)
    assert deferred_tasks(app, PLACE_REPORT)[0].done_at is not None


def test_a_failure_half_way_leaves_nothing_half_done(
    app: Flask, council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(app)
    handler = tasks.HANDLERS[PLACE_REPORT]

    def half(*arguments: Any) -> None:
        handler.apply(*arguments)
        raise ZeroDivisionError

    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, tasks.Handler(handler.prepare, half))
    make_phone(app, council).push(report_op())
    drain(app)
    with app.app_context(), reading(council.id) as session:
        assert session.scalars(sa.select(Case)).all() == []
        assert session.scalars(sa.select(ReportStanding)).one().placed_at is None


def test_a_task_run_twice_has_its_effect_once(app: Flask, council: Council) -> None:
    phone = make_phone(app, council)
    phone.push(report_op())
    drain(app)
    (task,) = deferred_tasks(app, PLACE_REPORT)
    with app.app_context():
        assert tasks.run(PLACE_REPORT, council.id, task.id) is False
    before = effects(app, council)
    with app.app_context(), transaction(council.id) as session:
        again = session.get_one(DeferredTask, (council.id, task.id))
        again.done_at = None
    with app.app_context():
        assert tasks.run(PLACE_REPORT, council.id, task.id) is True
    assert effects(app, council) == before


def effects(app: Flask, council: Council) -> tuple[int, ...]:
    """How many cases and events there are, and how many reports the cases hold."""
    with app.app_context(), reading(council.id) as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Case, Event)]
        return (*(int(count or 0) for count in counts), sum(session.scalars(sa.select(Case.report_count))))


def test_a_task_that_is_not_there_or_of_another_council_is_left(app: Flask, council: Council) -> None:
    make_phone(app, council).push(report_op())
    drain(app)
    (task,) = deferred_tasks(app, PLACE_REPORT)
    with app.app_context():
        assert tasks.run(PLACE_REPORT, council.id, uuid.uuid4()) is False
        assert tasks.run(PLACE_REPORT, uuid.uuid4(), task.id) is False


def test_work_that_reads_everything_waits_once(app: Flask, council: Council, clock: SetClock) -> None:
    for _ in range(3):
        defer_later(app, council)
        clock.forward(timedelta(seconds=7))
    assert len(deferred_tasks(app, REBUILD_HOTSPOTS)) == 1


def test_work_that_may_have_begun_already_is_deferred_once_more(
    app: Flask, council: Council, clock: SetClock
) -> None:
    defer_later(app, council)
    clock.forward(timedelta(seconds=15))
    assert len(sweep(app)) == 1
    for seconds in (1, 45, 3):
        clock.forward(timedelta(seconds=seconds))
        defer_later(app, council)
    assert len(deferred_tasks(app, REBUILD_HOTSPOTS)) == 2


def test_a_case_placed_after_the_list_began_to_be_built_has_it_built_again(
    app: Flask, council: Council
) -> None:
    """The build reads first and writes later: it does not see what comes in between."""
    phone = make_phone(app, council)
    place(app, phone, 0.0)
    place(app, phone, 0.0006)
    (waiting,) = deferred_tasks(app, HOTSPOTS_CHANGED)
    claim(app, waiting.id)
    place(app, phone, 0.0012)
    assert len(deferred_tasks(app, HOTSPOTS_CHANGED)) == 2


def place(app: Flask, phone: Phone, north: float) -> None:
    """Send a report this many degrees north of HERE, and place it."""
    phone.push(report_op(position=position(HERE[0] + north)))
    with app.app_context():
        for task in deferred_tasks(app, PLACE_REPORT):
            tasks.run(PLACE_REPORT, task.authority_id, task.id)


def claim(app: Flask, task_id: uuid.UUID) -> None:
    """What the sweep does to one task."""
    with app.app_context(), transaction(None) as session:
        query = sa.select(DeferredTask).where(DeferredTask.id == task_id)
        task = session.scalars(query, execution_options=ACROSS_AUTHORITIES).one()
        task.leased_until += timedelta(seconds=60)


def test_tasks_done_two_weeks_ago_are_forgotten(app: Flask, council: Council, clock: SetClock) -> None:
    make_phone(app, council).push(report_op())
    drain(app)
    make_phone(app, council).push(report_op())
    open_before = [task.id for task in deferred_tasks(app, PLACE_REPORT) if task.done_at is None]
    clock.forward(timedelta(days=14, seconds=1))
    with app.app_context():
        assert deferred.forget_done() >= 1
    assert [task.id for task in deferred_tasks(app, PLACE_REPORT)] == open_before
