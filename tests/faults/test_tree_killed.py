"""`tipwatch run` killed with SIGKILL, every process of it at once, and started again: it finishes its work."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Town
from tests.faults.counts import count_everything, wait_until_done
from tests.services.processes import Tree, started

pytestmark = pytest.mark.proof

TIPWATCH = str(Path(sys.executable).parent / "tipwatch")


def test_a_killed_tree_started_again_finishes_its_work(embedded_town: Town) -> None:
    town = embedded_town
    command = [TIPWATCH, "run", "--port", str(town.stack.port)]
    environ = {**town.stack.environ, "TIPWATCH_DEMO": "0"}
    with started(command, town.stack.folder / "first.log", environ) as first:
        first.wait_for_output("Tipwatch is running at", 40)
        phone = town.signed_in_phone()
        for _ in range(30):
            phone.save_report()
        phone.send_all()
        _kill_all(first)
    with started(command, town.stack.folder / "again.log", environ) as again:
        again.wait_for_output("Tipwatch is running at", 40)
        phone.save_report()
        phone.send_all()
        wait_until_done(town.stack, town.council)
        count_everything(town.stack, town.council, [phone])


def _kill_all(tree: Tree) -> None:
    for process in tree.alive():
        process.send_signal(signal.SIGKILL)
