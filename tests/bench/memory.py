"""The memory of each process of `make run` after some work."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from server.migrate import upgrade
from tests.bench.figures import Figure, megabytes
from tests.builders import make_council
from tests.faults.counts import wait_until_done
from tests.faults.phone import Phone
from tests.services.processes import Tree, started
from tests.services.stack import Stack

ABOUT = (
    "`make run` on SQLite after 200 reports with a photo each were pushed, uploaded, verified, placed and clustered. "
    "Proportional set size: memory that processes share is divided among them, so the sum is what is taken in all."
)
REPORTS = 200
# What a command line contains, and what the process is; the first that fits counts.
NAMES = {
    "guard.py": "guards",
    "gunicorn": "web",
    " tipwatch-long ": "long worker",
    " worker ": "worker",
    " beat ": "beat",
    "tipwatch run": "supervisor",
}


def measure() -> list[Figure]:
    """Proportional set sizes by kind of process."""
    with TemporaryDirectory(prefix="tipwatch-bench-") as name:
        folder = Path(name)
        stack = Stack(folder, f"sqlite:///{folder}/data/tipwatch.sqlite3", "filesystem://", {})
        upgrade(stack.settings)
        with stack.app() as app:
            council = make_council(app, folder)
        command = [str(Path(sys.executable).parent / "tipwatch"), "run", "--port", str(stack.port)]
        with started(command, folder / "log", {**stack.environ, "TIPWATCH_DEMO": "0"}) as tree:
            tree.wait_for_output("Tipwatch is running at", 60)
            phone = Phone(stack.url, council, random.Random(1))
            phone.sign_in()
            for _ in range(REPORTS):
                phone.save_report()
            phone.send_all(120)
            wait_until_done(stack, council, 120)
            taken = _by_name(tree)
    figures = [Figure(f"Memory of {name}", "SQLite", megabytes(size)) for name, size in taken.items()]
    return [*figures, Figure("Memory of all together", "SQLite", megabytes(sum(taken.values())))]


def _by_name(tree: Tree) -> dict[str, int]:
    taken = dict.fromkeys(("web", "worker", "long worker", "beat", "supervisor", "guards"), 0)
    for process in tree.alive():
        try:
            command = " ".join(process.cmdline()) + " "
            name = next(name for mark, name in NAMES.items() if mark in command)
            taken[name] += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return taken
