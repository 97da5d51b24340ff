"""Web, workers and beat as the separate processes of real use, each to be killed and started at will."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from flask import Flask

from server.app import create_app
from server.config import Settings, load_settings
from server.run import planned_services
from server.store.database import db
from tests.services.guarded import GuardedServer, free_port
from tests.services.processes import wait_for

# Short, so that tests do not wait for minutes for what takes minutes in real use.
QUICK = {"TIPWATCH_TASK_LEASE_S": "2", "TIPWATCH_SWEEP_EVERY_S": "1", "TIPWATCH_HOTSPOT_DELAY_S": "1"}

# A worker that gives its tasks to a child, as those of docker-compose.yml do.
POOL = (
    *(sys.executable, "-m", "celery", "--quiet", "-A", "workers.app", "worker"),
    *("--concurrency", "1", "--loglevel", "WARNING"),
)


class Stack:
    """The processes `web`, `worker`, `long-worker` and `beat` on one database, one broker and one data folder.

    More workers are called `worker-2` and so on; `pool` is a worker with a child that serves both queues. `environ` is
    given to every process.
    """

    def __init__(
        self, folder: Path, database_url: str, broker_url: str, environ: Mapping[str, str] = QUICK
    ) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "TIPWATCH_DATABASE_URL": database_url,
            "TIPWATCH_BROKER_URL": broker_url,
            "TIPWATCH_DATA_DIR": str(self.data_dir),
            "TIPWATCH_BASE_URL": self.url,
            **environ,
        }
        serve = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
        self._commands = {service.name: service.command for service in planned_services(serve, self.data_dir)}
        self._commands["pool"] = POOL
        self._own_environ: dict[str, Mapping[str, str]] = {}
        self._servers: dict[str, GuardedServer] = {}

    @property
    def settings(self) -> Settings:
        """What the processes read from their environment."""
        return load_settings(self.environ)

    def set_environ(self, name: str, environ: Mapping[str, str]) -> None:
        """Give process `name` more variables from its next start on; an empty mapping takes them away."""
        self._own_environ[name] = environ

    def start(self, *names: str) -> None:
        """Start these processes, all four when none is named; returns when the web process answers."""
        for name in names or ("web", "worker", "long-worker", "beat"):
            given = {**self.environ, **self._own_environ.get(name, {})}
            variables = [f"{key}={value}" for key, value in given.items()]
            command = ["env", *variables, *self._commands[re.sub(r"-\d+$", "", name)]]
            self._servers[name] = GuardedServer(command, self.folder / f"{name}.log")
            self._servers[name].start()
        if "web" in self._servers:
            wait_for("an answer of the web process", self.answers, 120)

    def kill(self, *names: str) -> None:
        """Kill these processes, all when none is named, with SIGKILL; those that do not run are left alone."""
        for name in names or tuple(self._servers):
            if server := self._servers.pop(name, None):
                server.kill()

    def stop(self, name: str) -> None:
        """Have a process end in its own way. Raises subprocess.TimeoutExpired."""
        self._servers.pop(name).stop()

    def answers(self) -> bool:
        """Whether the web process answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def log(self, name: str) -> str:
        """What a process printed, over all its starts."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The application in this process, on the stack's database, inside its context."""
        application = create_app(self.settings)
        with application.app_context():
            try:
                yield application
            finally:
                db.session.remove()
                db.engine.dispose()

    def command(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """What `tipwatch <arguments> --json` says here: its exit code and its report."""
        environ = ["env", *(f"{key}={value}" for key, value in self.environ.items())]
        command = [*environ, str(Path(sys.executable).parent / "tipwatch"), *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout or "{}") or {"refused": done.stderr}

    def doctor(self) -> tuple[int, dict[str, Any]]:
        """What `tipwatch doctor` says: its exit code and its report."""
        return self.command("doctor")


@contextmanager
def stack_on(
    folder: Path, database_url: str, broker_url: str, environ: Mapping[str, str] = QUICK
) -> Iterator[Stack]:
    """A stack, not started yet; at the end of the block nothing of it runs."""
    stack = Stack(folder, database_url, broker_url, environ)
    try:
        yield stack
    finally:
        stack.kill()
