"""Finding the places of a country in parts, each for itself, with the same result as all at once.

Two sites farther apart than two radii never share a disc, and no disc of one side changes what another of the other
side holds. So the parts are made of what hangs together: sites in touching cells of two radii. A part holds what
hangs together from a tile, its halo reaching as far as that goes, and nothing is in two parts.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from workers.clustering.density import Ints
from workers.clustering.points import Points

TILE_M = 20_000.0


def parts(points: Points, radius_m: float, tile_m: float = TILE_M) -> Ints:
    """(n,) the part of each point, 0, 1, ...: that of the tile in which what it hangs together with begins."""
    if len(points) == 0:
        return np.empty(0, dtype=np.int64)
    # A rim's width more than two radii, so that rounding to the millimetre never parts what belongs together.
    side = 2 * radius_m + 0.01
    east, north = (
        np.floor((axis - axis.min()) / side).astype(np.int64) for axis in (points.easting, points.northing)
    )
    width = int(east.max()) + 3
    cells, cell_of = np.unique((north + 1) * width + east + 1, return_inverse=True)
    links = []
    for step in (1, width - 1, width, width + 1):
        there = np.minimum(np.searchsorted(cells, cells + step), len(cells) - 1)
        touching = np.flatnonzero(cells[there] == cells + step)
        links.append(np.column_stack([touching, there[touching]]))
    pairs = np.concatenate(links)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(cells), len(cells)))
    _, together = connected_components(graph, directed=False)
    # Cells ascend from the south-west: the first of each component names its tile.
    _, first = np.unique(together, return_index=True)
    tiles = max(1, round(tile_m / side))
    tile = cells[first] // width // tiles * width + cells[first] % width // tiles
    part: Ints = np.unique(tile, return_inverse=True)[1][together[cell_of]]
    return part


def split(points: Points, radius_m: float, tile_m: float = TILE_M) -> list[Points]:
    """The points part by part. Places found in each, `ranked_together`, are those found in all points at once."""
    if len(points) == 0:
        return []
    part = parts(points, radius_m, tile_m)
    order = np.argsort(part, kind="stable")
    return [points.take(chosen) for chosen in np.split(order, np.flatnonzero(np.diff(part[order])) + 1)]
