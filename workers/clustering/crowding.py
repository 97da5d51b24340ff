"""Where so many points crowd together that looking at every disc they could form would take too long.

Looking costs as much as there are pairs of neighbours. Up to some millions of them, more than a council has, nothing
is crowded. Beyond that it is where the neighbourhoods are fullest: there points are put into lumps, small squares, and
only the discs around these are looked at, since among so many points one of them is nearly where the best disc is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from workers.clustering.density import Floats, Ints
from workers.clustering.squares import Squares, squares_of_two_radii

# So many pairs are looked at in about half a second.
MOST_PAIRS = 5_000_000
LUMPS_A_RADIUS = 8
NOT_CROWDED = -1


class Lumps(NamedTuple):
    """of: (n,) the lump of each point, NOT_CROWDED where it is in none; middles: (l, 2) metres."""

    of: Ints
    middles: Floats


def crowded_from(easting: Floats, northing: Floats, radius_m: float) -> float:
    """From so many points in a square of two radii and the eight around it a neighbourhood is crowded; inf: none is.

    easting, northing: (n,) metres of the grid.
    """
    if len(easting) ** 2 <= MOST_PAIRS:
        return np.inf
    return _limit(*_neighbourhoods(squares_of_two_radii(easting, northing, radius_m)))


def lumps(easting: Floats, northing: Floats, radius_m: float, since: float | None = None) -> Lumps:
    """The lumps of what is crowded; since: the `crowded_from` of what these points are a part of, unless all are."""
    none = Lumps(np.full(len(easting), NOT_CROWDED, dtype=np.int64), np.empty((0, 2)))
    if since == np.inf or (since is None and len(easting) ** 2 <= MOST_PAIRS):
        return none
    squares = squares_of_two_radii(easting, northing, radius_m)
    number, around = _neighbourhoods(squares)
    since = _limit(number, around) if since is None else since
    crowded = np.flatnonzero((around >= since)[squares.of])
    if len(crowded) == 0:
        return none
    side = radius_m / LUMPS_A_RADIUS
    east, north = (np.floor(axis[crowded] / side).astype(np.int64) for axis in (easting, northing))
    west, width = int(east.min()), int(np.ptp(east)) + 1
    keys, none.of[crowded] = np.unique(north * width + east - west, return_inverse=True)
    return Lumps(none.of, (np.column_stack([keys % width + west, keys // width]) + 0.5) * side)


def _neighbourhoods(squares: Squares) -> tuple[Ints, Ints]:
    """How many points are in each square, and how many in it and those that touch it."""
    number = np.bincount(squares.of)
    around = number.copy()
    one, other = squares.touching.T
    np.add.at(around, one, number[other])
    np.add.at(around, other, number[one])
    return number, around


def _limit(number: Ints, around: Ints) -> float:
    """How many around make a crowd, so that in all that is none there are no more pairs than are looked at."""
    emptiest = np.argsort(around, kind="stable")
    pairs = np.cumsum(number[emptiest] * around[emptiest])
    beyond = int(np.searchsorted(pairs, MOST_PAIRS, side="right"))
    return np.inf if beyond == len(pairs) else float(around[emptiest[beyond]])
