"""Places that keep being hit: bounded, ranked, the same whatever the order of the input."""

from __future__ import annotations

import gc
import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from workers.clustering.crowding import Lumps, lumps
from workers.clustering.density import REACH, Floats, Ints, density_at, gaussian_density, in_tiles_around
from workers.clustering.discs import Discs, bounded_discs, exact_weights
from workers.clustering.extents import extents
from workers.clustering.neighbours import Neighbours
from workers.clustering.points import Days, Points, positions
from workers.clustering.seeds import Sites
from workers.clustering.trend import Trend, trends

# Below this many cases a year a decay only makes the list restless.
DECAY_FROM_PER_YEAR = 1_500
HALF_LIFE_DAYS = 180.0

# What orders the rows of one rank: bandwidths in metres and shares; the spot, the street, the neighbourhood.
SURFACE = ((35.0, 0.50), (150.0, 0.35), (600.0, 0.15))

# Past this many half-lives a weight stays as it is: too small to show, and never 0.
_MOST_HALF_LIVES = 60.0


@dataclass(frozen=True, slots=True)
class HotPlace:
    """A place that keeps being hit. Centre in grid metres; extent_m: diameter of a circle round its members.

    count: members; score: their severities, halved for every half-life of age; members: ids, ascending.
    Places with equal count and score share a rank, and the next rank leaves room for them (1, 1, 3).
    """

    rank: int
    easting: float
    northing: float
    extent_m: float
    count: int
    score: float
    first: date
    last: date
    members: tuple[str, ...]
    trend: Trend


def auto_half_life(n_per_year: float) -> float | None:
    """Half-life in days for a yearly number of cases: none below 1,500, else 180 days."""
    return None if n_per_year < DECAY_FROM_PER_YEAR else HALF_LIFE_DAYS


def find_places(
    points: Points,
    *,
    radius_m: float = 100.0,
    min_count: int = 3,
    half_life_days: float | None = None,
    as_of: date,
    since: date | None = None,
    crowded: float | None = None,
) -> list[HotPlace]:
    """The places of these points, best first; rows of one rank by the surface, the latest case, then by position.

    All members of a place are within `radius_m` of its centre, so it is never wider than twice that, and no
    point is in two places. A point whose stated accuracy is worse than the radius forms no place: it neither
    counts towards `min_count` nor moves the centre, but is a member of the nearest place within the radius.
    The centre is the mean of the other members, weighted as in the score, or as near to it as `bounded_discs` states.
    Points dated after `as_of` count as of that day; `since` is the first day that was looked at, that of the first
    point unless given; `crowded`: of which these points are a part, its `crowded_from`.
    ValueError for a radius, count or half-life that is not above 0.
    """
    if radius_m <= 0 or min_count < 1 or (half_life_days is not None and half_life_days <= 0):
        raise ValueError("Radius, minimum count and half-life must be above 0.")
    if len(points) == 0:
        return []
    weight = exact_weights(_weights(points, half_life_days, as_of))
    position, origin = positions(points)
    forming = ~(points.accuracy_m > radius_m)
    if not forming.any():
        return []
    crowd = lumps(points.easting, points.northing, radius_m, crowded)
    in_lumps = Lumps(crowd.of[forming], crowd.middles - origin)
    discs = _discs(position[forming], weight[forming], in_lumps, radius_m, min_count)
    place_of = np.full(len(points), -1, dtype=np.int64)
    place_of[forming] = discs.disc_of
    place_of[~forming] = _nearest_disc(discs.centres, position[~forming], radius_m)
    days = since or points.day.min().item(), as_of
    with _no_cycles_sought():
        found = _described(points, weight, position, discs.centres, place_of, days, 2 * radius_m)
        return _ranked(weight, position, origin, found)


def place_centres(points: Points, *, radius_m: float, min_count: int = 3) -> Floats:
    """(p, 2) the centres of `find_places` without half-life, in metres: to rank places takes ten times as long."""
    forming = points.take(~(points.accuracy_m > radius_m))
    if len(forming) == 0:
        return np.empty((0, 2))
    position, origin = positions(forming)
    crowd = lumps(forming.easting, forming.northing, radius_m)
    in_lumps = Lumps(crowd.of, crowd.middles - origin)
    return _told(
        _discs(position, exact_weights(forming.severity), in_lumps, radius_m, min_count).centres, origin
    )


