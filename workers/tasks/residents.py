"""Tidying up after residents: drafts nobody sent, counts of senders, contact details whose time has passed."""

from __future__ import annotations

from server.photos.service import file_store
from server.residents.abuse import forget_sendings
from server.residents.drafts import sweep
from server.residents.service import erase_contacts
from server.store.clock import now
from server.store.transaction import transaction
from workers.schedule import TIDY_RESIDENTS
from workers.tasks import scheduled
from workers.tasks.periodic import authority_ids


@scheduled(TIDY_RESIDENTS)
def tidy() -> int:
    """Remove what is no longer to be kept, authority by authority; returns how many rows."""
    removed = 0
    for authority_id in authority_ids():
        with transaction(authority_id) as session:
            removed += sweep(session, file_store(), now())
            removed += forget_sendings(session, now())
            removed += erase_contacts(session, now())
    return removed
