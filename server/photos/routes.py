"""`/api/v1/uploads`: tus 1.0.0 (core, creation, creation-with-upload, expiration, termination), and `/api/v1/photos`.

The upload's address is made from the photo's id, and creating it again answers the same address: a lost answer
costs a phone one request and leaves no orphan.
"""

from __future__ import annotations

import base64
import binascii
import re
import socket
import uuid
from dataclasses import replace
from typing import Any

from flask import Response, request, send_file, url_for
from flask_smorest import Blueprint
from werkzeug.http import http_date

from server.access.rules import BY_TOKEN, allow, principal
from server.errors import Problem
from server.photos import service, uploads
from server.photos.schemas import PHOTO_LIMIT_BYTES
from server.photos.uploaders import Uploader, uploader
from server.photos.uploads import Body, Promise
from server.store.clock import now
from server.store.requests import STREAMED
from server.store.transaction import looking, reading, transaction

blp = Blueprint("photos", __name__, url_prefix="/api/v1", description="Photos in, and photos to look at")

TUS_VERSION = "1.0.0"
TUS = {
    "Tus-Version": TUS_VERSION,
    "Tus-Max-Size": str(PHOTO_LIMIT_BYTES),
    "Tus-Extension": "creation,creation-with-upload,expiration,termination",
}
UPLOAD_TYPE = "application/offset+octet-stream"
# A connection that brings nothing for so long is taken for dead, so that it does not keep the upload locked.
STALLED_S = 30.0
DERIVATIVE_CACHING = "private, max-age=31536000, immutable"
_DIGITS = re.compile(r"\d{1,15}")


@blp.after_request
def speak_tus(response: Response) -> Response:
    """Every answer about uploads, refusals too, names the protocol's version."""
    if request.path.startswith(STREAMED):
        response.headers["Tus-Resumable"] = TUS_VERSION
        response.headers["Cache-Control"] = "no-store"
        if response.status_code == 412:
            response.headers["Tus-Version"] = TUS_VERSION
    return response


@blp.route("/uploads", methods=["OPTIONS"])
@blp.response(204)
@allow(BY_TOKEN)
def describe_uploads() -> Response:
    """Which tus version and extensions there are, and how large a photo may be."""
    return Response(status=204, headers=TUS)


@blp.route("/uploads/<uuid:photo_id>", methods=["OPTIONS"])
@blp.response(204)
@allow(BY_TOKEN)
def describe_upload(photo_id: uuid.UUID) -> Response:
    """The same, asked of one upload."""
    return Response(status=204, headers=TUS)


@blp.post("/uploads")
@blp.response(201)
@allow(BY_TOKEN)
def begin_upload() -> Response:
    """Begin to send a photo that a report has named, with its first bytes if there is a body.

    Begun before, it answers the same place and how far the photo got; a body counts only where nothing has come yet.
    """
    _require_tus()
    if brings_bytes := _has_body():
        _require_bytes()
    sender = uploader()
    length, photo_id = _announced_length(), _announced_photo()
    photo = _promise(sender, photo_id)
    if photo is None:
        raise Problem(
            "photo_not_expected", "No report here names this photo. Send the report first, then its photos."
        )
    if length != photo.bytes:
        raise Problem("photo_size_mismatch", f"The report announced {photo.bytes} bytes, the upload {length}")
    offset, new = _begun(photo)
    if new:
        photo = _with_metadata(photo)
    if brings_bytes and offset == 0:
        offset = _received(photo, offset)
    _complete(sender, photo, offset)
    return _standing(photo, offset, status=201 if new else 200, location=True)


@blp.route("/uploads/<uuid:photo_id>", methods=["HEAD"])
@blp.response(200)
@allow(BY_TOKEN)
def upload_offset(photo_id: uuid.UUID) -> Response:
    """How many bytes of the photo are here."""
    _require_tus()
    sender = uploader()
    photo = _known(sender, photo_id)
    offset = photo.bytes if photo.state != "expected" else uploads.reached(service.file_store(), photo)
    if offset is None:
        raise _not_begun()
    _complete(sender, photo, offset)
    return _standing(photo, offset, status=200)


