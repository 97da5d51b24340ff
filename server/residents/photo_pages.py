"""`/report/photos`: photos added to a draft without script, shown small, and taken out again."""

from __future__ import annotations

import uuid

from flask import Response, request
from werkzeug.datastructures import FileStorage

from server.access.limits import PUBLIC_READ_LIMIT, limiter
from server.access.rules import ANYONE, allow
from server.photos.schemas import PHOTO_LIMIT_BYTES, PHOTOS_PER_REPORT
from server.photos.service import file_store
from server.residents import drafts
from server.residents.models import DraftPhoto
from server.residents.questions import Errors
from server.residents.visits import (
    Visit,
    keep_answer,
    posted,
    resident_pages,
    see_other,
    show_question,
    turned_away,
    visit,
)
from server.store.clock import now
from server.store.requests import takes_files
from server.store.transaction import reading, transaction

pages = resident_pages("photos", __name__)

# Twelve photos of the largest size in one go, and room for the form around them.
FORM_LIMIT_BYTES = PHOTOS_PER_REPORT * PHOTO_LIMIT_BYTES + 1024 * 1024
PHOTO_FORM_LIMIT = "60 per hour"
CUT_OFF = "The photos did not arrive whole. Choose them again; fewer at a time may help"
TOO_MUCH = "These photos are too large together. Add them a few at a time"


@pages.get("/report/photos")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def ask() -> Response:
    """Photos so far, and a way to add some."""
    who = visit()
    return turned_away(who, "photos") or _show(who, [])


@pages.post("/report/photos")
@takes_files(FORM_LIMIT_BYTES)
@limiter.limit(PHOTO_FORM_LIMIT)
@allow(ANYONE)
def add() -> Response:
    """Add the chosen photos; "continue" goes on when all of them could be taken."""
    sent, problem = files_of_form()
    who = posted()
    if instead := turned_away(who, "photos"):
        return instead
    assert who.draft_id is not None
    with reading(who.authority_id) as session:
        room = PHOTOS_PER_REPORT - len(drafts.photos_of(session, who.draft_id))
    kept, refused = drafts.keep_files(file_store(), who.authority_id, sent, room)
    if not _put_in_draft(who, kept):
        return see_other("/report?again=1")
    errors = [problem] if problem else refused
    if errors:
        return _show(who, errors)
    if "add" not in request.form:
        return keep_answer(who, "photos", {})
    return see_other("/report/photos") if sent else _show(who, ["Choose a photo to add"])


@pages.post("/report/photos/<uuid:photo_id>/remove")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def remove(photo_id: uuid.UUID) -> Response:
    """Take a photo out again. Pressed twice, it is gone once."""
    who = posted()
    with transaction(who.authority_id) as session:
        photo = session.get(DraftPhoto, (who.authority_id, photo_id))
        if photo is not None and photo.draft_id == who.draft_id:
            session.delete(photo)
            drafts.forget(file_store(), who.authority_id, photo_id)
    return see_other("/report/photos")


@pages.get("/report/photos/<uuid:photo_id>")
@allow(ANYONE)
def small(photo_id: uuid.UUID) -> Response:
    """A photo of one's own draft, small."""
    who = visit()
    with reading(who.authority_id) as session:
        photo = session.get(DraftPhoto, (who.authority_id, photo_id))
        thumb = photo.thumb if photo is not None and photo.draft_id == who.draft_id else None
    if thumb is None:
        return Response(status=404)
    return Response(thumb, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


def files_of_form() -> tuple[list[FileStorage], str]:
    """The files of the present form under `photos`, and in words what kept them from arriving."""
    if (request.content_length or 0) > FORM_LIMIT_BYTES:
        return [], TOO_MUCH
    # A body cut short of its last boundary is read as a form without anything in it.
    if not request.form and not request.files:
        return [], CUT_OFF
    return [file for file in request.files.getlist("photos") if file.filename], ""


def _put_in_draft(who: Visit, kept: list[drafts.Kept]) -> bool:
    """Whether the draft is still there to take them; what it did not take is removed."""
    assert who.draft_id is not None
    with transaction(who.authority_id) as session:
        draft = drafts.open_for_change(session, who.draft_id)
        found = draft is not None and draft.sent_at is None
        left = drafts.add_photos(session, draft, kept, now()) if draft is not None and found else kept
    for photo in left:
        drafts.forget(file_store(), who.authority_id, photo.id)
    return found


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 100_000 else f"{max(1, round(size_bytes / 1000))} KB"


def _show(who: Visit, problems: list[str]) -> Response:
    assert who.draft_id is not None
    with reading(who.authority_id) as session:
        photos = [
            {
                "id": photo.id,
                "name": photo.name,
                "size": _size(photo.size_bytes),
                "sha256": photo.sha256,
                "shown": photo.thumb is not None,
            }
            for photo in drafts.photos_of(session, who.draft_id)
        ]
    errors: Errors = {"photos": ". ".join(problems)} if problems else {}
    room = PHOTOS_PER_REPORT - len(photos)
    return show_question("photos", who, {}, errors, photos=photos, room=room, most=PHOTOS_PER_REPORT)
