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
from workers.clustering.density import Floats
from workers.clustering.effect import LOOK_BACK_DAYS, RING_M, WINDOW_DAYS, effect, places_before
from workers.clustering.points import Point, Points

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
    """Before and after a day (local), by all cases of the kind; as controls the places of the kind as of its eve."""
    last = local_day(at)
    points = _points(session, hotspot.kind, at - timedelta(days=(last - start).days + LOOK_BACK_DAYS + 2))
    found = effect(
        np.column_stack([points.easting, points.northing]), points.day, (hotspot.easting, hotspot.northing), start,
        last, places_before(points, start, RADIUS_M), radius_m=RADIUS_M, days=days,
        measured=_put_up_between(session, start - timedelta(days=days), start + timedelta(days=days)),
    )  # fmt: skip
    return asdict(found) | {"start": start.isoformat()}


def _points(session: Session, kind: str, since: datetime) -> Points:
    """All cases of a kind with a position that were seen after a moment."""
    query = sa.select(
        Case.id, Case.easting, Case.northing, Case.first_seen_at, Case.severity, Case.accuracy_m
    ).where(
        Case.kind == kind, Case.easting.is_not(None), Case.first_seen_at > since,
        sa.or_(Case.closed_because.is_(None), Case.closed_because.not_in(NOT_A_HIT)),
    )  # fmt: skip
    return Points.of(
        Point(
            str(row.id),
            row.easting,
            row.northing,
            local_day(row.first_seen_at),
            float(row.severity),
            row.accuracy_m,
        )
        for row in session.execute(query.order_by(Case.id))
    )


def _put_up_between(session: Session, first: date, end: date) -> Floats:
    """(k, 2) where crews put up a camera or sign from one day on, up to another."""
    query = sa.select(Case.easting, Case.northing, Job.done_at).join(
        Job, sa.and_(Case.authority_id == Job.authority_id, Case.id == Job.case_id)
    )
    done = session.execute(query.where(
        Job.kind.in_(PUT_UP), Job.state == "done", Job.done_at.is_not(None), Case.easting.is_not(None)
    ))  # fmt: skip
    spots = [(east, north) for east, north, done_at in done if done_at and first <= local_day(done_at) < end]
    return np.array(spots, dtype=float).reshape(-1, 2)


def _apart_m(hotspot: Hotspot, case: Case) -> float:
    assert case.easting is not None and case.northing is not None
    return round(math.hypot(case.easting - hotspot.easting, case.northing - hotspot.northing), 1)
