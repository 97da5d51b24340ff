"""What happens to a photo once its bytes are here: received, verified, shown."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from server.errors import Problem
from server.photos.models import Photo
from server.photos.uploaders import Uploader
from server.photos.uploads import Promise
from server.store import deferred
from server.store.events import SYSTEM, Actor, append_event
from server.store.files import FileStore, sha256_of
from server.store.transaction import locked_row, written_past
from workers.imaging.derivatives import CannotBeShown, derive_all
from workers.imaging.exif import read_exif
from workers.imaging.formats import HEAD_BYTES, sniff

log = logging.getLogger(__name__)

# The long edge of each derivative, in pixels.
DERIVATIVES = {"thumb": 320, "large": 1600}
UNKNOWN_MIME = "application/octet-stream"
_WANTED = (Photo.authority_id == sa.bindparam("of"), Photo.id == sa.bindparam("photo_id"))
_PROMISED: Any = sa.select(
    Photo.authority_id, Photo.id, Photo.report_id, Photo.sha256, Photo.bytes, Photo.state, Photo.upload_metadata
).where(*_WANTED)  # fmt: skip
_OWNER = sa.select(Photo.authority_id, Photo.report_id, Photo.case_id).where(*_WANTED)
_photos: Any = Photo.__table__
_RECEIVE = (
    sa.update(_photos)
    .where(*_WANTED, Photo.state == "expected")
    .values(state="received", received_at=sa.bindparam("at"), problem=None)
    .returning(
        Photo.authority_id, Photo.id, Photo.report_id, Photo.case_id, Photo.sha256, Photo.bytes, Photo.state
    )
)

# A photo, or what was returned of its row: its id, whose it is, what was announced, how far it is.
PhotoRow = Any
PhotoWatcher = Callable[[Session, PhotoRow], None]
_watchers: list[PhotoWatcher] = []


def photo_watcher(watch: PhotoWatcher) -> PhotoWatcher:
    """Register what else changes when a photo was received, verified or found damaged; same transaction."""
    _watchers.append(watch)
    return watch


PhotoTurn = Callable[[Session, PhotoRow], None]
_turns: list[PhotoTurn] = []


def photo_turn(take: PhotoTurn) -> PhotoTurn:
    """Register what is locked before a photo is: whoever changes its report or its case locks that first, too."""
    _turns.append(take)
    return take


def file_store() -> FileStore:
    """The running application's files."""
    store: FileStore = current_app.extensions["tipwatch_files"]
    return store


def promise_to(connection: sa.Connection, uploader: Uploader, photo_id: uuid.UUID) -> Promise | None:
    """The photo that `uploader` may send under this id, or None."""
    photo = connection.execute(_PROMISED, {"of": uploader.authority_id, "photo_id": photo_id}).first()
    if photo is None or uploader.report_id not in (None, photo.report_id):
        return None
    return Promise.of(photo)


def note_metadata(session: Session, photo_id: uuid.UUID, metadata: str | None) -> None:
    """Keep what was said of an upload when it was begun; None: nothing but its id."""
    session.get_one(Photo, (session.info["authority_id"], photo_id)).upload_metadata = metadata


def mark_received(session: Session, photo_id: uuid.UUID, by: Actor, at: datetime) -> None:
    """The whole photo is stored and its hash matches. Does nothing the second time."""
    _take_turn(session, photo_id)
    wanted = {"of": session.info["authority_id"], "photo_id": photo_id, "at": at}
    photo = session.connection().execute(_RECEIVE, wanted).first()
    if photo is None:
        return
    written_past(session, Photo, [photo_id], state="received", received_at=at, problem=None)
    facts = {"photo_id": photo.id, "sha256": photo.sha256, "bytes": photo.bytes}
    append_event(session, stream_of(photo), "photo.received", facts, by=by, at=at)
    deferred.defer(deferred.VERIFY_PHOTO, photo.id)
    _tell(session, photo)


@dataclass(frozen=True, slots=True)
class Findings:
    """What reading the stored original showed. `sha256` None: there is no file; `problem`: in words, or None."""

    sha256: str | None
    sniffed_mime: str | None = None
    exif: dict[str, Any] | None = None
    showable: bool = False
    problem: str | None = None


def look_at_photo(session: Session, photo_id: uuid.UUID, files: FileStore) -> Findings | None:
    """Read the stored original again and write its derivatives; None when there is nothing (left) to verify.

    Takes seconds and changes no row; what it found is handed to `record_findings`.
    """
    photo = session.get(Photo, (session.info["authority_id"], photo_id))
    if photo is None or photo.state != "received":
        return None
    original = files.original(photo.authority_id, photo.sha256)
    found = sha256_of(original) if original.exists() else None
    if found != photo.sha256:
        return Findings(found)
    problem = _derive(files, photo.authority_id, photo.sha256, original)
    return Findings(
        found, _sniffed(original), read_exif(original).as_json(), showable=problem is None, problem=problem
    )


