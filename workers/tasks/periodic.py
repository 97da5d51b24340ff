"""What runs by the clock: the sweep, the nightly list, the daily checkpoint, tidying up."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from server.access.models import Authority
from server.store import deferred
from server.store.checkpoints import checkpoint
from server.store.clock import now
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from workers.schedule import CHECKPOINT, FORGET_DONE, NIGHTLY_HOTSPOTS, SWEEP
from workers.tasks import scheduled


@scheduled(SWEEP)
def sweep() -> int:
    """Send every deferred task whose lease has passed; returns how many."""
    overdue = deferred.claim_overdue()
    deferred.send(overdue)
    return len(overdue)


@scheduled(NIGHTLY_HOTSPOTS)
def rebuild_every_list() -> None:
    """Have each authority's list rebuilt, each by a task of its own."""
    for authority_id in authority_ids():
        with transaction(authority_id):
            deferred.defer(deferred.REBUILD_HOTSPOTS, authority_id)


@scheduled(CHECKPOINT)
def checkpoint_every_authority() -> None:
    """Write the day's checkpoint of each authority's streams."""
    for authority_id in authority_ids():
        with transaction(authority_id) as session:
            checkpoint(session, now())


@scheduled(FORGET_DONE)
def forget_done() -> int:
    """Delete the rows of tasks done long ago."""
    return deferred.forget_done()


def authority_ids() -> list[uuid.UUID]:
    """Every authority there is."""
    with reading(None) as session:
        return list(session.scalars(sa.select(Authority.id), execution_options=ACROSS_AUTHORITIES))
