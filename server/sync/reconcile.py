"""What of a phone's work is here: the answer to a phone that wants to be sure, also after the server was restored."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.kept import was_handed_over
from server.intake.models import AppliedOp, HeldOp, KeptOp
from server.photos.models import PHOTO_STATES, Photo
from server.store.clock import rfc3339


def reconcile(session: Session, op_ids: list[str], photo_ids: list[str], at: datetime) -> dict[str, Any]:
    """Which operations and photos the open authority has, each list in the order asked.

    An operation is known when it took effect, or is held, or was kept when it was pushed. A dead letter vouches for
    nothing: it may be about one of its photos, and outlive the operation in a backup. Ids that are no UUIDs are
    answered too: a phone may have kept odd ones, and those may have been kept here.
    """
    known = _known(session, op_ids)
    states = _states(session, photo_ids)
    photos: dict[str, list[str]] = {state: [] for state in ("verified", "received", "expected", "unknown")}
    for photo_id in photo_ids:
        photos[states.get(_parsed(photo_id), "unknown")].append(photo_id)
    assert set(PHOTO_STATES) <= set(photos)
    return {
        "ops": {
            "known": [op_id for op_id in op_ids if op_id in known],
            "unknown": [op_id for op_id in op_ids if op_id not in known],
        },
        "photos": photos,
        "server_time": rfc3339(at),
    }


def _known(session: Session, op_ids: list[str]) -> set[str]:
    parsed = {op_id: _parsed(op_id) for op_id in op_ids}
    wanted = _uuids(parsed.values())
    applied = set(session.scalars(sa.select(AppliedOp.id).where(AppliedOp.id.in_(wanted))))
    held = set(session.scalars(sa.select(HeldOp.id).where(HeldOp.id.in_(wanted))))
    rows = session.execute(
        sa.select(KeptOp.op_id, KeptOp.why, KeptOp.problem).where(KeptOp.op_id.in_(op_ids))
    )
    kept = {op_id for op_id, why, problem in rows if not was_handed_over(why, problem)}
    return {op_id for op_id, its in parsed.items() if its in applied or its in held or op_id in kept}


def _states(session: Session, photo_ids: list[str]) -> dict[uuid.UUID | None, str]:
    wanted = _uuids(_parsed(photo_id) for photo_id in photo_ids)
    return {photo_id: state for photo_id, state in session.execute(  # noqa: C416 - rows are no pairs
        sa.select(Photo.id, Photo.state).where(Photo.id.in_(wanted))
    )}  # fmt: skip


def _uuids(ids: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    return {one for one in ids if one is not None}


def _parsed(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
