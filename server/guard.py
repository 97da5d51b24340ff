"""Run one command so that nothing of it outlives whoever asked for it.

    python server/guard.py -- COMMAND [ARGUMENT ...]

The guard's standard input is a pipe whose other end only its owner holds. When that end closes, for whatever reason
(the owner was told to stop, crashed, or was killed with SIGKILL), the guard kills the command and all it started.
When the command ends, what it left behind is killed too, and the guard ends with the command's own exit code (128 +
the signal's number where a signal ended it). SIGTERM, SIGINT and SIGQUIT are passed on to the command alone and not to
what it started: a gunicorn or Celery master stops its own children, and hangs when they are told behind its back.

On Linux the kernel adds two things: the command is killed should the guard itself be killed, and processes that lost
their parent come to the guard instead of getting away (PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER, see prctl(2)).

Run as a file, with the standard library only: it starts in milliseconds and costs little memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
COULD_NOT_START = 127

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make this process the parent of any descendant whose own parent ends. Linux only; elsewhere nothing."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def signal_at_parents_death(number: signal.Signals) -> None:
    """Have the kernel send `number` to this process when its parent ends. Linux only; elsewhere nothing."""
    _prctl(_PR_SET_PDEATHSIG, number)


def children_of_this_process() -> list[int]:
    """Process ids of this process's children, adopted ones included. Empty where the kernel does not tell."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def guard(command: list[str]) -> int:
    """Run `command` until it ends or standard input closes; return the exit code to end with."""
    adopt_orphans()
    wakeups, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(wakeups, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    leader = 0

    def pass_on(number: int, _frame: object) -> None:
        if leader:
            os.kill(leader, number)

    # Blocked until the leader is known, so that no signal falls between the fork and the assignment.
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    for number in PASSED_ON:
        signal.signal(number, pass_on)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    guard_pid = os.getpid()
    leader = os.fork()
    if leader == 0:
        _become(command, guard_pid)
    _lead_own_group(leader)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    status = _wait(leader, wakeups)
    _kill_the_rest()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(command: list[str], guard_pid: int) -> None:
    """In the fresh fork: turn into `command`, leading a process group of its own. Never returns."""
    try:
        _lead_own_group(0)
        signal_at_parents_death(signal.SIGKILL)
        if os.getppid() != guard_pid:  # the guard died before the kernel was told to watch it
            os._exit(COULD_NOT_START)
        signal.set_wakeup_fd(-1)
        for number in (*PASSED_ON, signal.SIGCHLD, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.closerange(3, 256)  # what the owner lends the guard is not for the command
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(COULD_NOT_START)


def _lead_own_group(pid: int) -> None:
    """Done by both sides of the fork, so that the group exists whichever runs first."""
    # Refused when the other side did it already and the command runs.
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)


def _wait(leader: int, wakeups: int) -> int:
    """Wait for the leader's end, or bring it about when the owner goes; return its wait status."""
    owner = [sys.stdin.fileno()]
    while True:
        for pid in children_of_this_process():
            if pid != leader:
                os.waitpid(pid, os.WNOHANG)
        # The zombie keeps its number until its group is killed, so that the number cannot mean anybody else.
        if os.waitid(os.P_PID, leader, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
            _kill_group(leader)
            return os.waitpid(leader, 0)[1]
        ready, _, _ = select.select([wakeups, *owner], [], [])
        if wakeups in ready:
            os.read(wakeups, 512)
        if owner and owner[0] in ready and not os.read(owner[0], 512):
            owner.clear()
            _kill_group(leader)


def _kill_the_rest() -> None:
    """Kill whatever left the command's group and came to us as an orphan."""
    deadline = time.monotonic() + 5
    while (left := children_of_this_process()) and time.monotonic() < deadline:
        for pid in left:
            kill_and_reap(pid)
        time.sleep(0.01)


def _kill_group(leader: int) -> None:
    # Gone already; some systems refuse when only a zombie is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_and_reap(pid: int) -> None:
    """Kill a child of this process and clear it away if it has ended already; otherwise SIGCHLD will tell."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, os.WNOHANG)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(guard(sys.argv[sys.argv.index("--") + 1 :]))
