"""What phones show of a hotspot beside the hotspot itself: what crews did there goes down when it was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from server.cases.models import Case, Job, JobResult
from server.hotspots.models import Hotspot
from server.store.transaction import changes_quietly, touch


@event.listens_for(Session, "before_flush")
def _follow_results(session: Session, _context: Any, _instances: Any) -> None:
    """It is no news to whoever is about to give the place a name."""
    for result in [row for row in session.new if isinstance(row, JobResult)]:
        authority_id = session.info["authority_id"]
        job = session.get_one(Job, (authority_id, result.job_id))
        case = session.get_one(Case, (authority_id, job.case_id))
        if case.hotspot_id is not None:
            changes_quietly(session, Hotspot)
            touch(session, session.get_one(Hotspot, (authority_id, case.hotspot_id)))
