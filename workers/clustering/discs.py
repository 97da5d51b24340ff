"""Greedy bounded discs: take the disc that holds most, remove what it holds, repeat.

Unlike density clustering, which chains dense streets into clusters kilometres across, no disc is wider than twice
its radius. Settling a disc on the mean of what it holds is the mean shift with a flat kernel (Comaniciu and Meer
2002), here kept within one radius of where it began, and only as long as the disc holds no less: in a dense street
the mean shift seeks the middle of the street, not the worst of it. So a disc depends only on what lies within two
radii of its seed and changes nothing beyond three; a seed that is the best within four radii is taken as it is
whatever becomes of the others, and many such seeds are taken in one round. The result is that of taking one after
the other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.clustering.neighbours import Floats, Ints, Neighbours, ranges

Bools = NDArray[np.bool_]

# A point exactly on the rim counts as inside, whatever the last bit of its distance.
_RIM_M = 1e-6
SETTLE_STEPS = 100
# Of the way to the mean.
LEAST_STEP = 1 / 4
# A double has 53 binary digits: of weights in such units, up to four million of weight in all, every partial sum is
# exact, in any order; more weight takes larger units.
_UNIT_DIGITS = 30
_SUM_DIGITS = 52
# Blocks of two radii: what is not in five by five of them is more than four radii away.
_BLOCK_RADII = 2
_BLOCKS_AWAY = 2
# Held around a site that may not seed a disc: less than by any that may.
_NONE = -1.0


class Discs(NamedTuple):
    """Centres (d, 2) in metres in the order in which they are taken, and the disc of each site or -1 (m,)."""

    centres: Floats
    disc_of: Ints


def bounded_discs(sites: Floats, weight: Floats, count: Ints, *, radius_m: float, min_count: int) -> Discs:
    """Discs of at most `radius_m` that hold `min_count` or more, those with most weight first.

    sites: (m, 2) distinct positions in metres; weight and count: (m,) what lies on each. Every site is in at most
    one disc, within the radius of its centre, and around no site left over are `min_count` left over. A disc is
    seeded by the site around which most weight is left, of equal ones the first, so give the sites in an order of
    their own. From there its centre steps to the weighted mean of what it holds, to the micrometre, until it is
    there. A step that would leave the radius around the seed, or hold less weight or fewer than `min_count`, as
    happens in a dense street, goes half or a quarter of the way, or is not taken.
    """
    if len(sites) == 0:
        return Discs(np.empty((0, 2)), np.empty(0, dtype=np.int64))
    return _Greedy(sites, exact_weights(weight), count, radius_m + _RIM_M, min_count).discs()


def exact_weights(weight: Floats) -> Floats:
    """Weights (m,) above 0 in units of 2^-30, about a billionth, so that sums of them are exact; none becomes 0."""
    digits = min(_UNIT_DIGITS, _SUM_DIGITS - math.ceil(math.log2(float(weight.sum()))))
    rounded: Floats = np.maximum(np.round(weight * 2.0**digits), 1.0) / 2.0**digits
    return rounded


class _Held(NamedTuple):
    """What is held at each of n positions: (n, 2) its weighted mean, to the micrometre, its (n,) number and weight."""

    mean: Floats
    number: Floats
    weight: Floats

    def take(self, which: Bools) -> _Held:
        return _Held(self.mean[which], self.number[which], self.weight[which])

    def where(self, mine: Bools, other: _Held) -> _Held:
        """Mine where it says so, else the other's."""
        return _Held(
            np.where(mine[:, None], self.mean, other.mean),
            np.where(mine, self.number, other.number),
            np.where(mine, self.weight, other.weight),
        )


