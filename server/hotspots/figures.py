"""What is known of a place's cases: by month, hour and weekday, what is tipped there, what was done about it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job, JobResult
from server.cases.opening import LOCAL, cells_around
from server.hotspots.service import NOT_A_HIT, RADIUS_M
from server.intake.reference import reference
from server.store.clock import rfc3339

MONTHS = 12
COUNTED_DAYS = (30, 90, 365)
DONE_SHOWN = 20
_FEW = 3
_SPAN_HOURS = 4
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """The time that figures are about: the `days` up to `to`."""

    to: datetime
    days: int

    @property
    def start(self) -> datetime:
        """When it begins."""
        return self.to - timedelta(days=self.days)

    def as_json(self) -> dict[str, Any]:
        """As the wire shows it."""
        return {"from": rfc3339(self.start), "to": rfc3339(self.to), "days": self.days}


def members_of(session: Session, hotspot_id: uuid.UUID) -> list[Case]:
    """The cases that the newest run made members of a place, earliest seen first."""
    query = sa.select(Case).where(Case.hotspot_id == hotspot_id)
    return list(session.scalars(query.order_by(Case.first_seen_at, Case.id)))


def cases_within_reach(
    session: Session, kind: str, easting: float, northing: float, window: Window
) -> list[Case]:
    """The cases of a kind seen in `window` within the radius of a centre (grid metres), earliest first."""
    query = sa.select(Case).where(
        Case.cell.in_(cells_around(easting, northing)),
        Case.easting.between(easting - RADIUS_M, easting + RADIUS_M),
        Case.northing.between(northing - RADIUS_M, northing + RADIUS_M),
        Case.kind == kind,
        Case.first_seen_at > window.start,
        Case.first_seen_at <= window.to,
        sa.or_(Case.closed_because.is_(None), Case.closed_because.not_in(NOT_A_HIT)),
    )
    return [
        case
        for case in session.scalars(query.order_by(Case.first_seen_at, Case.id))
        if case.easting is not None
        and case.northing is not None
        and (case.easting - easting) ** 2 + (case.northing - northing) ** 2 <= RADIUS_M**2
    ]


def figures(cases: Sequence[Case], window: Window) -> dict[str, Any]:
    """Counts of these cases by month (the twelve up to the window's end), local hour and weekday, and waste."""
    seen = [case.first_seen_at.astimezone(LOCAL) for case in cases]
    by_month = Counter(f"{moment:%Y-%m}" for moment in seen)
    by_hour, by_day = Counter(moment.hour for moment in seen), Counter(moment.weekday() for moment in seen)
    hours, weekdays = [by_hour[hour] for hour in range(24)], [by_day[day] for day in range(7)]
    return {
        "months": [{"month": month, "count": by_month[month]} for month in _months_up_to(window.to)],
        "hours": hours, "weekdays": weekdays, "busiest": busiest(hours, weekdays), "waste": _waste(cases),
    }  # fmt: skip


def counts_up_to(cases: Sequence[Case], to: datetime) -> dict[str, int]:
    """How many of these cases were seen in the last 30, 90 and 365 days up to `to`."""
    return {
        str(days): sum(case.first_seen_at > to - timedelta(days=days) for case in cases)
        for days in COUNTED_DAYS
    }


def _months_up_to(moment: datetime) -> list[str]:
    local = moment.astimezone(LOCAL)
    last = local.year * 12 + local.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(last - MONTHS + 1, last + 1)]


def busiest(hours: Sequence[int], weekdays: Sequence[int]) -> str | None:
    """When it is mostly seen, in words: a day or four hours with at least half of the cases; None for too few."""
    total = sum(hours)
    if total < _FEW:
        return None
    day = max(range(7), key=lambda index: weekdays[index])
    span = max(range(24), key=lambda start: sum(hours[(start + step) % 24] for step in range(_SPAN_HOURS)))
    in_span = sum(hours[(span + step) % 24] for step in range(_SPAN_HOURS))
    said = [f"mostly {_WEEKDAYS[day]}s"] if 2 * weekdays[day] >= total else []
    said += [f"mostly {span:02d}:00 to {(span + _SPAN_HOURS) % 24:02d}:00"] if 2 * in_span >= total else []
    words = "; ".join(said) or "any day, any time"
    return f"Seen {words}"


def _waste(cases: Sequence[Case]) -> list[dict[str, Any]]:
    names = {entry["code"]: entry["name"] for entry in reference()["waste"]}
    counted = Counter(case.waste for case in cases)
    found = [
        {"code": code, "name": names.get(code or "", code) or "Not said", "count": count}
        for code, count in counted.items()
    ]
    return sorted(found, key=lambda entry: (-int(entry["count"]), str(entry["name"])))


def member_rows(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Members as rows, latest seen first."""
    return [
        {
            "id": str(case.id), "reference": case.reference, "state": case.state, "label": case.label,
            "closed_because": case.closed_because, "lat": case.lat, "lon": case.lon,
            "seen_at": rfc3339(case.first_seen_at), "waste": case.waste, "source": case.source,
            "reports": case.report_count, "hazards": case.hazards,
        }
        for case in reversed(cases)
    ]  # fmt: skip


def done_there(session: Session, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """What crews did about these cases, latest first."""
    references = {case.id: case.reference for case in cases}
    jobs = {job.id: job for job in session.scalars(sa.select(Job).where(Job.case_id.in_(list(references))))}
    visits = sa.select(JobResult).where(JobResult.job_id.in_(list(jobs)))
    latest = visits.order_by(JobResult.received_at.desc(), JobResult.id).limit(DONE_SHOWN)
    return [
        {
            "job_id": str(visit.job_id), "kind": jobs[visit.job_id].kind, "result": visit.result,
            "at": rfc3339(visit.received_at), "case_id": str(jobs[visit.job_id].case_id),
            "case_reference": references[jobs[visit.job_id].case_id],
        }
        for visit in (session.scalars(latest) if jobs else ())
    ]  # fmt: skip
