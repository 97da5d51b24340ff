"""Greedy bounded discs: take the disc that holds most, remove what it holds, repeat.

Unlike density clustering, which chains dense streets into clusters kilometres across, no disc is wider than twice
its radius. Settling a disc on the mean of what it holds is the mean shift with a flat kernel (Comaniciu and Meer
2002), here kept within one radius of where it began, and only as long as the disc holds no less: in a dense street
the mean shift seeks the middle of the street, not the worst of it. So a disc depends only on what lies within two
radii of its seed and changes nothing beyond three; a seed that is the best within four radii is taken as it is
whatever becomes of the others. Many such discs settle side by side, a step of each in a round, and the next begin
as soon as all that were better around them have taken what they hold. The result is that of taking one after the
other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from workers.clustering.blocks import BLOCK_RADII, NONE, Blocks
from workers.clustering.neighbours import Bools, Floats, Ints, Leaving

# A point exactly on the rim counts as inside, whatever the last bit of its distance.
_RIM_M = 1e-6
SETTLE_STEPS = 100
# Of the way to the mean.
LEAST_STEP = 1 / 4
# A double has 53 binary digits: of weights in such units, up to four million of weight in all, every partial sum is
# exact, in any order; more weight takes larger units.
_UNIT_DIGITS = 30
_SUM_DIGITS = 52
# Once so few of the sites that are kept at hand are in no disc, the others are let go.
_LET_GO = 0.7


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


class _Moving(NamedTuple):
    """Discs that settle, a row each: number, block and position of the seed, where the disc is and what it holds there.

    mean: (n, 2) of what it holds; weight: what that weighs; step: the share of the way to the mean that it tries
    next; tries: how often it has.
    """

    disc: Ints
    block: Ints
    start: Floats
    centre: Floats
    mean: Floats
    weight: Floats
    step: Floats
    tries: Ints

    def take(self, which: Bools) -> _Moving:
        return _Moving._make(column[which] for column in self)

    def and_also(self, others: _Moving) -> _Moving:
        return _Moving._make(np.concatenate(columns) for columns in zip(self, others, strict=True))

    def on(self, may: Bools, to: Floats, there: _Held) -> _Moving:
        """Those that may are `to` where they hold what is `there`; the others try a shorter step next."""
        return self._replace(
            centre=np.where(may[:, None], to, self.centre),
            mean=np.where(may[:, None], there.mean, self.mean),
            weight=np.where(may, there.weight, self.weight),
            step=np.where(may, self.step, self.step / 2),
            tries=self.tries + 1,
        )

    def settled(self) -> Bools:
        """Those that are at their mean, or get no nearer to it."""
        x, y = (self.mean == self.centre).T
        settled: Bools = (x & y) | (self.step < LEAST_STEP) | (self.tries >= SETTLE_STEPS)
        return settled


class _Taken:
    """The discs so far: of each the seed, what was held there, and where it settled."""

    def __init__(self, sites: int) -> None:
        self.number = 0
        self.disc_of = np.full(sites, -1, dtype=np.int64)
        self._begun: list[tuple[Ints, Floats]] = []
        self._ended: list[tuple[Ints, Floats]] = []

    def begin(self, seed: Ints, weight: Floats) -> Ints:
        """Their numbers."""
        self._begun.append((seed, weight))
        self.number += len(seed)
        return np.arange(self.number - len(seed), self.number)

    def end(self, disc: Ints, centre: Floats) -> None:
        self._ended.append((disc, centre))

    def in_order(self) -> Discs:
        """As if they had been taken one after the other."""
        if not self.number:
            return Discs(np.empty((0, 2)), self.disc_of)
        (seed, weight), (disc, at) = (
            map(np.concatenate, zip(*rows, strict=True)) for rows in (self._begun, self._ended)
        )
        order = np.lexsort((seed, -weight))
        # The last stands for no disc, -1.
        place = np.full(self.number + 1, -1, dtype=np.int64)
        place[order] = np.arange(self.number)
        centre = np.empty_like(at)
        centre[place[disc]] = at
        return Discs(centre, place[self.disc_of])


class _Greedy:
    """Columns of the sites at hand are in the order of the strips, where neighbours are close in memory."""

    def __init__(self, sites: Floats, weight: Floats, count: Ints, reach: float, min_count: int) -> None:
        self._near = Leaving(sites, reach)
        self._reach, self._min_count = reach, min_count
        order = self._near.order
        self._weight, self._count = weight[order], count[order].astype(float)
        # What a disc around each site would hold of the sites left, and their number.
        self._held, self._number = self._weight.copy(), self._count.copy()
        for one, other in self._near.mutual():
            for mine, theirs in ((one, other), (other, one)):
                np.add.at(self._held, mine, self._weight.take(theirs))
                np.add.at(self._number, mine, self._count.take(theirs))
        self._blocks = Blocks(self._near.x, self._near.y, BLOCK_RADII * reach)
        self._taken = _Taken(len(sites))

    def discs(self) -> Discs:
        """Round by round, until no disc moves and none begins."""
        moving = None
        changed = np.arange(self._blocks.number)
        while True:
            begun = self._begin(changed)
            self._let_go()
            moving = begun if moving is None else moving.and_also(begun)
            if len(moving.disc) == 0:
                return self._taken.in_order()
            moving, changed = self._round(moving)

    def _begin(self, changed: Ints) -> _Moving:
        """Discs where that has become possible, now that these blocks have changed."""
        changed = self._blocks.weigh(changed, self._may_hold, self._near.order)
        block = self._blocks.begin(changed)
        rank, weight = self._blocks.best(block)
        seed = self._near.place_of[rank]
        start = np.column_stack([self._near.x[seed], self._near.y[seed]])
        held = self._summed(start, *_joined(self._near.pairs_of(seed)))
        n = len(block)
        return _Moving(
            self._taken.begin(rank, weight),
            block,
            start,
            start,
            held.mean,
            held.weight,
            np.ones(n),
            np.zeros(n, int),
        )

    def _may_hold(self, site: Ints) -> Floats:
        """What a disc around these sites would hold, NONE where that may not be one."""
        return np.where(self._number[site] >= self._min_count, self._held[site], NONE)

    def _round(self, moving: _Moving) -> tuple[_Moving, Ints]:
        """A step of each: those that go on moving, and the blocks in which those that have settled changed anything."""
        to = np.round(moving.centre + moving.step[:, None] * (moving.mean - moving.centre), 6)
        owner, site = _joined(self._near.pairs(to))
        there = self._summed(to, owner, site)
        near = np.hypot(*(to - moving.start).T) <= self._reach
        may = near & (there.number >= self._min_count) & (there.weight >= moving.weight)
        moving = moving.on(may, to, there)
        settled = moving.settled()
        # Of those that have not stepped on what they hold is to be found again.
        stayed = moving.take(settled & ~may)
        again, gone = _joined(self._near.pairs(stayed.centre))
        disc = np.where(settled & may, moving.disc, -1)[owner]
        stepped = np.flatnonzero(disc >= 0)
        self._blocks.end(moving.block[settled])
        self._taken.end(moving.disc[settled], moving.centre[settled])
        changed = self._take(
            np.concatenate([disc[stepped], stayed.disc[again]]), np.concatenate([site[stepped], gone])
        )
        return moving.take(~settled), changed

    def _summed(self, at: Floats, owner: Ints, site: Ints) -> _Held:
        weight = self._weight.take(site)
        sums = np.bincount(owner, weight, minlength=len(at))
        known = np.where(sums > 0, sums, 1.0)
        means = np.empty_like(at)
        for axis, place in enumerate((self._near.x, self._near.y)):
            away = place.take(site)
            away -= at[:, axis].take(owner)
            away *= weight
            means[:, axis] = np.bincount(owner, away, minlength=len(at)) / known
        number = np.bincount(owner, self._count.take(site), minlength=len(at)).astype(float)
        return _Held(np.round(at + means, 6), number, sums.astype(float))

    def _take(self, disc: Ints, gone: Ints) -> Ints:
        """Give these sites to these discs; the blocks in which that changed anything."""
        self._taken.disc_of[self._near.order[gone]] = disc
        self._near.leave(gone)
        self._number[gone] = 0.0
        changed = np.zeros(self._blocks.number, dtype=bool)
        changed[self._blocks.of[gone]] = True
        weight, count = self._weight[gone], self._count[gone]
        for owner, site in self._near.pairs_of(gone):
            np.subtract.at(self._held, site, weight.take(owner))
            np.subtract.at(self._number, site, count.take(owner))
            changed[self._blocks.of.take(site)] = True
        return np.flatnonzero(changed)

    def _let_go(self) -> None:
        """Keep at hand only what is left, once that is much less: it is then found with less looking."""
        if self._near.share_left() > _LET_GO:
            return
        kept = self._near.let_go()
        self._blocks.keep(kept)
        self._weight, self._count = self._weight[kept], self._count[kept]
        self._held, self._number = self._held[kept], self._number[kept]


def _joined(pairs: Iterable[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    parts = list(pairs)
    if len(parts) == 1:
        return parts[0]
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *(owner for owner, _ in parts)]), np.concatenate(
        [none, *(site for _, site in parts)]
    )
