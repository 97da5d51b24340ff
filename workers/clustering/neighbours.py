"""Who is near whom, for very many at once: strips of one reach, in each of them sorted from west to east."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# So many candidates are looked at in one go: enough to keep numpy busy, few enough for a processor's cache.
_AT_ONCE = 100_000
# Windows are looked up a little wider than they are: the exact distance decides.
_SLACK_M = 0.001


class Windows(NamedTuple):
    """Where to look for the neighbours of n positions: runs of places in `order`, each (n, 3)."""

    starts: Ints
    lengths: Ints

    def take(self, chosen: Ints) -> Windows:
        """Those of the chosen positions."""
        return Windows(self.starts[chosen], self.lengths[chosen])


class Neighbours:
    """Sites (m, 2) in metres, m > 0, ready to be asked for those within `reach` of anywhere.

    `order`: the sites by strips; whoever asks about sites in this order is answered fastest. Answers are in it, too.
    """

    def __init__(self, sites: Floats, reach: float) -> None:
        self._reach = reach
        self._low = sites.min(axis=0)
        self._width = float(np.ptp(sites[:, 0])) + 8 * reach
        key = self._strip(sites[:, 1]) * self._width + (sites[:, 0] - self._low[0])
        self.order: Ints = np.argsort(key, kind="stable")
        self._key = key[self.order]
        self._x, self._y = sites[self.order].T.copy()

    def pairs(self, at: Floats, windows: Windows | None = None) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of an index into `at` (n, 2) and of a place in `order` within reach of it, in parts; owners ascend.

        windows: those of `at`, where they are known already.
        """
        starts, lengths = windows or self.windows(at)
        ends = np.cumsum(lengths.sum(axis=1))
        whole = int(ends[-1]) if len(at) else 0
        cuts = np.searchsorted(ends, np.arange(_AT_ONCE, whole, _AT_ONCE), side="right")
        first = 0
        for last in np.unique(np.append(cuts, len(at))):
            if last > first:
                yield self._near(at, starts, lengths, first, int(last))
                first = int(last)

    def _strip(self, northing: Floats) -> Floats:
        strips: Floats = np.floor((northing - self._low[1]) / self._reach)
        return strips

    def windows(self, at: Floats) -> Windows:
        """(n, 3) where the run of candidates in each of three strips starts, and how long it is."""
        wide = self._reach + _SLACK_M
        # From far away a window may be in no strip's part of the keys; it then is empty or holds no one near.
        x = np.clip(at[:, 0] - self._low[0], -2 * self._reach, self._width - 4 * self._reach)
        middle = self._strip(at[:, 1]) * self._width + x
        starts = np.empty((len(at), 3), dtype=np.int64)
        ends = np.empty_like(starts)
        # Strip by strip: whoever asks in order has the keys looked up in order, and so from the cache.
        for column, shift in enumerate((-self._width, 0.0, self._width)):
            starts[:, column] = np.searchsorted(self._key, middle + (shift - wide))
            ends[:, column] = np.searchsorted(self._key, middle + (shift + wide), side="right")
        return Windows(starts, ends - starts)

    def _near(self, at: Floats, starts: Ints, lengths: Ints, first: int, last: int) -> tuple[Ints, Ints]:
        start, length = starts[first:last].ravel(), lengths[first:last].ravel()
        each = lengths[first:last].sum(axis=1)
        candidate, _ = ranges(start, length)
        away_x = self._x[candidate] - np.repeat(at[first:last, 0], each)
        away_y = self._y[candidate] - np.repeat(at[first:last, 1], each)
        near = np.flatnonzero(away_x * away_x + away_y * away_y <= self._reach * self._reach)
        return np.repeat(np.arange(first, last), each)[near], candidate[near]


def ranges(start: Ints, length: Ints) -> tuple[Ints, Ints]:
    """The indices start, start + 1, ... of all runs one after the other, and where in them each run begins."""
    begin = np.cumsum(length) - length
    index = np.repeat(start - begin, length)
    index += np.arange(len(index))
    return index, begin
