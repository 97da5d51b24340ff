"""Which queue a task's messages go to: nothing that a person waits for stands behind a night."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery import Celery

from server.run import planned_services
from server.store.broker import LONG_QUEUE, QUEUE, make_celery
from server.store.deferred import PLACE_REPORT, VERIFY_PHOTO
from tests.services.settings import settings_for
from workers.schedule import ASK_OUTSIDE, SWEEP
from workers.tasks import HANDLERS, MODULES, PERIODIC

# A task that is not named here takes long, or nobody waits for it.
WAITED_FOR = {PLACE_REPORT, VERIFY_PHOTO, SWEEP, ASK_OUTSIDE}


@pytest.fixture
def celery(tmp_path: Path) -> Celery:
    """The sending side, on messages as files."""
    return make_celery(replace(settings_for("sqlite://", tmp_path), broker_url="filesystem://"))


def all_tasks() -> list[str]:
    for module in MODULES:
        import_module(module)
    return sorted({*HANDLERS, *PERIODIC})


def received(celery: Celery, queue: str) -> list[str]:
    """The names of all tasks that lie in a queue, taken out of it."""
    found: list[str] = []
    connection: Any = celery.connection_for_read()
    with connection.SimpleQueue(celery.amqp.queues[queue]) as lying:
        while True:
            try:
                message = lying.get(timeout=0.1)
            except Empty:
                return found
            message.ack()
            found.append(message.headers["task"])


def test_what_takes_long_has_a_queue_of_its_own(celery: Celery) -> None:
    for name in all_tasks():
        celery.send_task(name)
    assert set(received(celery, QUEUE)) == WAITED_FOR
    assert received(celery, LONG_QUEUE) == [name for name in all_tasks() if name not in WAITED_FOR]


def test_a_worker_that_is_told_of_no_queue_serves_both(celery: Celery) -> None:
    assert set(celery.amqp.queues.consume_from) == {QUEUE, LONG_QUEUE}


def test_every_queue_has_a_worker_of_its_own() -> None:
    commands = [service.command for service in planned_services(["serve"], Path("/data"))]
    served = [command[command.index("--queues") + 1] for command in commands if "--queues" in command]
    assert sorted(served) == [QUEUE, LONG_QUEUE]
