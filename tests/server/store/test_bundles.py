"""Deferred tasks in bundles: sent together, done together, and each by itself once one of them is in the way."""

from __future__ import annotations

import contextlib
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from celery import Celery
from flask import Flask

from server.cases.models import Case
from server.store.database import db
from server.store.deferred import BUNDLE, PLACE_REPORT, Sender
from server.store.events import events_of
from server.store.transaction import reading
from tests.builders import HERE, Council, SetClock, deferred_tasks, drain, make_phone, position, report_op
from workers import tasks


def test_the_tasks_of_a_push_go_to_the_broker_in_few_messages(app: Flask, council: Council) -> None:
    messages: list[list[Any]] = []

    class Noted(Celery):  # type: ignore[misc]
        def send_task(self, name: str, *, args: list[Any], **_options: Any) -> None:
            messages.append([name, *args])

    app.extensions["tipwatch_sender"] = Sender(Noted())
    make_phone(app, council).push(*[report_op(seq=seq) for seq in range(23)])
    assert [(name, of, len(ids)) for name, of, ids in messages] == [
        (PLACE_REPORT, str(council.id), number) for number in (10, 10, 3)
    ]
    assert {id_ for *_, ids in messages for id_ in ids} == {
        str(task.id) for task in deferred_tasks(app, PLACE_REPORT)
    }


def test_tasks_that_came_together_are_done_in_one_transaction_unless_one_of_them_fails(
    app: Flask, council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(app)
    ops = [report_op(seq=seq, position=position(HERE[0] + seq / 100)) for seq in range(4)]
    make_phone(app, council).push(*ops)
    handler = tasks.HANDLERS[PLACE_REPORT]
    broken = uuid.UUID(ops[2]["entity_id"])

    def apply(session: Any, subject_id: uuid.UUID, *arguments: Any) -> None:
        handler.apply(session, subject_id, *arguments)
        if subject_id == broken:
            raise ZeroDivisionError("no such luck")

    waiting = [task.id for task in deferred_tasks(app, PLACE_REPORT)]
    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, tasks.Handler(handler.prepare, apply, handler.together))
    with app.app_context():
        tasks.run_all(PLACE_REPORT, council.id, waiting)
    done = {
        task.subject_id: (task.done_at is not None, task.attempts)
        for task in deferred_tasks(app, PLACE_REPORT)
    }
    assert done.pop(broken) == (False, 1)
    assert set(done.values()) == {(True, 0)}
    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, handler)
    commits: list[Any] = []
    with app.app_context():
        sa.event.listen(db.engine, "commit", commits.append)
        make_phone(app, council).push(*[report_op(seq=seq) for seq in range(5)])
        commits.clear()
        waiting = [
            task.id for task in deferred_tasks(app, PLACE_REPORT) if task.attempts == 0 and not task.done_at
        ]
        tasks.run_all(PLACE_REPORT, council.id, waiting)
    assert len(waiting) == 5 and len(commits) == 1
    with app.app_context(), reading(council.id) as session:
        assert len(session.scalars(sa.select(Case)).all()) == 3  # what was reported five times is one case


def test_a_task_takes_along_what_waits_behind_it_and_their_own_messages_find_nothing_left(
    app: Flask, council: Council
) -> None:
    drain(app)
    phone = make_phone(app, council)
    ops = [report_op(seq=seq) for seq in range(BUNDLE + 1)]
    for op in ops:
        phone.push(op)
    order = [uuid.UUID(op["entity_id"]) for op in ops]
    waiting = {task.subject_id: task.id for task in deferred_tasks(app, PLACE_REPORT) if not task.done_at}
    commits: list[Any] = []
    with app.app_context():
        sa.event.listen(db.engine, "commit", commits.append)
        tasks.run_all(PLACE_REPORT, council.id, [waiting[order[3]]])
        done = {task.subject_id for task in deferred_tasks(app, PLACE_REPORT) if task.done_at}
        assert done & set(order) == set(order[:BUNDLE]) and len(commits) == 1
        for subject in order:
            tasks.run_all(PLACE_REPORT, council.id, [waiting[subject]])
        assert len(commits) == 2, "only the last had anything left to do"
        with reading(council.id) as session:
            case = session.scalars(sa.select(Case)).one()
            opened = events_of(session, case.id)[0].facts
            assert (case.report_count, opened["report_id"]) == (BUNDLE + 1, str(order[0])), (
                "the oldest opens it"
            )