class _Greedy:
    def __init__(self, sites: Floats, weight: Floats, count: Ints, reach: float, min_count: int) -> None:
        self._near = Neighbours(sites, reach)
        # Everything is kept in the order of the strips, where neighbours are close in memory; `_rank` is the given one.
        self._rank = self._near.order
        self._sites, self._weight = sites[self._rank], weight[self._rank]
        self._count = count[self._rank].astype(float)
        self._reach, self._min_count = reach, min_count
        self._left = np.ones(len(sites), dtype=bool)
        # What a disc around each site would hold of the sites left: weight and number.
        self._held, self._number = np.zeros(len(sites)), np.zeros(len(sites))
        self._windows = self._near.windows(self._sites)
        for owner, site in self._near.pairs(self._sites, self._windows):
            first, last = owner[0], owner[-1] + 1
            self._held[first:last] = np.bincount(owner - first, self._weight[site])
            self._number[first:last] = np.bincount(owner - first, self._count[site])
        self._blocks = _Blocks(self._sites, self._rank, _BLOCK_RADII * reach)

    def discs(self) -> Discs:
        disc_of = np.full(len(self._sites), -1, dtype=np.int64)
        centres, promised, seeds = [], [], []
        taken = 0
        changed = np.arange(self._blocks.number)
        while True:
            self._blocks.weigh(
                changed, np.where(self._left & (self._number >= self._min_count), self._held, _NONE)
            )
            safe = self._blocks.best_around(changed)
            if len(safe) == 0:
                break
            centre, owner, site = self._settle(safe)
            disc_of[site] = taken + owner
            taken += len(safe)
            centres.append(centre)
            promised.append(self._held[safe])
            seeds.append(safe)
            changed = self._remove(site)
        if not taken:
            return Discs(np.empty((0, 2)), disc_of)
        order = np.lexsort((self._rank[np.concatenate(seeds)], -np.concatenate(promised)))
        place = np.full(taken + 1, -1, dtype=np.int64)
        place[order] = np.arange(taken)
        given = np.empty_like(disc_of)
        given[self._rank] = place[disc_of]
        return Discs(np.concatenate(centres)[order], given)

    def _settle(self, seeds: Ints) -> tuple[Floats, Ints, Ints]:
        """Centres (s, 2), and what each holds as pairs of an index into them and a site."""
        start = self._sites[seeds]
        centre = start.copy()
        moving, step = np.arange(len(seeds)), np.ones(len(seeds))
        here = self._around(start)
        for _ in range(SETTLE_STEPS):
            goes_on = np.any(here.mean != centre[moving], axis=1) & (step >= LEAST_STEP)
            moving, step, here = moving[goes_on], step[goes_on], here.take(goes_on)
            if len(moving) == 0:
                break
            to = np.round(centre[moving] + step[:, None] * (here.mean - centre[moving]), 6)
            there = self._around(to)
            near = np.hypot(*(to - start[moving]).T) <= self._reach
            may = near & (there.number >= self._min_count) & (there.weight >= here.weight)
            centre[moving[may]] = to[may]
            step = np.where(may, step, step / 2)
            here = there.where(may, here)
        owner, site = self._held_at(centre)
        return centre, owner, site

    def _around(self, at: Floats) -> _Held:
        owner, site = self._held_at(at)
        weight, away = self._weight[site], self._sites[site] - at[owner]
        sums = np.bincount(owner, weight, minlength=len(at))
        known = np.where(sums > 0, sums, 1.0)
        means = np.column_stack(
            [np.bincount(owner, weight * axis, minlength=len(at)) / known for axis in away.T]
        )
        number = np.bincount(owner, self._count[site], minlength=len(at)).astype(float)
        return _Held(np.round(at + means, 6), number, sums.astype(float))

    def _held_at(self, at: Floats) -> tuple[Ints, Ints]:
        parts = [(owner[self._left[site]], site[self._left[site]]) for owner, site in self._near.pairs(at)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _remove(self, gone: Ints) -> Ints:
        """Take these sites away; the blocks in which that changed anything."""
        self._left[gone] = False
        changed = np.zeros(self._blocks.number, dtype=bool)
        changed[self._blocks.of[gone]] = True
        for owner, site in self._near.pairs(self._sites[gone], self._windows.take(gone)):
            kept = np.flatnonzero(self._left[site])
            source, touched = gone[owner[kept]], site[kept]
            np.subtract.at(self._held, touched, self._weight[source])
            np.subtract.at(self._number, touched, self._count[source])
            changed[self._blocks.of[touched]] = True
        return np.flatnonzero(changed)


class _Blocks:
    """Sites (m, 2) by squares, and in each the one around which most is held; of equal ones the first by rank."""

    def __init__(self, sites: Floats, rank: Ints, side: float) -> None:
        self.of, self._around = _blocks(sites, side)
        self.number = len(self._around)
        self._sites = np.argsort(self.of, kind="stable")
        self._sizes = np.bincount(self.of, minlength=self.number)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._rank = rank
        self._site_of_rank = np.empty_like(rank)
        self._site_of_rank[rank] = np.arange(len(rank))
        # Of each block, and of the one that stands for all where no sites are.
        self._best_held = np.full(self.number + 1, _NONE)
        self._best_rank = np.full(self.number + 1, len(rank))

    def weigh(self, blocks: Ints, held: Floats) -> None:
        """Find the best of these blocks anew; held: (m,) what each site would hold, _NONE for one that may not seed."""
        if len(blocks) == 0:
            return
        place, first = ranges(self._starts[blocks], self._sizes[blocks])
        site = self._sites[place]
        most = np.maximum.reduceat(held[site], first)
        is_best = held[site] == np.repeat(most, self._sizes[blocks])
        ranks = np.where(is_best, self._rank[site], len(self._rank))
        self._best_held[blocks], self._best_rank[blocks] = most, np.minimum.reduceat(ranks, first)

    def best_around(self, changed: Ints) -> Ints:
        """The sites that are the best in five by five blocks; only where a block of `changed` is among these."""
        near = np.zeros(self.number + 1, dtype=bool)
        near[self._around[changed]] = True
        blocks = np.flatnonzero(near[:-1] & (self._best_held[:-1] > _NONE))
        theirs, ranks = self._best_held[self._around[blocks]], self._best_rank[self._around[blocks]]
        own, rank = self._best_held[blocks][:, None], self._best_rank[blocks][:, None]
        beaten = (theirs > own) | ((theirs == own) & (ranks < rank))
        chosen: Ints = self._site_of_rank[self._best_rank[blocks[~beaten.any(axis=1)]]]
        return chosen


def _blocks(sites: Floats, side: float) -> tuple[Ints, Ints]:
    """The block of each site (m,), and of each block the numbers of those up to two away (b, 25).

    A block without sites is given the number b.
    """
    cells = np.floor((sites - sites.min(axis=0)) / side).astype(np.int64) + _BLOCKS_AWAY
    width = int(cells[:, 0].max()) + 2 * _BLOCKS_AWAY + 1
    keys, block = np.unique(cells[:, 1] * width + cells[:, 0], return_inverse=True)
    steps = range(-_BLOCKS_AWAY, _BLOCKS_AWAY + 1)
    wanted = keys[:, None] + np.array([north * width + east for north in steps for east in steps])
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return block, np.where(keys[found] == wanted, found, len(keys))
