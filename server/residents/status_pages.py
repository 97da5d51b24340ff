"""`/status/{token}`: what became of a report, for whoever holds its link, and a way to add to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, request

from server.access.limits import PUBLIC_READ_LIMIT, limiter
from server.access.models import Authority
from server.access.request import require_own_pages
from server.access.rules import BY_TOKEN, allow
from server.errors import Problem
from server.photos.service import file_store
from server.residents import drafts
from server.residents.models import PublicAccess
from server.residents.photo_pages import FORM_LIMIT_BYTES, PHOTO_FORM_LIMIT, files_of_form
from server.residents.progress import Progress, progress_of
from server.residents.questions import Errors
from server.residents.sending import add_later, room_left
from server.residents.service import find_access
from server.residents.visits import Visit, resident_pages, see_other, show
from server.store.clock import now
from server.store.requests import takes_files
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction

pages = resident_pages("status", __name__)

DETAIL_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Followed:
    """A report seen through its link."""

    who: Visit
    report_id: uuid.UUID
    progress: Progress
    photo_room: int
    detail_room: int


@pages.get("/status/<token>")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(BY_TOKEN)
def follow(token: str) -> Response:
    """Where the report stands, in plain words."""
    return _show(token, _followed(token), "", {})


@pages.post("/status/<token>")
@takes_files(FORM_LIMIT_BYTES)
@limiter.limit(PHOTO_FORM_LIMIT)
@allow(BY_TOKEN)
def add(token: str) -> Response:
    """Add words, photos or both."""
    sent, problem = files_of_form()
    require_own_pages()
    followed = _followed(token)
    text = "" if problem else request.form.get("detail", "").replace("\r\n", "\n").strip()
    errors = {"photos": problem} if problem else _odd(followed, text, bool(sent))
    if errors:
        return _show(token, followed, text, errors)
    authority_id = followed.who.authority_id
    kept, refused = drafts.keep_files(file_store(), authority_id, sent, followed.photo_room)
    if refused:
        for photo in kept:
            drafts.forget(file_store(), authority_id, photo.id)
        return _show(token, followed, text, {"photos": ". ".join(refused)})
    with transaction(authority_id) as session:
        add_later(session, followed.report_id, text, kept, file_store(), now())
    return see_other(f"/status/{token}?added=1")


def _odd(followed: Followed, text: str, photos: bool) -> Errors:
    if followed.progress.finished:
        return {"detail": "We have finished with this report. If it is there again, send a new one"}
    if not text and not photos:
        return {"detail": "Write what you want to add, or choose a photo"}
    if len(text) > DETAIL_LIMIT:
        return {"detail": f"Use {DETAIL_LIMIT:,} characters or less. You have used {len(text):,}"}
    if text and not followed.detail_room:
        return {"detail": "This report has had as many additions as it can take. Send a new one"}
    if photos and not followed.photo_room:
        return {"photos": "This report has as many photos as it can take. Send a new one"}
    return {}


def _followed(token: str) -> Followed:
    with reading(None) as session:
        access = find_access(session, PublicAccess.status_token_hash, token)
        if access is None:
            raise Problem("not_found", "There is no report behind this link. Check that you have all of it.")
        authority_id, report_id = access.authority_id, access.id
        everyone = sa.select(Authority).execution_options(**ACROSS_AUTHORITIES)
        councils = {one.id: (one.slug, one.name) for one in session.scalars(everyone)}
    slug, name = councils[authority_id]
    who = Visit(authority_id, slug, name, len(councils) == 1)
    with reading(authority_id) as session:
        return Followed(who, report_id, progress_of(session, report_id), *room_left(session, report_id))


def _show(token: str, followed: Followed, text: str, errors: Errors) -> Response:
    return show(
        "status.html", followed.who, status=422 if errors else 200, errors=errors, values={"detail": text},
        progress=followed.progress, added="added" in request.args, token=token, limit=DETAIL_LIMIT,
        room=followed.photo_room,
    )  # fmt: skip
