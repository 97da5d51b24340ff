"""The overview: cases opened in a window, what became of them by now, and the query that lists the rows behind.

Every figure is about the cases opened in the window: how many were received, how many of those are still open, how
many were closed as cleared, and the median of the days between opening and that, to one decimal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.opening import LOCAL
from server.cases.outcome import NOT_CLEARED, OPEN
from server.cases.search import NOT_KNOWN
from server.errors import Problem
from server.intake.reference import reference
from server.places.models import Area
from server.store.clock import rfc3339

MONTHS = 12
MONTHS_MOST = 120
GROUPINGS = ("month", "ward", "kind", "waste", "source")
_KINDS = {"fly_tip": "Fly-tips", "incident": "Incidents"}
_SOURCES = {"crew": "Crews", "officer": "Officers", "resident": "Residents", "open311": "Other systems"}
_KEY, _NEXT = ":", "\n"
_COLUMNS = {"ward": "ward_code", "kind": "kind", "waste": "waste", "source": "source"}


@dataclass(slots=True)
class Figures:
    """Counts of some cases. `cleared`: days to clear, to one decimal -> how many cases took so long."""

    received: int = 0
    open: int = 0
    cleared: Counter[float] = field(default_factory=Counter)

    def add(self, outcome: int, count: int) -> None:
        """Count `count` cases that came out like this (see outcome.py)."""
        self.received += count
        if outcome == OPEN:
            self.open += count
        elif outcome != NOT_CLEARED:
            self.cleared[outcome / 10] += count

    def as_json(self, start: datetime, end: datetime, only: Mapping[str, str]) -> dict[str, Any]:
        """The figures, and for each the query of `/cases` that lists what was counted."""
        rows = {"opened_from": rfc3339(start), "opened_to": rfc3339(end), **only}
        return {
            "received": self.received, "open": self.open, "cleared": self.cleared.total(),
            "median_days_to_clear": median(self.cleared),
            "rows": {
                "received": urlencode(rows), "open": urlencode(rows | {"state": "open"}),
                "cleared": urlencode(rows | {"state": "closed", "closed_because": "close"}),
            },
        }  # fmt: skip


def median(counted: Mapping[float, int]) -> float | None:
    """The median of values given with how often each occurs: the mean of the middle two of an even number."""
    total = sum(counted.values())
    if total == 0:
        return None
    middle = ((total - 1) // 2, total // 2)
    found: list[float] = []
    passed = 0
    for value in sorted(counted):
        passed += counted[value]
        found += [value for place in middle[len(found) :] if place < passed]
        if len(found) == len(middle):
            break
    return round(sum(found) / 2, 2)


def overview(
    session: Session, by: str, start: datetime | None, end: datetime | None, at: datetime
) -> dict[str, Any]:
    """The figures of the cases opened from `start` up to `end`, whole and by `by` (one of GROUPINGS).

    By default the last twelve months, the present one included. Raises Problem invalid_request for a window that
    is empty or too long.
    """
    # Whole seconds, as the queries behind the figures say them.
    end = min(end or at, at).replace(microsecond=0) + timedelta(seconds=end is None or end > at)
    start = (start or _months(end - timedelta(seconds=1))[-MONTHS]).replace(microsecond=0)
    _refuse_odd(start, end)
    if by == "month":
        months = _month_windows(start, end)
        counted = [groups.get("", Figures()) for groups in _counted(session, months, None)]
        shown = _months_shown(months, counted)
    else:
        [groups] = _counted(session, [(start, end)], by)
        counted = list(groups.values())
        shown = _columns_shown(groups, _names(session, by), by, start, end)
    totals = Figures()
    for group in counted:
        totals.received += group.received
        totals.open += group.open
        totals.cleared += group.cleared
    window = {"from": rfc3339(start), "to": rfc3339(end)}
    return {
        "window": window, "as_at": rfc3339(at), "by": by, "totals": totals.as_json(start, end, {}),
        "groups": shown, "definitions": DEFINITIONS,
    }  # fmt: skip


DEFINITIONS = {
    "received": "Cases opened in the window",
    "open": "Those of them not closed by now",
    "cleared": "Those of them closed as cleared by now",
    "median_days_to_clear": "Half of the cleared ones took no longer than this from opening to closing, in days",
}


def _refuse_odd(start: datetime, end: datetime) -> None:
    if start >= end:
        message = "The window must begin before it ends, and before now"
        raise Problem("invalid_request", message, {"from": [message]})
    if end - start > timedelta(days=31 * MONTHS_MOST):
        message = "Ask for ten years at most"
        raise Problem("invalid_request", message, {"from": [message]})


def _months(last: datetime) -> list[datetime]:
    """The beginnings of the months up to that of `last`, by the local clock, oldest first."""
    local = last.astimezone(LOCAL)
    number = local.year * 12 + local.month - 1
    return [
        datetime(month // 12, month % 12 + 1, 1, tzinfo=LOCAL)
        for month in range(number - MONTHS_MOST, number + 1)
    ]


_Window = tuple[datetime, datetime]


def _counted(session: Session, windows: list[_Window], by: str | None) -> list[dict[str, Figures]]:
    """The figures of the cases opened in each window, by the value of a column or all under "", which is also none."""
    cases = Case.metadata.tables[Case.__tablename__].c
    asked = (
        sa.values(
            sa.column("place", sa.Integer), sa.column("begins", cases.opened_at.type),
            sa.column("ends", cases.opened_at.type),
        )
        .data([(place, *window) for place, window in enumerate(windows)])
        .cte("asked")
    )  # fmt: skip
    said: sa.ColumnElement[str] = sa.cast(cases.outcome, sa.String)
    if by is not None:
        said = said + _KEY + sa.func.coalesce(cases[_COLUMNS[by]], "")
    # A row for each case, or a count for each group, which SQLite sorts all cases for, would take longer.
    all_said = (
        sa.select(sa.func.aggregate_strings(said, _NEXT))
        .where(cases.authority_id == session.info["authority_id"])
        .where(cases.opened_at >= asked.c.begins, cases.opened_at < asked.c.ends)
        .scalar_subquery()
    )
    answers = session.execute(sa.select(all_said).select_from(asked).order_by(asked.c.place))
    return [_sorted_out(text) for text in answers.scalars()]


def _sorted_out(text: str | None) -> dict[str, Figures]:
    """The figures of cases of which it is said, one after another, how they came out and where they belong."""
    groups: dict[str, Figures] = defaultdict(Figures)
    for said, count in Counter(text.split(_NEXT) if text else ()).items():
        outcome, _, key = said.partition(_KEY)
        groups[key].add(int(outcome), count)
    return groups


def _month_windows(start: datetime, end: datetime) -> list[_Window]:
    begins = [start, *(month for month in _months(end) if start < month < end)]
    return list(zip(begins, [*begins[1:], end], strict=True))


def _months_shown(months: list[_Window], counted: list[Figures]) -> list[dict[str, Any]]:
    """Every month of the window, oldest first; the first and the last may be parts of one."""
    return [
        {"key": f"{local:%Y-%m}", "label": f"{local:%B %Y}", "window": _window(begins, ends)}
        | figures.as_json(begins, ends, {})
        for (begins, ends), figures in zip(months, counted, strict=True)
        for local in [begins.astimezone(LOCAL)]
    ]


def _columns_shown(
    groups: Mapping[str, Figures], names: Mapping[str, str], by: str, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The groups that have cases, the largest first; those of which it is not known at the end."""
    keys = sorted(groups, key=lambda key: (key == "", -groups[key].received, names.get(key, key)))
    return [
        {
            "key": key or NOT_KNOWN, "label": names.get(key, key) if key else "Not known",
            "window": _window(start, end),
        }
        | groups[key].as_json(start, end, {by: key or NOT_KNOWN})
        for key in keys
    ]  # fmt: skip


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": rfc3339(start), "to": rfc3339(end)}


def _names(session: Session, by: str) -> dict[str, str]:
    if by == "ward":
        wards = session.execute(sa.select(Area.code, Area.name).where(Area.kind == "ward"))
        return {code: name for code, name in wards}  # noqa: C416 - rows are no pairs to dict()
    if by == "waste":
        return {entry["code"]: entry["name"] for entry in reference()["waste"]}
    return _KINDS if by == "kind" else _SOURCES
