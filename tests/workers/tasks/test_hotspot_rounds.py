"""A list found in parts, by whoever takes them in whatever order, is the list of one worker alone."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.hotspots import service
from server.hotspots.models import Hotspot, HotspotPart, HotspotRun
from server.hotspots.service import build, newest_run, write
from server.migrate import upgrade
from server.store import deferred
from server.store.clock import now
from server.store.deferred import (
    FIND_PART,
    HOTSPOTS_ASKED,
    HOTSPOTS_CHANGED,
    JOIN_PARTS,
    REBUILD_HOTSPOTS,
    DeferredTask,
)
from server.store.transaction import reading, transaction
from tests.builders import Council, SetClock, deferred_tasks, drain, make_council
from tests.server.hotspots.many import fill
from tests.services.processes import wait_for
from tests.services.stack import QUICK, stack_on
from workers.clustering import crowding
from workers.tasks import hotspots as _hotspots  # noqa: F401 - registers its tasks
from workers.tasks import run
from workers.tasks.periodic import rebuild_every_list

START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock(app: Flask, council: Council) -> SetClock:
    """The first of June, until it is moved."""
    return SetClock(app, START)


def listed(authority_id: uuid.UUID) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The stored list with its members, less what differs from run to run, and what its run says."""
    left_out = {"id", "rev", "quiet_from", "created_at", "authority_id"}
    with reading(authority_id) as session:
        rows = session.scalars(sa.select(Hotspot).order_by(Hotspot.kind, Hotspot.position)).all()
        members = service.members_by_hotspot(session)
        places = [
            {name: value for name, value in vars(row).items() if name not in left_out and name[0] != "_"}
            | {"members": members[row.id]}
            for row in rows
        ]
        newest = newest_run(session)
        assert newest is not None
        names = ("as_of", "half_life_days", "input_sha256", "cases", "background", "by_chance")
        return places, {name: getattr(newest, name) for name in names}


def at_once(app: Flask, authority_id: uuid.UUID) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The list of one worker alone."""
    with reading(authority_id) as session:
        built = build(session, now())
    with transaction(authority_id) as session:
        write(session, built, now())
    return listed(authority_id)


def in_parts(app: Flask, smallest: int = 1) -> None:
    """From so many cases on, lists are found in parts."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], hotspot_parts_from=smallest)


def tasks_of(app: Flask, name: str) -> list[DeferredTask]:
    """Tasks of this name that are to be done."""
    return [task for task in deferred_tasks(app, name) if task.done_at is None]


