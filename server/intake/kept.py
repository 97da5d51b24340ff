"""Operations that took no effect (yet): kept whole or held, and shown to an officer."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Device, User
from server.errors import Problem
from server.fields import storable
from server.intake.models import HeldOp, KeptOp
from server.store.clock import rfc3339
from server.store.events import Actor, Content, append_event
from server.store.notes import add_note, notes_of
from server.store.paging import moment, read_cursor, write_cursor
from server.store.transaction import insert_new

DEAD_LETTERS_LIMIT = 50
OP_ID_SHOWN = 100


def keep(
    session: Session, raw: str, *, op_id: str | None, why: str, problem: dict[str, Any],
    device_id: uuid.UUID | None, user_id: uuid.UUID | None, at: datetime,
) -> None:  # fmt: skip
    """Keep an operation whole for an officer; once, however often the same text is sent."""
    insert_new(
        session, KeptOp,
        id=uuid.uuid4(), op_id=op_id and storable(op_id)[:OP_ID_SHOWN], why=why, device_id=device_id,
        user_id=user_id, raw=_whole(raw), raw_sha256=hashlib.sha256(raw.encode(errors="surrogatepass")).hexdigest(),
        problem=problem, received_at=at,
    )  # fmt: skip


def _whole(raw: str) -> str:
    """`raw` itself, or as a JSON string where it holds what no database can store: nothing of it is lost."""
    return raw if storable(raw) == raw else json.dumps(raw)


def keep_dead_letters(
    session: Session, items: list[Any], device_id: uuid.UUID, user_id: uuid.UUID, at: datetime
) -> list[str | None]:
    """Keep what a phone could not get rid of otherwise, whatever it is; returns the op ids, in order.

    Raises Problem too_many_ops.
    """
    if len(items) > DEAD_LETTERS_LIMIT:
        limit = f"At most {DEAD_LETTERS_LIMIT} items at a time; send the rest in the next message"
        raise Problem("too_many_ops", limit)
    return [_keep_dead_letter(session, item, device_id, user_id, at) for item in items]


def _keep_dead_letter(
    session: Session, item: Any, device_id: uuid.UUID, user_id: uuid.UUID, at: datetime
) -> str | None:
    told = item if isinstance(item, dict) else {"raw": item}
    raw, op_id, problem = told.get("raw"), told.get("op_id"), told.get("problem")
    named = op_id if isinstance(op_id, str) else None
    text = raw if isinstance(raw, str) else json.dumps(raw)
    if named is not None and _is_kept_as_pushed(session, named, text):
        return named
    keep(
        session, text, op_id=named, why="dead_letter", device_id=device_id, user_id=user_id, at=at,
        problem=(problem if isinstance(problem, dict) else {}) | {"why": told.get("why")},
    )  # fmt: skip
    return named


def _is_kept_as_pushed(session: Session, op_id: str, raw: str) -> bool:
    """Whether the very same was refused when it was pushed: the phone writes its members in another order."""
    query = sa.select(KeptOp.raw).where(KeptOp.op_id == storable(op_id)[:OP_ID_SHOWN])
    read = _read(raw)
    return read is not None and any(_read(there) == read for there in session.scalars(query))


def _read(raw: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def was_handed_over(why: str, problem: dict[str, Any]) -> bool:
    """Whether a phone sent it as a dead letter; else it is an operation kept as it was pushed."""
    return why == "dead_letter" and "why" in problem


def settle(
    session: Session, kept_id: uuid.UUID, note: str, by: Actor, user_id: uuid.UUID, at: datetime
) -> KeptOp:
    """Take an operation off the list with what was done about it; it stays whole. The first note stands.

    Raises Problem not_found, invalid_request without a note.
    """
    if not note.strip():
        message = "Say what was done about it, in a few words: it stays with what was sent"
        raise Problem("invalid_request", message, {"note": [message]})
    query = sa.select(KeptOp).where(KeptOp.id == kept_id).with_for_update()
    kept = session.scalars(query).one_or_none()
    if kept is None:
        raise Problem("not_found", "Nothing with this id is kept in your council")
    if kept.settled_at is None:
        kept.settled_at, kept.settled_by = at, user_id
        words = add_note(session, ("kept", kept.id), note.strip(), by, at)
        append_event(
            session, ("authority", kept.authority_id), "kept.settled",
            {"kept": str(kept.id), "raw_sha256": kept.raw_sha256, "note_id": words.id},
            by=by, at=at, contents={"note": Content(words.salt, words.text)},
        )  # fmt: skip
    return kept


def kept_page(
    session: Session, why: str | None, settled: bool, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Kept operations, newest first: those that wait for an officer, or those that one has settled."""
    query = sa.select(KeptOp).order_by(KeptOp.received_at.desc(), KeptOp.id.desc())
    query = query.where(KeptOp.settled_at.is_not(None) if settled else KeptOp.settled_at.is_(None))
    if why is not None:
        query = query.where(KeptOp.why == why)
    if cursor:
        received_at, row_id = read_cursor(cursor, moment, uuid.UUID)
        query = query.where(sa.tuple_(KeptOp.received_at, KeptOp.id) < sa.tuple_(received_at, row_id))
    found = list(session.scalars(query.limit(limit + 1)))
    about = [{"id": str(row.id), "op_id": row.op_id, "why": row.why, "problem": row.problem} for row in found]
    if settled:
        words = {note.subject_id: note.text for note in notes_of(session, [row.id for row in found])}
        for row, facts in zip(found, about, strict=True):
            assert row.settled_at is not None
            facts |= {"settled_at": rfc3339(row.settled_at), "settled_note": words[row.id]}
    return _page(session, found, about, limit)


