"""One small GET of somebody else's server: a second for all of it, no redirects, no more than is needed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http.client import HTTPMessage
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT_S = 1.0
MOST_BYTES = 256 * 1024
_PIECE = 16 * 1024


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is no answer: it would carry the key to wherever it points."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def fetch_json(url: str, headers: Mapping[str, str]) -> Any:
    """What `url` answers, read as JSON. Raises OSError (TimeoutError after TIMEOUT_S) or ValueError."""
    answers: SimpleQueue[bytes | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_read(Request(url, headers=dict(headers))))
        except Exception as error:  # handed to whoever waits for it
            answers.put(error)

    # A socket's own timeout knows neither the look-up of the name nor an answer that comes in drops.
    Thread(target=ask, name="outside service", daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT_S)
    except Empty:
        raise TimeoutError("no whole answer within a second") from None
    if isinstance(answer, Exception):
        raise answer
    return json.loads(answer)


def _read(request: Request) -> bytes:
    until = time.monotonic() + TIMEOUT_S
    body = bytearray()
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S) as answer:
            while piece := answer.read1(_PIECE):
                body += piece
                if len(body) > MOST_BYTES:
                    raise ValueError("the answer is too long")
                if time.monotonic() > until:
                    raise TimeoutError("no whole answer within a second")
    except HTTPError as error:
        with error:  # it holds the connection
            raise OSError(f"HTTP status {error.code}") from None
    return bytes(body)
