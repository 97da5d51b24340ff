"""The discs that may be taken: the best with each site on its rim, and in a crowd those around its lumps.

Of all discs of one size, anywhere on the plane, one that holds most can be moved, losing nothing, until a site lies
on its rim. So it is enough to turn a disc once round each site, with that on its rim, and to look at it wherever
another site comes in (Chazelle and Lee 1986, On a circle placement problem, Computing 36).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from workers.clustering.crowding import LUMPS_A_RADIUS, Lumps
from workers.clustering.neighbours import Floats, Ints, Mutual, Neighbours

# Held by a disc that may not be taken: less than by any that may, whatever is taken from it.
NONE = -np.inf
# A point exactly on the rim counts as inside, whatever the last bit of its distance. Discs are turned a little
# narrower than what they take, so that whatever came in while turning is taken.
RIM_M = 1e-6
_TURNED_RIM_M = RIM_M / 2
# A site goes out so much later, in radians, than it comes in where another does: so both are inside.
_LATER = 1e-9
_WHOLE_TURN = 2 * np.pi
# Angles of owners that follow one another are told apart by more than a turn.
_APART = 8.0


class Sites(NamedTuple):
    """Distinct positions (m, 2) in metres, and (m,) the weight and the number of what lies on each."""

    position: Floats
    weight: Floats
    number: Ints


class Step(NamedTuple):
    """Discs that are taken side by side: (d, 2) centres; pairs of a disc and a site it takes; seeds that hold less."""

    centre: Floats
    disc: Ints
    site: Ints
    changed: Ints


class Seeds(Protocol):
    """Of each seed where it is, (s,) metres east and north, what its disc holds or NONE, and who is first of equals."""

    x: Floats
    y: Floats
    held: Floats
    rank: Ints

    def take(self, seeds: Ints) -> Step:
        """Take the discs of these, none of which are within four radii of one another."""


class OnRims:
    """Each site seeds the disc that holds most of those with it on the rim."""

    def __init__(self, sites: Sites, radius_m: float, min_count: int) -> None:
        self._radius, self._reach = radius_m + _TURNED_RIM_M, radius_m + RIM_M
        self._near = Mutual(sites.position, 2 * self._radius)
        self.x, self.y, self.rank = self._near.x, self._near.y, self._near.order
        self._weight, self._number = sites.weight[self.rank], sites.number[self.rank].astype(float)
        self._min_count = min_count
        self.held = np.empty(len(self.x))
        self._centre = np.empty((len(self.x), 2))
        self._turn(np.arange(len(self.x)))

    def take(self, seeds: Ints) -> Step:
        """See `Seeds`. What a disc holds only becomes less: one that has lost nothing is still the best of its site."""
        centre = self._centre.take(seeds, axis=0)
        disc, gone = joined(self._near.pairs(centre, self._reach))
        self._near.leave(gone)
        lost = np.zeros(len(self.held), dtype=bool)
        x, y = self.x[gone], self.y[gone]
        for owner, site in self._near.pairs_of(gone):
            away = np.hypot(x.take(owner) - self._centre[site, 0], y.take(owner) - self._centre[site, 1])
            lost[site[away <= self._reach]] = True
        self.held[gone] = NONE
        changed = np.flatnonzero(lost)
        self._turn(changed)
        return Step(centre, disc, self.rank[gone], np.concatenate([gone, changed]))

    def _turn(self, places: Ints) -> None:
        """Find the best disc of these anew."""
        alone = self._number[places] >= self._min_count
        self.held[places] = np.where(alone, self._weight[places], NONE)
        self._centre[places] = np.column_stack([self.x[places], self.y[places]])
        for owner, site in self._near.pairs_of(places):
            others = np.flatnonzero(site != places.take(owner))
            if len(others):
                self._turn_round(places.take(owner[others]), site.take(others))

    def _turn_round(self, mine: Ints, theirs: Ints) -> None:
        """Turn a disc round each of mine, whose others within two radii are theirs, pair by pair; mine are in runs."""
        first = np.flatnonzero(np.diff(mine, prepend=-1))
        owner = np.repeat(np.arange(len(first)), np.diff(first, append=len(mine)))
        east, north = (axis.take(theirs) - axis.take(mine) for axis in (self.x, self.y))
        half = np.arccos(np.minimum(np.hypot(east, north) / (2 * self._radius), 1.0))
        comes = np.mod(np.arctan2(north, east) - half, _WHOLE_TURN)
        goes = comes + 2 * half + _LATER
        over = goes >= _WHOLE_TURN
        order = np.argsort(np.concatenate([comes, goes - _WHOLE_TURN * over]) + np.tile(_APART * owner, 2))
        comes_in = np.flatnonzero(order < len(mine))
        pair = order.take(comes_in)
        whose = owner.take(pair)

        def inside(each: Floats) -> Floats:
            """Of what each site has, how much is in the disc whenever another has come in."""
            of = each.take(theirs)
            before = each.take(mine[first]) + np.bincount(owner, of * over, minlength=len(first))
            sums: Floats = np.cumsum(np.concatenate([of, -of]).take(order)).take(comes_in) + before.take(
                whose
            )
            return sums

        held = np.where(inside(self._number) >= self._min_count, inside(self._weight), NONE)
        most = np.maximum.reduceat(held, first)
        at = np.where(held == most.take(whose), np.arange(len(pair)), len(pair))
        angle = comes.take(pair.take(np.minimum.reduceat(at, first)))
        seed = mine[first]
        self.held[seed] = most
        self._centre[seed, 0] = self.x[seed] + self._radius * np.cos(angle)
        self._centre[seed, 1] = self.y[seed] + self._radius * np.sin(angle)


class AroundLumps:
    """Each lump of a crowd seeds the disc around its middle, by what it holds of the crowd at least.

    That is what is in the lumps that lie in it whole: so the disc holds no less, and mostly more.
    """

    def __init__(self, sites: Sites, crowd: Lumps, radius_m: float, min_count: int) -> None:
        self._near = Neighbours(sites.position, radius_m + RIM_M)
        half_a_lump = radius_m / LUMPS_A_RADIUS / np.sqrt(2)
        self._lumps = Mutual(crowd.middles, radius_m - half_a_lump)
        self.x, self.y, self.rank = self._lumps.x, self._lumps.y, self._lumps.order
        self._min_count = min_count
        # The last stands for no lump, NOT_CROWDED.
        place = np.append(self._lumps.place_of, len(crowd.middles))
        self._lump = place[crowd.of[self._near.order]]
        self._weight = sites.weight[self._near.order]
        self._number = sites.number[self._near.order].astype(float)
        # What each lump has, and with the others what a disc around it would hold.
        self._own = [
            np.bincount(self._lump, each, minlength=len(place)) for each in (self._weight, self._number)
        ]
        self._sums, self._numbers = (own[:-1].copy() for own in self._own)
        for one, other in self._lumps.mutual():
            for mine, theirs in ((one, other), (other, one)):
                np.add.at(self._sums, mine, self._own[0].take(theirs))
                np.add.at(self._numbers, mine, self._own[1].take(theirs))
        self.held = np.where(self._numbers >= min_count, self._sums, NONE)

    def take(self, seeds: Ints) -> Step:
        """See `Seeds`."""
        centre = np.column_stack([self.x[seeds], self.y[seeds]])
        disc, gone = joined(self._near.pairs(centre))
        self._near.leave(gone)
        less, (weight, number) = self._lose(gone)
        changed = np.zeros(len(self.x), dtype=bool)
        for owner, other in self._lumps.pairs_of(less):
            np.subtract.at(self._sums, other, weight.take(owner))
            np.subtract.at(self._numbers, other, number.take(owner))
            changed[other] = True
        places = np.flatnonzero(changed)
        self.held[places] = np.where(self._numbers[places] >= self._min_count, self._sums[places], NONE)
        return Step(centre, disc, self._near.order[gone], places)

    def _lose(self, gone: Ints) -> tuple[Ints, list[NDArray[Any]]]:
        """The lumps that these sites are in, and the weight and the number that each loses by them."""
        lump = self._lump[gone]
        fewer = np.zeros(len(self.x) + 1, dtype=bool)
        fewer[lump] = True
        less = np.flatnonzero(fewer[:-1])
        before = [own[less] for own in self._own]
        for own, each in zip(self._own, (self._weight, self._number), strict=True):
            np.subtract.at(own, lump, each[gone])
        return less, [was - own[less] for was, own in zip(before, self._own, strict=True)]


def joined(pairs: Iterable[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Pairs that come in parts, as one."""
    owners, sites = zip(*pairs, strict=True)
    return np.concatenate(owners), np.concatenate(sites)
