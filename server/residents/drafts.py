"""A form being filled in, kept here between its pages: found by a cookie, swept after a day, sent once."""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from server.access.service import token_hash
from server.photos.schemas import PHOTO_LIMIT_BYTES, PHOTOS_PER_REPORT
from server.residents.models import Draft, DraftPhoto
from server.store.files import READ_CHUNK, FileStore
from server.store.transaction import ACROSS_AUTHORITIES
from workers.imaging.derivatives import CannotBeShown, derive
from workers.imaging.formats import HEAD_BYTES, sniff

log = logging.getLogger(__name__)

LIFE = timedelta(days=1)
THUMB_PX = 320
NOT_A_PHOTO = "is not a photo. Choose a JPG, PNG, HEIC or WebP file"


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo whose bytes lie among the uploads, checked, and not yet in any draft or report."""

    id: uuid.UUID
    name: str
    mime: str
    size_bytes: int
    sha256: str
    thumb: bytes | None

    def as_manifest(self) -> dict[str, Any]:
        """The photo as a report announces it."""
        return {"id": str(self.id), "sha256": self.sha256, "bytes": self.size_bytes, "mime": self.mime}


class NotKept(Exception):
    """A file cannot be taken; the message names it and says what to do."""


def new_token() -> str:
    """What the browser holds: 256 random bits."""
    return secrets.token_urlsafe(32)


def find_draft(session: Session, token: str, at: datetime) -> Draft | None:
    """The draft of this token, over all authorities, unless its day has passed."""
    query = sa.select(Draft).where(Draft.token_hash == token_hash(token), Draft.touched_at > at - LIFE)
    return session.scalars(query.execution_options(**ACROSS_AUTHORITIES)).first()


def begin(session: Session, token: str, at: datetime) -> Draft:
    """An empty draft of the open authority."""
    draft = Draft(id=uuid.uuid4(), token_hash=token_hash(token), answers={}, begun_at=at, touched_at=at)
    draft.trap_filled = False
    session.add(draft)
    session.flush()
    return draft


def open_for_change(session: Session, draft_id: uuid.UUID) -> Draft | None:
    """The draft of the open authority, locked until the end of the transaction; None when it was swept."""
    return session.scalars(sa.select(Draft).where(Draft.id == draft_id).with_for_update()).first()


def photos_of(session: Session, draft_id: uuid.UUID) -> list[DraftPhoto]:
    """The draft's photos, in the order in which they were added."""
    query = sa.select(DraftPhoto).where(DraftPhoto.draft_id == draft_id)
    return list(session.scalars(query.order_by(DraftPhoto.added_at, DraftPhoto.id)))


def keep_files(
    files: FileStore, authority_id: uuid.UUID, sent: Iterable[FileStorage], room: int
) -> tuple[list[Kept], list[str]]:
    """Store and check files from a form; those that were taken, and in words why each other one was not.

    room: how many may still be added. Takes seconds, so it runs outside a transaction.
    """
    kept: list[Kept] = []
    refused: list[str] = []
    for file in sent:
        if not file.filename:
            continue
        if len(kept) >= room:
            refused.append(f"You can add up to {PHOTOS_PER_REPORT} photos. {_name(file)} was one too many")
            continue
        try:
            kept.append(_keep(files, authority_id, file))
        except NotKept as error:
            refused.append(str(error))
    return kept, refused


def add_photos(session: Session, draft: Draft, kept: Iterable[Kept], at: datetime) -> list[Kept]:
    """Put stored photos into the draft, as many as it has room for; returns those that did not fit.

    A photo that is there already, by its bytes, is not added again: people go back and choose it twice.
    """
    here = {photo.sha256 for photo in photos_of(session, draft.id)}
    left = []
    for place, photo in enumerate(kept):
        if photo.sha256 in here or len(here) >= PHOTOS_PER_REPORT:
            left.append(photo)
            continue
        here.add(photo.sha256)
        session.add(
            DraftPhoto(
                id=photo.id, draft_id=draft.id, name=photo.name, mime=photo.mime, size_bytes=photo.size_bytes,
                sha256=photo.sha256, thumb=photo.thumb, added_at=at + timedelta(microseconds=place),
            )
        )  # fmt: skip
    draft.touched_at = at
    session.flush()
    return left


def sweep(session: Session, files: FileStore, at: datetime) -> int:
    """Delete the open authority's drafts that nobody touched for a day, with their photos; returns how many."""
    old = list(session.scalars(sa.select(Draft).where(Draft.touched_at <= at - LIFE).with_for_update()))
    for draft in old:
        throw_away(session, files, draft)
    return len(old)


def throw_away(session: Session, files: FileStore, draft: Draft) -> None:
    """Delete a locked draft with its photos."""
    for photo in photos_of(session, draft.id):
        forget(files, draft.authority_id, photo.id)
        session.delete(photo)
    session.flush()
    session.delete(draft)


def forget(files: FileStore, authority_id: uuid.UUID, photo_id: uuid.UUID) -> None:
    """Remove the bytes of a photo that was taken back."""
    files.upload(authority_id, photo_id).unlink(missing_ok=True)


def _keep(files: FileStore, authority_id: uuid.UUID, file: FileStorage) -> Kept:
    photo_id, name = uuid.uuid4(), _name(file)
    path = files.upload(authority_id, photo_id)
    try:
        size, sha256 = _write(file, path)
        with path.open("rb") as stored:
            mime = sniff(stored.read(HEAD_BYTES))
        if size == 0:
            raise NotKept(f"{name} is empty. Choose it again, or choose another photo")
        if size > PHOTO_LIMIT_BYTES:
            raise NotKept(f"{name} is larger than 25 MB. Choose a smaller photo")
        if mime is None:
            raise NotKept(f"{name} {NOT_A_PHOTO}")
    except NotKept:
        path.unlink(missing_ok=True)
        raise
    return Kept(photo_id, name, mime, size, sha256, _thumb(path))


def _write(file: FileStorage, path: Path) -> tuple[int, str]:
    """Copy the file's bytes, unchanged, up to just past the limit; how many there were and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while size <= PHOTO_LIMIT_BYTES and (chunk := file.stream.read(READ_CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            target.write(chunk)
    return size, digest.hexdigest()


def _thumb(path: Path) -> bytes | None:
    """A small picture for the form's own pages; a photo that cannot be shown is kept all the same."""
    try:
        return derive(path, THUMB_PX)
    except CannotBeShown as refusal:
        log.info("a photo of a draft cannot be shown: %s", refusal.reason)
        return None


def _name(file: FileStorage) -> str:
    """The file's name as its sender knows it, without folders and control characters."""
    last = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "The file"
