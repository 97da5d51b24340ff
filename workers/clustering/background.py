"""Is a place more than its surroundings explain? Expected counts under a stated background, and what chance gives.

The background of a place is what its neighbourhood gets: a Gaussian kernel of 800 m over all other points, divided by
how much of it lies in the box around them all (Diggle 1985: edges would look emptier than they are), blended
with the density of addresses where that is known, and one twentieth spread evenly, so that nowhere is impossible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import gammainc, ndtr

from workers.clustering.density import Floats, Ints, density_at, gaussian_density
from workers.clustering.places import HotPlace
from workers.clustering.points import Points, positions
from workers.clustering.seeds import OnRims, Sites

BANDWIDTH_M = 800.0
ADDRESS_BANDWIDTH_M = 300.0
EVEN_SHARE = 0.05
ADDRESS_SHARE = 0.5
FALSE_DISCOVERIES = 0.10
DRAWS = 199
# Whatever the extent, an even spread is over at least this: the area of one background kernel.
_LEAST_AREA_M2 = 2 * math.pi * BANDWIDTH_M**2
# In a corner; where all points lie within less than a kernel, no more is known of what is outside.
_LEAST_INSIDE = 0.25


@dataclass(frozen=True, slots=True)
class Background:
    """Where points would be if no place were special. Positions (n, 2) in metres, shares 0 to 1 that add up to 1."""

    position: Floats
    addresses: Floats | None = None

    @property
    def address_share(self) -> float:
        """How much of it follows addresses."""
        return 0.0 if self.addresses is None or len(self.addresses) == 0 else ADDRESS_SHARE

    @property
    def area_m2(self) -> float:
        """Of the box around all points."""
        width, height = np.ptp(self.position, axis=0)
        return max(float(width * height), _LEAST_AREA_M2)

    def share_inside(self, centres: Floats) -> Floats:
        """(p,) how much of a kernel of 800 m around each of the centres (p, 2) lies in the box around all points."""
        low, high = self.position.min(axis=0), self.position.max(axis=0)
        share: Floats = np.prod(
            ndtr((high - centres) / BANDWIDTH_M) - ndtr((low - centres) / BANDWIDTH_M), axis=1
        )
        return np.maximum(share, _LEAST_INSIDE)


def said(with_addresses: bool) -> str:
    """The background in words, for whoever reads a figure that was made with it."""
    homes = (
        f", blended with the density of addresses (kernel of {ADDRESS_BANDWIDTH_M:.0f} m)"
        if with_addresses
        else ""
    )
    return (
        f"Other cases around it (kernel of {BANDWIDTH_M:.0f} m, made whole at the edge of all cases, "
        f"the place itself left out){homes}"
    )


def expected_counts(background: Background, centres: Floats, place_of: Ints, radius_m: float) -> Floats:
    """(p,) counts to expect within `radius_m` of centres (p, 2), each without its own members.

    place_of: (n,) for each point of the background the index of its place, or -1. The density at the centre times
    the area of the disc; what the place's own members add to the kernel is taken away (leave one place out).
    """
    position = background.position
    own = place_of >= 0
    members = np.bincount(place_of[own], minlength=len(centres))
    others = len(position) - members
    near = density_at(centres, position, np.ones(len(position)), BANDWIDTH_M)
    away = np.hypot(*(position[own] - centres[place_of[own]]).T)
    near -= np.bincount(place_of[own], gaussian_density(away, BANDWIDTH_M), minlength=len(centres))
    by_homes = background.address_share
    # At the edge of the ground half the kernel is over what no point can be in: what is found is all of the other half.
    near = np.maximum(near, 0.0) / background.share_inside(centres)
    density = (1 - by_homes - EVEN_SHARE) * near + EVEN_SHARE * others / background.area_m2
    if background.addresses is not None and by_homes:
        homes = density_at(
            centres, background.addresses, np.ones(len(background.addresses)), ADDRESS_BANDWIDTH_M
        )
        density += by_homes * others * homes / len(background.addresses)
    expected: Floats = density * math.pi * radius_m**2
    return expected


def poisson_tail(counts: Ints, expected: Floats) -> Floats:
    """(p,) probabilities of at least so many when `expected` is the mean of a Poisson distribution.

    P(X >= k) is the regularised lower incomplete gamma function at k and the mean (Abramowitz and Stegun 26.4.21).
    """
    tail: Floats = np.where(counts > 0, gammainc(np.maximum(counts, 1), expected), 1.0)
    return tail


def sought_anywhere(counts: Ints, expected: Floats) -> Floats:
    """(p,) how many places for each point chance gives that hold so many and are sought anywhere, 1 at most.

    Of k points around each of which as many lie by chance as `expected`, E, within the radius, there are k E^(k-1) /
    (k-1)! for each point that a disc of that radius holds (Mack 1949, The expected number of aggregates in a random
    distribution of n points): k times as many as discs around a point do. Here with the tail, for k or more.
    """
    places: Floats = np.minimum(counts * poisson_tail(counts - 1, expected), 1.0)
    return places


def false_discovery_rates(p: Floats, among: int) -> Floats:
    """(n,) q: the smallest share of false finds at which each p would be a find (Benjamini and Hochberg 1995).

    among: how many were looked at; those of which no p is given count as 1.
    """
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    adjusted = np.minimum.accumulate(p[order] * among / ranks)
    q = np.empty(len(p))
    q[order] = np.minimum(adjusted, 1.0)
    return q


def largest_by_chance(background: Background, radius_m: float, *, seed: int, draws: int = DRAWS) -> Ints:
    """(draws,) ascending: the most points in a disc of `radius_m` anywhere when all fall by the background.

    Each draw puts as many points as there are: each near a random one of them (a smoothed bootstrap, Silverman
    1986, 6.4.1), near a random address, or anywhere in the box around all, in the background's shares. What would fall
    out of that box is mirrored back into it, as no point can be there: at its edge as many are as elsewhere.
    """
    random = np.random.default_rng(seed)
    found = [_largest(_draw(background, random), radius_m) for _ in range(draws)]
    return np.array(sorted(found), dtype=np.int64)


def _draw(background: Background, random: np.random.Generator) -> Floats:
    position = background.position
    n = len(position)
    kind = random.random(n)
    near = _mirrored(position[random.integers(0, n, n)] + random.normal(0, BANDWIDTH_M, (n, 2)), position)
    low = position.min(axis=0)
    anywhere = low + random.random((n, 2)) * np.ptp(position, axis=0)
    drawn = np.where((kind < EVEN_SHARE)[:, None], anywhere, near)
    if background.addresses is not None and background.address_share:
        chosen = background.addresses[random.integers(0, len(background.addresses), n)]
        homes = chosen + random.normal(0, ADDRESS_BANDWIDTH_M, (n, 2))
        drawn = np.where((kind >= 1 - background.address_share)[:, None], homes, drawn)
    return drawn


def _mirrored(drawn: Floats, position: Floats) -> Floats:
    """Drawn spots (n, 2), those outside the box around all positions mirrored at its edges."""
    low, size = position.min(axis=0), np.ptp(position, axis=0)
    # Where all lie within less than a kernel, no more is known of what is outside: see `area_m2`.
    side = np.maximum(size, math.sqrt(_LEAST_AREA_M2))
    begin = low + (size - side) / 2
    there = np.mod(drawn - begin, 2 * side)
    mirrored: Floats = begin + np.minimum(there, 2 * side - there)
    return mirrored


def _largest(position: Floats, radius_m: float) -> int:
    if len(position) == 0:
        return 0
    near = cKDTree(position)
    around = near.query_ball_point(position, radius_m, return_length=True).max()
    # A disc that holds more than any around a point does has within two radii of each of its points as many, too.
    able = position[near.query_ball_point(position, 2 * radius_m, return_length=True) > around]
    if len(able) == 0:
        return int(around)
    one = np.ones(len(able))
    return int(max(around, OnRims(Sites(able, one, one.astype(np.int64)), radius_m, 1).held.max()))


def upper_share(ascending: Sequence[int] | Ints, share: float) -> int:
    """The value that at most `1 - share` of the draws exceed: with 0.95, the 95 % point."""
    return int(ascending[min(len(ascending) - 1, math.ceil(share * len(ascending)) - 1)])


@dataclass(frozen=True, slots=True)
class Chance:
    """What a count is to be held against: the count to expect there, and the tail p of as many at one given spot.

    q: the share of places as unlikely as this that chance would give, as places are sought everywhere.
    """

    expected: float
    p: float
    q: float

    @property
    def usual(self) -> bool:
        """Whether the place's surroundings explain it: a label, never a reason to leave it out."""
        return self.q > FALSE_DISCOVERIES


def chances(
    points: Points, places: Sequence[HotPlace], *, radius_m: float, addresses: Floats | None = None
) -> list[Chance]:
    """For each place of these points its count against the background; addresses: (m, 2) grid metres, if known."""
    if not places:
        return []
    position, origin = positions(points)
    homes = None if addresses is None else addresses - origin
    index = {member: number for number, place in enumerate(places) for member in place.members}
    place_of = np.array([index.get(member, -1) for member in points.ids], dtype=np.int64)
    centres = np.array([(place.easting, place.northing) for place in places]) - origin
    expected = expected_counts(Background(position, homes), centres, place_of, radius_m)
    counts = np.array([place.count for place in places])
    p = poisson_tail(counts, expected)
    q = false_discovery_rates(sought_anywhere(counts, expected), len(points))
    return [Chance(*(float(f"{value:.4g}") for value in row)) for row in zip(expected, p, q, strict=True)]
