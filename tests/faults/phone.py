"""A phone as the network sees it: an outbox that is sent until the server has said of everything that it is there."""

from __future__ import annotations

import base64
import io
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests
from PIL import Image

from tests.builders import (
    EAST,
    NORTH,
    PASSWORD,
    SOUTH,
    WEST,
    Council,
    manifest,
    position,
    report_op,
)

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
TUS = {"Tus-Resumable": "1.0.0", **SAME_ORIGIN}
# With the bytes of a photo, whether they begin its upload or go on with it.
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
PIECE_BYTES = 3_000


class NotNow(Exception):
    """The server did not answer, or asked to be left alone for a while: what was sent is sent again."""


@dataclass
class Phone:
    """An enrolled phone in the hands of a crew member.

    `reports`, `outbox` and `photos` are all it ever saved; `unsent` and `unsent_photos` what it has no answer for yet;
    `verdicts` every verdict it was given, by op id.
    """

    url: str
    council: Council
    rng: random.Random
    reports: dict[str, str] = field(default_factory=dict)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    photos: dict[str, bytes] = field(default_factory=dict)
    unsent: list[dict[str, Any]] = field(default_factory=list)
    unsent_photos: list[str] = field(default_factory=list)
    verdicts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.device_id = uuid.uuid4()
        self.session = requests.Session()
        self.session.headers.update(SAME_ORIGIN)

    def sign_in(self, role: str = "crew") -> None:
        """Sign in, and enrol the phone. Raises NotNow."""
        self._ask("POST", "/api/v1/session", json={"email": self.council.email(role), "password": PASSWORD})
        self._ask("POST", "/api/v1/devices", json={"id": str(self.device_id), "label": "A phone"})

    def save_report(self, *, photo: bool = True) -> str:
        """Save a report, with a photo, somewhere in the council's area; returns its op id."""
        pictures = {self._new_id(): _photo(self.rng)} if photo else {}
        promises = [manifest(content, id=photo_id) for photo_id, content in pictures.items()]
        where = position(self.rng.uniform(SOUTH, NORTH), self.rng.uniform(WEST, EAST))
        op = report_op(id=self._new_id(), seq=len(self.reports) + 1, position=where, photos=promises)
        op["op_id"] = self._new_id()
        self.reports[op["op_id"]] = op["entity_id"]
        self.photos |= pictures
        self.outbox.append(op)
        self.unsent.append(op)
        self.unsent_photos += pictures
        return str(op["op_id"])

    def send(self) -> bool:
        """Try once to send everything; whether nothing is left. What is lost on the way stays in the outbox."""
        try:
            if self.unsent:
                self.push(self.unsent[: self.rng.choice((1, 5, 50))])
            while self.unsent_photos and not self.unsent:
                self._upload(self.unsent_photos[0])
                del self.unsent_photos[0]
        except NotNow:
            pass
        return not self.unsent and not self.unsent_photos

    def send_all(self, within_s: float = 60.0) -> None:
        """Send until nothing is left. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not self.send():
            if time.monotonic() > deadline:
                raise TimeoutError(f"unsent: {len(self.unsent)} ops, {len(self.unsent_photos)} photos")
            time.sleep(0.1)

    def push(self, ops: list[dict[str, Any]]) -> list[str]:
        """Push these ops once; returns the verdicts. Raises NotNow."""
        answer = self._ask("POST", "/api/v1/sync/push", json={"device_id": str(self.device_id), "ops": ops})
        results = answer.json()["results"]
        for result in results:
            self.verdicts.setdefault(result["op_id"], []).append(result["verdict"])
        there = {result["op_id"] for result in results if result["verdict"] in ("applied", "duplicate")}
        self.unsent = [op for op in self.unsent if op["op_id"] not in there]
        return [result["verdict"] for result in results]

    def reconcile(self) -> int:
        """Ask of all that was ever saved whether it is there; what is not waits again. How many that is."""
        asked = {"op_ids": list(self.reports), "photo_ids": list(self.photos)}
        answer = self._ask("POST", "/api/v1/sync/reconcile", json={"device_id": str(self.device_id), **asked})
        missing = answer.json()
        unknown = set(missing["ops"]["unknown"])
        photos = {*missing["photos"]["unknown"], *missing["photos"]["expected"]}
        self.unsent = [op for op in self.outbox if op["op_id"] in unknown]
        self.unsent_photos = [photo_id for photo_id in self.photos if photo_id in photos]
        for op_id in unknown:
            self.verdicts[op_id] = []  # said by a council that never was
        return len(unknown) + len(photos)

    def page_after(self, cursor: str | None) -> dict[str, Any]:
        """One page of what came down since `cursor`. Raises NotNow."""
        page: dict[str, Any] = self._ask("GET", "/api/v1/sync/pull", params={"cursor": cursor}).json()
        return page

    def original(self, photo_id: str) -> bytes:
        """The stored original. Raises NotNow."""
        return self._ask("GET", f"/api/v1/photos/{photo_id}/original").content

    def _new_id(self) -> str:
        return str(uuid.uuid4())

    def _upload(self, photo_id: str) -> None:
        content = self.photos[photo_id]
        where = f"/api/v1/uploads/{photo_id}"
        announced = {
            "Upload-Length": str(len(content)),
            "Upload-Metadata": f"photo_id {base64.b64encode(photo_id.encode()).decode()}",
        }
        answer = self._ask(
            "POST", "/api/v1/uploads", data=content[:PIECE_BYTES], headers={**BYTES, **announced}
        )
        while (offset := int(answer.headers["Upload-Offset"])) < len(content):
            answer = self._ask(
                "PATCH", where, data=content[offset : offset + PIECE_BYTES],
                headers={**BYTES, "Upload-Offset": str(offset)},
            )  # fmt: skip

    def _ask(self, method: str, path: str, **arguments: Any) -> requests.Response:
        try:
            answer = self.session.request(method, self.url + path, timeout=15, **arguments)
        except requests.RequestException as error:
            raise NotNow(str(error)) from error
        # 409 is an upload that another, killed request still seemed to hold: its offset is asked for again.
        if answer.status_code >= 500 or answer.status_code in (409, 429):
            raise NotNow(f"{answer.status_code}: {answer.text[:200]}")
        answer.raise_for_status()
        return answer


def _photo(rng: random.Random) -> bytes:
    """A JPEG of its own, of some 6 kB: two pieces of an upload."""
    file = io.BytesIO()
    Image.frombytes("RGB", (64, 48), rng.randbytes(64 * 48 * 3)).save(file, "JPEG", quality=85)
    return file.getvalue()
