"""The supervisor with real processes: what it starts, keeps, stops, and never leaves behind."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.services.processes import Tree, started, wait_for

PROGRAM = """
import json, os, sys
from server.supervisor import Patience, Plan, Service, Supervisor

spec = json.loads(sys.argv[1])
plan = Plan(
    steps=[Service(name, tuple(command)) for name, command in spec["steps"].items()],
    services=[Service(name, tuple(command)) for name, command in spec["services"].items()],
    is_ready=lambda: os.path.exists(spec["ready_file"]),
    on_ready="all is ready",
)
sys.exit(Supervisor(plan, patience=Patience(**spec["patience"])).run())
"""

# A master with one child, like gunicorn: told to stop, it stops the child itself and says so.
MASTER = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", '''
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: print("the child was told", flush=True))
print("child up", flush=True)
time.sleep(1000)
'''])
def stop(*_):
    print("master stops its child", flush=True)
    child.kill()
    child.wait()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("master up", flush=True)
time.sleep(1000)
"""
SLEEPER = ["sh", "-c", "echo up; exec sleep 900"]
DEAF = ["sh", "-c", "trap '' TERM INT; echo deaf; while :; do sleep 1; done"]
RUNAWAY = ["sh", "-c", "setsid sleep 1001 & (trap '' TERM HUP; exec sleep 1002) & echo up; exec sleep 1003"]