def held_page(session: Session, until: datetime, limit: int, cursor: str | None) -> dict[str, Any]:
    """Operations that have waited since before `until` for what they build on, longest first."""
    query = sa.select(HeldOp).where(HeldOp.received_at <= until).order_by(HeldOp.received_at, HeldOp.id)
    if cursor:
        received_at, row_id = read_cursor(cursor, moment, uuid.UUID)
        query = query.where(sa.tuple_(HeldOp.received_at, HeldOp.id) > sa.tuple_(received_at, row_id))
    found = list(session.scalars(query.limit(limit + 1)))
    about = [{"id": str(row.id), "op_id": str(row.id), "waiting_for": str(row.waits_for)} for row in found]
    return _page(session, found, about, limit)


def _page(
    session: Session, found: Sequence[KeptOp | HeldOp], about: list[dict[str, Any]], limit: int
) -> dict[str, Any]:
    phones, people = _names(session, found)
    items = [
        facts | _read_from(row.raw) | {
            "device": phones.get(row.device_id), "user": people.get(row.user_id),
            "received_at": rfc3339(row.received_at), "raw": row.raw,
        }
        for row, facts in zip(found[:limit], about, strict=False)
    ]  # fmt: skip
    last = found[limit - 1] if len(found) > limit else None
    return {"items": items, "next": last and write_cursor(last.received_at, last.id)}


def _names(
    session: Session, rows: Sequence[KeptOp | HeldOp]
) -> tuple[dict[uuid.UUID | None, dict[str, str]], dict[uuid.UUID | None, dict[str, str]]]:
    phones = sa.select(Device).where(Device.id.in_({row.device_id for row in rows}))
    people = sa.select(User).where(User.id.in_({row.user_id for row in rows}))
    return (
        {phone.id: {"id": str(phone.id), "label": phone.label} for phone in session.scalars(phones)},
        {user.id: {"id": str(user.id), "name": user.name} for user in session.scalars(people)},
    )


def _read_from(raw: str) -> dict[str, Any]:
    """What can be read of an operation: its type and the id of what it is about; null what cannot."""
    read = _read(raw)
    said = read if isinstance(read, dict) else {}
    type_, entity_id = said.get("type"), said.get("entity_id")
    return {
        "type": type_ if isinstance(type_, str) else None,
        "entity_id": entity_id if isinstance(entity_id, str) and _is_uuid(entity_id) else None,
    }


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
