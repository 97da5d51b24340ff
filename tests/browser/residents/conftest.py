"""The resident's pages on a real server, and a browser on them with or without script."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from server.app import create_app
from server.store.database import db
from tests.browser.phone import HARTSHILL
from tests.builders import Council, make_council
from tests.services.settings import settings_for

OpenPage = Callable[..., Page]


class Quiet(WSGIRequestHandler):
    """Requests are not worth a line each. Connections are remembered: browsers open some before they need them."""

    connections: ClassVar[WeakSet[socket.socket]] = WeakSet()

    def setup(self) -> None:
        """A connection was made."""
        super().setup()
        self.connections.add(self.connection)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


class Served:
    """A council whose pages answer at `url`, unless the server was lost."""

    def __init__(self, app: Flask, council: Council, url: str, port: int) -> None:
        self.app = app
        self.council = council
        self.url = url
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def find(self) -> None:
        """Answer, several requests at a time."""
        self._server = make_server("127.0.0.1", self._port, self.app, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def lose(self) -> None:
        """Answer no more: the port is closed, and so is every connection."""
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            for connection in list(Quiet.connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._server = self._thread = None


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path, free_port: int) -> Iterator[Served]:
    """A council on a server of its own."""
    url = f"http://127.0.0.1:{free_port}"
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    app = create_app(replace(settings_for(sqlite_url, data_dir), base_url=url))
    served = Served(app, make_council(app, tmp_path), url, free_port)
    served.find()
    yield served
    served.lose()
    with app.app_context():
        db.session.remove()


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[OpenPage]:
    """Opens a window on the council's pages; at the end nothing may have gone wrong in any script."""
    wrong: list[str] = []
    contexts = []

    def opened(*, width: int = 390, script: bool = True, **options: Any) -> Page:
        context = browser.new_context(
            base_url=served.url, viewport={"width": width, "height": 844}, java_script_enabled=script,
            geolocation=HARTSHILL, permissions=["geolocation"], **options,  # type: ignore[arg-type]
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
