"""The broker of the embedded default: Celery's messages as files in the data folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery import Celery

from server.store.broker import QUEUE, make_celery
from tests.services.settings import settings_for


@pytest.fixture
def celery(tmp_path: Path) -> Celery:
    """The web process's side of the broker."""
    settings = settings_for("sqlite://", tmp_path)
    return make_celery(replace(settings, broker_url="filesystem://"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the messages lie."""
    return tmp_path / "broker" / QUEUE


@pytest.fixture
def receiver(celery: Celery) -> Iterator[Any]:
    """A worker's side of the broker."""
    with receiving(celery) as queue:
        yield queue


def receiving(celery: Celery) -> Any:
    connection: Any = celery.connection_for_read()
    return connection.SimpleQueue(celery.amqp.queues[QUEUE])


def test_messages_come_in_their_order_once_and_leave_nothing_behind(
    celery: Celery, receiver: Any, folder: Path
) -> None:
    for number in range(30):
        celery.send_task("tipwatch.some", args=[number])
    received = []
    for _ in range(30):
        message = receiver.get(timeout=2)
        message.ack()
        received.append(message.payload[0][0])
    assert received == list(range(30))
    with pytest.raises(Empty):
        receiver.get(timeout=0.1)
    assert list(folder.iterdir()) == []


def test_of_two_workers_each_message_goes_to_one(celery: Celery, receiver: Any) -> None:
    for number in range(20):
        celery.send_task("tipwatch.some", args=[number])
    with receiving(celery) as other:
        received = [queue.get(timeout=2).payload[0][0] for queue in (receiver, other) * 10]
    assert sorted(received) == list(range(20))


def test_a_writer_killed_in_the_middle_leaves_nothing_that_a_worker_stumbles_over(
    celery: Celery, receiver: Any, folder: Path
) -> None:
    celery.send_task("tipwatch.some", args=[1])
    # Half a message as a killed writer leaves it, and an empty one as a power cut does.
    (folder / ".00000000000000000001-half").write_text('{"body": "W')
    (folder / "00000000000000000002-empty").touch()
    assert receiver.get(timeout=2).payload[0] == [1]


def test_a_folder_that_was_removed_comes_back_with_the_next_message(
    celery: Celery, receiver: Any, folder: Path
) -> None:
    celery.send_task("tipwatch.some", args=[1])
    shutil.rmtree(folder)
    with pytest.raises(Empty):
        receiver.get(timeout=0.1)
    celery.send_task("tipwatch.some", args=[2])
    assert receiver.get(timeout=2).payload[0] == [2]


def test_a_disk_that_takes_nothing_is_a_broker_that_does_not_answer(celery: Celery, folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.touch()
    with pytest.raises(OSError):
        celery.send_task("tipwatch.some", retry=False)
