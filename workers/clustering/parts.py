"""Finding the places of a country in parts, each for itself, with the same result as all at once.

Two sites farther apart than two radii never share a disc, and no disc of one side changes what another of the other
side holds. So the parts are made of what hangs together: sites in touching squares of two radii. A part holds what
hangs together from a tile, its halo reaching as far as that goes, and nothing is in two parts.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from workers.clustering.density import Ints
from workers.clustering.points import Points
from workers.clustering.squares import squares_of_two_radii

TILE_M = 20_000.0


def parts(points: Points, radius_m: float, tile_m: float = TILE_M) -> Ints:
    """(n,) the part of each point, 0, 1, ...: that of the tile in which what it hangs together with begins."""
    if len(points) == 0:
        return np.empty(0, dtype=np.int64)
    squares = squares_of_two_radii(points.easting, points.northing, radius_m)
    number, pairs = len(squares.east), squares.touching
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(number, number))
    _, together = connected_components(graph, directed=False)
    # Squares ascend from the south-west: the first of each component names its tile.
    _, first = np.unique(together, return_index=True)
    across = max(1, round(tile_m / (2 * radius_m)))
    tile = np.column_stack([squares.north[first], squares.east[first]]) // across
    part: Ints = np.unique(tile, axis=0, return_inverse=True)[1].reshape(-1)[together[squares.of]]
    return part


def split(points: Points, radius_m: float, tile_m: float = TILE_M) -> list[Points]:
    """The points part by part. Places found in each, `ranked_together`, are those found in all points at once."""
    if len(points) == 0:
        return []
    part = parts(points, radius_m, tile_m)
    order = np.argsort(part, kind="stable")
    return [points.take(chosen) for chosen in np.split(order, np.flatnonzero(np.diff(part[order])) + 1)]
