"""The overview: cases opened in a window, what became of them by now, and the query that lists the rows behind.

Every figure is about the cases opened in the window: how many were received, how many of those are still open, how
many were closed as cleared, and the median of the days between opening and that, to one decimal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.opening import LOCAL
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
NOT_CLEARED, STILL_OPEN = -1, -2
_COLUMNS = {"ward": "ward_code", "kind": "kind", "waste": "waste", "source": "source"}


@dataclass(slots=True)
class Figures:
    """Counts of some cases. `cleared`: days to clear, to one decimal -> how many cases took so long."""

    received: int = 0
    open: int = 0
    cleared: Counter[float] = field(default_factory=Counter)

    def add(self, outcome: int, count: int) -> None:
        """Count `count` cases that came out like this: STILL_OPEN, NOT_CLEARED, or the tenths of a day it took."""
        self.received += count
        if outcome == STILL_OPEN:
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
    groups = _by_month(session, start, end) if by == "month" else _by_column(session, by, start, end)
    totals = Figures()
    for group in groups.values():
        totals.received += group.received
        totals.open += group.open
        totals.cleared += group.cleared
    window = {"from": rfc3339(start), "to": rfc3339(end)}
    shown = _months_shown if by == "month" else _columns_shown(session, by)
    return {
        "window": window, "as_at": rfc3339(at), "by": by, "totals": totals.as_json(start, end, {}),
        "groups": shown(groups, start, end), "definitions": DEFINITIONS,
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


@cache
def _statement(by: str | None) -> sa.Select[Any]:
    """How many cases opened in a window came out how, by the value of a column; made once, for it is asked often."""
    cases = Case.metadata.tables[Case.__tablename__].c
    keys = [cases[_COLUMNS[by]]] if by else []
    # SQLite sorts in order to group, and whole numbers first make that three times as fast.
    outcome = sa.case(
        (cases.clear_days.is_not(None), sa.cast(sa.func.round(cases.clear_days * 10), sa.Integer)),
        (cases.state == "closed", NOT_CLEARED),
        else_=STILL_OPEN,
    ).label("outcome")
    return (
        sa.select(outcome, sa.func.count(), *keys)
        .where(cases.authority_id == sa.bindparam("authority"))
        .where(cases.opened_at >= sa.bindparam("start"), cases.opened_at < sa.bindparam("end"))
        .group_by(sa.text("outcome"), *keys)
    )


def _counted(session: Session, by: str | None, start: datetime, end: datetime) -> dict[Any, Figures]:
    """The figures by the value of a column, or of all under None. Past the ORM, because months are asked one by one."""
    asked = {"authority": session.info["authority_id"], "start": start, "end": end}
    groups: dict[Any, Figures] = defaultdict(Figures)
    for came_out, count, *key in session.connection().execute(_statement(by), asked):
        groups[key[0] if key else None].add(came_out, count)
    return groups


def _by_column(session: Session, by: str, start: datetime, end: datetime) -> dict[Any, Figures]:
    return _counted(session, by, start, end)


def _by_month(session: Session, start: datetime, end: datetime) -> dict[Any, Figures]:
    """Each month counted by itself: it is a range of the index, and begins by the local clock."""
    groups: dict[Any, Figures] = {}
    for begins, ends in _month_windows(start, end):
        groups[begins] = _counted(session, None, begins, ends).get(None, Figures())
    return groups


def _month_windows(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    begins = [start, *(month for month in _months(end) if start < month < end)]
    return list(zip(begins, [*begins[1:], end], strict=True))


_Shown = Callable[[Mapping[Any, Figures], datetime, datetime], list[dict[str, Any]]]


def _months_shown(groups: Mapping[Any, Figures], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Every month of the window, oldest first; the first and the last may be parts of one."""
    shown = []
    for begins, ends in _month_windows(start, end):
        local = begins.astimezone(LOCAL)
        shown.append(
            {"key": f"{local:%Y-%m}", "label": f"{local:%B %Y}", "window": _window(begins, ends)}
            | groups[begins].as_json(begins, ends, {})
        )
    return shown


def _columns_shown(session: Session, by: str) -> _Shown:
    names = _names(session, by)

    def shown(groups: Mapping[Any, Figures], start: datetime, end: datetime) -> list[dict[str, Any]]:
        """The groups that have cases, the largest first; those of which it is not known at the end."""
        keys = sorted(groups, key=lambda key: (key is None, -groups[key].received, names.get(key, str(key))))
        return [
            {
                "key": key or NOT_KNOWN, "label": names.get(key, key) if key else "Not known",
                "window": _window(start, end),
            }
            | groups[key].as_json(start, end, {by: key or NOT_KNOWN})
            for key in keys
        ]  # fmt: skip

    return shown


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": rfc3339(start), "to": rfc3339(end)}


def _names(session: Session, by: str) -> dict[str, str]:
    if by == "ward":
        wards = session.execute(sa.select(Area.code, Area.name).where(Area.kind == "ward"))
        return {code: name for code, name in wards}  # noqa: C416 - rows are no pairs to dict()
    if by == "waste":
        return {entry["code"]: entry["name"] for entry in reference()["waste"]}
    return _KINDS if by == "kind" else _SOURCES
