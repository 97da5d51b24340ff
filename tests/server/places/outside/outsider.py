"""A server that stands for the services outside: small, real, and as ill-behaved as it is told to be."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NOMINATIM = {
    "lat": "52.5755", "lon": "-1.5445", "display_name": "Oldbury Road, Hartshill, Warwickshire, England",
    "address": {"road": "Oldbury Road", "village": "Hartshill", "county": "Warwickshire"},
}  # fmt: skip
NAMES = {"header": {}, "results": [{"GAZETTEER_ENTRY": {
    "NAME1": "Oldbury Road", "LOCAL_TYPE": "Named Road", "GEOMETRY_X": 430_965.0, "GEOMETRY_Y": 297_625.6,
    "POPULATED_PLACE": "Hartshill",
}}]}  # fmt: skip
PLACES = {"header": {}, "results": [{"DPA": {
    "ADDRESS": "1, OLDBURY ROAD, HARTSHILL, NUNEATON, CV10 0TD",
    "X_COORDINATE": 430_965.0, "Y_COORDINATE": 297_627.6,
}}]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass(slots=True)
class Outsider:
    """What the server was asked, and what it is to do. `answer`: a body, or what makes one; `status` goes with it."""

    url: str
    asked: list[Request] = field(default_factory=list)
    answer: bytes | Callable[[Request], bytes] = b""
    status: int = 200
    more_headers: dict[str, str] = field(default_factory=dict)
    # Cleared, answers wait: whoever asks sees a server that takes its time.
    goes_on: threading.Event = field(default_factory=threading.Event)

    def behave(self) -> None:
        """Answer as the three services do."""
        self.answer, self.status, self.more_headers = usual, 200, {}
        self.goes_on.set()
        self.asked.clear()


def usual(request: Request) -> bytes:
    """What each of the three services answers about HERE."""
    answers = {"/reverse": NOMINATIM, "/search/names/v1/nearest": NAMES, "/search/places/v1/nearest": PLACES}
    return json.dumps(answers[request.path]).encode()


@contextmanager
def running_outsider() -> Iterator[Outsider]:
    """The server, behaving, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                parts.path, parse_qs(parts.query), {k.lower(): v for k, v in self.headers.items()}
            )
            outsider.asked.append(request)
            outsider.goes_on.wait()
            body = outsider.answer if isinstance(outsider.answer, bytes) else outsider.answer(request)
            self.send_response(outsider.status)
            for name, value in outsider.more_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                """Whoever asked has gone."""

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    outsider = Outsider(f"http://127.0.0.1:{server.server_port}")
    outsider.behave()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield outsider
    finally:
        outsider.goes_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
