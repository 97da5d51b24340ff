"""Does a report belong to a case that is already open?

A report joins an open case of the same kind when it was seen within 30 m and 7 days of it and both positions
are accurate to 30 m or better. Anything less certain is only suggested to an officer. What a person said
("it's this one") is the caller's to apply before asking here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

JOIN_RADIUS_M = 30.0
JOIN_ACCURACY_M = 30.0
JOIN_WINDOW = timedelta(days=7)
UNKNOWN_ACCURACY_M = 100.0
SUGGEST_LIMIT_M = 500.0
SUGGEST_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Sighting:
    """What collapse needs of a report: grid metres (None without a position), stated accuracy in metres."""

    kind: str
    easting: float | None
    northing: float | None
    accuracy_m: float | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What collapse needs of an open case; first and last seen span the reports it holds."""

    id: str
    kind: str
    easting: float | None
    northing: float | None
    accuracy_m: float | None
    first_seen_at: datetime
    last_seen_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Join:
    """The report belongs to this case; `because` says why, for the case's history."""

    case_id: str
    because: str


@dataclass(frozen=True, slots=True)
class Suggest:
    """Open a case, and show these (nearest first) to an officer as perhaps the same."""

    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Open a case; nothing near is like it."""


Verdict = Join | Suggest | Open


def collapse(sighting: Sighting, open_cases: Iterable[OpenCase]) -> Verdict:
    """Where a report goes. Of several cases the nearest wins, then the one open longest, then the lowest id.

    Times are aware; the answer does not depend on the order of `open_cases`.
    """
    near = sorted(
        (away, case.opened_at, case.id, case)
        for case in open_cases
        if case.kind == sighting.kind and (away := _apart_m(sighting, case)) is not None
    )
    for away, _, _, case in near:
        if _joins(sighting, case, away):
            return Join(case.id, _because(sighting, case, away))
    alike = [case.id for away, _, _, case in near if away <= _suggest_radius_m(sighting, case)]
    return Suggest(tuple(alike[:SUGGEST_AT_MOST])) if alike else Open()


def _apart_m(sighting: Sighting, case: OpenCase) -> float | None:
    """Metres to the millimetre, so that a distance of just 30 m is 30 m whatever the coordinates."""
    if sighting.easting is None or sighting.northing is None or case.easting is None or case.northing is None:
        return None
    return round(math.hypot(sighting.easting - case.easting, sighting.northing - case.northing), 3)


def _joins(sighting: Sighting, case: OpenCase, away_m: float) -> bool:
    accurate = all(
        accuracy is not None and accuracy <= JOIN_ACCURACY_M
        for accuracy in (sighting.accuracy_m, case.accuracy_m)
    )
    return accurate and away_m <= JOIN_RADIUS_M and _outside_span(sighting, case) <= JOIN_WINDOW


def _outside_span(sighting: Sighting, case: OpenCase) -> timedelta:
    """How long before the case was first seen, or after it was last seen; nothing when in between."""
    return max(case.first_seen_at - sighting.seen_at, sighting.seen_at - case.last_seen_at, timedelta(0))


def _suggest_radius_m(sighting: Sighting, case: OpenCase) -> float:
    """As far as both positions may be wrong, at least 30 m (100 m when one is unknown), at most 500 m."""
    accuracies = (sighting.accuracy_m, case.accuracy_m)
    least = UNKNOWN_ACCURACY_M if None in accuracies else JOIN_RADIUS_M
    return min(max(least, sum(accuracy or 0.0 for accuracy in accuracies)), SUGGEST_LIMIT_M)


def _because(sighting: Sighting, case: OpenCase, away_m: float) -> str:
    days = _outside_span(sighting, case).days
    if sighting.seen_at < case.first_seen_at:
        when = f"{_days(days)} before this case was first seen"
    elif sighting.seen_at > case.last_seen_at:
        when = f"{_days(days)} after this case was last seen"
    else:
        when = "between its first and last sighting"
    return f"Same kind, {away_m:.0f} m away, {when}; both positions are accurate to {JOIN_ACCURACY_M:.0f} m."


def _days(days: int) -> str:
    return {0: "less than a day", 1: "1 day"}.get(days, f"{days} days")
