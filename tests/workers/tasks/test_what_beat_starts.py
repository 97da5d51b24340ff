"""Each entry of beat's schedule starts at its times what does its work: one lost or named wrongly is seen here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from celery.schedules import crontab
from flask import Flask

from server.intake.models import HeldOp, Report
from server.residents.models import Sending
from server.store.broker import make_celery
from server.store.checkpoints import Checkpoint
from server.store.clock import system_clock
from server.store.deferred import PLACE_REPORT
from server.store.transaction import reading
from tests.builders import (
    Council,
    SetClock,
    browser,
    deferred_tasks,
    drain,
    make_op,
    make_phone,
    manifest,
    report_op,
    report_payload,
)
from tests.server.photos.council import Sender
from tests.services.settings import settings_for
from tests.workers.tasks.test_schedule import starts
from workers.schedule import schedule
from workers.tasks import PERIODIC

# Tried elsewhere: the nightly lists in test_schedule.py, asking outside with the services outside.
ELSEWHERE = {"hotspots", "outside"}
BY_NIGHT, BY_HOUR = 1, 24


@dataclass(frozen=True, slots=True)
class World:
    """A council on an application whose clock is moved by hand."""

    app: Flask
    council: Council
    clock: SetClock

    def count(self, table: type[Any]) -> int:
        """How many rows the council has in a table."""
        with self.app.app_context(), reading(self.council.id) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def world(app: Flask, council: Council) -> World:
    """A council with nothing left to do."""
    drain(app)
    return World(app, council, SetClock(app, system_clock().replace(microsecond=0)))


def overdue_task(world: World) -> Iterator[None]:
    """A report's task whose message was lost is sent again, and has a new lease."""
    make_phone(world.app, world.council).push(report_op())
    world.clock.forward(timedelta(minutes=5))
    yield
    [task] = deferred_tasks(world.app, PLACE_REPORT)
    assert task.leased_until > world.clock.moment


def record_of_the_day(world: World) -> Iterator[None]:
    """Every stream that grew is named by a checkpoint."""
    make_phone(world.app, world.council).push(report_op())
    before = world.count(Checkpoint)
    yield
    assert world.count(Checkpoint) == before + 1


def given_up_upload(world: World) -> Iterator[None]:
    """Of an upload that was begun and never went on, nothing is left after a week."""
    photo = manifest(b"bytes of a photo")
    phone = make_phone(world.app, world.council)
    phone.push(report_op(photos=[photo]))
    sender, photo_id = Sender(phone.client), uuid.UUID(photo["id"])
    assert sender.begin(photo_id, photo["bytes"]).status_code == 201
    assert sender.patch(photo_id, 0, b"bytes").status_code == 204
    world.clock.forward(timedelta(days=8))
    yield
    assert sender.head(photo_id).status_code == 404


def address_of_a_resident(world: World) -> Iterator[None]:
    """By the next day nothing tells any more from where a resident's report was sent."""
    sent = browser(world.app).post("/api/v1/public/reports", json=report_payload())
    assert sent.status_code == 200, sent.text
    assert world.count(Sending) == 1
    world.clock.forward(timedelta(hours=25))
    yield
    assert world.count(Sending) == 0


def op_without_its_predecessor(world: World) -> Iterator[None]:
    """A report that waited a week for what never came is taken in without it."""
    payload = report_payload()
    op = make_op("report.create", payload["id"], payload, after=str(uuid.uuid4()))
    [verdict] = make_phone(world.app, world.council).push(op)
    assert verdict["verdict"] == "waiting_for"
    world.clock.forward(timedelta(days=7))
    yield
    assert (world.count(HeldOp), world.count(Report)) == (0, 1)


def task_done_long_ago(world: World) -> Iterator[None]:
    """The row of a task that was done goes after two weeks."""
    make_phone(world.app, world.council).push(report_op())
    drain(world.app)
    world.clock.forward(timedelta(days=15))
    yield
    assert deferred_tasks(world.app, PLACE_REPORT) == []


WORK: dict[str, Callable[[World], Iterator[None]]] = {
    "sweep": overdue_task,
    "checkpoint": record_of_the_day,
    "uploads": given_up_upload,
    "residents": address_of_a_resident,
    "held": op_without_its_predecessor,
    "forget": task_done_long_ago,
}
TIMES = {
    "checkpoint": BY_NIGHT,
    "uploads": BY_NIGHT,
    "residents": BY_HOUR,
    "held": BY_HOUR,
    "forget": BY_NIGHT,
}


def test_every_entry_of_the_schedule_is_tried() -> None:
    assert set(schedule(10.0, asks_outside=True)) == WORK.keys() | ELSEWHERE


@pytest.mark.parametrize("entry", WORK)
def test_what_an_entry_starts_does_its_work(world: World, entry: str) -> None:
    work = WORK[entry](world)
    next(work)
    with world.app.app_context():
        PERIODIC[schedule(10.0, asks_outside=False)[entry]["task"]]()
    assert next(work, None) is None


@pytest.mark.parametrize(("entry", "a_day"), TIMES.items())
def test_an_entry_is_started_as_often_as_its_work_needs(tmp_path: Path, entry: str, a_day: int) -> None:
    celery, days = make_celery(settings_for("sqlite://", tmp_path)), 3
    moments = starts(times_of(entry), celery, datetime(2026, 6, 1, 12, tzinfo=UTC), days)
    assert len(moments) == a_day * days
    assert a_day == BY_HOUR or {moment.hour for moment in moments} <= {1, 2, 3, 4}, "people are at work"


def times_of(entry: str) -> crontab:
    """When beat starts an entry."""
    times: crontab = schedule(10.0, asks_outside=False)[entry]["schedule"]
    return times


def test_the_sweep_comes_as_often_as_the_settings_say() -> None:
    assert schedule(7.5, asks_outside=False)["sweep"]["schedule"] == 7.5
