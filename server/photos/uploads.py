"""The bytes of an upload in progress: one file that only grows, until it is whole and proves to be the photo.

The file's size is the offset, so there is no second record that could disagree with it. The newest request has the
turn: one that still hangs on a dead connection holds nobody up and writes nothing any more. Each piece is written
under an exclusive lock on the file, at the very offset it belongs to; a process that dies lets go by itself.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import sqlalchemy as sa
from werkzeug.exceptions import ClientDisconnected

from server.errors import Problem
from server.photos.models import Photo
from server.store.files import FileStore, sha256_of

log = logging.getLogger(__name__)

UPLOAD_LIFE = timedelta(days=7)
# What a stalled connection may lose of what had arrived; at 20 kbit/s that is about six seconds of sending.
READ_BYTES = 16 * 1024
BUSY_RETRY_S = 5
NO_ROOM_RETRY_S = 300
# EFBIG: the system sets a limit on the size of files, which is the same to whoever sends.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Stream(Protocol):
    """A request's body. Reading may raise werkzeug's ClientDisconnected."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A photo as its manifest promised it, in plain values that outlive a unit of work."""

    authority_id: uuid.UUID
    photo_id: uuid.UUID
    sha256: str
    bytes: int
    state: str
    metadata: str | None = None

    @classmethod
    def of(cls, photo: Photo | sa.Row[Any]) -> Promise:
        """What `photo` promises, or a row with these columns of it."""
        return cls(
            photo.authority_id, photo.id, photo.sha256, photo.bytes, photo.state, photo.upload_metadata
        )


@dataclass(frozen=True, slots=True)
class Body:
    """One PATCH's body and its Content-Length; None when it came in chunks without one."""

    stream: Stream
    declared: int | None


def reached(files: FileStore, photo: Promise) -> int | None:
    """How many bytes are here, all of them once the original is stored; None when no upload was begun.

    An upload that was cut off between its last byte and its check is checked now: it becomes the original, or
    starts again from 0.
    """
    path = files.upload(photo.authority_id, photo.photo_id)
    with suppress(FileNotFoundError):
        size = path.stat().st_size
        if size < photo.bytes:
            return size
        with _held(path) as descriptor:
            return photo.bytes if _settle(files, photo, path, descriptor) else 0
    return photo.bytes if _is_stored(files, photo) else None


def begin(files: FileStore, photo: Promise) -> tuple[int, bool]:
    """The offset to go on from, and whether the upload is new. Raises Problem no_room."""
    offset = reached(files, photo)
    if offset is not None:
        return offset, False
    with _room_needed():
        files.upload(photo.authority_id, photo.photo_id).touch()
    return 0, True


def receive(files: FileStore, photo: Promise, offset: int, body: Body) -> int:
    """Add `body` at `offset` and return the new offset; at the last byte the whole is checked and stored.

    What arrived of a body that was cut off is kept. Raises FileNotFoundError when no upload was begun, and Problem
    upload_busy (a newer request goes on), upload_offset, too_large, body_cut_off, no_room or photo_hash_mismatch.
    """
    path = files.upload(photo.authority_id, photo.photo_id)
    with _turn(path, offset) as turn:
        if (body.declared or 0) > photo.bytes - offset:
            raise _beyond(photo)
        here = offset + _append(path, turn, offset, body, photo)
        if here < photo.bytes:
            return here
        with _held(path) as descriptor:
            turn.require()
            if not _settle(files, photo, path, descriptor):
                raise Problem(
                    "photo_hash_mismatch",
                    "The bytes are not those its report announced. Nothing was kept; send it again from the start.",
                )
    return photo.bytes


def end(files: FileStore, photo: Promise) -> None:
    """Give an upload up; a request that still sends it ends. Raises FileNotFoundError when there is none."""
    path = files.upload(photo.authority_id, photo.photo_id)
    with _turn(path), _held(path):
        path.unlink()


def expires_at(files: FileStore, photo: Promise) -> datetime | None:
    """When the upload is given up if no more bytes come; None when there is none."""
    with suppress(FileNotFoundError):
        modified = files.upload(photo.authority_id, photo.photo_id).stat().st_mtime
        return datetime.fromtimestamp(modified, UTC) + UPLOAD_LIFE
    return None


def expire_uploads(files: FileStore, at: datetime) -> int:
    """Remove uploads that nothing was added to for a week before `at`; their photos stay expected.

    Returns how many were removed.
    """
    removed = 0
    for path in files.uploads_idle_since(at - UPLOAD_LIFE):
        # One that somebody has in hand just now is not idle.
        with suppress(FileNotFoundError, BlockingIOError), _held(path, wait=False):
            path.unlink()
            removed += 1
    return removed


