"""Reports held back until a person has looked. They are kept whole, with their photos, and only wait for a case."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.placing import HELD
from server.cases.view import photo_row
from server.errors import Problem
from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.service import standing_of
from server.photos.models import Photo
from server.residents.abuse import REASON_WORDS
from server.residents.models import Quarantined
from server.store import deferred
from server.store.clock import rfc3339
from server.store.events import PUBLIC, Actor, append_event


def hold(session: Session, report_id: uuid.UUID, reasons: list[str], at: datetime) -> None:
    """Write down that a report, received in this transaction with the flag HELD, waits for a person, and why."""
    session.add(Quarantined(id=report_id, reasons=reasons, held_at=at))
    facts = {"reasons": reasons}
    append_event(session, ("report", report_id), "report.quarantined", facts, by=PUBLIC, at=at)


def release(
    session: Session, report_id: uuid.UUID, by: Actor, user_id: uuid.UUID, at: datetime
) -> Quarantined:
    """Let a report go its way to a case. The second time changes nothing. Raises Problem not_found."""
    wanted = sa.select(Quarantined).where(Quarantined.id == report_id).with_for_update()
    held = session.scalars(wanted).first()
    if held is None:
        raise Problem("not_found", "No report is held back under this id")
    if held.released_at is not None:
        return held
    held.released_at, held.released_by = at, user_id
    standing = standing_of(session, report_id)
    standing.flags = [flag for flag in standing.flags if flag != HELD]
    append_event(session, ("report", report_id), "report.released", {"reasons": held.reasons}, by=by, at=at)
    deferred.defer(deferred.PLACE_REPORT, report_id)
    return held


def held_reports(session: Session, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of what is held, oldest first, and the cursor of the next page or None."""
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
        .where(Quarantined.released_at.is_(None))
        .order_by(Quarantined.held_at, Quarantined.id)
        .limit(limit + 1)
    )
    if cursor:
        held_at, report_id = _read(cursor)
        after = sa.and_(Quarantined.held_at == held_at, Quarantined.id > report_id)
        query = query.where(sa.or_(Quarantined.held_at > held_at, after))
    rows = session.execute(query).all()
    photos = _photos(session, [report.id for _, report, _ in rows[:limit]])
    items = [_row(held, report, position, photos) for held, report, position in rows[:limit]]
    return items, _write(rows[limit - 1][0]) if len(rows) > limit else None


def _same(table: type[Report] | type[ReportStanding], other: type[Quarantined]) -> sa.ColumnElement[bool]:
    return sa.and_(table.authority_id == other.authority_id, table.id == other.id)


def _row(
    held: Quarantined,
    report: Report,
    position: ReportPosition | None,
    photos: dict[uuid.UUID, list[dict[str, Any]]],
) -> dict[str, Any]:
    return {
        "report_id": str(report.id), "receipt_code": report.receipt_code, "kind": report.kind,
        "category": report.category, "received_at": rfc3339(report.received_at),
        "description": report.description, "where": report.where,
        "position": {"lat": position.lat, "lon": position.lon, "source": position.source} if position else None,
        "photos": photos.get(report.id, []), "held_at": rfc3339(held.held_at),
        "reasons": [{"code": code, "words": REASON_WORDS.get(code, code)} for code in held.reasons],
    }  # fmt: skip


def _photos(session: Session, report_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    grouped: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for photo in session.scalars(sa.select(Photo).where(Photo.report_id.in_(report_ids)).order_by(Photo.id)):
        assert photo.report_id is not None
        grouped.setdefault(photo.report_id, []).append(photo_row(photo))
    return grouped


def _write(held: Quarantined) -> str:
    text = json.dumps([held.held_at.isoformat(), str(held.id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        held_at, report_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(held_at), uuid.UUID(report_id)
    except (ValueError, TypeError, AttributeError) as error:
        message = "This cursor was not made here; leave it out to start at the first page"
        raise Problem("invalid_request", message, {"cursor": [message]}) from error