def record_findings(session: Session, photo_id: uuid.UUID, findings: Findings | None, at: datetime) -> None:
    """The photo becomes verified, or expected again when its stored bytes are not what was received."""
    photo = _locked(session, photo_id)
    if findings is None or photo.state != "received":
        return
    if findings.sha256 == photo.sha256:
        _record_verified(session, photo, findings, at)
    else:
        _record_damage(session, photo, findings, at)
    _tell(session, photo)


def view_derivative(
    session: Session, photo_id: uuid.UUID, variant: str, files: FileStore
) -> tuple[Path, str]:
    """The file of a derivative, and its entity tag. Raises Problem not_found or cannot_be_shown."""
    photo = _verified(session, photo_id)
    path = files.derivative(photo.authority_id, photo.sha256, variant)
    if not photo.showable or not path.exists():
        if photo.showable:
            log.error("photo %s: its %s is missing from the file store", photo.id, variant)
        raise Problem(
            "cannot_be_shown",
            f"{photo.problem or 'Its picture is missing here.'} The original is kept unchanged.",
        )
    return path, f"{photo.sha256}-{variant}"


def view_original(
    session: Session, photo_id: uuid.UUID, files: FileStore, by: Actor, at: datetime
) -> tuple[Path, Photo]:
    """The original as evidence; that it was looked at enters the history. Raises Problem not_found."""
    photo = _verified(session, photo_id)
    path = files.original(photo.authority_id, photo.sha256)
    if not path.exists():
        log.error("photo %s: its original is missing from the file store", photo.id)
        raise Problem("not_found", "The file of this photo is missing. Tell whoever runs this server.")
    facts = {"photo_id": photo.id, "sha256": photo.sha256}
    append_event(session, stream_of(photo), "photo.original_viewed", facts, by=by, at=at)
    return path, photo


def stream_of(photo: PhotoRow) -> tuple[str, uuid.UUID]:
    """The history a photo belongs to: its report's, else its case's."""
    if photo.report_id is not None:
        return ("report", photo.report_id)
    if photo.case_id is not None:
        return ("case", photo.case_id)
    return ("authority", photo.authority_id)


def _record_verified(session: Session, photo: Photo, findings: Findings, at: datetime) -> None:
    photo.state, photo.verified_at = "verified", at
    photo.exif, photo.sniffed_mime = findings.exif, findings.sniffed_mime or UNKNOWN_MIME
    photo.showable, photo.problem = findings.showable, findings.problem
    # Which details the photo carries, not the details: the history cannot be erased, they may have to be.
    said = sorted(name for name, value in (findings.exif or {}).items() if value is not None)
    facts = {"photo_id": photo.id, **asdict(findings), "exif": said}
    append_event(session, stream_of(photo), "photo.verified", facts, by=SYSTEM, at=at)


def _record_damage(session: Session, photo: Photo, findings: Findings, at: datetime) -> None:
    """Not verified, so the phone still has its copy: expected again, it can be sent once more."""
    log.error("photo %s: stored bytes have SHA-256 %s, not %s", photo.id, findings.sha256, photo.sha256)
    photo.state, photo.received_at = "expected", None
    photo.problem = (
        "The stored file is missing."
        if findings.sha256 is None
        else "The stored file was damaged on the server."
    )
    facts = {"photo_id": photo.id, "sha256": photo.sha256, "found_sha256": findings.sha256}
    append_event(session, stream_of(photo), "photo.damaged", facts, by=SYSTEM, at=at)


def _derive(files: FileStore, authority_id: uuid.UUID, sha256: str, original: Path) -> str | None:
    """Write the derivatives; why the photo cannot be shown, or None."""
    try:
        pictures = derive_all(original, tuple(DERIVATIVES.values()))
    except CannotBeShown as refusal:
        return refusal.reason
    for variant, long_edge in DERIVATIVES.items():
        files.put(files.derivative(authority_id, sha256, variant), pictures[long_edge])
    return None


def _sniffed(original: Path) -> str | None:
    with original.open("rb") as file:
        return sniff(file.read(HEAD_BYTES))


def _take_turn(session: Session, photo_id: uuid.UUID) -> None:
    # A photo mostly arrives while its report is being placed: without taking turns the two would block each other.
    wanted = {"of": session.info["authority_id"], "photo_id": photo_id}
    owner = session.connection().execute(_OWNER, wanted).one()
    for take in _turns:
        take(session, owner)


def _locked(session: Session, photo_id: uuid.UUID) -> Photo:
    _take_turn(session, photo_id)
    photo = locked_row(session, Photo, photo_id)
    assert photo is not None, "photos stay"
    return photo


def _verified(session: Session, photo_id: uuid.UUID) -> Photo:
    photo = session.get(Photo, (session.info["authority_id"], photo_id))
    if photo is None:
        raise Problem("not_found", "There is no such photo")
    if photo.state == "expected":
        raise Problem("not_found", "This photo has not arrived yet: the phone is still to send it")
    if photo.state == "received":
        raise Problem("not_found", "This photo has arrived and is being checked. Try again in a minute.")
    return photo


def _tell(session: Session, photo: PhotoRow) -> None:
    for watch in _watchers:
        watch(session, photo)
