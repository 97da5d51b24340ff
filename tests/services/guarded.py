"""Real servers for tests: each under the guard, so that none outlives the test run, however that ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from server import guard

_STOP_S = 20.0


def free_port() -> int:
    """A TCP port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class GuardedServer:
    """A server program that can be started, stopped, killed, and started again on the same data."""

    def __init__(self, command: list[str], log: Path, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        self._command = command
        self._log = log
        self._stop_signal = stop_signal
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program; whether it serves yet is the caller's question."""
        with open(self._log, "ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-S", "-E", guard.__file__, "--", *self._command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Have the program end in its own way, within 20 s. Raises subprocess.TimeoutExpired."""
        if self._guard:
            self._guard.send_signal(self._stop_signal)
            self._guard.wait(_STOP_S)
            self.kill()

    def kill(self) -> None:
        """Kill the program and all it started with SIGKILL."""
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait(_STOP_S)
            self._guard = None

    def log(self) -> str:
        """What the program printed."""
        return self._log.read_text(errors="replace")
