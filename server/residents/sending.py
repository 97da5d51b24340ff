"""From a finished draft to a report, once: the same intake as everybody's, its photos moved where they belong."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.ops import Op, add_to_report
from server.intake.schemas import ReportAddSchema
from server.intake.service import Origin
from server.photos.models import Photo
from server.photos.schemas import PHOTOS_PER_REPORT
from server.photos.service import mark_received
from server.residents.abuse import Sender
from server.residents.drafts import Kept, photos_of
from server.residents.models import Draft, DraftPhoto
from server.residents.questions import Answers, kind_of
from server.residents.schemas import PublicReportSchema
from server.residents.service import Secrets, take_public_report
from server.residents.wording import hazards_of
from server.store.clock import rfc3339
from server.store.events import PUBLIC
from server.store.files import FileStore
from server.store.notes import notes_of

# A report may grow, but not without end.
MOST_PHOTOS_OF_REPORT = 2 * PHOTOS_PER_REPORT
MOST_DETAILS_OF_REPORT = 20


def send_draft(
    session: Session, draft: Draft, files: FileStore, secrets: Secrets, sender: Sender, at: datetime
) -> None:
    """Send a locked draft whose questions are all answered; one that was sent already is left as it is.

    Raises Problem naming what to mend; the draft is then as before.
    """
    if draft.sent_at is not None:
        return
    photos = photos_of(session, draft.id)
    payload = payload_of(draft, photos)
    sent = json.dumps(payload, ensure_ascii=True)
    data = PublicReportSchema().load(payload | {"contact": _contact(draft.answers)})
    take_public_report(session, data, sent, secrets, sender, at)
    _bring_in(session, files, [(photo.id, photo.sha256) for photo in photos], at)
    for photo in photos:
        session.delete(photo)
    draft.sent_at, draft.answers = at, {}


def payload_of(draft: Draft, photos: Iterable[DraftPhoto]) -> dict[str, Any]:
    """The report that a draft makes, as the public API would take it, without the reporter's details."""
    answers: Answers = draft.answers
    what, where, witness = answers["what"], answers["where"], answers["witness"]
    waste = answers.get("waste", {"waste": [], "size": None})
    position = where["position"]
    return {
        "id": str(draft.id), "kind": kind_of(answers), "category": what["category"],
        "seen_at": rfc3339(draft.begun_at), "position": position, "where": where["words"],
        "description": _description(what["description"], witness), "waste": waste["waste"], "size": waste["size"],
        "hazards": hazards_of(what["category"], waste["waste"]), "witnessed": witness["witnessed"],
        "joins": answers.get("same", {}).get("joins"),
        "photos": [
            {"id": str(photo.id), "sha256": photo.sha256, "bytes": photo.size_bytes, "mime": photo.mime}
            for photo in photos
        ],
        "extra": {"typed": where["typed"]} if where["typed"] else {},
    }  # fmt: skip


def add_later(
    session: Session, report_id: uuid.UUID, text: str, photos: list[Kept], files: FileStore, at: datetime
) -> None:
    """Add words or photos to a report that was sent; the report itself stays as it was received."""
    payload = {"description": text, "photos": [photo.as_manifest() for photo in photos]}
    origin = Origin("resident", PUBLIC, at)
    op = Op(uuid.uuid4(), report_id, json.dumps(payload), origin)
    add_to_report(session, op, ReportAddSchema().load(payload))
    _bring_in(session, files, [(photo.id, photo.sha256) for photo in photos], at)


def room_left(session: Session, report_id: uuid.UUID) -> tuple[int, int]:
    """How many more photos and details a report may get."""
    count = sa.select(sa.func.count()).select_from(Photo).where(Photo.report_id == report_id)
    photos = session.execute(count).scalar_one()
    details = len(notes_of(session, [report_id]))
    return max(0, MOST_PHOTOS_OF_REPORT - photos), max(0, MOST_DETAILS_OF_REPORT - details)


def _bring_in(session: Session, files: FileStore, photos: list[tuple[uuid.UUID, str]], at: datetime) -> None:
    """Make the stored bytes of expected photos originals, durably, and have them verified."""
    authority_id = session.info["authority_id"]
    for photo_id, sha256 in photos:
        files.adopt(files.upload(authority_id, photo_id), authority_id, sha256)
        mark_received(session, photo_id, PUBLIC, at)


def _description(description: str, witness: dict[str, Any]) -> str:
    seen = f"Saw who did it: {witness['seen']}" if witness["witnessed"] else ""
    return "\n\n".join(part for part in (description, seen) if part)


def _contact(answers: Answers) -> dict[str, str]:
    contact = answers["contact"]
    return {name: contact[name] for name in ("name", "email", "phone") if contact[name]}
