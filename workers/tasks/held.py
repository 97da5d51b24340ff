"""What waits for its predecessor: taken in where that has come, and settled after a week."""

from __future__ import annotations

from server.intake.held import settle_overdue, take_in_arrived
from server.store.clock import now
from server.store.transaction import transaction
from workers.schedule import SETTLE_HELD
from workers.tasks import scheduled
from workers.tasks.periodic import authority_ids


@scheduled(SETTLE_HELD)
def settle_held() -> int:
    """Take in what can be, or keep for an officer what waited a week in vain; returns how many were settled.

    Authority by authority, and first what has only been overlooked: nothing is called out of order for that.
    """
    settled = 0
    for authority_id in authority_ids():
        with transaction(authority_id) as session:
            settled += take_in_arrived(session, now())
        with transaction(authority_id) as session:
            done = settle_overdue(session, now())
        settled += done.applied + done.kept
    return settled
