"""The plane in squares, laid from the corner of the grid, so that a part of a country has those of the country."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from workers.clustering.density import Floats, Ints

# A rim's width more than two radii, so that rounding to the millimetre never parts what a disc may hold.
_RIM_M = 0.01


class Squares(NamedTuple):
    """Those in which any point is, row by row from the south-west.

    of: (n,) the square of each point; east and north: (s,) how many squares from the corner each is; touching: (k, 2)
    pairs of squares side by side or corner to corner, each pair once.
    """

    of: Ints
    east: Ints
    north: Ints
    touching: Ints


def squares_of_two_radii(easting: Floats, northing: Floats, radius_m: float) -> Squares:
    """The squares of points (n,), n > 0, in metres; what is not in touching ones is never in one disc."""
    side = 2 * radius_m + _RIM_M
    east, north = (np.floor(axis / side).astype(np.int64) for axis in (easting, northing))
    west, south, width = int(east.min()), int(north.min()), int(np.ptp(east)) + 3
    keys, of = np.unique((north - south) * width + east - west + 1, return_inverse=True)
    pairs = []
    for step in (1, width - 1, width, width + 1):
        there = np.minimum(np.searchsorted(keys, keys + step), len(keys) - 1)
        here = np.flatnonzero(keys[there] == keys + step)
        pairs.append(np.column_stack([here, there[here]]))
    return Squares(of, keys % width - 1 + west, keys // width + south, np.concatenate(pairs))
