"""Settling what has waited for its predecessor for a week."""

from __future__ import annotations

from server.intake.held import settle_overdue
from server.store.clock import now
from server.store.transaction import transaction
from workers.tasks import scheduled
from workers.tasks.periodic import SETTLE_HELD, authority_ids


@scheduled(SETTLE_HELD)
def settle_held() -> int:
    """Take it in out of order or keep it for an officer, authority by authority; returns how many were settled."""
    settled = 0
    for authority_id in authority_ids():
        with transaction(authority_id) as session:
            done = settle_overdue(session, now())
        settled += done.applied + done.kept
    return settled
