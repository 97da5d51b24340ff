"""Which sites are the best far around: squares of the plane, each with the site around which most is held."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workers.clustering.neighbours import Floats, Ints, ranges
from workers.clustering.seeds import NONE

# Blocks of two radii: what is not in five by five of them is more than four radii away.
BLOCK_RADII = 2
_BLOCKS_AWAY = 2


class Blocks:
    """Sites (x, y: (m,) metres) by squares of `side` metres, and in each the one around which most is held.

    `of`: the block of each site; `number`: of blocks.
    """

    def __init__(self, x: Floats, y: Floats, side: float) -> None:
        self.of, self._around = _blocks(x, y, side)
        self.number = len(self._around)
        self._sites = np.argsort(self.of, kind="stable")
        self._sizes = np.bincount(self.of, minlength=self.number)
        self._starts = np.cumsum(self._sizes) - self._sizes
        # Of each block, and of the one that stands for all where no sites are.
        self._best_held = np.full(self.number + 1, NONE)
        self._best_rank = np.full(self.number + 1, len(x))
        # One of five by five around each that is better: as long as it is, the block has to wait.
        self._before = np.arange(self.number)

    def weigh(self, blocks: Ints, held: Callable[[Ints], Floats], rank: Ints) -> Ints:
        """Find the best of these blocks anew, which have sites; returns those that have another one or hold less.

        held: what each of these sites would hold, NONE for one that may not seed; rank: (m,) which is first of equal
        ones.
        """
        if len(blocks) == 0:
            return blocks
        place, first = ranges(self._starts[blocks], self._sizes[blocks])
        site = self._sites[place]
        theirs = held(site)
        most = np.maximum.reduceat(theirs, first)
        is_best = theirs == np.repeat(most, self._sizes[blocks])
        ranks = np.where(is_best, rank[site], np.iinfo(np.int64).max)
        best = np.minimum.reduceat(ranks, first)
        other = (self._best_held[blocks] != most) | (self._best_rank[blocks] != best)
        self._best_held[blocks], self._best_rank[blocks] = most, best
        changed: Ints = blocks[other]
        return changed

    def best(self, blocks: Ints) -> Ints:
        """The rank of the best site of each."""
        return self._best_rank[blocks]

    def first(self, changed: Ints) -> Ints:
        """The blocks that have become the best of five by five now that others have changed."""
        news = np.zeros(self.number, dtype=bool)
        news[changed] = True
        blocks = np.flatnonzero(news[self._before] & (self._best_held[:-1] > NONE))
        around = self._around.take(blocks, axis=0)
        theirs, own = self._best_held.take(around), self._best_held[blocks][:, None]
        # Of all that are better the one that holds least: it goes last.
        before = np.where(theirs > own, theirs, np.inf).argmin(axis=1)
        rows = np.arange(len(blocks))
        self._before[blocks] = around[rows, before]
        first = np.flatnonzero(theirs[rows, before] <= own[:, 0])
        ranks = np.where(theirs[first] == own[first], self._best_rank[around[first]], np.iinfo(np.int64).max)
        self._before[blocks[first]] = around[first, ranks.argmin(axis=1)]
        chosen: Ints = blocks[self._before[blocks] == blocks]
        return chosen


def _blocks(x: Floats, y: Floats, side: float) -> tuple[Ints, Ints]:
    """The block of each site (m,), and of each block the numbers of those up to two away (b, 25).

    A block without sites is given the number b.
    """
    east, north = (np.floor((axis - axis.min()) / side).astype(np.int64) + _BLOCKS_AWAY for axis in (x, y))
    width = int(east.max()) + _BLOCKS_AWAY + 1
    keys, block = np.unique(north * width + east, return_inverse=True)
    across = range(-_BLOCKS_AWAY, _BLOCKS_AWAY + 1)
    wanted = keys[:, None] + np.array([north * width + east for north in across for east in across])
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return block, np.where(keys[found] == wanted, found, len(keys))
