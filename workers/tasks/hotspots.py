"""Rebuilding an authority's list of hotspots."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from server.hotspots.service import Built, build, write
from server.store.clock import now
from server.store.deferred import REBUILD_HOTSPOTS
from workers.tasks import handles


def work_out(session: Session, _authority_id: uuid.UUID) -> Built:
    """Cluster the cases as of now."""
    return build(session, now())


@handles(REBUILD_HOTSPOTS, prepare=work_out)
def rebuild(session: Session, _authority_id: uuid.UUID, built: Built, at: datetime) -> None:
    """Write the list down."""
    write(session, built, at)