@blp.patch("/uploads/<uuid:photo_id>")
@blp.response(204)
@allow(BY_TOKEN)
def receive_bytes(photo_id: uuid.UUID) -> Response:
    """Bytes of the photo from Upload-Offset on. With the last one, the whole is checked against its report."""
    _require_tus()
    _require_bytes()
    offset = _number("Upload-Offset")
    sender = uploader()
    photo = _known(sender, photo_id)
    reached = _received(photo, offset)
    _complete(sender, photo, reached)
    return _standing(photo, reached, status=204)


@blp.delete("/uploads/<uuid:photo_id>")
@blp.response(204)
@allow(BY_TOKEN)
def end_upload(photo_id: uuid.UUID) -> Response:
    """Give up an unfinished upload. The photo stays expected; one that was received is kept."""
    _require_tus()
    photo = _known(uploader(), photo_id)
    if photo.state != "expected":
        raise Problem("not_allowed", "This photo was received whole and is kept as evidence")
    try:
        uploads.end(service.file_store(), photo)
    except FileNotFoundError:
        raise _not_begun() from None
    return Response(status=204)


@blp.post("/uploads/<uuid:photo_id>")
@blp.response(204)
@allow(BY_TOKEN)
def overridden(photo_id: uuid.UUID) -> Response:
    """For networks that let only POST through: does what X-HTTP-Method-Override says."""
    views = {"HEAD": upload_offset, "PATCH": receive_bytes, "DELETE": end_upload, "OPTIONS": describe_upload}
    view = views.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if view is None:
        raise Problem("method_not_allowed", "Name the method in X-HTTP-Method-Override, or use it directly")
    response: Response = view(photo_id)
    return response


