"""What a list and a surface have to beat: counts in grid cells, kernel density, Gi*, DBSCAN.

Each gives the cells of a raster a score (size,), higher first; equal cells are for the caller to order.
"""

from __future__ import annotations

from collections.abc import Callable

import dbscan
import numpy as np
from scipy.ndimage import uniform_filter

from workers.clustering.density import Floats, Ints
from workers.clustering.raster import Raster

Baseline = Callable[[Raster, Floats], Floats]


def grid_count(raster: Raster, position: Floats, side_m: float) -> Floats:
    """Points (n, 2) in the square of about `side_m` that each cell is in."""
    block = raster.blocks(max(1, round(side_m / raster.cell_m)))
    own = raster.cell_of(position)
    counts = np.bincount(block[own[own >= 0]], minlength=int(block.max()) + 1)
    scores: Floats = counts[block].astype(float)
    return scores


def kernel_density(raster: Raster, position: Floats, bandwidth_m: float) -> Floats:
    """Gaussian kernels without decay."""
    return raster.spread(position, np.ones(len(position)), bandwidth_m)


def gi_star(raster: Raster, position: Floats, side_m: float) -> Floats:
    """Gi* of counts in squares of about `side_m` with their eight neighbours.

    With binary weights and all squares counted, those outside the area with 0, the statistic grows with the sum over
    the nine, which is all that an order needs; `getis_ord.local_gi_star` has the scores.
    """
    size = max(1, round(side_m / raster.cell_m))
    rows, columns = (length // size + 1 for length in raster.inside.shape)
    block = raster.blocks(size)
    own = raster.cell_of(position)
    counts = np.zeros(rows * (raster.inside.shape[1] // size + 1))
    np.add.at(counts, block[own[own >= 0]], 1.0)
    sums = uniform_filter(counts.reshape(rows, columns), 3, mode="constant").ravel() * 9
    scores: Floats = np.round(sums[block])
    return scores


def dbscan_clusters(position: Floats, reach_m: float, at_least: int) -> Ints:
    """(n,) the cluster of each point (n, 2), -1 for noise (Ester et al. 1996; the `dbscan` package, by grid cells)."""
    if len(position) == 0:
        return np.empty(0, dtype=np.int64)
    labels, _ = dbscan.DBSCAN(np.ascontiguousarray(position), eps=reach_m, min_samples=at_least)
    return np.asarray(labels, dtype=np.int64)


def dbscan_count(raster: Raster, position: Floats, reach_m: float, at_least: int) -> Floats:
    """The size of the largest cluster with a point in the cell; 0 where there is none."""
    label = dbscan_clusters(position, reach_m, at_least)
    own = raster.cell_of(position)
    kept = (label >= 0) & (own >= 0)
    sizes = np.bincount(label[label >= 0], minlength=1)
    scores = np.zeros(raster.size)
    np.maximum.at(scores, own[kept], sizes[label[kept]].astype(float))
    return scores


SURFACES: dict[str, Baseline] = {
    "grid 50 m count": lambda raster, position: grid_count(raster, position, 50.0),
    "grid 100 m count": lambda raster, position: grid_count(raster, position, 100.0),
    "grid 200 m count": lambda raster, position: grid_count(raster, position, 200.0),
    "KDE 50 m": lambda raster, position: kernel_density(raster, position, 50.0),
    "KDE 100 m": lambda raster, position: kernel_density(raster, position, 100.0),
    "KDE 200 m": lambda raster, position: kernel_density(raster, position, 200.0),
    "Gi* 100 m": lambda raster, position: gi_star(raster, position, 100.0),
    "Gi* 200 m": lambda raster, position: gi_star(raster, position, 200.0),
    "DBSCAN 50 m, min 3": lambda raster, position: dbscan_count(raster, position, 50.0, 3),
    "DBSCAN 100 m, min 5": lambda raster, position: dbscan_count(raster, position, 100.0, 5),
}


def block_list(raster: Raster, position: Floats, side_m: float, top: int) -> Floats:
    """(<= top, 2) mean positions of the points in the squares with most of them, for a list of places."""
    block = raster.blocks(max(1, round(side_m / raster.cell_m)))
    own = raster.cell_of(position)
    return _means(position[own >= 0], block[own[own >= 0]], top)


def dbscan_list(position: Floats, reach_m: float, at_least: int, top: int) -> Floats:
    """(<= top, 2) mean positions of the largest clusters."""
    label = dbscan_clusters(position, reach_m, at_least)
    return _means(position[label >= 0], label[label >= 0], top)


def peaks(raster: Raster, score: Floats, apart_m: float, top: int) -> Floats:
    """(<= top, 2) middles of the best cells, each at least `apart_m` from the better ones."""
    centres = raster.centres()
    chosen: list[Floats] = []
    for cell in np.argsort(-score, kind="stable")[: 400 * top]:
        if len(chosen) == top or score[cell] <= 0:
            break
        if all(np.hypot(*(centres[cell] - other)) >= apart_m for other in chosen):
            chosen.append(centres[cell])
    return np.array(chosen).reshape(-1, 2)


def _means(position: Floats, group: Ints, top: int) -> Floats:
    groups, of, sizes = np.unique(group, return_inverse=True, return_counts=True)
    best = np.argsort(-sizes, kind="stable")[:top]
    sums = np.column_stack([np.bincount(of, axis, minlength=len(groups)) for axis in position.T])
    means: Floats = sums[best] / sizes[best, None]
    return means