def test_tasks_that_waited_longer_than_their_lease_are_counted_and_still_done_together(
    app: Flask, council: Council, clock: SetClock
) -> None:
    drain(app)
    make_phone(app, council).push(*[report_op(seq=seq) for seq in range(5)])
    clock.forward(timedelta(seconds=app.config["SETTINGS"].task_lease_s + 1))
    waiting = [task.id for task in deferred_tasks(app, PLACE_REPORT) if not task.done_at]
    commits: list[Any] = []
    with app.app_context():
        sa.event.listen(db.engine, "commit", commits.append)
        tasks.run_all(PLACE_REPORT, council.id, waiting)
    placed = {task.id: task for task in deferred_tasks(app, PLACE_REPORT)}
    assert [(placed[id_].done_at is not None, placed[id_].attempts) for id_ in waiting] == [(True, 1)] * 5
    assert len(commits) == 2, "one counts the tries, one does the work"


def test_tasks_that_took_a_worker_with_them_are_tried_one_by_one(
    app: Flask, council: Council, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(app)
    ops = [report_op(seq=seq, position=position(HERE[0] + seq / 100)) for seq in range(3)]
    make_phone(app, council).push(*ops)
    clock.forward(timedelta(seconds=app.config["SETTINGS"].task_lease_s + 1))
    waiting = [task.id for task in deferred_tasks(app, PLACE_REPORT) if not task.done_at]
    subjects = {task.id: task.subject_id for task in deferred_tasks(app, PLACE_REPORT)}
    handler = tasks.HANDLERS[PLACE_REPORT]
    deadly = uuid.UUID(ops[1]["entity_id"])

    def prepare(session: Any, subject_id: uuid.UUID) -> Any:
        if subject_id == deadly:
            raise SystemExit
        return handler.prepare(session, subject_id)

    def prepare_each(session: Any, subject_ids: Any) -> list[Any]:
        return [prepare(session, subject_id) for subject_id in subject_ids]

    assert handler.together
    together = tasks.Together(prepare_each, handler.together.hold)
    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, tasks.Handler(prepare, handler.apply, together))
    with app.app_context():
        with pytest.raises(SystemExit):
            tasks.run_all(PLACE_REPORT, council.id, waiting)
        for _ in range(2):
            with contextlib.suppress(SystemExit):
                tasks.run_all(PLACE_REPORT, council.id, waiting)
            waiting.sort(key=lambda id_: subjects[id_] == deadly)
    left = {task.subject_id for task in deferred_tasks(app, PLACE_REPORT) if not task.done_at}
    assert left == {deadly}


def test_tasks_that_failed_together_are_done_when_they_come_together_again(
    app: Flask, council: Council, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(app)
    make_phone(app, council).push(*[report_op(seq=seq) for seq in range(2)])
    waiting = [task.id for task in deferred_tasks(app, PLACE_REPORT) if not task.done_at]
    handler = tasks.HANDLERS[PLACE_REPORT]

    def gone(*_arguments: Any) -> None:
        raise ConnectionError("the database is restarted")

    monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, tasks.Handler(handler.prepare, gone, handler.together))
    with app.app_context():
        tasks.run_all(PLACE_REPORT, council.id, waiting)
        monkeypatch.setitem(tasks.HANDLERS, PLACE_REPORT, handler)
        clock.forward(timedelta(minutes=5))
        tasks.run_all(PLACE_REPORT, council.id, waiting)
    assert all(task.done_at for task in deferred_tasks(app, PLACE_REPORT))