@pytest.mark.parametrize("most_pairs", [crowding.MOST_PAIRS, 500])
def test_in_parts_as_at_once(
    app: Flask, council: Council, clock: SetClock, most_pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is a crowd, which none of its parts would be for itself."""
    monkeypatch.setattr(crowding, "MOST_PAIRS", most_pairs)
    with app.app_context():
        fill(council.id, seed=1, until=START)
        alone = at_once(app, council.id)
        assert len(alone[0]) > 30 and alone[1]["by_chance"] is not None
        clock.forward(timedelta(minutes=1))
        in_parts(app)
        with transaction(council.id):
            deferred.defer(REBUILD_HOTSPOTS, council.id)
        (begun,) = tasks_of(app, REBUILD_HOTSPOTS)
        run(begun.name, council.id, begun.id)
        parts = tasks_of(app, FIND_PART)
        assert len(parts) > 3
        # What comes in meanwhile is for the next run; and whoever does a part twice does it once.
        fill(council.id, seed=2, until=START, cases=50)
        for task in [*reversed(parts[1:]), *parts]:
            assert tasks_of(app, JOIN_PARTS) == []
            run(task.name, council.id, task.id)
            if task.id == parts[0].id:
                break
        (last,) = tasks_of(app, JOIN_PARTS)
        run(last.name, council.id, last.id)
        together = listed(council.id)
        assert together[0] == alone[0]
        assert together[1] == alone[1] | {"as_of": clock.moment}
        with reading(council.id) as session:
            assert session.scalars(sa.select(HotspotPart)).all() == []


def test_a_round_is_not_overtaken_by_another(app: Flask, council: Council, clock: SetClock) -> None:
    in_parts(app)
    with app.app_context():
        fill(council.id, seed=1, until=START, cases=60)
        for _ in range(3):
            with transaction(council.id):
                deferred.defer(REBUILD_HOTSPOTS, council.id)
        for task in tasks_of(app, REBUILD_HOTSPOTS):
            run(task.name, council.id, task.id)
        with reading(council.id) as session:
            assert len(session.scalars(sa.select(HotspotPart.round_id).distinct()).all()) == 1
        assert len(tasks_of(app, REBUILD_HOTSPOTS)) == 1, "one waits for the round to end"
        for name in (FIND_PART, JOIN_PARTS):
            for task in tasks_of(app, name):
                run(name, council.id, task.id)
        with reading(council.id) as session:
            assert session.scalars(sa.select(HotspotPart)).all() == []
            assert len(session.scalars(sa.select(HotspotRun)).all()) == 1
        clock.forward(timedelta(minutes=5))
        for message in deferred.claim_overdue():
            run(message.name, message.authority_id, message.task_id)
        assert tasks_of(app, FIND_PART), "the next round has begun"
        # A round that nobody ends does not hold up the list for ever.
        clock.forward(timedelta(hours=7))
        lost = {part.id for part in tasks_of(app, FIND_PART)}
        with transaction(council.id):
            deferred.defer(REBUILD_HOTSPOTS, council.id)
        (task,) = tasks_of(app, REBUILD_HOTSPOTS)
        run(task.name, council.id, task.id)
        for part_id in lost:
            run(FIND_PART, council.id, part_id)
        assert tasks_of(app, JOIN_PARTS) == [], "what was given up leads to no list"
        drain(app)
        assert listed(council.id)[1]["as_of"] == clock.moment


@pytest.mark.parametrize(
    ("name", "again"),
    [
        (REBUILD_HOTSPOTS, REBUILD_HOTSPOTS),
        (HOTSPOTS_CHANGED, REBUILD_HOTSPOTS),
        (HOTSPOTS_ASKED, HOTSPOTS_ASKED),
    ],
)
def test_what_was_asked_for_still_is_when_a_round_puts_it_off(
    app: Flask, council: Council, clock: SetClock, name: str, again: str
) -> None:
    in_parts(app)
    with app.app_context():
        fill(council.id, seed=1, until=START, cases=60)
        for each in (REBUILD_HOTSPOTS, name):
            with transaction(council.id):
                deferred.defer(each, council.id)
            task = tasks_of(app, each)[-1]
            run(each, council.id, task.id)
        waiting = [
            task.name
            for each in (REBUILD_HOTSPOTS, HOTSPOTS_CHANGED, HOTSPOTS_ASKED)
            for task in tasks_of(app, each)
        ]
        assert waiting == [again]


def test_every_night_each_council_gets_its_own_list(
    app: Flask, council: Council, clock: SetClock, tmp_path: Path
) -> None:
    (tmp_path / "south").mkdir()
    other = make_council(app, tmp_path / "south", slug="south", prefix="SO")
    with app.app_context():
        fill(council.id, seed=1, until=START, cases=100)
        fill(other.id, seed=2, until=START, cases=20)
        alone = [at_once(app, each.id) for each in (council, other)]
        in_parts(app, smallest=280)
        clock.forward(timedelta(minutes=1))
        rebuild_every_list()
        assert {task.authority_id for task in tasks_of(app, REBUILD_HOTSPOTS)} == {council.id, other.id}
        drain(app)
        assert {task.authority_id for task in deferred_tasks(app, FIND_PART)} == {council.id}
        assert [listed(each.id)[0] for each in (council, other)] == [places for places, _ in alone]


def test_a_large_list_rests_between_runs_for_changes(
    app: Flask, council: Council, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RESTS_FROM_CASES", 200)
    with app.app_context():
        fill(council.id, seed=1, until=START)
        at_once(app, council.id)

        def runs() -> int:
            with reading(council.id) as session:
                return len(session.scalars(sa.select(HotspotRun.id)).all())

        for _ in range(3):
            with transaction(council.id):
                deferred.defer(HOTSPOTS_CHANGED, council.id)
            sent = tasks_of(app, HOTSPOTS_CHANGED)[-1]
            run(sent.name, council.id, sent.id)
        assert runs() == 1 and len(tasks_of(app, HOTSPOTS_CHANGED)) == 1, "one waits for all"
        with transaction(council.id):
            deferred.defer(HOTSPOTS_ASKED, council.id)
        (asked,) = tasks_of(app, HOTSPOTS_ASKED)
        run(asked.name, council.id, asked.id)
        assert runs() == 2, "who asks for it need not wait"
        clock.forward(timedelta(seconds=1))  # a second per thousand cases is over for these 511
        for message in deferred.claim_overdue():
            run(message.name, message.authority_id, message.task_id)
        assert runs() == 3 and tasks_of(app, HOTSPOTS_CHANGED) == []


@pytest.mark.proof
def test_two_workers_of_celery_as_one_alone(tmp_path: Path) -> None:
    environ = {**QUICK, "TIPWATCH_HOTSPOT_PARTS_FROM": "1"}
    database = f"sqlite:///{tmp_path}/data/tipwatch.sqlite3"
    with stack_on(tmp_path, database, "filesystem://", environ) as stack:
        upgrade(stack.settings)
        with stack.app() as app:
            council = make_council(app, tmp_path)
            fill(council.id, seed=1, until=now())
            with transaction(council.id):
                deferred.defer(REBUILD_HOTSPOTS, council.id)
            stack.start("worker", "long-worker", "long-worker-2", "beat")

            def finished() -> datetime | None:
                with reading(council.id) as session:
                    run = newest_run(session)
                    return None if run is None else run.as_of

            as_of = wait_for("the list of both", finished, 120)
            together, about = listed(council.id)
            with reading(council.id) as session:
                assert len(session.scalars(sa.select(DeferredTask.id).filter_by(name=FIND_PART)).all()) > 3
                alone = build(session, as_of)
    names = ("rank", "easting", "northing", "extent_m", "count", "score", "trend", "first", "last")
    assert len(together) > 30 and about["input_sha256"] == alone.input_sha256
    assert [[row[name] for name in names] for row in together] == [
        [getattr(place, name) for name in names] for place in alone.places["fly_tip"]
    ]
    assert [sorted(row["members"]) for row in together] == [
        list(place.members) for place in alone.places["fly_tip"]
    ]
