"""Who is near whom, for very many at once: strips of one reach, in each of them sorted from west to east."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Of half the size that numpy counts in: what there is several of for each of very many.
_Small = NDArray[np.int32]

# So many candidates are looked at in one go: enough to keep numpy busy, few enough for a processor's cache.
_AT_ONCE = 100_000
# Windows are looked up a little wider than they are: the exact distance decides.
_SLACK_M = 0.001


class Neighbours:
    """Sites (m, 2) in metres, m > 0, ready to be asked for those within `reach` of anywhere.

    `order`: the sites by strips; whoever asks about sites in this order is answered fastest. Answers are in it, too.
    """

    def __init__(self, sites: Floats, reach: float) -> None:
        self._reach = reach
        self._low = sites[:, 0].min(), sites[:, 1].min()
        self._width = float(np.ptp(sites[:, 0])) + 8 * reach
        key = self._strip(sites[:, 1]) * self._width + (sites[:, 0] - self._low[0])
        self.order: Ints = np.argsort(key)
        self._key = key[self.order]
        self._x, self._y = sites[:, 0][self.order], sites[:, 1][self.order]

    def leave(self, places: Ints) -> None:
        """From now on no one is within reach of these (n,) places in `order`."""
        self._x[places] = np.inf

    def _strip(self, northing: Floats) -> Floats:
        strips: Floats = np.floor((northing - self._low[1]) / self._reach)
        return strips

    def pairs(self, at: Floats, within: float | None = None) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of an index into `at` (n, 2) and of a place in `order` near it, in parts; owners ascend.

        within: metres up to `reach`, which it is unless given.
        """
        # From far away a window may be in no strip's part of the keys; it then is empty or holds no one near.
        x = np.clip(at[:, 0] - self._low[0], -2 * self._reach, self._width - 4 * self._reach)
        windows = self._windows(self._strip(at[:, 1]) * self._width + x)
        return self._near(at[:, 0], at[:, 1], *windows, within or self._reach)

    def _windows(self, key: Floats) -> tuple[_Small, _Small]:
        """(n, 3) where in `order` the candidates for each key start in each of three strips, and where they end."""
        wide = self._reach + _SLACK_M
        starts = np.empty((len(key), 3), dtype=np.int32)
        ends = np.empty_like(starts)
        # Strip by strip: whoever asks in order has the keys looked up in order, and so from the cache.
        for column, shift in enumerate((-self._width, 0.0, self._width)):
            starts[:, column] = np.searchsorted(self._key, key + (shift - wide))
            ends[:, column] = np.searchsorted(self._key, key + (shift + wide), side="right")
        return starts, ends

    def _near(
        self, x: Floats, y: Floats, starts: _Small, ends: _Small, within: float
    ) -> Iterator[tuple[Ints, Ints]]:
        lengths = ends - starts
        each = np.einsum("ij->i", lengths, dtype=np.int64)
        first = 0
        for last in _cuts(each):
            part = slice(first, last)
            candidate, _ = ranges(starts[part].ravel().astype(np.int64), lengths[part].ravel())
            owner = np.repeat(np.arange(first, last), each[part])
            away_x, away_y = np.repeat(x[part], each[part]), np.repeat(y[part], each[part])
            # Taking is faster than indexing, which asks more first.
            away_x -= self._x.take(candidate)
            away_y -= self._y.take(candidate)
            away_x *= away_x
            away_y *= away_y
            away_x += away_y
            near = np.flatnonzero(away_x <= within * within)
            yield owner.take(near), candidate.take(near)
            first = last


class Mutual(Neighbours):
    """Neighbours that are asked about themselves: where to look for those of each is known from the start.

    `x`, `y`: (m,) where they are or were, in `order`. `place_of`: of each site its place in `order`.
    """

    def __init__(self, sites: Floats, reach: float) -> None:
        super().__init__(sites, reach)
        self.x, self.y = self._x.copy(), self._y
        self.place_of = np.empty_like(self.order)
        self.place_of[self.order] = np.arange(len(self.order))
        self._starts, self._ends = self._own_windows()

    def _own_windows(self) -> tuple[_Small, _Small]:
        """What `_windows` gives for the sites themselves; who is in whose window is said once and turned round."""
        m, wide = len(self._key), self._reach + _SLACK_M
        starts = np.empty((m, 3), dtype=np.int32)
        ends = np.empty_like(starts)
        ends[:, 1] = np.searchsorted(self._key, self._key + wide, side="right")
        starts[:, 2] = np.searchsorted(self._key, self._key + (self._width - wide))
        ends[:, 2] = np.searchsorted(self._key, self._key + (self._width + wide), side="right")
        # Windows move on with those they are of: before a place are all whose window has ended when it comes.
        for turned, known in (
            (starts[:, 1], ends[:, 1]),
            (starts[:, 0], ends[:, 2]),
            (ends[:, 0], starts[:, 2]),
        ):
            np.cumsum(np.bincount(known, minlength=m)[:m], out=turned)
        return starts, ends

    def mutual(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of places in `order` within reach of each other: each pair once, none of a place with itself."""
        starts = self._starts[:, 1:].copy()
        starts[:, 0] = np.arange(1, len(starts) + 1)
        return self._near(self.x, self.y, starts, self._ends[:, 1:], self._reach)

    def pairs_of(self, places: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Pairs as `pairs` gives them for these (n,) places in `order`, which may have left."""
        starts, ends = (runs.take(places, axis=0) for runs in (self._starts, self._ends))
        return self._near(self.x[places], self.y[places], starts, ends, self._reach)


def _cuts(each: Ints) -> list[int]:
    """Where parts end that have about as many candidates as are looked at in one go."""
    until = np.cumsum(each)
    whole = int(until[-1]) if len(each) else 0
    if whole <= _AT_ONCE:
        return [len(each)] if len(each) else []
    cuts = np.searchsorted(until, np.arange(_AT_ONCE, whole, _AT_ONCE), side="right")
    return [cut for cut in np.unique(np.append(cuts, len(each))).tolist() if cut]


def ranges(start: Ints, length: Ints) -> tuple[Ints, Ints]:
    """The indices start, start + 1, ... of all runs one after the other, and where in them each run begins."""
    begin = np.cumsum(length) - length
    index = np.repeat(start - begin, length)
    index += np.arange(len(index))
    return index, begin
