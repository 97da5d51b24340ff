"""Which hotspot a case is a member of: written for many cases at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.need import REPEAT
from server.store.transaction import next_value, still_quiet_from


def mark_hotspots(session: Session, hotspot_of: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
    """Make each of these cases of the open authority a member of its hotspot, or of none.

    Writes past the objects of the session: thousands of cases change in a run, and on SQLite nobody else can write
    meanwhile. Each gets a revision of its own, so call it as the last thing in a transaction, like the stamping of
    other rows; and its need, as Case itself would derive it. Whoever is deciding on one is not disturbed by it.
    """
    if not hotspot_of:
        return
    session.flush()
    authority_id, cases = session.info["authority_id"], Case.metadata.tables[Case.__tablename__]
    last = next_value(session, authority_id, "rev", step=len(hotspot_of))
    update = (
        sa.update(cases)
        .where(cases.c.authority_id == authority_id, cases.c.id == sa.bindparam("case_id"))
        .values(
            hotspot_id=sa.bindparam("hotspot"),
            rev=sa.bindparam("revision"),
            quiet_from=still_quiet_from(Case),
            need=cases.c.need - cases.c.need.bitwise_and(REPEAT) + sa.bindparam("repeat"),
        )
    )
    first = last - len(hotspot_of) + 1
    session.connection().execute(
        update,
        [
            {"case_id": case_id, "hotspot": hotspot, "revision": rev, "repeat": REPEAT if hotspot else 0}
            for rev, (case_id, hotspot) in enumerate(hotspot_of.items(), first)
        ],
    )
    session.expire_all()