def _told(centres: Floats, origin: Floats) -> Floats:
    """Centres to the millimetre, as they are told: so places found in parts come in the same order.

    Half a millimetre is always rounded up, whatever the last bit, which depends on where the corner is.
    """
    told: Floats = np.round(centres + origin + 1e-7, 3)
    return told


def _discs(position: Floats, weight: Floats, crowd: Lumps, radius_m: float, min_count: int) -> Discs:
    """The discs of these points, and the disc of each."""
    grouped = _merge_duplicates(position, weight)
    # Points at one spot to the millimetre may be in two lumps: the first is theirs, whatever the order of the points.
    lump = np.full(len(grouped.sites.number), len(crowd.middles))
    np.minimum.at(lump, grouped.site_of, crowd.of)
    in_lumps = Lumps(lump, crowd.middles)
    discs = bounded_discs(grouped.sites, radius_m=radius_m, min_count=min_count, crowd=in_lumps)
    return discs._replace(disc_of=discs.disc_of[grouped.site_of])


@contextmanager
def _no_cycles_sought() -> Iterator[None]:
    """While very many objects are made of which none is in a cycle: Python would look through them again and again."""
    seeks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if seeks:
            gc.enable()


class _Grouped(NamedTuple):
    """Distinct positions in their own order (by easting, then northing), and the site of each point."""

    sites: Sites
    site_of: Ints


class _Found(NamedTuple):
    """Places as columns, in the order in which they were found: centres relative to the corner of all points."""

    centre: Floats
    extent_m: Floats
    number: Ints
    score: Floats
    first: Days
    last: Days
    members: list[tuple[str, ...]]
    trend: list[Trend]


def _weights(points: Points, half_life_days: float | None, as_of: date) -> Floats:
    if half_life_days is None:
        return points.severity
    age_days = np.maximum((np.datetime64(as_of) - points.day).astype(float), 0.0)
    weights: Floats = points.severity * 0.5 ** np.minimum(age_days / half_life_days, _MOST_HALF_LIVES)
    return weights


def _merge_duplicates(position: Floats, weight: Floats) -> _Grouped:
    """One site for all points at the same spot: a thousand cases at one gate cost no more than one."""
    east, north = (np.rint(axis * 1000).astype(np.int64) for axis in position.T)
    key = east * (int(north.max()) + 1) + north
    order = np.argsort(key)
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    number = np.diff(first, append=len(order))
    site_of = np.empty_like(order)
    site_of[order] = np.repeat(np.arange(len(first)), number)
    # Exact weights: their sums do not depend on the order of the input.
    sites = Sites(position.take(order[first], axis=0), np.add.reduceat(weight[order], first), number)
    return _Grouped(sites, site_of)


def _nearest_disc(centres: Floats, position: Floats, radius_m: float) -> Ints:
    if len(centres) == 0 or len(position) == 0:
        return np.full(len(position), -1, dtype=np.int64)
    away, nearest = cKDTree(centres).query(position)
    return np.where(away <= radius_m, nearest, -1)


def _described(
    points: Points,
    weight: Floats,
    position: Floats,
    centres: Floats,
    place_of: Ints,
    span: tuple[date, date],
    widest_m: float,
) -> _Found:
    order = _by_place(place_of, _by_id(points.ids))
    of = place_of[order]
    if len(order) == 0:
        return _Found(centres, np.empty(0), of, np.empty(0), points.day[:0], points.day[:0], [], [])
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    ends = np.append(starts[1:], len(order))
    days = points.day[order]
    ids = _taken(points.ids, order.tolist())
    return _Found(
        centre=centres,
        # A twentieth of a metre is always rounded up, whatever the last bit, which depends on the order of the points.
        extent_m=np.minimum(np.round(extents(position.take(order, axis=0), starts) + 1e-9, 1), widest_m),
        number=ends - starts,
        score=np.round(np.add.reduceat(weight[order], starts), 6).astype(float),
        first=np.minimum.reduceat(days, starts),
        last=np.maximum.reduceat(days, starts),
        members=[ids[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)],
        trend=trends(days, of, len(centres), span[1], span[0]),
    )


