"""An officer puts a case on the map: a position for the report that has none, and at once the place that follows."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.placing import Located, place_report
from server.errors import Problem
from server.intake.models import Report, ReportStanding
from server.intake.service import locate_report
from server.places.service import locate
from server.store.events import Actor, append_event

OUTSIDE = "This is outside the area we serve. Move the pin, or close the case as not ours"


def put_on_map(
    session: Session, case: Case, lat: float, lon: float, source: str, by: Actor, at: datetime
) -> None:
    """Give the earliest report of a case that has no position one (WGS84 degrees), and place it.

    The caller holds the lock on placing. Raises Problem outside_area, or has_position when every report has one.
    """
    report = session.scalars(
        sa.select(Report)
        .join(
            ReportStanding,
            sa.and_(ReportStanding.authority_id == Report.authority_id, ReportStanding.id == Report.id),
        )
        .where(ReportStanding.case_id == case.id, ReportStanding.position_id.is_(None))
        .order_by(Report.received_at, Report.id)
        .limit(1)
    ).first()
    if report is None:
        raise Problem("has_position", "Every report of this case says where it is. Look at the case again")
    place = locate(session, lat, lon)
    if place.grid_reference is None or not place.in_area_served:
        raise Problem("outside_area", OUTSIDE, {"lat": [OUTSIDE]})
    # An officer has been at work: a case that lies near is suggested from now on, never joined by itself.
    append_event(session, ("case", case.id), "case.put_on_map", {"report_id": report.id}, by=by, at=at)
    position = {"lat": lat, "lon": lon, "accuracy_m": None, "source": source, "fixed_at": None}
    place_report(session, report.id, Located(_located(session, report, position, by, at), place), at)


def _located(
    session: Session, report: Report, position: dict[str, Any], by: Actor, at: datetime
) -> uuid.UUID | None:
    locate_report(session, report, position, by, at)
    return session.get_one(ReportStanding, (report.authority_id, report.id)).position_id
