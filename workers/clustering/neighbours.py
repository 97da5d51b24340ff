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


class _Windows(NamedTuple):
    """Where to look for the neighbours of n positions: k runs of places in `order`, each (n, k)."""

    starts: Ints
    lengths: Ints


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
        return self._parts(at[:, 0], at[:, 1], self._windows(at))

    def mutual(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of places in `order` within reach of each other, each pair once, without those of one with itself."""
        return self._parts(self._x, self._y, self._windows_ahead())

    def keep(self, kept: Ints) -> None:
        """Forget all but these places in `order` (ascending); they are counted anew, from 0."""
        self.order, self._key = self.order[kept], self._key[kept]
        self._x, self._y = self._x[kept], self._y[kept]

    def _parts(self, x: Floats, y: Floats, windows: _Windows) -> Iterator[tuple[Ints, Ints]]:
        starts, lengths = windows
        each = lengths.sum(axis=1)
        ends = np.cumsum(each)
        whole = int(ends[-1]) if len(x) else 0
        cuts = np.searchsorted(ends, np.arange(_AT_ONCE, whole, _AT_ONCE), side="right")
        first = 0
        for last in np.unique(np.append(cuts, len(x))).tolist():
            if last > first:
                part = slice(first, last)
                candidate, _ = ranges(starts[part].ravel(), lengths[part].ravel())
                owner = np.repeat(np.arange(first, last), each[part])
                near = self._near(x[owner], y[owner], candidate)
                yield owner[near], candidate[near]
                first = last

    def _strip(self, northing: Floats) -> Floats:
        strips: Floats = np.floor((northing - self._low[1]) / self._reach)
        return strips

    def _windows(self, at: Floats) -> _Windows:
        """Where the run of candidates in each of three strips starts, and how long it is."""
        wide = self._reach + _SLACK_M
        # From far away a window may be in no strip's part of the keys; it then is empty or holds no one near.
        x = np.clip(at[:, 0] - self._low[0], -2 * self._reach, self._width - 4 * self._reach)
        middle = self._strip(at[:, 1]) * self._width + x
        # Strip by strip: whoever asks in order has the keys looked up in order, and so from the cache.
        shifts = (-self._width, 0.0, self._width)
        starts = [np.searchsorted(self._key, middle + (shift - wide)) for shift in shifts]
        ends = [np.searchsorted(self._key, middle + (shift + wide), side="right") for shift in shifts]
        return _windows_from(starts, ends)

    def _windows_ahead(self) -> _Windows:
        """Of each place in `order` the run that follows it in its own strip, and its run in the next."""
        wide = self._reach + _SLACK_M
        starts = [np.arange(1, len(self._key) + 1), np.searchsorted(self._key, self._key + (self._width - wide))]
        ends = [
            np.searchsorted(self._key, self._key + shift, side="right") for shift in (wide, self._width + wide)
        ]
        return _windows_from(starts, ends)

    def _near(self, x: Floats, y: Floats, candidate: Ints) -> Ints:
        """Which of the candidates are within reach of x and y (both are overwritten)."""
        x -= self._x[candidate]
        y -= self._y[candidate]
        x *= x
        y *= y
        x += y
        return np.flatnonzero(x <= self._reach * self._reach)


def _windows_from(starts: list[Ints], ends: list[Ints]) -> _Windows:
    start, end = np.column_stack(starts), np.column_stack(ends)
    end -= start
    return _Windows(start, end)


def ranges(start: Ints, length: Ints) -> tuple[Ints, Ints]:
    """The indices start, start + 1, ... of all runs one after the other, and where in them each run begins."""
    begin = np.cumsum(length) - length
    index = np.repeat(start - begin, length)
    index += np.arange(len(index))
    return index, begin
