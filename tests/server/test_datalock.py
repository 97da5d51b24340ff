"""The lock on a data folder, between real processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.datalock import LOCK_NAME, DataFolderInUse, data_folder_lock
from tests.services.processes import started

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8000"
HOLDER = """
import subprocess, sys, time
from datetime import UTC, datetime
from pathlib import Path
from server.datalock import data_folder_lock

with data_folder_lock(Path(sys.argv[1]), address="http://127.0.0.1:9999", now=datetime(2026, 3, 1, tzinfo=UTC)) as lock:
    heirs = [subprocess.Popen(["sleep", sys.argv[2]], pass_fds=[lock])] if len(sys.argv) > 2 else []
    print("held", flush=True)
    time.sleep(100)
"""


def test_a_second_process_is_refused_and_told_who_holds_it_since_when(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started([sys.executable, "-c", HOLDER, str(data)], tmp_path / "log") as tree:
        tree.wait_for_output("held")
        began = time.monotonic()
        with pytest.raises(DataFolderInUse) as refusal, data_folder_lock(data, address=ADDRESS, now=NOW):
            pass
        assert time.monotonic() - began < 1
        for fact in (str(data), str(tree.process.pid), "2026-03-01T00:00:00+00:00", "http://127.0.0.1:9999"):
            assert fact in str(refusal.value)


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    with started([sys.executable, "-c", HOLDER, str(tmp_path)], tmp_path / "log") as tree:
        tree.wait_for_output("held")
        tree.signal(signal.SIGKILL)
        tree.exit_code()
        with data_folder_lock(tmp_path, address=ADDRESS, now=NOW, patience_s=0):
            assert str(os.getpid()) in (tmp_path / LOCK_NAME).read_text()


def test_what_a_killed_process_left_running_is_waited_for(tmp_path: Path) -> None:
    with started([sys.executable, "-c", HOLDER, str(tmp_path), "1"], tmp_path / "log") as tree:
        tree.wait_for_output("held")
        tree.signal(signal.SIGKILL)
        tree.exit_code()
        began = time.monotonic()
        with data_folder_lock(tmp_path, address=ADDRESS, now=NOW):
            assert time.monotonic() - began > 0.3


def test_what_does_not_follow_a_killed_process_in_time_keeps_the_folder(tmp_path: Path) -> None:
    with started([sys.executable, "-c", HOLDER, str(tmp_path), "50"], tmp_path / "log") as tree:
        tree.wait_for_output("held")
        tree.signal(signal.SIGKILL)
        tree.exit_code()
        with (
            pytest.raises(DataFolderInUse),
            data_folder_lock(tmp_path, address=ADDRESS, now=NOW, patience_s=0.3),
        ):
            pass


def test_it_can_be_held_again_and_again(tmp_path: Path) -> None:
    for _ in range(3):
        with data_folder_lock(tmp_path, address=ADDRESS, now=NOW, patience_s=0):
            pass


def test_a_killed_process_whose_parent_has_not_taken_note_holds_nothing(tmp_path: Path) -> None:
    with started([sys.executable, "-c", HOLDER, str(tmp_path), "1"], tmp_path / "log") as tree:
        tree.wait_for_output("held")
        # Until its parent asks for its exit code the killed process can still be signalled, as if it were alive.
        os.kill(tree.process.pid, signal.SIGKILL)
        with data_folder_lock(tmp_path, address=ADDRESS, now=NOW):
            assert str(os.getpid()) in (tmp_path / LOCK_NAME).read_text()
