"""A resident's browser without script: it knows only the pages, their forms and its cookies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.builders import browser
from tests.workers.imaging.photos import encoded

ANSWERS: dict[str, dict[str, Any]] = {
    "what": {"category": "fly_tip", "description": "A fridge on the verge"},
    "waste": {"waste": ["white_goods", "tyres"], "size": "small_van_load"},
    "where": {"words": "In the lay-by opposite the garden centre"},
    "photos": {"form": "photos"},
    "witness": {"witnessed": "no"},
    "contact": {"contact": "no"},
}


class SetClock:
    """The application's clock, moved on by tests."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._now

    def pass_(self, **time: float) -> None:
        """Let time pass, given as timedelta takes it."""
        self._now += timedelta(**time)


class Resident:
    """Fills in the form, page by page."""

    def __init__(self, app: Flask, clock: SetClock) -> None:
        self.clock = clock
        self.pause_s = 10.0
        self.client: FlaskClient = browser(app)
        self.client.environ_base["HTTP_ACCEPT"] = "text/html"

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self.client.get(path)

    def answer(self, name: str, /, **answer: Any) -> TestResponse:
        """Answer one question; without an answer, with the usual one."""
        self.clock.pass_(seconds=self.pause_s)
        return self.client.post(f"/report/{name}", data=answer or ANSWERS[name])

    def answer_all(self, **changes: dict[str, Any]) -> None:
        """Answer every question with the usual answer or the one given, and end at "check your answers"."""
        following = "/report/what"
        while following != "/report/check":
            name = following.rpartition("/")[2]
            response = self.answer(name, **changes.get(name, ANSWERS.get(name, {})))
            assert response.status_code == 303, words_of(response)
            following = response.location

    def send(self) -> TestResponse:
        """Press "Send report"."""
        return self.client.post("/report/check")

    def report(self, **changes: dict[str, Any]) -> str:
        """Send a whole report; its receipt code."""
        self.answer_all(**changes)
        assert self.send().location == "/report/sent"
        return self.receipt_code()

    def receipt_code(self) -> str:
        """What the confirmation shows."""
        found = re.search(r'class="code">([^<]+)<', self.get("/report/sent").text)
        assert found
        return found[1]

    def status_path(self) -> str:
        """The link to follow the report, as the confirmation gives it."""
        found = re.search(r'href="https?://[^/]+(/status/[^"]+)"', self.get("/report/sent").text)
        assert found
        return found[1]


def files(*photos: tuple[str, bytes], **fields: str) -> dict[str, Any]:
    """What a client posts to send a form with files under `photos`, each a name and its bytes."""
    boundary = "----the-end-of-a-part"
    parts = [(f'name="{name}"', value.encode()) for name, value in ({"form": "photos"} | fields).items()]
    parts += [(f'name="photos"; filename="{name}"', content) for name, content in photos]
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return {
        "data": body + f"--{boundary}--\r\n".encode(),
        "content_type": f"multipart/form-data; boundary={boundary}",
    }


def picture(colour: int = 0) -> bytes:
    """A small photo; other colours make other bytes."""
    return encoded(Image.new("RGB", (64, 48), (colour * 16 % 256, 90, 40)), "JPEG")


def title_of(response: TestResponse) -> str:
    """The page's title."""
    found = re.search(r"<title>(.*?)</title>", response.text, re.DOTALL)
    assert found
    return unescape(found[1].strip())


def words_of(response: TestResponse) -> str:
    """The page's words, without markup."""
    body = re.sub(r"<(head|script)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def problems_of(response: TestResponse) -> dict[str, str]:
    """What the error summary says: the id each line leads to, and its words."""
    found = re.search(r"There is a problem\s*</h2>(.*?)</div>", response.text, re.DOTALL)
    lines = re.findall(r'<a href="#([^"]+)">(.*?)</a>', found[1]) if found else []
    return {field: unescape(words) for field, words in lines}
