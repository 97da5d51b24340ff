"""Watching real process trees: each process of a tree carries a mark in its environment, however far it strayed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil

MARK = "TIPWATCH_TEST_TREE"
T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | None], within_s: float = 15.0) -> T:
    """The first true answer of `look`, asked every 50 ms. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + within_s
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within_s:g} s")
        time.sleep(0.05)


class Tree:
    """A program under test with everything it started."""

    def __init__(self, process: subprocess.Popen[bytes], mark: str, log: Path) -> None:
        self.process = process
        self._mark = mark
        self._log = log

    def output(self) -> str:
        """All it printed so far."""
        return self._log.read_text(errors="replace")

    def wait_for_output(self, text: str, within_s: float = 15.0) -> str:
        """Wait until `text` was printed. Raises TimeoutError with what was printed instead."""
        try:
            wait_for(repr(text), lambda: text in self.output(), within_s)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; printed was:\n{self.output()}") from None
        return self.output()

    def alive(self, pattern: str = "") -> list[psutil.Process]:
        """Its living processes whose command line begins with a match of `pattern`; zombies are dead."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() == psutil.STATUS_ZOMBIE or process.environ().get(MARK) != self._mark:
                    continue
                if re.match(pattern, " ".join(process.cmdline())):
                    found.append(process)
            except psutil.Error:  # ended meanwhile, or somebody else's
                continue
        return found

    def signal(self, number: signal.Signals) -> None:
        """Signal the program itself, and nothing it started."""
        self.process.send_signal(number)

    def exit_code(self, within_s: float = 15.0) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        return self.process.wait(within_s)


@contextmanager
def started(command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> Iterator[Tree]:
    """Start `command` in a session of its own, its output in `log`; at the end of the block nothing of it is left."""
    mark = uuid.uuid4().hex
    environment = {**os.environ, **(environ or {}), MARK: mark}
    with open(log, "ab") as file:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    tree = Tree(process, mark, log)
    try:
        yield tree
    finally:
        while left := tree.alive():
            for one in left:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.poll()
            time.sleep(0.02)
        process.wait()
