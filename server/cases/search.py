"""Finding cases: filters, words, and pages that stay right while cases come in."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import CASE_STATES, Case
from server.errors import Problem
from server.intake.models import Report, ReportStanding
from server.intake.receipt import typed_receipt_code
from server.store.notes import Note


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asked for."""

    q: str = ""
    state: str | None = None
    kind: str | None = None


def find_cases(
    session: Session, wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[Case], str | None]:
    """A page of cases, newest first, and the cursor of the next page or None."""
    query = _matching(wanted).order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit + 1)
    if cursor:
        opened_at, case_id = _read(cursor)
        query = query.where(
            sa.or_(Case.opened_at < opened_at, sa.and_(Case.opened_at == opened_at, Case.id < case_id))
        )
    found = list(session.scalars(query))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], _write(last) if last else None


def count_by_state(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many cases match in each state, whatever state was asked for."""
    matching = _matching(Wanted(wanted.q, None, wanted.kind)).with_only_columns(Case.state, sa.func.count())
    found: dict[str, int] = {state: count for state, count in session.execute(matching.group_by(Case.state))}  # noqa: C416 - rows are no pairs to dict()
    return {state: found.get(state, 0) for state in CASE_STATES}


def _matching(wanted: Wanted) -> sa.Select[Case]:
    query = sa.select(Case)
    if wanted.state:
        query = query.where(Case.state == wanted.state)
    if wanted.kind:
        query = query.where(Case.kind == wanted.kind)
    if wanted.q.strip():
        query = query.where(sa.or_(*_about(wanted.q.strip())))
    return query


def _about(words: str) -> list[sa.ColumnElement[bool]]:
    """Where the words may stand: reference, place, a receipt code, a note."""
    inside = [Case.reference.icontains(words, autoescape=True), Case.label.icontains(words, autoescape=True)]
    noted = sa.select(Note.id).where(
        Note.authority_id == Case.authority_id,
        Note.subject_kind == "case",
        Note.subject_id == Case.id,
        Note.text.icontains(words, autoescape=True),
    )
    inside.append(noted.exists())
    if (receipt := typed_receipt_code(words)) is not None:
        received = (
            sa.select(Report.id)
            .join(
                ReportStanding,
                sa.and_(ReportStanding.authority_id == Report.authority_id, ReportStanding.id == Report.id),
            )
            .where(
                Report.authority_id == Case.authority_id,
                ReportStanding.case_id == Case.id,
                Report.receipt_code == receipt,
            )
        )
        inside.append(received.exists())
    return inside


def _write(case: Case) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps([case.opened_at.isoformat(), str(case.id)]).encode())
        .decode()
        .rstrip("=")
    )


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        opened_at, case_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(opened_at), uuid.UUID(case_id)
    except (ValueError, TypeError, AttributeError) as error:
        message = "This cursor was not made here; leave it out to start at the first page"
        raise Problem("invalid_request", message, {"cursor": [message]}) from error
