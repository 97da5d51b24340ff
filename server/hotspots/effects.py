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
from server.hotspots.service import RADIUS_M, points_in_window
from server.store.clock import rfc3339
from workers.clustering.density import Floats
from workers.clustering.effect import LOOK_BACK_DAYS, RING_M, WINDOW_DAYS, effect, places_before
from workers.clustering.points import Points

MEASURES = ("camera", "sign", "gate", "patrol")
# What crews put up by jobs of these kinds.
PUT_UP = ("camera", "sign")

Measures = list[dict[str, Any]]


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


def measured_effects(session: Session, hotspot: Hotspot, at: datetime) -> tuple[Measures, Measures]:
    """The `measures_near` a place, and of those inside it the place before and after each."""
    measures = measures_near(session, hotspot)
    begun = {
        measure["job_id"]: local_day(datetime.fromisoformat(measure["since"]))
        for measure in measures
        if measure["inside"]
    }
    if not begun:
        return measures, []
    points = _points_since(session, hotspot, min(begun.values()), at)
    return measures, [
        {"kind": measure["kind"], "job_id": measure["job_id"]}
        | _effect(session, hotspot, points, begun[measure["job_id"]], at, WINDOW_DAYS)
        for measure in measures
        if measure["inside"]
    ]


def effect_since(session: Session, hotspot: Hotspot, start: date, at: datetime, days: int) -> dict[str, Any]:
    """Before and after a day (local), by all cases of the kind; as controls the places of the kind as of its eve."""
    return _effect(session, hotspot, _points_since(session, hotspot, start, at), start, at, days)


def _points_since(session: Session, hotspot: Hotspot, start: date, at: datetime) -> Points:
    """All cases that an effect since `start`, or since a later day, is told by."""
    return points_in_window(session, hotspot.kind, at, (local_day(at) - start).days + LOOK_BACK_DAYS + 2)


def _effect(
    session: Session, hotspot: Hotspot, points: Points, start: date, at: datetime, days: int
) -> dict[str, Any]:
    found = effect(
        np.column_stack([points.easting, points.northing]), points.day, (hotspot.easting, hotspot.northing), start,
        local_day(at), places_before(points, start, RADIUS_M), radius_m=RADIUS_M, days=days,
        measured=_put_up_between(session, start - timedelta(days=days), start + timedelta(days=days)),
    )  # fmt: skip
    return asdict(found) | {"start": start.isoformat()}


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
