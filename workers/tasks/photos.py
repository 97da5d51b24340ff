"""Verifying photos, and tidying up uploads that were given up."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from server.photos.service import Findings, file_store, look_at_photo, record_findings
from server.photos.uploads import expire_uploads
from server.store.clock import now
from server.store.deferred import VERIFY_PHOTO
from workers.schedule import EXPIRE_UPLOADS
from workers.tasks import handles, scheduled


def look(session: Session, photo_id: uuid.UUID) -> Findings | None:
    """Read the stored original again and write its derivatives."""
    return look_at_photo(session, photo_id, file_store())


@handles(VERIFY_PHOTO, prepare=look)
def verify(session: Session, photo_id: uuid.UUID, findings: Findings | None, at: datetime) -> None:
    """Write down what was found."""
    record_findings(session, photo_id, findings, at)


@scheduled(EXPIRE_UPLOADS)
def expire() -> int:
    """Remove uploads that nothing was added to for a week; returns how many."""
    return expire_uploads(file_store(), now())
