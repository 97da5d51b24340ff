"""Phones for measuring: each a connection that is kept open, with all it sends made beforehand."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.figures import percentile
from tests.faults.phone import BYTES, Phone

Send = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many a second there were, and the seconds that 95 of 100 answers kept below."""

    per_second: float
    p95: float


class _Counting(http.client.HTTPConnection):
    """A connection that counts the bytes it sends."""

    sent = 0

    def send(self, data: Any) -> None:
        """Send, and count."""
        self.sent += len(data)
        super().send(data)


class Line:
    """The connection of a signed-in phone. Asks for nothing it could know, so that the server is what is measured."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.received = 0
        self._connection = _Counting(phone.url.removeprefix("http://"), timeout=60)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in phone.session.cookies)
        self._headers = {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}

    @property
    def carried(self) -> int:
        """Bytes that went over this line in both directions, without those of TCP and TLS."""
        return self.received + self._connection.sent

    def body(self, ops: Sequence[dict[str, Any]]) -> bytes:
        """A push of these ops as this phone sends it."""
        told = {"unsent": len(ops), "app_version": "0.1.0"}
        return json.dumps({"device_id": str(self.phone.device_id), "status": told, "ops": list(ops)}).encode()

    def push(self, body: bytes) -> list[str]:
        """Send a push; returns the verdicts."""
        answer = self._ask("POST", "/api/v1/sync/push", body, {"Content-Type": "application/json"})
        return [result["verdict"] for result in json.loads(answer)["results"]]

    def upload(self, photo_id: str, content: bytes) -> None:
        """Send a photo in one piece, which begins its upload, as the app does."""
        named = base64.b64encode(photo_id.encode()).decode()
        about = {"Upload-Length": str(len(content)), "Upload-Metadata": f"photo_id {named}"}
        self._ask("POST", "/api/v1/uploads", content, {**BYTES, **about})

    def get(self, path: str) -> Any:
        """What the server answers there."""
        return json.loads(self._ask("GET", path, None, {}))

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        try:
            self._connection.request(method, path, body, {**self._headers, **headers})
            answer = self._connection.getresponse()
        except (
            ConnectionError,
            http.client.RemoteDisconnected,
        ):  # it lay idle for longer than the server keeps it
            self._connection.close()
            self._connection.request(method, path, body, {**self._headers, **headers})
            answer = self._connection.getresponse()
        content = answer.read()
        self.received += len(bytes(answer.headers)) + len(content)
        assert answer.status < 300, f"{answer.status}: {content[:300]!r}"
        return content


def rate(sendings: Sequence[Sequence[Send]], each: int = 1) -> Rate:
    """Let every phone do its sendings one after the other, all phones at once; `each`: how many items one carries."""
    barrier = threading.Barrier(len(sendings) + 1)
    taken: list[float] = []
    failed: list[BaseException] = []

    def work(own: Sequence[Send]) -> None:
        barrier.wait()
        try:
            for send in own:
                began = time.perf_counter()
                send()
                taken.append(time.perf_counter() - began)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(own,), daemon=True) for own in sendings]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return Rate(len(taken) * each / (time.perf_counter() - began), percentile(taken, 0.95))
