"""How far along the photos of cases or reports are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.photos.models import Photo

Owner = InstrumentedAttribute[uuid.UUID | None]
Counts = dict[str, int]


def photo_counts(session: Session, owner: Owner, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Counts]:
    """For each id of `owner` (Photo.case_id or Photo.report_id): photos verified, of those expected."""
    counts = {owner_id: {"verified": 0, "expected": 0} for owner_id in ids}
    verified = sa.func.count(sa.case((Photo.state == "verified", 1)))
    query = sa.select(owner, verified, sa.func.count()).where(owner.in_(list(counts))).group_by(owner)
    for owner_id, done, total in session.execute(query):
        if owner_id is not None:
            counts[owner_id] = {"verified": done, "expected": total}
    return counts
