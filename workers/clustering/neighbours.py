"""Who is near whom, for very many at once: strips of one reach, in each of them sorted from west to east."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# So many candidates are looked at in one go: enough to keep numpy busy, few enough for little memory.
_AT_ONCE = 2_000_000
# Windows are looked up a little wider than they are: the exact distance decides.
_SLACK_M = 0.001


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

    def pairs(self, at: Floats) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of an index into `at` (n, 2) and of a place in `order` within reach of it, in parts; owners ascend."""
        starts, lengths = self._windows(at)
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

    def _windows(self, at: Floats) -> tuple[Ints, Ints]:
        """(n, 3) where the run of candidates in each of three strips starts, and how long it is."""
        wide = self._reach + _SLACK_M
        # From far away a window may be in no strip's part of the keys; it then is empty or holds no one near.
        x = np.clip(at[:, 0] - self._low[0], -2 * self._reach, self._width - 4 * self._reach)
        strips = self._strip(at[:, 1])[:, None] + (-1.0, 0.0, 1.0)
        middle = strips * self._width + x[:, None]
        starts = np.searchsorted(self._key, middle - wide)
        return starts, np.searchsorted(self._key, middle + wide, side="right") - starts

    def _near(self, at: Floats, starts: Ints, lengths: Ints, first: int, last: int) -> tuple[Ints, Ints]:
        start, length = starts[first:last].ravel(), lengths[first:last].ravel()
        owner = np.repeat(np.arange(first, last), lengths[first:last].sum(axis=1))
        begin = np.cumsum(length) - length
        candidate = np.arange(len(owner)) + np.repeat(start - begin, length)
        away_x, away_y = self._x[candidate] - at[owner, 0], self._y[candidate] - at[owner, 1]
        near = away_x * away_x + away_y * away_y <= self._reach * self._reach
        return owner[near], candidate[near]
