"""Places that keep being hit: bounded, ranked, the same whatever the order of the input."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree

from workers.clustering.discs import Disc, Floats, Ints, bounded_discs
from workers.clustering.points import Points, positions
from workers.clustering.trend import Trend, trend

# Below this many cases a year a decay only makes the list restless.
DECAY_FROM_PER_YEAR = 1_500
HALF_LIFE_DAYS = 180.0

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
    """Half-life in days for a yearly number of cases: none where cases are few, else 180 days."""
    return None if n_per_year < DECAY_FROM_PER_YEAR else HALF_LIFE_DAYS


def find_places(
    points: Points,
    *,
    radius_m: float = 100.0,
    min_count: int = 3,
    half_life_days: float | None = None,
    as_of: date,
) -> list[HotPlace]:
    """The places of these points, best first; among equals the most recent, then by position.

    All members of a place are within `radius_m` of its centre, so it is never wider than twice that, and no
    point is in two places. A point whose stated accuracy is worse than the radius forms no place: it neither
    counts towards `min_count` nor moves the centre, but is a member of the nearest place within the radius.
    The centre is the mean of the other members, weighted as in the score, with one rare exception that
    `bounded_discs` states. Points dated after `as_of` count as of that day. ValueError for a radius, count or
    half-life that is not above 0.
    """
    if radius_m <= 0 or min_count < 1 or (half_life_days is not None and half_life_days <= 0):
        raise ValueError("Radius, minimum count and half-life must be above 0.")
    if len(points) == 0:
        return []
    weight = _weights(points, half_life_days, as_of)
    position, origin = positions(points)
    forming = ~(points.accuracy_m > radius_m)
    grouped = _merge_duplicates(position[forming], weight[forming])
    discs = bounded_discs(
        grouped.sites, grouped.weight, grouped.number, radius_m=radius_m, min_count=min_count
    )
    place_of = np.full(len(points), -1, dtype=np.int64)
    place_of[forming] = _disc_of_site(discs, len(grouped.sites))[grouped.site_of]
    place_of[~forming] = _nearest_disc(discs, position[~forming], radius_m)
    found = [
        _describe(points, weight, members, discs[place].centre + origin, as_of)
        for place, members in _members_by_place(place_of)
    ]
    extents = _extents(position, place_of, len(discs), 2 * radius_m)
    return _ranked(found, extents)


class _Sites(NamedTuple):
    """Distinct positions in their own order (by easting, then northing), and the site of each point."""

    sites: Floats
    weight: Floats
    number: Ints
    site_of: Ints


class _Unranked(NamedTuple):
    centre: tuple[float, float]
    score: float
    first: date
    last: date
    members: tuple[str, ...]
    trend: Trend


def _weights(points: Points, half_life_days: float | None, as_of: date) -> Floats:
    if half_life_days is None:
        return points.severity
    age_days = np.maximum((np.datetime64(as_of) - points.day).astype(float), 0.0)
    weights: Floats = points.severity * 0.5 ** np.minimum(age_days / half_life_days, _MOST_HALF_LIVES)
    return weights


def _merge_duplicates(position: Floats, weight: Floats) -> _Sites:
    """One site for all points at the same spot: a thousand cases at one gate cost no more than one."""
    sites, site_of, number = np.unique(position, axis=0, return_inverse=True, return_counts=True)
    # Summed in the order of their size, so that the last bit does not depend on the order of the input.
    order = np.argsort(weight, kind="stable")
    summed = np.zeros(len(sites))
    np.add.at(summed, site_of[order], weight[order])
    return _Sites(sites, summed, number, site_of)


def _disc_of_site(discs: list[Disc], sites: int) -> Ints:
    disc_of = np.full(sites, -1, dtype=np.int64)
    for index, disc in enumerate(discs):
        disc_of[disc.sites] = index
    return disc_of


def _nearest_disc(discs: list[Disc], position: Floats, radius_m: float) -> Ints:
    if not discs or len(position) == 0:
        return np.full(len(position), -1, dtype=np.int64)
    away, nearest = cKDTree(np.array([disc.centre for disc in discs])).query(position)
    return np.where(away <= radius_m, nearest, -1)


def _members_by_place(place_of: Ints) -> Iterator[tuple[int, Ints]]:
    """Each place with the indices of its points."""
    order = np.argsort(place_of, kind="stable")
    places, starts = np.unique(place_of[order], return_index=True)
    for place, members in zip(places, np.split(order, starts[1:]), strict=True):
        if place >= 0:
            yield int(place), members


def _describe(points: Points, weight: Floats, members: Ints, centre: Floats, as_of: date) -> _Unranked:
    days = points.day[members]
    return _Unranked(
        centre=(round(float(centre[0]), 3), round(float(centre[1]), 3)),
        # An exact sum, rounded: equal members give equal scores in whatever order they come.
        score=round(math.fsum(weight[members]), 6),
        first=days.min().item(),
        last=days.max().item(),
        members=tuple(sorted(points.ids[index] for index in members)),
        trend=trend(days, as_of),
    )


def _extents(position: Floats, place_of: Ints, places: int, widest_m: float) -> Floats:
    """(places,) diameters in metres of the smallest circles around the members."""
    if places == 0:
        return np.empty(0)
    order = np.argsort(place_of, kind="stable")
    order = order[place_of[order] >= 0]
    clouds = shapely.multipoints(shapely.points(position[order]), indices=place_of[order])
    diameters: Floats = np.round(2 * shapely.minimum_bounding_radius(clouds), 1)
    return np.minimum(diameters, widest_m)


def _ranked(found: list[_Unranked], extents: Floats) -> list[HotPlace]:
    def listing(pair: tuple[_Unranked, float]) -> tuple[float, int, int, tuple[float, float]]:
        place = pair[0]
        return -place.score, -len(place.members), -place.last.toordinal(), place.centre

    ranked: list[HotPlace] = []
    for position, (place, extent_m) in enumerate(sorted(zip(found, extents, strict=True), key=listing), 1):
        count = len(place.members)
        shared = ranked and (ranked[-1].score, ranked[-1].count) == (place.score, count)
        ranked.append(
            HotPlace(
                rank=ranked[-1].rank if shared else position,
                easting=place.centre[0],
                northing=place.centre[1],
                extent_m=float(extent_m),
                count=count,
                score=place.score,
                first=place.first,
                last=place.last,
                members=place.members,
                trend=place.trend,
            )
        )
    return ranked
