"""Did it work? What crews put up at a place and when, and the place before and after."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job
from server.cases.opening import cells_around, local_day, local_days
from server.hotspots.models import Hotspot
from server.hotspots.service import RADIUS_M, hits
from server.store.clock import rfc3339
from workers.clustering.effect import LOOK_BACK_DAYS, RING_M, WINDOW_DAYS, effect_near
from workers.clustering.points import Points

MEASURES = ("camera", "sign", "gate", "patrol")
# What crews put up by jobs of these kinds.
PUT_UP = ("camera", "sign")
ROWS_AT_ONCE = 500

Measures = list[dict[str, Any]]
Jobs = list[Any]


def measured_effects(session: Session, hotspot: Hotspot, at: datetime) -> tuple[Measures, Measures]:
    """What crews put up within 500 m of a place, and of what is inside it the place before and after each."""
    put_up = _put_up(session)
    measures = _measures_near(put_up, hotspot)
    inside = [
        (measure, local_day(datetime.fromisoformat(measure["since"])))
        for measure in measures
        if measure["inside"]
    ]
    if not inside:
        return measures, []
    seen = _Seen(session, hotspot, min(start for _, start in inside), at, put_up)
    return measures, [
        {"kind": measure["kind"], "job_id": measure["job_id"]} | seen.effect(start, WINDOW_DAYS)
        for measure, start in inside
    ]


def _put_up(session: Session) -> Jobs:
    """All cameras and signs that crews put up, with the cases at which they did."""
    query = sa.select(
        Job.id, Job.kind, Job.done_at, Job.case_id, Case.reference, Case.easting, Case.northing
    ).join(Case, sa.and_(Case.authority_id == Job.authority_id, Case.id == Job.case_id))
    done = query.where(
        Job.kind.in_(PUT_UP), Job.state == "done", Job.done_at.is_not(None), Case.easting.is_not(None)
    )
    return list(session.execute(done))


def _measures_near(put_up: Jobs, hotspot: Hotspot) -> Measures:
    """Those within 500 m of a place, nearest first; distances in metres."""
    apart = [
        (round(math.hypot(job.easting - hotspot.easting, job.northing - hotspot.northing), 1), job)
        for job in put_up
    ]
    return [
        {
            "kind": job.kind, "job_id": str(job.id), "case_id": str(job.case_id), "case_reference": job.reference,
            "since": rfc3339(job.done_at), "distance_m": away_m, "inside": away_m <= RADIUS_M,
        }
        for away_m, job in sorted(apart, key=lambda each: (each[0], each[1].id))
        if away_m <= RING_M
    ]  # fmt: skip


def effect_since(session: Session, hotspot: Hotspot, start: date, at: datetime, days: int) -> dict[str, Any]:
    """Before and after a day (local), by all cases of the kind; as controls the places of the kind as of its eve."""
    return _Seen(session, hotspot, start, at, _put_up(session)).effect(start, days)


class _Seen:
    """What tells of a place after `first` and later days, up to `at`: of the cases nearby what is read serves all."""

    def __init__(self, session: Session, hotspot: Hotspot, first: date, at: datetime, put_up: Jobs) -> None:
        self._session, self._hotspot, self._at = session, hotspot, at
        self._nearby = cache(partial(_points_within, session, hotspot, _year_before(first), at))
        spots, on = (
            [(job.easting, job.northing) for job in put_up],
            [local_day(job.done_at) for job in put_up],
        )
        self._put_up_at = np.array(spots, dtype=float).reshape(-1, 2)
        self._put_up_on = np.array(on, dtype="datetime64[D]")

    def effect(self, start: date, days: int) -> dict[str, Any]:
        """Before and after one day."""
        after = self._put_up_on - np.datetime64(start)
        meanwhile = (after >= -np.timedelta64(days)) & (after < np.timedelta64(days))
        found = effect_near(
            partial(self._within, start, days), (self._hotspot.easting, self._hotspot.northing), start,
            local_day(self._at), radius_m=RADIUS_M, days=days, measured=self._put_up_at[meanwhile],
        )  # fmt: skip
        return asdict(found) | {"start": start.isoformat()}

    def _within(self, start: date, days: int, reach_m: float) -> Points:
        if math.isfinite(reach_m):
            return self._nearby(reach_m)
        # Of a whole council no more than this one is told by.
        end = _midnight(start + timedelta(days=days + 1))
        return _points_within(self._session, self._hotspot, _year_before(start), min(self._at, end), reach_m)


def _year_before(start: date) -> datetime:
    """Nothing that an effect since `start` is told by was seen earlier."""
    return _midnight(start - timedelta(days=LOOK_BACK_DAYS + 2))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _points_within(
    session: Session, hotspot: Hotspot, after: datetime, up_to: datetime, reach_m: float
) -> Points:
    """All cases of the kind around a place, without ids. As columns: to make an object of each takes ten times as
    long, and they may be all of a council."""
    seen = sa.cast(sa.extract("epoch", Case.first_seen_at), sa.Double)
    query = sa.select(Case.easting, Case.northing, Case.severity, Case.accuracy_m, seen)
    if math.isfinite(reach_m):
        east, north = hotspot.easting, hotspot.northing
        query = query.where(
            Case.cell.in_(cells_around(east, north, reach_m)),
            Case.easting.between(east - reach_m, east + reach_m),
            Case.northing.between(north - reach_m, north + reach_m),
        )
    found = session.execute(query.where(*hits(hotspot.kind, after, up_to)))
    # A few at a time: while tens of thousands of rows are held Python looks for cycles, through all else that it holds.
    parts = [np.array(list(zip(*rows, strict=True)), dtype=float) for rows in found.partitions(ROWS_AT_ONCE)]
    easting, northing, severity, accuracy_m, seconds = np.concatenate([np.empty((5, 0)), *parts], axis=1)
    return Points([""] * len(seconds), easting, northing, local_days(seconds), severity, accuracy_m)
