"""`tipwatch run` for real: the whole of Tipwatch on SQLite and the file transport, killed and started again."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from server.run import DATA_FOLDER_IN_USE
from tests.services.processes import Tree, started, wait_for

TIPWATCH = str(Path(sys.executable).parent / "tipwatch")
PROCESSES = {
    "web": r"\S+ -m gunicorn",
    "worker": r"\S+ -m celery --quiet -A workers.app worker --queues tipwatch ",
    "long-worker": r"\S+ -m celery --quiet -A workers.app worker --queues tipwatch-long ",
    "beat": r"\S+ -m celery --quiet -A workers.beat beat",
}
READY_S = 40.0

Start = Callable[..., Tree]


@pytest.fixture
def start(tmp_path: Path, free_port: int) -> Iterator[Start]:
    """Start `tipwatch run` on this test's own data folder and port; `before` goes in front of the command."""
    settings = {
        "TIPWATCH_DATA_DIR": str(tmp_path / "data"),
        "TIPWATCH_DEMO": "0",
        "TIPWATCH_PORT": str(free_port),
    }
    with ExitStack() as stack:
        logs = iter(range(100))

        def one(*arguments: str, before: tuple[str, ...] = (), **more: str) -> Tree:
            command = [*before, TIPWATCH, "run", *arguments]
            log = tmp_path / f"log-{next(logs)}"
            return stack.enter_context(started(command, log, {**settings, **more}))

        yield one


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _leader(tree: Tree, name: str) -> psutil.Process:
    """The process that the guard of service `name` runs."""
    return wait_for(
        f"the {name}", lambda: min(tree.alive(PROCESSES[name]), key=lambda one: one.pid, default=None)
    )


def _none_left(tree: Tree, within_s: float) -> None:
    wait_for("an end of every process", lambda: not tree.alive(), within_s)


def test_killed_and_started_again_refused_twice_and_stopped(
    start: Start, free_port: int, tmp_path: Path
) -> None:
    first = start()
    first.wait_for_output(f"Tipwatch is running at  http://127.0.0.1:{free_port}", READY_S)
    assert _status(free_port, "/healthz") == 200
    for name in PROCESSES:
        _leader(first, name)

    second = start(TIPWATCH_PORT=str(free_port + 1))
    assert second.exit_code() == DATA_FOLDER_IN_USE
    assert f"process {first.process.pid}" in second.output()
    assert str(tmp_path / "data") in second.output()

    first.signal(signal.SIGKILL)
    again = start()
    _none_left(first, 3)
    again.wait_for_output("Tipwatch is running at", READY_S)
    assert _status(free_port, "/readyz") == 200

    began = time.monotonic()
    again.signal(signal.SIGINT)
    assert again.exit_code() == 0
    assert time.monotonic() - began < 8
    _none_left(again, 1)


@pytest.mark.proof
def test_each_process_that_is_killed_comes_back(start: Start, free_port: int) -> None:
    tree = start()
    tree.wait_for_output("Tipwatch is running at", READY_S)
    for name in PROCESSES:
        before = _leader(tree, name)
        before.kill()
        tree.wait_for_output(f"{name} was ended by SIGKILL; starting it again in 1 s")
        assert _leader(tree, name).pid != before.pid
    wait_for("the web to answer again", lambda: _status(free_port, "/readyz") == 200, READY_S)
    assert tree.process.poll() is None


@pytest.mark.proof
def test_it_stops_with_the_program_that_started_it(start: Start) -> None:
    shell = ("sh", "-c", '"$@"; true', "sh")
    tree = start("--stop-with-parent", before=shell)
    tree.wait_for_output("Tipwatch is running at", READY_S)
    tree.signal(signal.SIGKILL)
    _none_left(tree, 3)


def test_a_taken_port_is_refused_with_a_way_out(start: Start, free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        tree = start()
        assert tree.exit_code() == 1
    assert f"Cannot listen on 127.0.0.1, port {free_port}" in tree.output()
    assert f"make run PORT={free_port + 1}" in tree.output()


def test_unsafe_settings_are_refused_before_anything_starts(start: Start) -> None:
    tree = start(TIPWATCH_ENVIRONMENT="production")
    assert tree.exit_code() == 1
    assert "TIPWATCH_BASE_URL must start with https://" in tree.output()
    assert "migrate" not in tree.output()


def test_a_certificate_without_its_key_is_refused(start: Start) -> None:
    tree = start("--tls-cert", __file__)
    assert tree.exit_code() == 2
    assert "--tls-cert and --tls-key belong together" in tree.output()


def test_the_note_in_the_data_folder_says_who_holds_it(start: Start, tmp_path: Path, free_port: int) -> None:
    tree = start()
    note = tmp_path / "data" / "running.lock"
    wait_for("the note", lambda: note.exists() and note.read_text())
    assert json.loads(note.read_text())["address"] == f"http://127.0.0.1:{free_port}"
    assert json.loads(note.read_text())["pid"] == tree.process.pid
