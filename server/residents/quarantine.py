"""Reports held back until a person has looked. They are kept whole, with their photos, and only wait for a case."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.placing import HELD
from server.cases.timeline import names_of
from server.cases.view import photo_row
from server.errors import Problem
from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.service import standing_of
from server.photos.models import Photo
from server.residents.abuse import REASON_WORDS
from server.residents.models import Contact, Quarantined
from server.store import deferred
from server.store.clock import rfc3339
from server.store.events import PUBLIC, Actor, Content, append_event
from server.store.notes import Note, add_note, notes_of
from server.store.paging import behind, moment, read_cursor, write_cursor

STATES = ("waiting", "refused")


def hold(session: Session, report_id: uuid.UUID, reasons: list[str], at: datetime) -> None:
    """Write down that a report, received in this transaction with the flag HELD, waits for a person, and why."""
    session.add(Quarantined(id=report_id, reasons=reasons, held_at=at))
    facts = {"reasons": reasons}
    append_event(session, ("report", report_id), "report.quarantined", facts, by=PUBLIC, at=at)


def release(
    session: Session, report_id: uuid.UUID, by: Actor, user_id: uuid.UUID, at: datetime
) -> Quarantined:
    """Let a report go its way to a case, also one that was refused. The second time changes nothing.

    Raises Problem not_found.
    """
    held = _locked(session, report_id)
    if held.released_at is not None:
        return held
    held.released_at, held.released_by = at, user_id
    standing = standing_of(session, report_id)
    standing.flags = [flag for flag in standing.flags if flag != HELD]
    append_event(session, ("report", report_id), "report.released", {"reasons": held.reasons}, by=by, at=at)
    deferred.defer(deferred.PLACE_REPORT, report_id)
    return held


def refuse(
    session: Session, report_id: uuid.UUID, reason: str, by: Actor, user_id: uuid.UUID, at: datetime
) -> Quarantined:
    """Decide that a report gets no case. It is kept whole, and can still be released; twice changes nothing.

    Raises Problem not_found, invalid_request without a reason, not_a_next_step when it was released.
    """
    if not reason.strip():
        message = "Say why, in a few words: it stays with the report"
        raise Problem("invalid_request", message, {"reason": [message]})
    held = _locked(session, report_id)
    if held.released_at is not None:
        raise Problem("not_a_next_step", "It was released meanwhile: decide on its case instead")
    if held.refused_at is not None:
        return held
    held.refused_at, held.refused_by = at, user_id
    note = add_note(session, ("report", report_id), reason.strip(), by, at)
    append_event(
        session, ("report", report_id), "report.refused", {"reasons": held.reasons, "note_id": note.id},
        by=by, at=at, contents={"reason": Content(note.salt, note.text)},
    )  # fmt: skip
    return held


def was_refused(session: Session, report_id: uuid.UUID) -> bool:
    """Whether a person decided that this report gets no case."""
    held = session.get(Quarantined, (session.info["authority_id"], report_id))
    return held is not None and held.refused_at is not None and held.released_at is None


def _locked(session: Session, report_id: uuid.UUID) -> Quarantined:
    held = session.scalars(
        sa.select(Quarantined).where(Quarantined.id == report_id).with_for_update()
    ).first()
    if held is None:
        raise Problem("not_found", "No report is held back under this id")
    return held


def counts(session: Session) -> dict[str, int]:
    """How many reports wait, and how many were refused."""
    query = sa.select(sa.func.count(Quarantined.id))
    return {state: session.scalar(query.where(*_in_state(state))) or 0 for state in STATES}


def held_reports(
    session: Session, state: str, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the reports in one of STATES, first held first, and the cursor of the next page or None."""
    query = (
        sa.select(Quarantined, Report, ReportPosition)
        .join(Report, _same(Report, Quarantined))
        .join(ReportStanding, _same(ReportStanding, Quarantined))
        .outerjoin(
            ReportPosition,
            sa.and_(
                ReportPosition.authority_id == ReportStanding.authority_id,
                ReportPosition.id == ReportStanding.position_id,
            ),
        )
        .where(*_in_state(state))
        .order_by(Quarantined.held_at, Quarantined.id)
        .limit(limit + 1)
    )
    if cursor:
        place = read_cursor(cursor, moment, uuid.UUID)
        query = query.where(behind((Quarantined.held_at, Quarantined.id), place))
    rows = session.execute(query).all()
    known = _Known.of(session, [held for held, _, _ in rows[:limit]])
    items = [_row(held, report, position, known) for held, report, position in rows[:limit]]
    if len(rows) <= limit:
        return items, None
    last = rows[limit - 1][0]
    return items, write_cursor(last.held_at, last.id)


def _in_state(state: str) -> tuple[sa.ColumnElement[bool], ...]:
    refused = Quarantined.refused_at.is_not(None) if state == "refused" else Quarantined.refused_at.is_(None)
    return Quarantined.released_at.is_(None), refused


@dataclass(frozen=True, slots=True)
class _Known:
    """What belongs to the reports of a page: their photos, whether somebody can be reached, why they were refused."""

    photos: dict[uuid.UUID, list[dict[str, Any]]]
    reachable: set[uuid.UUID]
    refusals: dict[uuid.UUID, Note]
    names: dict[str, str]

    @classmethod
    def of(cls, session: Session, held: Sequence[Quarantined]) -> _Known:
        ids = [each.id for each in held]
        reachable = set(session.scalars(sa.select(Contact.report_id).where(Contact.report_id.in_(ids))))
        refused = {each.id: (f"user:{each.refused_by}", each.refused_at) for each in held if each.refused_at}
        refusals = {
            note.subject_id: note
            for note in notes_of(session, list(refused))
            if (note.by, note.at) == refused[note.subject_id]
        }
        names = names_of(session, {note.by for note in refusals.values()})
        return cls(_photos(session, ids), reachable, refusals, names)

    def refusal(self, report_id: uuid.UUID) -> dict[str, str] | None:
        """Who refused the report, when and why; None where nobody did."""
        note = self.refusals.get(report_id)
        return {"by": self.names[note.by], "at": rfc3339(note.at), "reason": note.text} if note else None


def _same(table: type[Report] | type[ReportStanding], other: type[Quarantined]) -> sa.ColumnElement[bool]:
    return sa.and_(table.authority_id == other.authority_id, table.id == other.id)


def _row(
    held: Quarantined,
    report: Report,
    position: ReportPosition | None,
    known: _Known,
) -> dict[str, Any]:
    return {
        "report_id": str(report.id), "receipt_code": report.receipt_code, "kind": report.kind,
        "category": report.category, "received_at": rfc3339(report.received_at),
        "description": report.description, "where": report.where,
        "position": {"lat": position.lat, "lon": position.lon, "source": position.source} if position else None,
        "photos": known.photos.get(report.id, []), "held_at": rfc3339(held.held_at),
        "has_contact": report.id in known.reachable, "refused": known.refusal(report.id),
        "reasons": [{"code": code, "words": REASON_WORDS.get(code, code)} for code in held.reasons],
    }  # fmt: skip


def _photos(session: Session, report_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    grouped: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for photo in session.scalars(sa.select(Photo).where(Photo.report_id.in_(report_ids)).order_by(Photo.id)):
        assert photo.report_id is not None
        grouped.setdefault(photo.report_id, []).append(photo_row(photo))
    return grouped
