"""Placing reports."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from server.cases.placing import Located, find_place, find_places, hold_reports, place_report
from server.store.deferred import PLACE_REPORT
from workers.tasks import Together, handles


@handles(PLACE_REPORT, prepare=find_place, together=Together(find_places, hold_reports))
def place(session: Session, report_id: uuid.UUID, located: Located, at: datetime) -> None:
    """Give a report its place and its case."""
    place_report(session, report_id, located, at)
