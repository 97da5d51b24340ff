"""What phones carry of hotspots: the row of the list, and what is known of the place, for where there is no signal."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job, JobResult
from server.hotspots.figures import Window, figures
from server.hotspots.models import Hotspot
from server.hotspots.service import newest_run
from server.hotspots.view import usual
from server.store.clock import rfc3339
from server.sync.feed import Scope, feed_source

DONE_CARRIED = 3


@feed_source("hotspot", Hotspot, within=lambda _scope: Hotspot.state == "listed")
def show_hotspots(session: Session, _scope: Scope, rows: Sequence[Hotspot]) -> list[dict[str, Any] | None]:
    """The places on the newest list."""
    known = _evidence(session, [row for row in rows if row.state == "listed"])
    return [
        None if row.state != "listed" else {
            "rank": row.rank, "position": row.position, "kind": row.kind, "label": row.label, "lat": row.lat,
            "lon": row.lon, "count": row.count, "trend": row.trend,
            "extent_m": row.extent_m, "first": row.first.isoformat(), "last": row.last.isoformat(),
            "evidence": known.get(row.id),
        }
        for row in rows
    ]  # fmt: skip


def _evidence(session: Session, rows: Sequence[Hotspot]) -> dict[uuid.UUID, dict[str, Any]]:
    """What is known of each place: as its page has it, without cases' references; counts alone, as `up_to` has them."""
    run = newest_run(session) if rows else None
    if run is None:
        return {}
    window = Window(run.as_of, run.window_days)
    members: dict[uuid.UUID | None, list[Case]] = defaultdict(list)
    for case in session.scalars(sa.select(Case).where(Case.hotspot_id.in_([row.id for row in rows]))):
        members[case.hotspot_id].append(case)
    done = _done(session, [row.id for row in rows])
    return {row.id: _counts(row, members[row.id], window) | {"done": done.get(row.id, [])} for row in rows}


def _counts(row: Hotspot, cases: Sequence[Case], window: Window) -> dict[str, Any]:
    found = figures(cases, window)
    return {
        "days": window.days, "expected": row.expected, "usual": usual(row.q),
        "up_to": found["months"][-1]["month"], "months": [month["count"] for month in found["months"]],
        "hours": found["hours"], "weekdays": found["weekdays"], "waste": found["waste"],
    }  # fmt: skip


def _done(session: Session, hotspot_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, list[dict[str, str]]]:
    """The latest that crews did about the members of each place, latest first."""
    query = (
        sa.select(Case.hotspot_id, Job.kind, JobResult.result, JobResult.received_at)
        .join(Job, sa.and_(Job.authority_id == JobResult.authority_id, Job.id == JobResult.job_id))
        .join(Case, sa.and_(Case.authority_id == Job.authority_id, Case.id == Job.case_id))
        .where(Case.hotspot_id.in_(hotspot_ids))
        .order_by(JobResult.received_at.desc(), JobResult.id)
    )
    found: dict[uuid.UUID | None, list[dict[str, str]]] = defaultdict(list)
    for hotspot_id, kind, result, at in session.execute(query):
        if len(found[hotspot_id]) < DONE_CARRIED:
            found[hotspot_id].append({"kind": kind, "result": result, "at": rfc3339(at)})
    return found
