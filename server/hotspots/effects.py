"""Did it work? What crews put up at a place and when, and the place before and after."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job
from server.cases.opening import local_day
from server.hotspots.models import Hotspot
from server.hotspots.service import NOT_A_HIT, RADIUS_M
from server.store.clock import rfc3339
from workers.clustering.effect import RING_M, WINDOW_DAYS, effect

MEASURES = ("camera", "sign", "gate", "patrol")
# What crews put up by jobs of these kinds.
PUT_UP = ("camera", "sign")


def measures_near(session: Session, hotspot: Hotspot) -> list[dict[str, Any]]:
    """Cameras and signs that crews put up within 500 m of a place, nearest first; distances in metres."""
    query = sa.select(Job, Case).join(
        Case, sa.and_(Case.authority_id == Job.authority_id, Case.id == Job.case_id)
    )
    put_up = query.where(
        Job.kind.in_(PUT_UP), Job.state == "done", Job.done_at.is_not(None),
        Case.easting.between(hotspot.easting - RING_M, hotspot.easting + RING_M),
        Case.northing.between(hotspot.northing - RING_M, hotspot.northing + RING_M),
    )  # fmt: skip
    found = [(_apart_m(hotspot, case), job, case) for job, case in session.execute(put_up)]
    return [
        {
            "kind": job.kind, "job_id": str(job.id), "case_id": str(case.id), "case_reference": case.reference,
            "since": rfc3339(job.done_at), "distance_m": away_m, "inside": away_m <= RADIUS_M,
        }
        for away_m, job, case in sorted(found, key=lambda each: (each[0], each[1].id))
        if away_m <= RING_M and job.done_at is not None
    ]  # fmt: skip


def measured_effect(
    session: Session, hotspot: Hotspot, measure: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """Before and after one of `measures_near`."""
    since = local_day(datetime.fromisoformat(measure["since"]))
    about = {"kind": measure["kind"], "job_id": measure["job_id"]}
    return about | effect_since(session, hotspot, since, at, WINDOW_DAYS)


def effect_since(session: Session, hotspot: Hotspot, start: date, at: datetime, days: int) -> dict[str, Any]:
    """Before and after a day (local), by all cases of the kind; the other listed places of the kind as controls."""
    last = local_day(at)
    query = sa.select(Case.easting, Case.northing, Case.first_seen_at).where(
        Case.kind == hotspot.kind, Case.easting.is_not(None),
        Case.first_seen_at > at - timedelta(days=(last - start).days + days + 2),
        sa.or_(Case.closed_because.is_(None), Case.closed_because.not_in(NOT_A_HIT)),
    )  # fmt: skip
    rows = session.execute(query).all()
    others = sa.select(Hotspot.easting, Hotspot.northing).where(
        Hotspot.kind == hotspot.kind, Hotspot.id != hotspot.id
    )
    found = effect(
        np.array([(row.easting, row.northing) for row in rows], dtype=float),
        np.array([local_day(row.first_seen_at) for row in rows], dtype="datetime64[D]"),
        (hotspot.easting, hotspot.northing), start, last,
        np.array([tuple(row) for row in session.execute(others.order_by(Hotspot.id))], dtype=float),
        radius_m=RADIUS_M, days=days,
    )  # fmt: skip
    return asdict(found) | {"start": start.isoformat()}


def _apart_m(hotspot: Hotspot, case: Case) -> float:
    assert case.easting is not None and case.northing is not None
    return round(math.hypot(case.easting - hotspot.easting, case.northing - hotspot.northing), 1)
