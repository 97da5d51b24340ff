"""A council with people, a report, and photos to come; and a client that speaks tus to it."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.access.models import Authority
from server.access.request import COOKIE
from server.access.service import add_user, open_sign_in
from server.intake.schemas import ReportCreateSchema
from server.intake.service import Origin, Submission, accept_report
from server.photos import service
from server.photos.models import Photo
from server.photos.uploads import Promise
from server.store.events import SYSTEM, Event, events_of
from server.store.transaction import reading, transaction

AT = datetime(2026, 11, 20, 7, 11, 2, tzinfo=UTC)
TUS = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"
UPLOADS = "/api/v1/uploads"
# A photo for tests that do not look at its picture.
CONTENT = bytes(range(256)) * 40


@dataclass
class Council:
    """One authority of an application under test."""

    app: Flask
    authority_id: uuid.UUID
    cookies: dict[str, str] = field(default_factory=dict)

    def report(self, *contents: bytes, mime: str = "image/jpeg") -> tuple[uuid.UUID, list[uuid.UUID]]:
        """A report that announces photos with these bytes: its id and theirs."""
        ids = [uuid.uuid4() for _ in contents]
        manifest = [
            {
                "id": str(id_),
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
                "mime": mime,
            }
            for id_, content in zip(ids, contents, strict=True)
        ]
        report_id = uuid.uuid4()
        data = ReportCreateSchema().load(
            {"id": str(report_id), "kind": "fly_tip", "category": "fly_tip", "seen_at": AT.isoformat(),
             "photos": manifest}
        )  # fmt: skip
        with self.app.app_context(), transaction(self.authority_id) as session:
            assert accept_report(session, Submission(data, "{}", Origin("crew", SYSTEM, AT))) == "new"
        return report_id, ids

    def expect(self, content: bytes) -> uuid.UUID:
        """A photo with these bytes, announced and not sent."""
        return self.report(content)[1][0]

    def photo(self, photo_id: uuid.UUID) -> dict[str, Any]:
        """A photo's row as it is now."""
        with self.app.app_context(), reading(self.authority_id) as session:
            row = session.get_one(Photo, (self.authority_id, photo_id))
            return {column.name: getattr(row, column.name) for column in Photo.__table__.columns}

    def events(self, stream_id: uuid.UUID) -> list[Event]:
        """A stream's events in order."""
        with self.app.app_context(), reading(self.authority_id) as session:
            events = events_of(session, stream_id)
            session.expunge_all()
            return events

    def verify(self, photo_id: uuid.UUID) -> None:
        """What the worker does."""
        with self.app.app_context():
            with reading(self.authority_id) as session:
                findings = service.look_at_photo(session, photo_id, service.file_store())
            with transaction(self.authority_id) as session:
                service.record_findings(session, photo_id, findings, AT)

    def person(self, role: str) -> FlaskClient:
        """A browser signed in as somebody of this role, on our own pages."""
        client = self.app.test_client()
        client.set_cookie(COOKIE, self.cookies[role])
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        return client

    def sender(self, role: str = "crew") -> Sender:
        """Somebody of this role who sends photos."""
        return Sender(self.person(role))

    def send(self, content: bytes) -> uuid.UUID:
        """A photo with these bytes, announced and received."""
        photo_id = self.expect(content)
        assert self.sender().send(photo_id, content).status_code == 204
        return photo_id


@dataclass
class Sender:
    """Speaks tus through a client."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def begin(self, photo_id: uuid.UUID, length: int | str, **headers: str) -> TestResponse:
        """POST."""
        about = {"Upload-Length": str(length), "Upload-Metadata": f"photo_id {in_base64(photo_id)}"}
        return self.client.post(UPLOADS, headers={**TUS, **self.headers, **about, **headers})

    def begin_with(
        self, photo_id: uuid.UUID, length: int, body: bytes, *,
        content_type: str = OFFSET_TYPE, declared: int | None = None,
    ) -> TestResponse:  # fmt: skip
        """POST with the first bytes; `declared`: a Content-Length that is not theirs."""
        about = {"Upload-Length": str(length), "Upload-Metadata": f"photo_id {in_base64(photo_id)}"}
        return self.client.post(
            UPLOADS, data=body, headers={**TUS, **self.headers, **about, "Content-Type": content_type},
            environ_overrides={} if declared is None else {"CONTENT_LENGTH": str(declared)},
        )  # fmt: skip

    def head(self, photo_id: uuid.UUID) -> TestResponse:
        """HEAD."""
        return self.client.head(f"{UPLOADS}/{photo_id}", headers={**TUS, **self.headers})

    def patch(
        self, photo_id: uuid.UUID, offset: int | str, body: bytes, *,
        content_type: str = OFFSET_TYPE, declared: int | None = None,
    ) -> TestResponse:  # fmt: skip
        """PATCH; `declared`: a Content-Length that is not the body's."""
        about = {"Upload-Offset": str(offset), "Content-Type": content_type}
        return self.client.patch(
            f"{UPLOADS}/{photo_id}", data=body, headers={**TUS, **self.headers, **about},
            environ_overrides={} if declared is None else {"CONTENT_LENGTH": str(declared)},
        )  # fmt: skip

    def delete(self, photo_id: uuid.UUID) -> TestResponse:
        """DELETE."""
        return self.client.delete(f"{UPLOADS}/{photo_id}", headers={**TUS, **self.headers})

    def send(self, photo_id: uuid.UUID, content: bytes) -> TestResponse:
        """POST and one PATCH."""
        begun = self.begin(photo_id, len(content))
        assert begun.status_code == 201, begun.text
        return self.patch(photo_id, 0, content)


def look(client: FlaskClient, photo_id: uuid.UUID, variant: str, **headers: str) -> TestResponse:
    """GET a variant of a photo."""
    return client.get(f"/api/v1/photos/{photo_id}/{variant}", headers=headers, buffered=True)


def in_base64(photo_id: uuid.UUID) -> str:
    """An id as tus metadata carries it."""
    return base64.b64encode(str(photo_id).encode()).decode()


def found_council(app: Flask, slug: str) -> Council:
    """Found a council with one signed-in person of each role."""
    council = Council(app, uuid.uuid4())
    with app.app_context():
        with transaction(None) as session:
            session.add(
                Authority(
                    id=council.authority_id, slug=slug, name=slug.title(), reference_prefix=slug[:2].upper()
                )
            )
        with transaction(council.authority_id) as session:
            for role in ("crew", "officer", "manager", "admin"):
                user = add_user(
                    session, email=f"{role}@{slug}.example", name=role, role=role, by=SYSTEM, at=AT
                )
                council.cookies[role] = open_sign_in(session, user, AT)
    return council


def code_of(response: TestResponse) -> str:
    """The problem code of an answer."""
    assert response.content_type == "application/problem+json"
    return str(response.get_json()["code"])


def promise(council: Council, photo_id: uuid.UUID) -> Promise:
    """A photo as the uploads know it."""
    with council.app.app_context(), reading(council.authority_id) as session:
        return Promise.of(session.get_one(Photo, (council.authority_id, photo_id)))