Supervise = Callable[..., Tree]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Start a supervisor with services (and steps), by default ready at once."""
    (tmp_path / "ready").touch()
    with ExitStack() as stack:

        def start(
            services: dict[str, list[str]],
            *,
            steps: dict[str, list[str]] | None = None,
            ready: bool = True,
            **patience: float,
        ) -> Tree:
            spec = {
                "services": services,
                "steps": steps or {},
                "ready_file": str(tmp_path / ("ready" if ready else "never")),
                "patience": patience,
            }
            command = [sys.executable, "-c", PROGRAM, json.dumps(spec)]
            return stack.enter_context(started(command, tmp_path / "log"))

        yield start


def _master() -> list[str]:
    return [sys.executable, "-c", MASTER]


def _none_left(tree: Tree, within_s: float) -> None:
    wait_for("an end of every process", lambda: not tree.alive(), within_s)


def test_output_carries_the_name_of_who_wrote_it_and_ready_is_told_once(supervise: Supervise) -> None:
    tree = supervise({"web": SLEEPER, "worker": ["sh", "-c", "printf 'one\\ntwo'; exec sleep 900"]})
    tree.wait_for_output("all is ready")
    tree.wait_for_output("worker | one")
    tree.wait_for_output("web    | up")
    tree.signal(signal.SIGTERM)
    assert tree.exit_code() == 0
    assert "worker | two" in tree.output(), "a last line without an end is passed on too"
    assert tree.output().count("all is ready") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_tells_leaders_only_and_ends_with_0(
    supervise: Supervise, number: signal.Signals
) -> None:
    tree = supervise({"web": _master(), "worker": _master()})
    wait_for("four processes up", lambda: tree.output().count(" up") == 4)
    began = time.monotonic()
    tree.signal(number)
    assert tree.exit_code() == 0
    assert time.monotonic() - began < 3
    assert tree.output().count("master stops its child") == 2
    assert "the child was told" not in tree.output()
    _none_left(tree, 1)


def test_killed_it_takes_every_process_with_it(supervise: Supervise) -> None:
    tree = supervise({"web": _master(), "worker": RUNAWAY, "beat": DEAF})
    wait_for("all up", lambda: tree.output().count(" up") >= 3 and "deaf" in tree.output())
    wait_for("the runaway's three", lambda: len(tree.alive("sleep 100")) == 3)
    tree.signal(signal.SIGKILL)
    _none_left(tree, 3)


def test_a_service_that_was_killed_is_started_again_without_its_leftovers(supervise: Supervise) -> None:
    tree = supervise({"web": RUNAWAY, "worker": SLEEPER}, first_pause_s=0.1)
    (leader,) = wait_for("the leader", lambda: tree.alive("sleep 1003"))
    before = wait_for("its leftovers", lambda: (left := tree.alive("sleep 100"))[2:] and left)
    leader.kill()
    tree.wait_for_output("web was ended by SIGKILL; starting it again in 0.1 s")
    (again,) = wait_for(
        "a new leader", lambda: [one for one in tree.alive("sleep 1003") if one.pid != leader.pid]
    )
    assert again.is_running()
    assert not [one for one in before if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert tree.output().count("worker | up") == 1, "the others are left alone"


def test_a_guard_that_was_killed_leaves_nothing_behind_and_its_service_is_started_again(
    supervise: Supervise,
) -> None:
    tree = supervise({"web": RUNAWAY}, first_pause_s=0.1)
    before = wait_for("the runaway's three", lambda: (left := tree.alive("sleep 100"))[2:] and left)
    (guard,) = tree.alive(f"{sys.executable} -S")
    guard.kill()
    tree.wait_for_output("starting it again")
    wait_for("three new ones", lambda: len(tree.alive("sleep 100")) == 3)
    assert not {one.pid for one in before} & {one.pid for one in tree.alive()}


def test_pauses_double_up_to_the_longest_while_a_service_keeps_ending(supervise: Supervise) -> None:
    tree = supervise(
        {"web": SLEEPER, "worker": ["sh", "-c", "exit 3"]},
        first_pause_s=0.05,
        longest_pause_s=0.2,
        deaths_before_ready=99,
    )
    wait_for("five ends", lambda: tree.output().count("starting it again") >= 5)
    pauses = re.findall(r"worker ended with exit code 3; starting it again in (\S+) s", tree.output())
    assert pauses[:5] == ["0.05", "0.1", "0.2", "0.2", "0.2"]


def test_a_service_that_ran_steadily_is_started_again_after_the_first_pause(supervise: Supervise) -> None:
    tree = supervise({"worker": ["sh", "-c", "sleep 0.3"]}, first_pause_s=0.05, steady_s=0.2)
    wait_for("three ends", lambda: tree.output().count("starting it again in 0.05 s") >= 3)


def test_a_service_that_never_stays_up_ends_the_start_with_1(supervise: Supervise) -> None:
    tree = supervise(
        {"web": ["sh", "-c", "echo no port; exit 2"], "worker": _master()},
        ready=False,
        first_pause_s=0.05,
        deaths_before_ready=3,
    )
    assert tree.exit_code() == 1
    assert tree.output().count("no port") == 3
    assert "web does not stay up, so the start is given up" in tree.output()
    _none_left(tree, 1)


def test_steps_run_in_order_before_any_service(supervise: Supervise, tmp_path: Path) -> None:
    shell = f"cat {tmp_path}/mark && echo served; exec sleep 900"
    steps = {
        "migrate": ["sh", "-c", f"sleep 0.2; echo done > {tmp_path}/mark"],
        "demo": ["cat", f"{tmp_path}/mark"],
    }
    tree = supervise({"web": ["sh", "-c", shell]}, steps=steps)
    output = tree.wait_for_output("served")
    assert output.index("demo    | done") < output.index("web     | done")


def test_a_step_that_fails_ends_the_start_with_1(supervise: Supervise) -> None:
    tree = supervise({"web": SLEEPER}, steps={"migrate": ["sh", "-c", "echo bad database; exit 4"]})
    assert tree.exit_code() == 1
    assert "migrate ended with exit code 4, so nothing was started" in tree.output()
    assert "web" not in tree.output()


def test_told_to_stop_during_a_step_it_starts_nothing_more(supervise: Supervise) -> None:
    tree = supervise({"web": SLEEPER}, steps={"migrate": _master(), "demo": SLEEPER})
    tree.wait_for_output("child up")
    tree.wait_for_output("master up")
    tree.signal(signal.SIGINT)
    assert tree.exit_code() == 0
    assert "demo" not in tree.output()
    assert "web" not in tree.output()


def test_a_service_that_does_not_stop_is_killed_after_the_grace(supervise: Supervise) -> None:
    tree = supervise({"web": DEAF, "worker": SLEEPER}, stop_s=0.5)
    tree.wait_for_output("deaf")
    began = time.monotonic()
    tree.signal(signal.SIGTERM)
    assert tree.exit_code() == 0
    assert 0.5 <= time.monotonic() - began < 3
    assert "web did not stop in time and is killed" in tree.output()
    _none_left(tree, 1)


def test_a_second_ctrl_c_does_not_wait(supervise: Supervise) -> None:
    tree = supervise({"web": DEAF}, stop_s=60)
    tree.wait_for_output("deaf")
    tree.signal(signal.SIGINT)
    time.sleep(0.3)
    tree.signal(signal.SIGINT)
    assert tree.exit_code(5) == 0
    _none_left(tree, 1)


def test_a_command_that_does_not_exist_is_named(supervise: Supervise) -> None:
    tree = supervise({"web": ["no-such-command"]}, first_pause_s=0.05, deaths_before_ready=2, ready=False)
    assert tree.exit_code() == 1
    assert "web | cannot start no-such-command: No such file or directory" in tree.output()
