"""A running council with a bad network in front of it, and what the council holds once all is over."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from server.access import service as access
from server.access.models import User
from server.intake.models import AppliedOp, Report
from server.photos.models import Photo
from server.store.clock import now
from server.store.files import FileStore
from server.store.transaction import reading, transaction
from tests.browser.people import Person
from tests.builders import Council
from tests.faults.proxy import Proxy
from tests.services.processes import wait_for
from tests.services.redis_server import RedisServer
from tests.services.stack import Stack

PUSH = "/api/v1/sync/push"
PULL = r"/api/v1/sync/pull.*"
UPLOADS = "/api/v1/uploads"
UPLOAD = r"/api/v1/uploads/[0-9a-f-]+"
# Bytes of a photo: the first come with the request that begins its upload.
PIECE = ("POST|PATCH", f"{UPLOADS}|{UPLOAD}")


@dataclass(frozen=True, slots=True)
class Arrived:
    """One report as the council holds it."""

    report: Report
    photos: list[Photo]


@dataclass(frozen=True, slots=True)
class Crossing:
    """gunicorn, a worker and PostgreSQL, reached only through the proxy; and an officer who looks at what arrived."""

    stack: Stack
    proxy: Proxy
    council: Council
    app: Flask
    officer: Person
    redis: RedisServer

    @property
    def files(self) -> FileStore:
        """The council's photos, on the server's disk."""
        store: FileStore = self.app.extensions["tipwatch_files"]
        return store

    def cookie(self, role: str = "crew") -> str:
        """A new session of the council's user with this role."""
        with transaction(self.council.id) as session:
            user = session.get_one(User, (self.council.id, self.council.users[role]))
            return access.open_sign_in(session, user, now())

    def too_many_requests(self) -> bytes:
        """The server's own answer to somebody who looks at status pages too often, as it came over the wire."""
        try:
            for _ in range(200):
                reply = _look_at_nothing(self.stack.port)
                if reply.startswith(b"HTTP/1.1 429"):
                    return reply
            raise AssertionError("nobody was ever asked to wait")
        finally:
            self.redis.clear()  # the count is by address, and everybody here has the same

    def lose_server(self) -> None:
        """Kill the web process."""
        self.stack.kill("web")

    def find_server(self) -> None:
        """Have the web process run and answer."""
        if not self.stack.answers():
            self.stack.start("web")

    def change_user(self, made_as: str, **change: Any) -> None:
        """Change the account that was made with this role, as an administrator does at the desk."""
        admin = Person(self.app, self.council, "admin", self.stack.url)
        admin.patch(f"users/{self.council.users[made_as]}", change)

    def has(self, code: str) -> Arrived | None:
        """The report with this receipt code. Raises AssertionError when it, or its op, is there twice."""
        with reading(self.council.id) as session:
            reports = list(session.scalars(sa.select(Report).where(Report.receipt_code == code)))
            if not reports:
                return None
            assert len(reports) == 1, f"{code} is there {len(reports)} times"
            ops = sa.select(AppliedOp.type).where(AppliedOp.entity_id == reports[0].id)
            assert list(session.scalars(ops)).count("report.create") == 1
            photos = list(session.scalars(sa.select(Photo).where(Photo.report_id == reports[0].id)))
            session.expunge_all()
            return Arrived(reports[0], photos)

    def has_nothing_of(self, code: str) -> bool:
        """Whether no report with this receipt code is there."""
        return self.has(code) is None

    def wait_for(self, code: str, *photos: Path | bytes) -> Arrived:
        """Wait until the report is there once, with exactly these photos, verified, and the same bit for bit."""
        found = self._until(code, lambda arrived: _all_verified(arrived, len(photos)))
        picked = [photo if isinstance(photo, bytes) else photo.read_bytes() for photo in photos]
        held = [self.officer.bytes_of(f"photos/{photo.id}/original") for photo in found.photos]
        assert sorted(held) == sorted(picked), "the photos are not those that were picked"
        return found

    def wait_for_text(self, code: str) -> Arrived:
        """Wait until the report is there, whatever its photos do."""
        return self._until(code, lambda _: True)

    def _until(self, code: str, enough: Callable[[Arrived], bool]) -> Arrived:
        def look() -> Arrived | None:
            found = self.has(code)
            return found if found and enough(found) else None

        return wait_for(f"report {code} at the council", look, 60)


def _look_at_nothing(port: int) -> bytes:
    head = [
        *("GET /api/v1/public/reports/none HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"),
        "",
        "",
    ]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall("\r\n".join(head).encode())
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def _all_verified(arrived: Arrived, count: int) -> bool:
    states: Sequence[str] = [photo.state for photo in arrived.photos]
    assert len(states) <= count, "more photos than were taken"
    return states == ["verified"] * count
