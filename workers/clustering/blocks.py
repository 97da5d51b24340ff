"""Which sites are the best far around: squares of the plane, each with the site around which most is held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workers.clustering.neighbours import Floats, Ints, ranges

Bools = NDArray[np.bool_]

# Blocks of two radii: what is not in five by five of them is more than four radii away.
BLOCK_RADII = 2
_BLOCKS_AWAY = 2
# The eight blocks around one come first among the 24: most are beaten by one of these.
_INNER = 9
# Held around a site that may not seed a disc: less than by any that may, whatever is taken from it.
NONE = -np.inf


class Blocks:
    """Sites (m, 2) by squares of `side` metres, and in each the one around which most is held; of equal ones the first.

    `of`: the block of each site; `number`: of blocks.
    """

    def __init__(self, sites: Floats, side: float) -> None:
        self.of, self._around = _blocks(sites, side)
        self.number = len(self._around)
        self._sites = np.argsort(self.of, kind="stable")
        self._count()
        # Of each block, and of the one that stands for all where no sites are.
        self._best_held = np.full(self.number + 1, NONE)
        self._best_rank = np.full(self.number + 1, len(sites))
        self._begun = np.zeros(self.number, dtype=bool)

    def _count(self) -> None:
        self._sizes = np.bincount(self.of, minlength=self.number)
        self._starts = np.cumsum(self._sizes) - self._sizes

    def weigh(self, blocks: Ints, held: Floats, rank: Ints) -> None:
        """Find the best of these blocks anew, which have sites.

        held: (m,) what each site would hold, NONE for one that may not seed; rank: (m,) which is first of equal ones.
        """
        if len(blocks) == 0:
            return
        place, first = ranges(self._starts[blocks], self._sizes[blocks])
        site = self._sites[place]
        theirs = held[site]
        most = np.maximum.reduceat(theirs, first)
        is_best = theirs == np.repeat(most, self._sizes[blocks])
        ranks = np.where(is_best, rank[site], np.iinfo(np.int64).max)
        self._best_held[blocks], self._best_rank[blocks] = most, np.minimum.reduceat(ranks, first)

    def best(self, blocks: Ints) -> tuple[Ints, Floats]:
        """The rank of the best site of each, and what it holds."""
        return self._best_rank[blocks], self._best_held[blocks]

    def begin_around(self, changed: Ints) -> Ints:
        """The blocks that are the best of five by five and have not begun, where one of `changed` is among these.

        They have then begun, until they `end`.
        """
        near = np.zeros(self.number + 1, dtype=bool)
        near[self._around[changed]] = True
        near[:-1] &= ~self._begun & (self._best_held[:-1] > NONE)
        blocks = np.flatnonzero(near[:-1])
        for ring in (slice(1, _INNER), slice(_INNER, None)):
            theirs = self._best_held[self._around[blocks, ring]]
            blocks = blocks[~(theirs > self._best_held[blocks, None]).any(axis=1)]
        around = self._around[blocks]
        equal = self._best_held[around] == self._best_held[blocks, None]
        chosen: Ints = blocks[~(equal & (self._best_rank[around] < self._best_rank[blocks, None])).any(axis=1)]
        self._begun[chosen] = True
        return chosen

    def end(self, blocks: Ints) -> None:
        """What began in these is over."""
        self._begun[blocks] = False

    def keep(self, kept: Bools) -> None:
        """Forget the other sites: those that are kept are counted anew, from 0. No forgotten one is a block's best."""
        place = np.cumsum(kept) - 1
        self._sites = place[self._sites[kept[self._sites]]]
        self.of = self.of[kept]
        self._count()


def _blocks(sites: Floats, side: float) -> tuple[Ints, Ints]:
    """The block of each site (m,), and of each block the numbers of those up to two away (b, 25), nearer ones first.

    A block without sites is given the number b.
    """
    cells = np.floor((sites - sites.min(axis=0)) / side).astype(np.int64) + _BLOCKS_AWAY
    width = int(cells[:, 0].max()) + 2 * _BLOCKS_AWAY + 1
    keys, block = np.unique(cells[:, 1] * width + cells[:, 0], return_inverse=True)
    across = range(-_BLOCKS_AWAY, _BLOCKS_AWAY + 1)
    steps = sorted(((north, east) for north in across for east in across), key=lambda step: max(map(abs, step)))
    wanted = keys[:, None] + np.array([north * width + east for north, east in steps])
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return block, np.where(keys[found] == wanted, found, len(keys))