def _by_id(ids: Sequence[str]) -> Ints:
    """(n,) indices in the order of the ids; as they come from a database they are in it."""
    if all(map(operator.le, ids, islice(ids, 1, None))):
        return np.arange(len(ids))
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)


def _by_place(place_of: Ints, order: Ints) -> Ints:
    """Of these indices those that are in a place, place by place."""
    place = place_of[order]
    kept = np.flatnonzero(place >= 0)
    # Numbers with both in them: sorting numbers is several times as fast as finding in which order they would be.
    both = place[kept] * len(order) + kept
    both.sort()
    chosen: Ints = order[both % len(order)]
    return chosen


def _ranked(weight: Floats, position: Floats, origin: Floats, found: _Found) -> list[HotPlace]:
    """Best first by score, then count; rows of one rank by the surface, then the latest case, then their centre."""
    best = np.lexsort((-found.number, -found.score))
    score, count = found.score[best], found.number[best]
    new = np.ones(len(best), dtype=bool)
    new[1:] = (np.diff(score) != 0) | (np.diff(count) != 0)
    rank = np.maximum.accumulate(np.where(new, np.arange(1, len(best) + 1), 0))
    alike = np.flatnonzero(np.bincount(rank, minlength=1)[rank] > 1)
    surface = np.zeros(len(best))
    centre = _told(found.centre, origin)
    surface[alike] = surface_at(centre[best[alike]] - origin, position, weight)
    latest = found.last.astype(np.int64)[best]
    order = np.lexsort((centre[best, 1], centre[best, 0], -latest, -surface, rank))
    chosen = best[order]
    columns = (
        rank[order],
        centre[chosen, 0],
        centre[chosen, 1],
        found.extent_m[chosen],
        found.number[chosen],
        score[order],
        found.first[chosen],
        found.last[chosen],
    )
    told = (column.tolist() for column in columns)
    rows = chosen.tolist()
    return list(map(HotPlace, *told, _taken(found.members, rows), _taken(found.trend, rows)))


def _taken(column: Sequence[Any], rows: list[int]) -> tuple[Any, ...]:
    if len(rows) == 1:
        return (column[rows[0]],)
    return operator.itemgetter(*rows)(column) if rows else ()


def ranked_together(
    points: Points, found: list[HotPlace], half_life_days: float | None, as_of: date
) -> list[HotPlace]:
    """Places that were found in parts of these points, ranked as one list."""
    if not found:
        return []
    position, origin = positions(points)
    columns = _Found(
        centre=np.array([(place.easting, place.northing) for place in found]) - origin,
        extent_m=np.array([place.extent_m for place in found]),
        number=np.array([place.count for place in found]),
        score=np.array([place.score for place in found]),
        first=np.array([place.first for place in found], dtype="datetime64[D]"),
        last=np.array([place.last for place in found], dtype="datetime64[D]"),
        members=[place.members for place in found],
        trend=[place.trend for place in found],
    )
    weight = exact_weights(_weights(points, half_life_days, as_of))
    return _ranked(weight, position, origin, columns)


def surface_at(centres: Floats, position: Floats, weight: Floats) -> Floats:
    """(p,) the multi-scale surface at centres (p, 2): Gaussian densities of the weighted points at three scales.

    To six digits, so that the order of the points' sum is not seen.
    """
    if len(centres) == 0:
        return np.zeros(0)
    narrow, *wide = SURFACE
    total = np.zeros(len(centres))
    around = np.flatnonzero(in_tiles_around(position, centres, REACH * narrow[0]))
    near = Neighbours(position[around], REACH * narrow[0])
    for owner, site in near.pairs(centres):
        point = around[near.order[site]]
        away = np.hypot(*(position[point] - centres[owner]).T)
        added = narrow[1] * weight[point] * gaussian_density(away, narrow[0])
        total += np.bincount(owner, added, minlength=len(total))
    for bandwidth_m, share in wide:
        total += share * density_at(centres, position, weight, bandwidth_m)
    digits = 10.0 ** (6 - np.ceil(np.log10(np.maximum(total, 1e-30))))
    rounded: Floats = np.round(total * digits) / digits
    return rounded
