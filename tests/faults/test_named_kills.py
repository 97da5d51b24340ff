"""Each moment at which a kill could lose or double something, one by one, with real processes."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time

import pytest
import redis
import sqlalchemy as sa

from server.store.broker import QUEUE, make_celery
from server.store.deferred import PLACE_REPORT, DeferredTask
from server.store.transaction import reading
from tests.faults.conftest import Town
from tests.faults.counts import count_everything, open_tasks, wait_until_done
from tests.faults.paused import Pause, paused_at
from tests.faults.phone import Phone

pytestmark = pytest.mark.proof


@pytest.mark.fault(41)
def test_worker_killed_between_taking_a_task_and_committing(town: Town) -> None:
    """The task is delivered again and done once, whatever the dead worker had begun."""
    with paused_at(town.stack, "worker", "workers.tasks:take_together:after") as pause:
        town.stack.start("web", "long-worker", "beat")
        phone = _sent_report(town, photo=False)
        pause.wait()
        town.stack.kill("worker")
    assert open_tasks(town.stack, town.council, PLACE_REPORT) == 1
    town.stack.start("worker")
    _finish_and_count(town, phone)


@pytest.mark.fault(41)
def test_worker_killed_after_committing_and_before_it_could_say_so(town: Town) -> None:
    """Delivered again after its work was done, a task changes nothing."""
    with paused_at(town.stack, "worker", "workers.tasks:run_all:after") as pause:
        town.stack.start("web", "long-worker", "beat")
        phone = _sent_report(town, photo=False)
        pause.wait()
        town.stack.kill("worker")
    assert open_tasks(town.stack, town.council, PLACE_REPORT) == 0
    town.stack.start("worker")
    _finish_and_count(town, phone)


def test_the_child_of_a_worker_killed_in_the_middle_of_a_task(served_town: Town) -> None:
    """As when the kernel runs out of memory: the worker itself stays, and does the task once more."""
    with paused_at(served_town.stack, "pool", "workers.tasks:take_together:after") as pause:
        served_town.stack.start("web", "long-worker", "beat")
        phone = _sent_report(served_town)
        os.kill(pause.wait(), signal.SIGKILL)
        _finish_and_count(served_town, phone)


def test_a_broker_lost_with_messages_in_it(town: Town) -> None:
    town.stack.start("web")
    phone = _sent_report(town)
    assert _messages(town) == 2
    _lose_broker(town)
    assert _messages(town) == 0
    town.stack.start("worker", "long-worker", "beat")
    _finish_and_count(town, phone)


def test_a_broker_lost_under_running_processes(town: Town) -> None:
    town.stack.start()
    first = _sent_report(town)
    _lose_broker(town)
    second = _sent_report(town, 2)
    _finish_and_count(town, first, second)


@pytest.mark.parametrize("worker", ["worker", "pool"])
def test_a_broker_lost_twice_just_as_a_worker_took_a_message_from_it(served_town: Town, worker: str) -> None:
    assert served_town.redis
    with paused_at(served_town.stack, worker, "celery.worker.request:Request.acknowledge:before") as pause:
        served_town.stack.start("web", "long-worker", "beat")
        for last in (False, True):
            pause.wait()
            served_town.redis.kill()
            if not last:
                pause.again()
            pause.end()
            time.sleep(1)
            served_town.redis.start()
    phone = _sent_report(served_town)
    _finish_and_count(served_town, phone)


def test_a_push_while_the_broker_is_away(served_town: Town) -> None:
    assert served_town.redis
    served_town.stack.start("web")
    phone = served_town.signed_in_phone()
    served_town.redis.kill()
    phone.save_report()
    phone.send_all()
    served_town.redis.start()
    served_town.stack.start("worker", "long-worker", "beat")
    _finish_and_count(served_town, phone)


@pytest.mark.fault(40)
def test_web_killed_between_commit_and_enqueue(town: Town) -> None:
    """What was committed is worked on although nobody was told of it; the phone asks again and hears "duplicate"."""
    with paused_at(town.stack, "web", "server.store.deferred:Sender.send:before") as pause:
        phone = _killed_while_sending(town, pause)
    assert open_tasks(town.stack, town.council, PLACE_REPORT) == 1, "what was committed is there"
    assert len(phone.unsent) == 1, "the phone was not told so"
    _send_the_rest_and_count(town, phone)
    assert [*phone.verdicts.values()] == [["duplicate"]]


def test_web_killed_between_storing_a_photo_and_committing(embedded_town: Town) -> None:
    with paused_at(embedded_town.stack, "web", "server.photos.service:mark_received:before") as pause:
        phone = _killed_while_sending(embedded_town, pause)
    assert len(phone.unsent_photos) == 1
    _send_the_rest_and_count(embedded_town, phone)


@pytest.mark.fault(41)
def test_tasks_delivered_many_times_to_two_workers_at_once(served_town: Town) -> None:
    """Every task delivered seven times, to two workers at once, takes effect once."""
    served_town.stack.start("web")
    phones = [_sent_report(served_town, number) for number in (1, 2, 3)]
    _send_every_task_again(served_town, times=5)
    served_town.stack.start("worker", "worker-2", "long-worker", "beat")
    wait_until_done(served_town.stack, served_town.council)
    _send_every_task_again(served_town, times=2)
    _finish_and_count(served_town, *phones)


def _sent_report(town: Town, number: int = 1, *, photo: bool = True) -> Phone:
    """A phone that has sent a report with its photo.

    Without one where a worker is held inside a transaction: on SQLite nobody else can write until it is killed.
    """
    phone = town.signed_in_phone(number)
    phone.save_report(photo=photo)
    phone.send_all()
    return phone


def _killed_while_sending(town: Town, pause: Pause) -> Phone:
    """A phone with one report that it sends until the web process was killed at its pause."""
    phone, killed = town.signed_in_phone(), threading.Event()
    phone.save_report()

    def send() -> None:
        # On a busy machine an answer may take longer than a phone waits for it, before the pause is reached.
        while not killed.is_set() and not phone.send():
            time.sleep(0.1)

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    pause.wait()
    town.stack.kill("web")
    killed.set()
    sending.join()
    return phone


def _send_the_rest_and_count(town: Town, phone: Phone) -> None:
    town.stack.start()
    phone.send_all()
    _finish_and_count(town, phone)


def _finish_and_count(town: Town, *phones: Phone) -> None:
    wait_until_done(town.stack, town.council)
    count_everything(town.stack, town.council, phones)


def _messages(town: Town) -> int:
    if town.redis is None:
        return len(list((town.stack.data_dir / "broker" / QUEUE).glob("*")))
    with redis.Redis(port=town.redis.port) as client:
        return int(client.llen(QUEUE))


def _lose_broker(town: Town) -> None:
    """Kill Redis, which keeps nothing, and start it again; or remove the folder of messages."""
    if town.redis is None:
        shutil.rmtree(town.stack.data_dir / "broker")
        (town.stack.data_dir / "broker" / QUEUE).mkdir(parents=True)
    else:
        town.redis.kill()
        town.redis.start()


def _send_every_task_again(town: Town, times: int) -> None:
    celery = make_celery(town.stack.settings)
    with town.stack.app(), reading(town.council.id) as session:
        tasks = [(task.name, task.id) for task in session.scalars(sa.select(DeferredTask))]
    for name, task_id in tasks * times:
        celery.send_task(name, args=[str(town.council.id), str(task_id)])
