"""Tipwatch as it really runs, in its two shapes, each with a server that can be lost and found again."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import requests
from flask import Flask

from server.app import create_app
from server.config import load_settings
from server.store.database import db
from tests.services.guarded import GuardedServer, free_port
from tests.services.processes import wait_for
from tests.services.stack import QUICK, Stack, stack_on


class Running(Protocol):
    """Tipwatch somewhere, reached at `url`."""

    @property
    def url(self) -> str:
        """Scheme, host and port."""

    def lose_server(self) -> None:
        """Kill the web process, with whatever dies with it."""

    def find_server(self) -> None:
        """Start it again, if it does not answer, and wait until it does."""

    @property
    def app(self) -> Flask:
        """The application in this process, on the same database, for setting things up."""


class Separate:
    """Web, worker and beat as three processes on a database server and Redis; only the web process is lost."""

    def __init__(self, stack: Stack, app: Flask) -> None:
        self._stack = stack
        self.app = app
        self.url = stack.url

    def lose_server(self) -> None:
        """Kill the web process with SIGKILL."""
        self._stack.kill("web")
        assert not self._stack.answers()

    def find_server(self) -> None:
        """Start it again, if it does not answer, and wait until it does."""
        if not self._stack.answers():
            self._stack.start("web")


class Embedded:
    """`tipwatch run` with SQLite and messages as files: everything is lost at once."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environ = {"TIPWATCH_DATA_DIR": str(folder / "data"), "TIPWATCH_BASE_URL": self.url, **environ}
        variables = [f"{name}={value}" for name, value in self.environ.items()]
        tipwatch = str(Path(sys.executable).parent / "tipwatch")
        command = ["env", *variables, tipwatch, "run", "--host", "127.0.0.1", "--port", str(port)]
        self._server = GuardedServer(command, folder / "run.log")
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        """The application in this process, on the same database, for setting things up."""
        if self._app is None:
            self._app = create_app(load_settings(self.environ))
        return self._app

    def lose_server(self) -> None:
        """Kill the whole tree with SIGKILL."""
        self._server.kill()
        assert not self._answers()

    def find_server(self, within_s: float = 60) -> None:
        """Start it again, if it does not answer, and wait until it does."""
        if self._answers():
            return
        self._server.start()
        try:
            wait_for("an answer of tipwatch run", self._answers, within_s)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; printed was:\n{self._server.log()}") from None

    def end(self) -> None:
        """Leave nothing running or open."""
        self._server.kill()
        if self._app is not None:
            with self._app.app_context():
                db.session.remove()
                db.engine.dispose()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False


@contextmanager
def separate(folder: Path, database_url: str, broker_url: str) -> Iterator[Separate]:
    """The three processes, running."""
    with stack_on(folder, database_url, broker_url) as stack:
        stack.start()
        with stack.app() as app:
            yield Separate(stack, app)


@contextmanager
def embedded(folder: Path, environ: Mapping[str, str] = QUICK, within_s: float = 60) -> Iterator[Embedded]:
    """`tipwatch run`, running within so many seconds."""
    tree = Embedded(folder, environ)
    try:
        tree.find_server(within_s)
        yield tree
    finally:
        tree.end()
