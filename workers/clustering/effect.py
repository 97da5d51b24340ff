"""Did it work? A camera, sign, gate or patrol: the place before and after, the ring around it, and places without one.

The change in the place is held against that of control places, which bear the season and what else changed: the ratio
of the two ratios after/before. Its interval is that of the logarithm of a cross product of Poisson counts, each with
0.5 added (Haldane 1956; Gart 1966), made wider by as much as the controls vary more than Poisson counts would.
Controls are the places that were hit about as often before, because a place chosen when it was worst gets better by
itself (regression to the mean). Of those hit alike they are the nearest, and never those of which less came: a large
council has hundreds. They are found by what was known on the eve of the start: a place that is on the list for what
came after rose by the way it was chosen. Where something was put up in the same time, no place is a control.
The ring is looked at in the same way, and the weighted displacement quotient (Bowers and Johnson 2003) says how much
of the fall came back around the place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from workers.clustering.density import Floats, Ints
from workers.clustering.places import place_centres
from workers.clustering.points import Days, Points

Word = Literal["fell", "moved nearby", "no clear change"]

WINDOW_DAYS = 90
# Less time than this since the start, or fewer cases before, and nothing can be said.
LEAST_DAYS = 28
# Controls are looked for in so many days up to the eve of the start.
LOOK_BACK_DAYS = 365
LEAST_BEFORE = 3
# As on the list of a file: two cases in a year are no place to compare with.
LEAST_IN_THE_YEAR = 3
RING_M = 500.0
# Controls are looked for so far from the place first, among the cases up to so many radii further: what a place is like
# depends on those. Where so many nearby were hit as often but for chance, nothing further away is read: as many again
# would make the interval narrower by a twentieth.
NEAR_M = 4_000.0
EDGE_RADII = 10
ENOUGH_NEARBY = 5
CONTROLS_AT_MOST = 10
CONTROLS_AT_LEAST = 3
# The normal's two-sided point at 95 %.
_POINT = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Change:
    """Counts of equal times before and after; their ratio over the controls', with its 95 % interval."""

    before: int
    after: int
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of a place after `start`, over `days` before and as many after; `because` says why the word."""

    word: Word
    because: str
    start: date
    days: int
    place: Change
    ring: Change
    controls: int
    controls_before: int
    controls_after: int
    displacement: float | None


# All cases at most so many metres east or west, and north or south, of what is looked at.
PointsWithin = Callable[[float], Points]


def effect_near(
    points_within: PointsWithin, centre: tuple[float, float], start: date, as_of: date, *,
    radius_m: float, days: int = WINDOW_DAYS, measured: Floats | None = None,
) -> Effect:  # fmt: skip
    """`effect` by as few cases as it takes: against places nearby where enough were hit as often but for chance, and
    then against no others; else against the most alike of all."""
    nearby = points_within(NEAR_M + EDGE_RADII * radius_m)
    others = places_before(nearby, start, radius_m)
    others = others[np.hypot(*(others - centre).T) <= NEAR_M]
    span = min(days, (as_of - start).days + 1)
    counted = _counted(_spots(nearby), nearby.day, centre, start, span, others, radius_m, measured)
    alike = counted.alike()
    if len(alike) >= ENOUGH_NEARBY:
        return _told(counted._replace(controls=alike), start, span)
    points = points_within(math.inf)
    others = places_before(points, start, radius_m)
    return effect(
        _spots(points),
        points.day,
        centre,
        start,
        as_of,
        others,
        radius_m=radius_m,
        days=days,
        measured=measured,
    )


def _spots(points: Points) -> Floats:
    return np.column_stack([points.easting, points.northing])


def places_before(points: Points, start: date, radius_m: float) -> Floats:
    """(n, 2) centres in metres of the places that were hit in the year before a day, none chosen by what came after."""
    eve = np.datetime64(start - timedelta(days=1))
    year = points.take((points.day <= eve) & (points.day > eve - LOOK_BACK_DAYS))
    return place_centres(year, radius_m=radius_m, min_count=LEAST_IN_THE_YEAR)


def effect(
    position: Floats, day: Days, centre: tuple[float, float], start: date, as_of: date, others: Floats, *,
    radius_m: float, days: int = WINDOW_DAYS, measured: Floats | None = None,
) -> Effect:  # fmt: skip
    """Before and after `start` within `radius_m` of a centre in metres, and from there to 500 m.

    position: (n, 2) metres and day: (n,) of all cases; others: (m, 2) centres of places as of the eve of the start, of
    which the controls are taken: none in the ring, and none within `radius_m` of where something else was put up in
    these times, `measured` (k, 2). The day of the start counts as after; `days` is cut to what has passed up to
    `as_of`.
    """
    span = min(days, (as_of - start).days + 1)
    return _told(_counted(position, day, centre, start, span, others, radius_m, measured), start, span)


class _Counted(NamedTuple):
    """Cases before and after: of the place, of the ring, and (k, 2) of the controls, those most alike first."""

    place: tuple[int, int]
    ring: tuple[int, int]
    controls: Floats

    def alike(self) -> Floats:
        """The controls that were hit as often before but for chance."""
        apart = np.abs(self.controls[:, 0] - self.place[0])
        return self.controls[apart <= max(1.0, math.sqrt(self.place[0]))]


def _counted(
    position: Floats, day: Days, centre: tuple[float, float], start: date, span: int, others: Floats,
    radius_m: float, measured: Floats | None,
) -> _Counted:  # fmt: skip
    spots = position.reshape(-1, 2)
    periods = [
        _between(day, start - timedelta(days=span), start),
        _between(day, start, start + timedelta(days=span)),
    ]
    before, after = (spots[period] for period in periods)
    candidates = _nearest_first(others.reshape(-1, 2), centre, RING_M + radius_m)
    if measured is not None and len(measured):
        candidates = candidates[cKDTree(measured).query(candidates)[0] > radius_m]
    place = _within(before, centre, 0, radius_m), _within(after, centre, 0, radius_m)
    ring = _within(before, centre, radius_m, RING_M), _within(after, centre, radius_m, RING_M)
    return _Counted(place, ring, _controls(candidates, before, after, radius_m, place[0]))


def _told(counted: _Counted, start: date, span: int) -> Effect:
    place, ring, controls = counted
    at_controls = int(controls[:, 0].sum()), int(controls[:, 1].sum())
    spread = _overdispersion(controls)
    changes = _change(place, at_controls, spread), _change(ring, at_controls, spread)
    word, because = _word(*changes, span, len(controls))
    return Effect(
        word,
        because,
        start,
        max(span, 0),
        *changes,
        len(controls),
        *at_controls,
        _displacement(place, ring, at_controls),
    )


def _between(day: Days, first: date, end: date) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (day >= np.datetime64(first)) & (day < np.datetime64(end))


def _within(spots: Floats, centre: tuple[float, float], inner_m: float, outer_m: float) -> int:
    away = np.hypot(*(spots - centre).T)
    return int(((away <= outer_m) & ((away > inner_m) | (inner_m == 0))).sum())


def _nearest_first(others: Floats, centre: tuple[float, float], beyond_m: float) -> Floats:
    """Those further away than `beyond_m`, the nearest first."""
    away = np.hypot(*(others - centre).T)
    order = np.lexsort((*others.T, away))
    nearest: Floats = others[order[away[order] > beyond_m]]
    return nearest


def _controls(candidates: Floats, before: Floats, after: Floats, radius_m: float, like: int) -> Floats:
    """(k, 2) counts before and after of the candidates that were hit most nearly as often before, at least once; of
    those hit alike the first."""
    hits = _counts(before, candidates, radius_m)
    hit = np.flatnonzero(hits)
    chosen = hit[np.argsort(np.abs(hits[hit] - like), kind="stable")][:CONTROLS_AT_MOST]
    return np.column_stack([hits[chosen], _counts(after, candidates[chosen], radius_m)]).astype(float)


def _counts(spots: Floats, centres: Floats, radius_m: float) -> Ints:
    """(n,) how many of the spots are within the radius of each centre (n, 2)."""
    if len(spots) == 0 or len(centres) == 0:
        return np.zeros(len(centres), dtype=np.int64)
    counts: Ints = cKDTree(spots).query_ball_point(centres, radius_m, return_length=True)
    return counts


def _overdispersion(controls: Floats) -> float:
    """How much more the controls vary than Poisson counts: Pearson's chi-squared by its freedom, 1 at least."""
    sums = controls.sum(axis=1)
    if len(controls) < 2 or controls.sum() == 0:
        return 1.0
    share = controls[:, 1].sum() / controls.sum()
    if share in (0.0, 1.0):
        return 1.0
    chi_squared = float((((controls[:, 1] - sums * share) ** 2) / (sums * share * (1 - share))).sum())
    return max(1.0, chi_squared / (len(controls) - 1))


