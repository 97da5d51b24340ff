"""One place whole, and the patrol sheet: the best places of a list with what a patrol wants to know of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.cases.models import Case
from server.cases.opening import local_day
from server.hotspots.effects import measured_effects
from server.hotspots.figures import (
    Window,
    cases_within_reach,
    counts_up_to,
    done_there,
    figures,
    member_rows,
    members_of,
)
from server.hotspots.models import Hotspot
from server.hotspots.service import WINDOW_DAYS, newest_run
from server.hotspots.view import area_rows, hotspot_rows, usual
from server.hotspots.windows import Question, hotspot_list
from server.store.clock import rfc3339
from workers.clustering.trend import trend, word_on_record
from workers.geocoding.grid import grid_reference
from workers.geocoding.plus_code import plus_code

TITLES = {"fly_tip": "Patrol sheet: fly-tips", "incident": "Patrol sheet: incidents"}


def place_whole(
    session: Session, hotspot: Hotspot, window_days: int | None, as_of: datetime | None, at: datetime
) -> dict[str, Any]:
    """A place with its figures. Without a window its members by the newest run, else the cases within its radius
    that were seen in the window."""
    run = newest_run(session)
    window = Window(min(as_of or at, at), window_days or (run.window_days if run else WINDOW_DAYS))
    row = hotspot_rows(session, [hotspot])[0]
    if as_of is None and window_days is None:
        window = Window(run.as_of if run else at, window.days)
        cases = members_of(session, hotspot.id)
    else:
        cases = cases_within_reach(session, hotspot.kind, hotspot.easting, hotspot.northing, window)
        row |= _row_in(cases, window, hotspot)
    about = {
        "window": window.as_json(), "as_at": rfc3339(window.to), "rev": hotspot.rev, "named": hotspot.named,
        "usual": usual(row["q"]), "background": run.background if run else None,
        "by_chance": (run.by_chance or {}).get(hotspot.kind) if run else None,
        "counts": counts_up_to(cases, window.to),
    }  # fmt: skip
    whole = row | figures(cases, window) | about
    measures, effects = measured_effects(session, hotspot, at)
    return whole | {
        "member_rows": member_rows(cases), "done": done_there(session, cases), "measures": measures,
        "effects": effects,
    }  # fmt: skip


def _row_in(cases: Sequence[Case], window: Window, hotspot: Hotspot) -> dict[str, Any]:
    """What of a place's row depends on the window."""
    days = [local_day(case.first_seen_at) for case in cases]
    since, last = local_day(window.start), local_day(window.to)
    word = trend(np.array(days, dtype="datetime64[D]"), last, since) if days else "quiet"
    return {
        "rank": None, "count": len(cases), "score": None, "expected": None, "p": None, "q": None,
        "members": [str(case.id) for case in cases],
        "trend": word_on_record(word, len(days), local_day(hotspot.created_at), last),
        "first": min(days).isoformat() if days else None, "last": max(days).isoformat() if days else None,
    }  # fmt: skip


def patrol_sheet(session: Session, question: Question, top: int, at: datetime) -> dict[str, Any]:
    """The `top` places of a list, each with when it is hit, with what, what is open there and what was done."""
    rows, run = hotspot_list(session, question, at, slice(top))
    to = datetime.fromisoformat(run["as_of"]) if run else at
    window = Window(to, run["window_days"] if run else WINDOW_DAYS)
    authority = session.get_one(Authority, session.info["authority_id"])
    title = ", ".join([TITLES[question.kind], *(area.name for area in question.within)])
    return {
        "title": title, "authority": authority.name, "as_at": rfc3339(to), "window": window.as_json(),
        "within": area_rows(question.within),
        "items": [_to_pass(session, row, question.kind, window) for row in rows], "next": None,
    }  # fmt: skip


def _to_pass(session: Session, row: dict[str, Any], kind: str, window: Window) -> dict[str, Any]:
    cases = cases_within_reach(session, kind, row["easting"], row["northing"], window)
    said = figures(cases, window)
    shown = ("rank", "id", "label", "lat", "lon", "extent_m", "count", "trend", "first", "last")
    return {name: row[name] for name in shown} | {
        "grid_reference": grid_reference(row["easting"], row["northing"]),
        "plus_code": plus_code(row["lat"], row["lon"]), "busiest": said["busiest"], "waste": said["waste"],
        "open_cases": [
            {"id": str(case.id), "reference": case.reference, "hazards": case.hazards}
            for case in cases if case.state != "closed"
        ],
        "done": done_there(session, cases)[:3],
    }  # fmt: skip
