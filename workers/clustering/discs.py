"""Greedy bounded discs: take the disc that holds most, remove what it holds, repeat.

Unlike density clustering, which chains dense streets into clusters kilometres across, no disc is wider than
twice its radius. Settling a disc on the mean of what it holds is the mean shift with a flat kernel (Comaniciu
and Meer 2002), which ends after finitely many steps.
"""

from __future__ import annotations

import heapq
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A point exactly on the rim counts as inside, whatever the last bit of its distance.
_RIM_M = 1e-6
# Cells of this many sites are summed as one matrix; below, asking the tree for each is quicker.
_DENSE_CELL = 8
_MATRIX_AT_MOST = 4_000_000


class Disc(NamedTuple):
    """A centre in metres and the indices of the sites it holds, ascending."""

    centre: Floats
    sites: Ints


def bounded_discs(
    sites: Floats, weight: Floats, count: Ints, *, radius_m: float, min_count: int
) -> list[Disc]:
    """Discs of at most `radius_m` that hold `min_count` or more, those with most weight first.

    sites: (m, 2) distinct positions in metres; weight and count: (m,) what lies on each. Every site is in at
    most one disc, within the radius of its centre, and around no site left over are `min_count` left over.
    A disc's centre is the weighted mean of its sites. Where the mean would let go of so many that fewer than
    `min_count` were held (a heavy site on the rim), the disc stays on the site it started from.
    Equal discs are taken in the order of the sites, so give these in an order of their own.
    """
    return _Greedy(sites, weight, count, radius_m + _RIM_M, min_count).discs()


class _Greedy:
    def __init__(self, sites: Floats, weight: Floats, count: Ints, reach: float, min_count: int) -> None:
        self._sites = sites
        self._values = np.column_stack([weight, count])
        self._reach = reach
        self._min_count = min_count
        self._tree = cKDTree(sites)
        self._left = np.ones(len(sites), dtype=bool)
        # What a disc around each site would hold of the sites left: weight and count.
        self._held = _held_around(sites, self._values, self._tree, reach)

    def discs(self) -> list[Disc]:
        enough = np.flatnonzero(self._held[:, 1] >= self._min_count)
        queue = [(-self._held[site, 0], int(site)) for site in enough]
        heapq.heapify(queue)
        found = []
        while queue:
            promised, site = heapq.heappop(queue)
            if not self._left[site] or self._held[site, 1] < self._min_count:
                continue
            if self._held[site, 0] < -promised:
                heapq.heappush(queue, (-self._held[site, 0], site))
                continue
            disc = self._settle(site)
            self._remove(disc)
            found.append(disc)
        return found

    def _settle(self, seed: int) -> Disc:
        """Move from the seed to the mean of what is held until that no longer changes what is held."""
        first = held = self._held_at(self._sites[seed])
        centre = self._sites[seed]
        for _ in range(100):
            weights = self._values[held, 0]
            centre = weights @ self._sites[held] / weights.sum()
            now = self._held_at(centre)
            if self._values[now, 1].sum() < self._min_count:
                break
            if np.array_equal(now, held):
                return Disc(centre, held)
            held = now
        return Disc(self._sites[seed], first)

    def _held_at(self, centre: Floats) -> Ints:
        near = np.array(self._tree.query_ball_point(centre, self._reach, return_sorted=True), dtype=np.int64)
        kept: Ints = near[self._left[near]]
        return kept

    def _remove(self, disc: Disc) -> None:
        self._left[disc.sites] = False
        around = np.array(self._tree.query_ball_point(disc.centre, 2 * self._reach), dtype=np.int64)
        touched = around[self._left[around]]
        self._held[touched] -= _sums_within(
            self._sites[touched], self._sites[disc.sites], self._values[disc.sites], self._reach
        )


def _held_around(sites: Floats, values: Floats, tree: cKDTree, reach: float) -> Floats:
    """(m, k) sums of the values (m, k) within reach of each site."""
    held = np.empty_like(values)
    cells = np.floor(sites / reach).astype(np.int64)
    cells -= cells.min(axis=0, initial=0) - 1
    width = int(cells[:, 0].max(initial=0)) + 2
    keys = cells[:, 1] * width + cells[:, 0]
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    cell_keys, counts = np.unique(sorted_keys, return_counts=True)
    for cell in cell_keys[counts >= _DENSE_CELL]:
        # Three rows of three cells: each row is one run of the sorted keys.
        starts = np.searchsorted(sorted_keys, [cell - width - 1, cell - 1, cell + width - 1])
        ends = np.searchsorted(sorted_keys, [cell - width + 1, cell + 1, cell + width + 1], side="right")
        block = np.concatenate([order[start:end] for start, end in zip(starts, ends, strict=True)])
        here = block[keys[block] == cell]
        held[here] = _sums_within(sites[here], sites[block], values[block], reach)
    sparse = order[np.repeat(counts < _DENSE_CELL, counts)]
    for part in np.array_split(sparse, len(sparse) // 50_000 + 1):
        held[part] = _sums_by_tree(sites[part], values, tree, reach)
    return held


def _sums_by_tree(at: Floats, values: Floats, tree: cKDTree, reach: float) -> Floats:
    """(m, k) sums of the tree's values within reach of each position, at least one of which is there."""
    if len(at) == 0:
        return np.empty((0, values.shape[1]))
    near = tree.query_ball_point(at, reach, return_sorted=True)
    lengths = np.fromiter(map(len, near), dtype=np.int64, count=len(near))
    flat = np.fromiter(chain.from_iterable(near), dtype=np.int64, count=int(lengths.sum()))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    sums: Floats = np.add.reduceat(values[flat], starts, axis=0)
    return sums


def _sums_within(at: Floats, sites: Floats, values: Floats, reach: float) -> Floats:
    """(m, k) sums of the values (n, k) of sites within reach of each of m positions, all against all."""
    sums = np.empty((len(at), values.shape[1]))
    rows = max(1, _MATRIX_AT_MOST // max(1, len(sites)))
    for start in range(0, len(at), rows):
        part = at[start : start + rows]
        squared = (part[:, 0, None] - sites[:, 0]) ** 2 + (part[:, 1, None] - sites[:, 1]) ** 2
        sums[start : start + rows] = (squared <= reach * reach) @ values
    return sums