def _change(counts: tuple[int, int], controls: tuple[int, int], spread: float) -> Change:
    before, after, base, later = (count + 0.5 for count in (*counts, *controls))
    log_ratio = math.log(after * base / (before * later))
    error = math.sqrt(spread * (1 / before + 1 / after + 1 / base + 1 / later))
    ratio, low, high = (math.exp(log_ratio + step * _POINT * error) for step in (0, -1, 1))
    return Change(*counts, round(ratio, 3), round(low, 3), round(high, 3))


def _word(place: Change, ring: Change, span: int, controls: int) -> tuple[Word, str]:
    if span < LEAST_DAYS:
        return (
            "no clear change",
            f"Too early: {max(span, 0)} days have passed, at least {LEAST_DAYS} are needed.",
        )
    if place.before < LEAST_BEFORE:
        return (
            "no clear change",
            f"Too few cases before to tell: {place.before}, at least {LEAST_BEFORE} are needed.",
        )
    if controls < CONTROLS_AT_LEAST:
        return (
            "no clear change",
            f"Only {controls} other places to compare with; at least {CONTROLS_AT_LEAST} are needed.",
        )
    counts = f"{place.before} before and {place.after} after in {span} days each"
    if place.high >= 1:
        return "no clear change", f"{counts}: other places changed in a like way, or it may be chance."
    if ring.low > 1:
        return (
            "moved nearby",
            f"{counts}, while around it there were {ring.before} before and {ring.after} after.",
        )
    return "fell", f"{counts}, more of a fall than at {controls} other places."


def _displacement(place: tuple[int, int], ring: tuple[int, int], controls: tuple[int, int]) -> float | None:
    """The weighted displacement quotient: below 0 some moved into the ring, at -1 all; above 0 the ring gained too."""
    if 0 in controls:
        return None
    fall = place[1] / controls[1] - place[0] / controls[0]
    if fall >= 0:
        return None
    return round((ring[1] / controls[1] - ring[0] / controls[0]) / fall, 3)
