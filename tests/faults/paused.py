"""Stopping one process of a stack at one exact point, to kill something right then; and filling its disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import pausing
from tests.services.processes import wait_for
from tests.services.stack import Stack

# Has Python import pausing/sitecustomize.py before anything else.
FIRST_OF_ALL = {"PYTHONPATH": os.pathsep.join([pausing.__path__[0], os.environ.get("PYTHONPATH", "")])}


class Pause:
    """A pause that a process was started with."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def wait(self) -> int:
        """Wait until the process is there; returns the id of the process (a worker's child, not its parent)."""
        wait_for("the process at its pause", self._file.exists, 120)
        return int(self._file.read_text())

    def again(self) -> None:
        """Let the next call that gets there wait too."""
        self._file.with_suffix(".once").unlink()

    def end(self) -> None:
        """Let the process go on."""
        self._file.unlink(missing_ok=True)


@contextmanager
def paused_at(stack: Stack, name: str, where: str) -> Iterator[Pause]:
    """Start process `name` so that its first call of `where` (`module:function:before|after`) waits there."""
    pause = Pause(stack.folder / "paused")
    given = {"TIPWATCH_TEST_PAUSE": where, "TIPWATCH_TEST_PAUSED": str(stack.folder / "paused")}
    stack.set_environ(name, {**FIRST_OF_ALL, **given})
    try:
        stack.start(name)
        yield pause
    finally:
        pause.end()
        stack.set_environ(name, {})


@contextmanager
def disk_to_fill(stack: Stack) -> Iterator[Path]:
    """Start the web process anew so that uploads find the disk full while the file whose path is given exists."""
    full = stack.folder / "disk-is-full"
    stack.kill("web")
    stack.set_environ("web", {**FIRST_OF_ALL, "TIPWATCH_TEST_FULL": str(full)})
    try:
        stack.start("web")
        yield full
    finally:
        full.unlink(missing_ok=True)
        stack.kill("web")
        stack.set_environ("web", {})
