"""A small process supervisor: a few services as one tree that starts, stays and stops together.

Every service runs under its own guard (server/guard.py) in a session of its own, so that Ctrl-C in the terminal reaches
the supervisor alone, signals go to each service's leader alone, and nothing outlives the supervisor, however that ends.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, TextIO

from server import guard

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_LONGEST_LINE = 64 * 1024  # bytes
_KILL_S = 3.0  # from closing a guard's pipe, which it obeys at once, to killing the guard


@dataclass(frozen=True, slots=True)
class Service:
    """A command and the name its output goes by."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds unless the name says otherwise."""

    stop_s: float = 6.0  # from asking a service to stop to killing it
    first_pause_s: float = 1.0  # before a service that ended is started again; doubles each time
    longest_pause_s: float = 30.0
    steady_s: float = 60.0  # a service that ran this long starts over with the first pause
    deaths_before_ready: int = 4  # of one service; then the start is given up


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: `steps` one after the other, each to its end, then `services` side by side.

    `is_ready` is asked every 0.2 s, from a thread of its own, until it says True; `on_ready` is then written out once.
    Descriptors named in `inherited` stay open in every guard, and so until the last process of the tree has ended.
    """

    services: Sequence[Service]
    is_ready: Callable[[], bool]
    on_ready: str
    steps: Sequence[Service] = ()
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    inherited: Sequence[int] = ()


class _Process:
    """A service that was started: its guard, the pipe the guard's life hangs on, and what the service prints."""

    def __init__(self, service: Service, plan: Plan) -> None:
        self.service = service
        self.started_at = time.monotonic()
        self._rest = b""
        self._guard = subprocess.Popen(
            [sys.executable, "-S", "-E", guard.__file__, "--", *service.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=plan.environ,
            pass_fds=tuple(plan.inherited),
            start_new_session=True,
            bufsize=0,
        )
        assert self._guard.stdin and self._guard.stdout  # both were asked for as pipes
        self._lifeline: IO[bytes] = self._guard.stdin
        self.output: IO[bytes] = self._guard.stdout
        os.set_blocking(self.output.fileno(), False)

    @property
    def pid(self) -> int:
        return self._guard.pid

    def exit_code(self) -> int | None:
        """The exit code once it has ended (negative: the guard itself was killed by that signal), before that None."""
        return self._guard.poll()

    def ask_to_stop(self) -> None:
        self._guard.terminate()

    def kill(self) -> None:
        """Closing the pipe makes the guard kill everything it guards and end."""
        self._lifeline.close()

    def kill_guard(self) -> None:
        """For a guard that no longer reacts; what it guarded is killed by the kernel."""
        self._guard.kill()
        self._guard.wait()

    def new_lines(self, *, last: bool = False) -> list[str]:
        """The lines printed since the last call; with `last`, the unfinished one too."""
        data = self._rest
        try:
            while piece := os.read(self.output.fileno(), _LONGEST_LINE):
                data += piece
                if len(data) > _LONGEST_LINE:
                    break
        except BlockingIOError:
            pass
        *lines, self._rest = data.split(b"\n")
        if self._rest and (last or len(self._rest) > _LONGEST_LINE):
            lines.append(self._rest)
            self._rest = b""
        return [line.decode(errors="replace").rstrip() for line in lines]

    def close(self) -> None:
        self._lifeline.close()
        self.output.close()


class _Restart:
    """When a service is to be started again, and how often it has ended so far."""

    def __init__(self, service: Service, patience: Patience) -> None:
        self.service = service
        self.due_at: float | None = None
        self.deaths = 0
        self._patience = patience
        self._pause_s = patience.first_pause_s

    def plan(self, ran_s: float) -> float:
        """Note an end after `ran_s` seconds; returns the pause before the next start, in seconds."""
        if ran_s >= self._patience.steady_s:
            self._pause_s = self._patience.first_pause_s
        pause_s = self._pause_s
        self.deaths += 1
        self.due_at = time.monotonic() + pause_s
        self._pause_s = min(pause_s * 2, self._patience.longest_pause_s)
        return pause_s


class Supervisor:
    """Runs a plan until told to stop by Ctrl-C or a signal (a second one kills at once)."""

    def __init__(self, plan: Plan, *, out: TextIO = sys.stdout, patience: Patience | None = None) -> None:
        self._plan = plan
        self._out = out
        self._patience = patience or Patience()
        self._width = max(len(service.name) for service in (*plan.steps, *plan.services))
        self._running: list[_Process] = []
        self._restarts = {service.name: _Restart(service, self._patience) for service in plan.services}
        self._selector = selectors.DefaultSelector()
        self._ready = threading.Event()
        self._stops_asked = 0
        self._not_ours: frozenset[int] = frozenset()

    def run(self) -> int:
        """Run the tree; return 0 when it was told to stop, 1 when it could not be started."""
        guard.adopt_orphans()
        self._not_ours = frozenset(guard.children_of_this_process())
        with self._woken_by_signals():
            try:
                return self._run_steps() or self._run_services()
            finally:
                self._stop_all()

    def _run_steps(self) -> int:
        for step in self._plan.steps:
            if self._stops_asked:
                break
            self._start(step)
            while self._running:
                self._wait(None)
                for _, code in self._collect_ended():
                    if code and not self._stops_asked:
                        self._say(
                            f"{step.name} {_ended_how(code)}, so nothing was started. The reason is above."
                        )
                        return 1
                if self._stops_asked:
                    break
        return 0

    def _run_services(self) -> int:
        if self._stops_asked:
            return 0
        for service in self._plan.services:
            self._start(service)
        threading.Thread(target=self._wait_until_ready, daemon=True).start()
        announced = False
        while not self._stops_asked:
            self._wait(self._seconds_to_next_start())
            for process, code in self._collect_ended():
                self._plan_restart(process, code)
            if hopeless := self._hopeless():
                self._say(f"{hopeless} does not stay up, so the start is given up. The reason is above.")
                return 1
            self._start_those_due()
            if self._ready.is_set() and not announced:
                announced = True
                self._say(self._plan.on_ready)
        return 0

    def _start(self, service: Service) -> None:
        process = _Process(service, self._plan)
        self._selector.register(process.output, selectors.EVENT_READ, process)
        self._running.append(process)

    def _start_those_due(self) -> None:
        for restart in self._restarts.values():
            if restart.due_at is not None and time.monotonic() >= restart.due_at:
                restart.due_at = None
                self._start(restart.service)

    def _seconds_to_next_start(self) -> float | None:
        due = [restart.due_at for restart in self._restarts.values() if restart.due_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _plan_restart(self, process: _Process, code: int) -> None:
        pause_s = self._restarts[process.service.name].plan(time.monotonic() - process.started_at)
        self._say(f"{process.service.name} {_ended_how(code)}; starting it again in {pause_s:g} s")

    def _hopeless(self) -> str | None:
        """The name of a service that keeps ending before the whole was ready once."""
        if self._ready.is_set():
            return None
        limit = self._patience.deaths_before_ready
        return next((name for name, restart in self._restarts.items() if restart.deaths >= limit), None)

    def _wait(self, timeout_s: float | None) -> None:
        """Wait for output, a signal, the end of a child or the timeout, and pass output on."""
        for key, _ in self._selector.select(timeout_s):
            if isinstance(key.data, _Process):
                self._pass_on(key.data, key.data.new_lines())
            else:
                os.read(key.fd, 512)

    def _collect_ended(self) -> list[tuple[_Process, int]]:
        """The processes that have ended since the last call with their exit codes, all traces of them cleared."""
        ended = []
        for process in list(self._running):
            code = process.exit_code()
            if code is not None:
                self._pass_on(process, process.new_lines(last=True))
                self._selector.unregister(process.output)
                process.close()
                self._running.remove(process)
                ended.append((process, code))
        self._kill_strays()
        return ended

    def _kill_strays(self) -> None:
        """Kill what came to us as an orphan because its guard was killed."""
        ours = {process.pid for process in self._running}
        for pid in guard.children_of_this_process():
            if pid not in ours and pid not in self._not_ours:
                guard.kill_and_reap(pid)

    def _wait_until_ready(self) -> None:
        while not self._plan.is_ready():
            time.sleep(0.2)
        self._ready.set()
        os.kill(os.getpid(), signal.SIGCHLD)  # wakes the main thread

    def _stop_all(self) -> None:
        for process in self._running:
            process.ask_to_stop()
        deadline = time.monotonic() + self._patience.stop_s
        while self._running and self._stops_asked < 2 and (left_s := deadline - time.monotonic()) > 0:
            self._wait(left_s)
            self._collect_ended()
        for process in self._running:
            self._say(
                f"{process.service.name} did not stop in time and is killed; the next start takes up its work"
            )
            process.kill()
        deadline = time.monotonic() + _KILL_S
        while self._running and time.monotonic() < deadline:
            self._wait(deadline - time.monotonic())
            self._collect_ended()
        for process in self._running:
            process.kill_guard()

    @contextmanager
    def _woken_by_signals(self) -> Iterator[None]:
        """Have signals interrupt `_wait` and nothing else, so that a signal between two lines of code is not lost."""
        wakeups, wake = os.pipe()
        os.set_blocking(wake, False)
        handlers = {number: signal.signal(number, self._note_stop) for number in STOP_SIGNALS}
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        previous_wake = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(wakeups, selectors.EVENT_READ)
        try:
            yield
        finally:
            signal.set_wakeup_fd(previous_wake)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(wakeups)
            os.close(wake)

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stops_asked += 1

    def _pass_on(self, process: _Process, lines: Sequence[str]) -> None:
        for line in lines:
            self._say(f"{process.service.name:<{self._width}} | {line}")

    def _say(self, text: str) -> None:
        try:
            print(text, file=self._out, flush=True)
        except OSError:  # whoever read our output has gone, and nobody is left to stop us
            self._stops_asked = max(self._stops_asked, 1)


def _ended_how(code: int) -> str:
    """`code` in words: 0 and up as a program's exit code, 128 + n and -n as ended by signal n."""
    number = -code if code < 0 else code - 128
    if number > 0:
        try:
            return f"was ended by {signal.Signals(number).name}"
        except ValueError:
            pass
    return f"ended with exit code {code}"