@blp.get("/photos/<uuid:photo_id>/original")
@blp.response(200)
@allow("photo.original")
def original_photo(photo_id: uuid.UUID) -> Response:
    """The very bytes that were sent. Every look is written down."""
    who = principal()
    with transaction(who.authority_id) as session:
        path, photo = service.view_original(session, photo_id, service.file_store(), who.actor, now())
        mime, sha256 = photo.sniffed_mime or service.UNKNOWN_MIME, photo.sha256
    ending = "" if mime == service.UNKNOWN_MIME else f".{mime.partition('/')[2]}"
    response = send_file(
        path, mime, as_attachment=True, download_name=f"{photo_id}{ending}", conditional=False,
        etag=f"{sha256}-original",
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


@blp.get("/photos/<uuid:photo_id>/large")
@blp.response(200)
@allow("photo.large")
def large_photo(photo_id: uuid.UUID) -> Response:
    """The photo as a JPEG of at most 1600 pixels, upright and without metadata."""
    return _derivative(photo_id, "large")


@blp.get("/photos/<uuid:photo_id>/thumb")
@blp.response(200)
@allow("photo.thumb")
def thumb_photo(photo_id: uuid.UUID) -> Response:
    """The photo as a JPEG of at most 320 pixels, upright and without metadata."""
    return _derivative(photo_id, "thumb")


def _derivative(photo_id: uuid.UUID, variant: str) -> Response:
    with reading(principal().authority_id) as session:
        path, etag = service.view_derivative(session, photo_id, variant, service.file_store())
    response = send_file(path, "image/jpeg", etag=etag)
    response.headers["Cache-Control"] = DERIVATIVE_CACHING
    return response


def _require_tus() -> None:
    if request.headers.get("Tus-Resumable") != TUS_VERSION:
        raise Problem("tus_version", f"Send the header Tus-Resumable: {TUS_VERSION}")


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _require_bytes() -> None:
    if request.mimetype != UPLOAD_TYPE:
        raise Problem("wrong_media_type", f"Send the bytes as {UPLOAD_TYPE}")


def _announced_length() -> int:
    length = _number("Upload-Length")
    if length == 0:
        raise Problem("photo_empty", "The photo has no bytes. Take it again, or choose another.")
    if length > PHOTO_LIMIT_BYTES:
        raise Problem("too_large", "A photo may have 25 MB; send a smaller one")
    return length


def _announced_photo() -> uuid.UUID:
    pairs = (pair.split() for pair in _metadata().split(","))
    metadata = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    try:
        return uuid.UUID(base64.b64decode(metadata["photo_id"], validate=True).decode("ascii"))
    except (KeyError, ValueError, binascii.Error):
        wanted = "Give the photo's id in base64: Upload-Metadata: photo_id <base64>"
        raise Problem("invalid_request", wanted, {"photo_id": [wanted]}) from None


def _metadata() -> str:
    return request.headers.get("Upload-Metadata", "")


def _with_metadata(photo: Promise) -> Promise:
    """The upload with what was said of it when it was begun. Phones say its id only, which needs no writing down."""
    said = None if _metadata() == _its_id(photo) else _metadata()
    if said != photo.metadata:
        with transaction(photo.authority_id) as session:
            service.note_metadata(session, photo.photo_id, said)
    return replace(photo, metadata=said)


def _its_id(photo: Promise) -> str:
    return f"photo_id {base64.b64encode(str(photo.photo_id).encode()).decode()}"


def _number(header: str) -> int:
    value = request.headers.get(header, "")
    if not _DIGITS.fullmatch(value):
        raise Problem("bad_request", f"Send the header {header} with a whole number of bytes")
    return int(value)


def _promise(sender: Uploader, photo_id: uuid.UUID) -> Promise | None:
    with looking() as connection:
        return service.promise_to(connection, sender, photo_id)


def _known(sender: Uploader, photo_id: uuid.UUID) -> Promise:
    photo = _promise(sender, photo_id)
    if photo is None:
        raise Problem("not_found", "There is no such upload")
    return photo


def _not_begun() -> Problem:
    return Problem("not_found", "This upload was not begun, or was given up. Begin it again with POST.")


def _begun(photo: Promise) -> tuple[int, bool]:
    if photo.state != "expected":
        return photo.bytes, False
    return uploads.begin(service.file_store(), photo)


def _received(photo: Promise, offset: int) -> int:
    """The offset after this request's body. What was received whole before takes nothing more."""
    files = service.file_store()
    if photo.state == "expected":
        try:
            return uploads.receive(files, photo, offset, _body())
        except FileNotFoundError:
            if uploads.reached(files, photo) is None:
                raise _not_begun() from None
    if offset != photo.bytes or request.content_length:
        raise Problem("upload_offset", f"The photo is here whole: the upload stands at {photo.bytes}")
    return photo.bytes


def _body() -> Body:
    # The upload itself knows to the byte how much may come; the request's limit only must not be in its way.
    request.max_content_length = PHOTO_LIMIT_BYTES + uploads.READ_BYTES
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(STALLED_S)
    return Body(request.stream, request.content_length)


def _complete(sender: Uploader, photo: Promise, offset: int) -> None:
    """Once every byte is here, say so in the database; also where a crash came between file and commit."""
    if offset == photo.bytes and photo.state == "expected":
        with transaction(sender.authority_id) as session:
            service.mark_received(session, photo.photo_id, sender.by, now())


def _standing(photo: Promise, offset: int, *, status: int, location: bool = False) -> Response:
    headers: dict[str, Any] = {
        "Upload-Offset": offset,
        "Upload-Length": photo.bytes,
        "Upload-Metadata": photo.metadata or _its_id(photo),
    }
    if location:
        headers["Location"] = url_for("photos.upload_offset", photo_id=photo.photo_id)
    if offset < photo.bytes and (expiry := uploads.expires_at(service.file_store(), photo)):
        headers["Upload-Expires"] = http_date(expiry)
    return Response(status=status, headers=headers)
