"""Stopping one process of a stack at one exact point, to kill something right then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import pausing
from tests.services.processes import wait_for
from tests.services.stack import Stack

FOLDER = Path(pausing.__path__[0])


class Pause:
    """A pause that a process was started with."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def wait(self) -> int:
        """Wait until the process is there; returns the id of the process (a worker's child, not its parent)."""
        wait_for("the process at its pause", self._file.exists, 30)
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
    first_of_all = os.pathsep.join([str(FOLDER), os.environ.get("PYTHONPATH", "")])
    stack.set_environ(name, {"PYTHONPATH": first_of_all, **given})
    try:
        stack.start(name)
        yield pause
    finally:
        pause.end()
        stack.set_environ(name, {})
