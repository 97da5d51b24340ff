"""The broker of the embedded default over a long time: nothing piles up, nothing spins, and stopping is quick."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from server.store.broker import QUEUE, make_celery
from tests.faults.conftest import Town
from tests.faults.counts import wait_until_done
from tests.services.processes import wait_for
from workers.schedule import SWEEP

pytestmark = pytest.mark.proof


def test_nothing_piles_up_where_messages_are_files(embedded_town: Town) -> None:
    town, folder = embedded_town, embedded_town.stack.data_dir / "broker"
    town.stack.start()
    phone = town.signed_in_phone()
    for _ in range(40):
        phone.save_report()
    phone.send_all()
    wait_until_done(town.stack, town.council)
    town.stack.kill("beat")
    wait_for("an empty queue", lambda: not _files(folder), 10)


def test_sweeps_that_nobody_took_for_days_are_gone_in_a_moment(embedded_town: Town) -> None:
    town, folder = embedded_town, embedded_town.stack.data_dir / "broker"
    celery = make_celery(town.stack.settings)
    for _ in range(2_000):
        celery.send_task(SWEEP, expires=0.1)
    assert len(_files(folder)) == 2_000
    town.stack.start("worker")
    wait_for("an empty queue", lambda: not _files(folder), 30)


def test_a_worker_with_nothing_to_do_rests_and_stops_at_once(embedded_town: Town) -> None:
    stack = embedded_town.stack
    stack.start("worker")
    worker = wait_for("the worker", lambda: _worker_on(stack.data_dir), 15)
    # It is up when the first sweep was taken.
    make_celery(stack.settings).send_task(SWEEP)
    wait_for("an empty queue", lambda: not _files(stack.data_dir / "broker"), 15)
    time.sleep(1)
    before = sum(worker.cpu_times()[:2])
    time.sleep(4)
    assert (sum(worker.cpu_times()[:2]) - before) / 4 < 0.05
    began = time.monotonic()
    stack.stop("worker")
    assert time.monotonic() - began < 3


def _files(folder: Path) -> list[Path]:
    return list((folder / QUEUE).glob("*"))


def _worker_on(data_dir: Path) -> psutil.Process | None:
    """The Celery process whose settings name this data folder."""
    for process in psutil.process_iter():
        try:
            environ, command = process.environ(), process.cmdline()
        except psutil.Error:
            continue
        if (
            environ.get("TIPWATCH_DATA_DIR") == str(data_dir)
            and "worker" in command
            and "guard.py" not in str(command)
        ):
            return process
    return None