_newest: dict[Path, object] = {}
_turns = Lock()


class Turn:
    """The right to write an upload, until a newer request takes it.

    Requests of one process know of each other. Where another process writes, the offset of each piece decides: what
    does not follow on from what is there is not written.
    """

    def __init__(self, path: Path):
        self._path = path

    def require(self) -> None:
        """Raises Problem upload_busy when a newer request has taken over."""
        with _turns:
            if _newest.get(self._path) is self:
                return
        raise Problem(
            "upload_busy", "A newer request is sending this photo. Ask for its offset and go on from there.",
            retry_after_s=BUSY_RETRY_S,
        )  # fmt: skip


@contextmanager
def _turn(path: Path, offset: int | None = None) -> Iterator[Turn]:
    """Take the turn from whoever has it; with `offset`, only where the upload goes on from there.

    What comes late, for an offset that was passed already, must not stop the one that is sending. Raises Problem
    upload_offset, and FileNotFoundError when there is no upload.
    """
    mine = Turn(path)
    with _held(path) as descriptor:
        if offset is not None:
            _require_offset(descriptor, offset)
        with _turns:
            _newest[path] = mine
    try:
        yield mine
    finally:
        with _turns:
            if _newest.get(path) is mine:
                del _newest[path]


@contextmanager
def _held(path: Path, *, wait: bool = True) -> Iterator[int]:
    """The upload's file, open and locked: for a moment, never while waiting for a sender.

    Raises FileNotFoundError, and BlockingIOError when another has it and this should not `wait`.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        # Between opening and locking, the file may have become an original, which must never be written to.
        if not os.path.samestat(os.fstat(descriptor), path.stat()):
            raise FileNotFoundError(path)
        yield descriptor
    finally:
        os.close(descriptor)


def _require_offset(descriptor: int, offset: int) -> None:
    here = os.fstat(descriptor).st_size
    if offset != here:
        raise Problem("upload_offset", f"The upload goes on from byte {here}, not {offset}")


def _append(path: Path, turn: Turn, start: int, body: Body, photo: Promise) -> int:
    arrived, cut = 0, False
    try:
        while chunk := body.stream.read(READ_BYTES):
            _append_piece(path, turn, start, start + arrived, chunk, photo)
            arrived += len(chunk)
    except ClientDisconnected:
        cut = True
    with _held(path) as descriptor, _room_needed():
        os.fsync(descriptor)
    if cut or arrived < (body.declared or 0):
        raise Problem("body_cut_off", f"{arrived} bytes arrived and were kept. Ask for the offset and go on.")
    return arrived


def _append_piece(path: Path, turn: Turn, start: int, at: int, chunk: bytes, photo: Promise) -> None:
    """Write `chunk` at `at`, of a body that began at `start`, if it is still its turn and belongs there."""
    with _held(path) as descriptor:
        turn.require()
        _require_offset(descriptor, at)
        if at + len(chunk) > photo.bytes:
            os.ftruncate(descriptor, start)
            raise _beyond(photo)
        os.lseek(descriptor, at, os.SEEK_SET)
        with _room_needed():
            _write(descriptor, chunk)


def _write(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _settle(files: FileStore, photo: Promise, path: Path, descriptor: int) -> bool:
    """Make a whole upload the original, or empty it when its bytes are not the photo's."""
    if os.fstat(descriptor).st_size == photo.bytes and sha256_of(path) == photo.sha256:
        with _room_needed():
            files.adopt(path, photo.authority_id, photo.sha256)
        return True
    os.ftruncate(descriptor, 0)
    return False


def _is_stored(files: FileStore, photo: Promise) -> bool:
    """Whether the original is here and sound: left by a crash before its commit, or sent under another id."""
    original = files.original(photo.authority_id, photo.sha256)
    return original.exists() and sha256_of(original) == photo.sha256


def _beyond(photo: Promise) -> Problem:
    return Problem("too_large", f"The photo was announced with {photo.bytes} bytes; this goes beyond its end")


@contextmanager
def _room_needed() -> Iterator[None]:
    """Say so in words when the disk is full; what was written before stays."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        log.error("no room for uploads: %s", error)
        raise Problem(
            "no_room", "The server has no room for photos just now. Keep the photo; it is asked for again.",
            retry_after_s=NO_ROOM_RETRY_S,
        ) from error  # fmt: skip
