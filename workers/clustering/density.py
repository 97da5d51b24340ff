"""Gaussian kernel density at chosen spots, worked out tile by tile: a country takes no more memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# A kernel is cut off at so many bandwidths, where it is under 0.04 % of its top.
REACH = 4
# Points are binned to so many cells a bandwidth: that widens the kernel by less than a tenth of a per cent.
_CELLS_PER_BANDWIDTH = 8
_TILE_CELLS = 64
# More cells than any column has.
_COLUMN = 2**32


def density_at(spots: Floats, position: Floats, weight: Floats, bandwidth_m: float) -> Floats:
    """(m,) sums of weight x Gaussian density, per square metre, at spots (m, 2) in metres.

    position: (n, 2) metres, weight: (n,). The kernel is exp(-d^2 / 2h^2) / (2 pi h^2) with h = `bandwidth_m`
    (Silverman, Density Estimation, 1986, 4.2), on a raster of h/8 laid from (0, 0), read by linear interpolation.
    The same points give the same answer whatever others lie beyond four bandwidths.
    """
    side = bandwidth_m / _CELLS_PER_BANDWIDTH
    found = np.zeros(len(spots))
    tile_of = np.floor(spots / side / _TILE_CELLS).astype(np.int64)
    near = np.flatnonzero(in_tiles_around(position, spots, side * _TILE_CELLS))
    cells = _Cells.of(np.floor(position.take(near, axis=0) / side).astype(np.int64), weight[near])
    for tile, members in _tiles(tile_of):
        smooth = gaussian_filter(_raster(cells, tile), _CELLS_PER_BANDWIDTH, mode="constant", truncate=REACH)
        at = spots[members] / side - 0.5 - (tile * _TILE_CELLS - _margin())
        found[members] = map_coordinates(smooth, at.T, order=1, mode="nearest")
    return np.maximum(found, 0.0) / side**2


def gaussian_density(away_m: Floats, bandwidth_m: float) -> Floats:
    """Per square metre at distances in metres: what `density_at` adds for one point of weight 1."""
    density: Floats = np.exp(-0.5 * (away_m / bandwidth_m) ** 2) / (2 * np.pi * bandwidth_m**2)
    return density


def _margin() -> int:
    return REACH * _CELLS_PER_BANDWIDTH + 2


def in_tiles_around(position: Floats, spots: Floats, side_m: float) -> Bools:
    """(n,) whether a position (n, 2) is in the tile of `side_m` of one of the spots (m, 2), or one of the eight around.

    So all that are within `side_m` of a spot are, and most of what is far from all of them is not. In metres.
    """
    if len(position) == 0 or len(spots) == 0:
        return np.zeros(len(position), dtype=bool)
    tile, wanted = (np.floor(axes / side_m).astype(np.int64) for axes in (position, spots))
    # Column by column: numpy is slow at rows of two.
    low = [min(tile[:, axis].min(), wanted[:, axis].min()) - 1 for axis in (0, 1)]
    width = int(max(tile[:, 0].max(), wanted[:, 0].max()) - low[0]) + 2
    marked = np.unique((wanted[:, 1] - low[1]) * width + wanted[:, 0] - low[0])
    steps = [north * width + east for north in (-1, 0, 1) for east in (-1, 0, 1)]
    around = np.unique(marked[:, None] + np.array(steps))
    return np.isin((tile[:, 1] - low[1]) * width + tile[:, 0] - low[0], around)


def _tiles(tile_of: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Each tile (2,) with the indices of its spots."""
    if len(tile_of) == 0:
        return
    order = np.lexsort((tile_of[:, 1], tile_of[:, 0]))
    changes = np.flatnonzero(np.any(np.diff(tile_of[order], axis=0) != 0, axis=1)) + 1
    for members in np.split(order, changes):
        yield tile_of[members[0]], members


class _Cells(NamedTuple):
    """The cell (n, 2) and weight of each point, by columns of tiles and in these from south to north, with that key."""

    key: Ints
    cell: Ints
    weight: Floats

    @classmethod
    def of(cls, cell: Ints, weight: Floats) -> _Cells:
        key = cell[:, 0] // _TILE_CELLS * _COLUMN + cell[:, 1]
        order = np.argsort(key)
        return cls(key[order], cell.take(order, axis=0), weight[order])


def _raster(cells: _Cells, tile: Ints) -> Floats:
    """Weights per cell of a tile and its margin, which reaches into the tiles around and no farther."""
    size = _TILE_CELLS + 2 * _margin()
    low = tile * _TILE_CELLS - _margin()
    columns = (tile[0] + np.array([-1, 0, 1])) * _COLUMN + low[1]
    runs = map(slice, np.searchsorted(cells.key, columns), np.searchsorted(cells.key, columns + size))
    cell, weight = map(
        np.concatenate, zip(*((cells.cell[run], cells.weight[run]) for run in runs), strict=True)
    )
    east, north = (cell - low).T
    within = (east >= 0) & (east < size)
    flat = east[within] * size + north[within]
    return np.bincount(flat, weight[within], minlength=size * size).reshape(size, size).astype(float)
