"""Which queue a task's messages go to, and which of them are taken first: no person waits for a whole night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery import Celery

from server.run import planned_services
from server.store.broker import LONG_QUEUE, QUEUE, make_celery
from server.store.deferred import (
    FIND_PART,
    HOTSPOTS_ASKED,
    HOTSPOTS_CHANGED,
    JOIN_PARTS,
    PLACE_AGAIN,
    PLACE_REPORT,
    REBUILD_HOTSPOTS,
    VERIFY_PHOTO,
)
from tests.services.settings import settings_for
from workers.schedule import ASK_OUTSIDE, NIGHTLY_HOTSPOTS, SWEEP
from workers.tasks import HANDLERS, MODULES, PERIODIC

# A task that is not named here takes long, or nobody waits for it.
WAITED_FOR = {PLACE_REPORT, VERIFY_PHOTO, SWEEP, ASK_OUTSIDE}


@pytest.fixture(params=["files", "redis"])
def celery(request: pytest.FixtureRequest, tmp_path: Path) -> Celery:
    """The sending side, on messages as files and on a real Redis."""
    url = "filesystem://" if request.param == "files" else request.getfixturevalue("redis_url")
    return make_celery(replace(settings_for("sqlite://", tmp_path), broker_url=url))


def all_tasks() -> list[str]:
    for module in MODULES:
        import_module(module)
    return sorted({*HANDLERS, *PERIODIC})


@contextmanager
def taking(celery: Celery, queue: str) -> Iterator[Any]:
    """A worker's side of a queue."""
    connection: Any = celery.connection_for_read()
    with connection, connection.SimpleQueue(celery.amqp.queues[queue]) as lying:
        yield lying


def taken(lying: Any) -> str | None:
    """The name of the task that is taken next; None when nothing lies in the queue."""
    try:
        message = lying.get(timeout=0.3)
    except Empty:
        return None
    message.ack()
    return str(message.headers["task"])


def received(celery: Celery, queue: str) -> list[str]:
    """The names of all tasks that lie in a queue, taken out of it."""
    with taking(celery, queue) as lying:
        return list(iter(lambda: taken(lying) or "", ""))


def test_what_takes_long_has_a_queue_of_its_own(celery: Celery) -> None:
    for name in all_tasks():
        celery.send_task(name)
    assert set(received(celery, QUEUE)) == WAITED_FOR
    assert sorted(received(celery, LONG_QUEUE)) == [name for name in all_tasks() if name not in WAITED_FOR]


def test_a_list_that_an_officer_asked_for_is_taken_before_the_nights_that_wait(celery: Celery) -> None:
    waiting = [REBUILD_HOTSPOTS, PLACE_AGAIN, HOTSPOTS_CHANGED, NIGHTLY_HOTSPOTS, REBUILD_HOTSPOTS]
    for name in [*waiting, HOTSPOTS_ASKED]:
        celery.send_task(name)
    assert received(celery, LONG_QUEUE) == [HOTSPOTS_ASKED, *waiting]


def test_one_that_is_sent_while_others_are_taken_is_the_next(celery: Celery) -> None:
    for _ in range(3):
        celery.send_task(REBUILD_HOTSPOTS)
    with taking(celery, LONG_QUEUE) as lying:
        assert taken(lying) == REBUILD_HOTSPOTS
        celery.send_task(HOTSPOTS_ASKED)
        assert [taken(lying) for _ in range(3)] == [HOTSPOTS_ASKED, REBUILD_HOTSPOTS, REBUILD_HOTSPOTS]


def test_a_round_that_has_begun_ends_before_the_next_list_begins(celery: Celery) -> None:
    for name in (REBUILD_HOTSPOTS, FIND_PART, FIND_PART, JOIN_PARTS, HOTSPOTS_ASKED):
        celery.send_task(name)
    assert received(celery, LONG_QUEUE) == [
        HOTSPOTS_ASKED,
        FIND_PART,
        FIND_PART,
        JOIN_PARTS,
        REBUILD_HOTSPOTS,
    ]


def test_a_worker_that_is_told_of_no_queue_serves_both(celery: Celery) -> None:
    assert set(celery.amqp.queues.consume_from) == {QUEUE, LONG_QUEUE}


def test_every_queue_has_a_worker_of_its_own() -> None:
    commands = [service.command for service in planned_services(["serve"], Path("/data"))]
    served = [command[command.index("--queues") + 1] for command in commands if "--queues" in command]
    assert sorted(served) == [QUEUE, LONG_QUEUE]
