"""Where so many points crowd together that looking at every disc they could form would take too long.

Looking costs as much as there are pairs of neighbours. Up to some millions of them, more than a council has, nothing
is crowded. Beyond that it is where the neighbourhoods are fullest: there points are put into lumps, small squares, and
only the discs around these are looked at, since among so many points one of them is nearly where the best disc is.
Squares are laid from the corner of the grid, so that a part of a country has those of the country.
"""

from __future__ import annotations

import numpy as np

from workers.clustering.density import Floats, Ints

# So many pairs are looked at in about half a second.
MOST_PAIRS = 5_000_000
LUMPS_A_RADIUS = 8
NOT_CROWDED = -1


def crowded_from(easting: Floats, northing: Floats, radius_m: float) -> float:
    """From so many points in a square of two radii and the eight around it a neighbourhood is crowded; inf: none is.

    easting, northing: (n,) metres of the grid.
    """
    if len(easting) ** 2 <= MOST_PAIRS:
        return np.inf
    number, around, _ = _neighbourhoods(easting, northing, radius_m)
    emptiest = np.argsort(around, kind="stable")
    pairs = np.cumsum(number[emptiest] * around[emptiest])
    beyond = int(np.searchsorted(pairs, MOST_PAIRS, side="right"))
    return np.inf if beyond == len(pairs) else float(around[emptiest[beyond]])


def lumps(easting: Floats, northing: Floats, *, radius_m: float, since: float) -> tuple[Ints, Floats]:
    """(n,) the lump of each point, NOT_CROWDED where fewer than `since` are around; (l, 2) the lumps' middles."""
    lump = np.full(len(easting), NOT_CROWDED, dtype=np.int64)
    if since == np.inf:
        return lump, np.empty((0, 2))
    _, around, square = _neighbourhoods(easting, northing, radius_m)
    crowded = np.flatnonzero((around >= since)[square])
    side = radius_m / LUMPS_A_RADIUS
    east, north = (np.floor(axis[crowded] / side).astype(np.int64) for axis in (easting, northing))
    width = int(east.max()) - int(east.min()) + 1
    keys, lump[crowded] = np.unique(north * width + east - east.min(), return_inverse=True)
    middles = np.column_stack([keys % width + east.min(), keys // width]) + 0.5
    return lump, middles * side


def _neighbourhoods(easting: Floats, northing: Floats, radius_m: float) -> tuple[Ints, Ints, Ints]:
    """How many points are in each square of two radii that has any, and in it and the eight around it; each point's."""
    east, north = (np.floor(axis / (2 * radius_m)).astype(np.int64) for axis in (easting, northing))
    width = int(east.max()) - int(east.min()) + 3
    keys, square, number = np.unique(
        (north - north.min() + 1) * width + east - east.min() + 1, return_inverse=True, return_counts=True
    )
    around = number.copy()
    for step in (1, width - 1, width, width + 1):
        there = np.minimum(np.searchsorted(keys, keys + step), len(keys) - 1)
        here = np.flatnonzero(keys[there] == keys + step)
        around[here] += number[there[here]]
        around[there[here]] += number[here]
    return number, around, square
