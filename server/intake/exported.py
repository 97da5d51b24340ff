"""The file that a phone exports when it cannot send: read, and taken in by the same way as what phones send."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Authority, Device, User
from server.errors import Problem, flat_errors
from server.fields import FreeText
from server.intake.push import OPS_LIMIT, Sender, receive_push
from server.photos.models import Photo
from server.photos.service import mark_received
from server.photos.uploads import Body, Promise, begin, receive
from server.store.events import Actor, append_event
from server.store.files import FileStore
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction

FORMAT = "tipwatch-outbox"
VERSION = 1
CONTENTS = "outbox.json"


class WrongExport(Exception):
    """The file is no outbox that can be taken in; the message says what was expected. Nothing was changed."""


class _Named(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    id = ma.fields.UUID(required=True)
    name = FreeText(load_default="")
    label = FreeText(load_default="")


class _PhotoSchema(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    id = ma.fields.UUID(required=True)
    file = ma.fields.String(required=True)


class ExportSchema(ma.Schema):
    """`outbox.json`. What is in the operations is left to the intake, as in a push."""

    class Meta:
        unknown = ma.EXCLUDE

    format = ma.fields.String(required=True, validate=ma.validate.Equal(FORMAT))
    version = ma.fields.Integer(required=True, validate=ma.validate.Equal(VERSION))
    exported_at = ma.fields.String(load_default=None, allow_none=True)
    app_version = ma.fields.String(load_default=None, allow_none=True)
    device = ma.fields.Nested(_Named, required=True)
    user = ma.fields.Nested(_Named, required=True)
    authority = ma.fields.Nested(_Named, required=True)
    ops = ma.fields.List(ma.fields.Raw(allow_none=True), required=True)
    photos = ma.fields.List(ma.fields.Nested(_PhotoSchema), load_default=list)


@dataclass(frozen=True, slots=True)
class Export:
    """An outbox as a phone wrote it down, and the file with its photos' bytes."""

    said: dict[str, Any]
    archive: zipfile.ZipFile

    @property
    def authority_id(self) -> uuid.UUID:
        """The council whose phone it was."""
        return uuid.UUID(str(self.said["authority"]["id"]))


def read_export(path: Path) -> Export:
    """Read the file and every byte in it. Raises WrongExport."""
    wanted = "Expected the ZIP that the phone's “Export what is not sent” makes"
    try:
        archive = zipfile.ZipFile(path)
        damaged = archive.testzip()
        said = ExportSchema().load(json.loads(archive.read(CONTENTS)))
    except ma.ValidationError as error:
        field, messages = next(iter(flat_errors(error.messages).items()))
        raise WrongExport(f"{path.name}: {CONTENTS} is not as expected: {field}: {messages[0]}") from error
    except KeyError as error:
        raise WrongExport(f"{path.name} has no {CONTENTS}. {wanted}.") from error
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError, EOFError) as error:
        raise WrongExport(f"{path.name} is damaged or of another kind. {wanted}, whole.") from error
    if damaged is not None:
        raise WrongExport(
            f"{path.name} is damaged at {damaged}. {wanted}, whole: copy it from the phone again."
        )
    return Export(said, archive)


def take_export(
    export: Export, files: FileStore, at: datetime, *, device_unknown_ok: bool = False
) -> Iterator[dict[str, Any]]:
    """Take it in; yields `{op_id, verdict, ...}` for each operation and `{photo_id, state, problem?}` for each photo.

    What was taken in before is answered as `duplicate`, so that a file may be imported twice and the phone may still
    send. The phone need not be enrolled any more, but must have been the council's. Raises WrongExport.
    """
    sender, by = _sender(export, at, device_unknown_ok=device_unknown_ok)
    ops = export.said["ops"]
    for start in range(0, len(ops), OPS_LIMIT):
        with transaction(export.authority_id) as session:
            answer = receive_push(session, ops[start : start + OPS_LIMIT], sender, at)
        yield from answer["results"]
    for photo in export.said["photos"]:
        yield {"photo_id": str(photo["id"]), **_take_photo(export, photo, files, by, at)}


def _sender(export: Export, at: datetime, *, device_unknown_ok: bool) -> tuple[Sender, Actor]:
    authority_id, said = export.authority_id, export.said
    device_id, label, user_id = said["device"]["id"], said["device"]["label"], said["user"]["id"]
    with reading(None) as session:
        here = session.scalars(
            sa.select(Authority.id).where(Authority.id == authority_id), execution_options=ACROSS_AUTHORITIES
        ).first()
    if here is None:
        raise WrongExport(
            f"It is of another council ({said['authority']['name'] or authority_id}), which is not here"
        )
    with transaction(authority_id) as session:
        user = session.get(User, (authority_id, user_id))
        if user is None:
            raise WrongExport(f"Its user ({said['user']['name'] or user_id}) was never one of this council's")
        by = Actor(f"user:{user.id}")
        if session.get(Device, (authority_id, device_id)) is None:
            if not device_unknown_ok:
                raise WrongExport(
                    f"Its phone ({label or device_id}) was never enrolled with this council. If you know where the "
                    "file is from, say --device-unknown-ok"
                )
            _note_phone(session, device_id, label, user_id, by, at)
        return Sender(device_id, user.id, user.role), by


def _note_phone(
    session: Session, device_id: uuid.UUID, label: str, user_id: uuid.UUID, by: Actor, at: datetime
) -> None:
    """What it sent has to be of some phone; it is switched off from the start."""
    phone = Device(
        id=device_id, user_id=user_id, label=label[:100] or "Imported", enrolled_at=at, revoked_at=at
    )
    session.add(phone)
    append_event(session, ("device", device_id), "device.imported", {"user_id": str(user_id)}, by=by, at=at)


def _take_photo(
    export: Export, photo: dict[str, Any], files: FileStore, by: Actor, at: datetime
) -> dict[str, Any]:
    with reading(export.authority_id) as session:
        row = session.get(Photo, (export.authority_id, photo["id"]))
        promise = Promise.of(row) if row is not None else None
    if promise is None:
        return {"state": "unknown", "problem": "No report here names this photo"}
    if promise.state != "expected":
        return {"state": promise.state}
    try:
        content = export.archive.read(photo["file"])
    except KeyError:
        return {"state": "expected", "problem": "Its bytes are not in the file"}
    if hashlib.sha256(content).hexdigest() != promise.sha256:
        return {"state": "expected", "problem": "Its bytes in the file are not those its report announced"}
    try:
        offset, _ = begin(files, promise)
        if offset < promise.bytes:
            rest = content[offset:]
            receive(files, promise, offset, Body(io.BytesIO(rest), len(rest)))
    except Problem as problem:
        return {"state": "expected", "problem": problem.detail}
    with transaction(export.authority_id) as session:
        mark_received(session, promise.photo_id, by, at)
    return {"state": "received"}
