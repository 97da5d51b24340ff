"""The nearest of very many stretches or boxes, by a grid of square cells.

A cell is at least as wide as anything is looked for, so what is near a point lies in the nine cells around it: three
rows of three, each one run in the files. Everything is vectorised over the points asked about, and ties are settled
the same way every time: what shows the same distance (0.1 m) counts as equally near, and then the lower entry wins.
Coordinates in the columns are whole centimetres of the National Grid.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from workers.geocoding.columns import Array, Columns, spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CM = 100
DM_IN_CM = 10
# Cells in a row: twice the width of the National Grid in the smallest cells, of 100 m.
ROW = 16_384
# Beyond the sheet's edge on each side, so that the cells around a point at the edge have numbers.
MARGIN = 4
NOTHING = np.iinfo(np.int64).max
# How many points are looked up together: enough to be fast, and few enough for small memory in dense places.
AT_ONCE = 512
LONGEST_STRETCH_M = 250


class Cells:
    """Things in the order of the cell that their anchor lies in."""

    def __init__(self, columns: Columns, name: str, cell_m: float) -> None:
        self._cell, self._at, self._side = columns[f"{name}_cell"], columns[f"{name}_cell_at"], cell_m * CM

    def around(self, x: Floats, y: Floats, rings: int = 1) -> tuple[Ints, Ints]:
        """Things in the cells around each point (cm), `rings` wide: their indices, and the point each is for."""
        column, row = _cell_numbers(x, y, self._side)
        rows = row[:, None] + np.arange(-rings, rings + 1)
        first = rows * ROW + (column - rings)[:, None]
        low = np.searchsorted(self._cell, first.ravel())
        high = np.searchsorted(self._cell, first.ravel() + 2 * rings, side="right")
        things, run = spread(self._at[low], self._at[high])
        return things, run // (2 * rings + 1)


def cells_columns(name: str, x: Array, y: Array, cell_m: float) -> tuple[dict[str, Array], Array]:
    """The columns `Cells` reads, and the order in which the things must be stored. x, y: anchors in cm."""
    column, row = _cell_numbers(x.astype(float), y.astype(float), cell_m * CM)
    number = (row * ROW + column).astype(np.int32)
    order = np.argsort(number, kind="stable")
    cells, starts = np.unique(number[order], return_index=True)
    at = np.append(starts, len(number)).astype(np.uint32)
    return {f"{name}_cell": cells.astype(np.int32), f"{name}_cell_at": at}, order


def _cell_numbers(x: Array, y: Array, side: float) -> tuple[Ints, Ints]:
    highest = ROW - 2 * MARGIN
    column = np.clip(np.floor(x / side), -2, highest).astype(np.int64) + MARGIN
    row = np.clip(np.floor(y / side), -2, 2 * ROW).astype(np.int64) + MARGIN
    return column, row


class Stretches:
    """Straight pieces (of a road), or points, each of an entry. Columns: x, y, entry, and dx, dy unless points."""

    def __init__(self, columns: Columns, name: str, cell_m: float) -> None:
        self.cells = Cells(columns, name, cell_m)
        self.x, self.y = columns[f"{name}_x"], columns[f"{name}_y"]
        self.entry = columns[f"{name}_entry"]
        self.dx, self.dy = columns.get(f"{name}_dx"), columns.get(f"{name}_dy")
        # A stretch is filed under its middle, which may lie half its length beyond the point that is near.
        self.furthest_m = cell_m - (0 if self.dx is None else LONGEST_STRETCH_M / 2)

    def nearest(self, x: Floats, y: Floats, reach_m: float) -> tuple[Ints, Floats]:
        """Of each point (metres) the entry that is nearest within `reach_m`, or -1, and its distance in metres."""
        assert reach_m <= self.furthest_m, "the cells are too small to look this far"
        entries, distances = np.full(len(x), -1, dtype=np.int64), np.full(len(x), np.nan)
        for begin, end in _parts(len(x)):
            best = self._best(x[begin:end] * CM, y[begin:end] * CM)
            dm = best >> 32
            found = (best != NOTHING) & (dm <= math.floor(reach_m * DM_IN_CM + 1e-6))
            entries[begin:end][found] = best[found] & 0xFFFFFFFF
            distances[begin:end][found] = dm[found] / DM_IN_CM
        return entries, distances

    def within(self, x: float, y: float, reach_m: float, rings: int) -> tuple[Ints, Floats]:
        """Entries around one point (metres), each once, in their order, with distances in metres."""
        things, _ = self.cells.around(np.array([x * CM]), np.array([y * CM]), rings)
        away = self._distances(things, np.full(len(things), x * CM), np.full(len(things), y * CM)) / CM
        near = away <= reach_m
        return _least(self.entry[things[near]].astype(np.int64), away[near])

    def _best(self, x: Floats, y: Floats) -> Ints:
        things, point = self.cells.around(x, y)
        dm = np.rint(self._distances(things, x[point], y[point]) / DM_IN_CM).astype(np.int64)
        return _best_by_point((dm << 32) | self.entry[things].astype(np.int64), point, len(x))

    def _distances(self, things: Ints, x: Floats, y: Floats) -> Floats:
        east, north = x - self.x[things], y - self.y[things]
        if self.dx is None or self.dy is None:
            straight: Floats = np.hypot(east, north)
            return straight
        dx, dy = self.dx[things].astype(float), self.dy[things].astype(float)
        squared = dx * dx + dy * dy
        along = np.clip((east * dx + north * dy) / np.where(squared == 0, 1, squared), 0, 1)
        away: Floats = np.hypot(east - along * dx, north - along * dy)
        return away


class Boxes:
    """Extents of entries: the smallest that holds a point. Columns: west, south, east, north, entry."""

    def __init__(self, columns: Columns, name: str, cell_m: float) -> None:
        self.cells = Cells(columns, name, cell_m)
        self._edges = tuple(columns[f"{name}_{edge}"] for edge in ("west", "south", "east", "north"))
        self.entry = columns[f"{name}_entry"]

    def smallest(self, x: Floats, y: Floats, margin_m: float = 0) -> Ints:
        """Of each point (metres) the entry of the smallest box that holds it, `margin_m` allowed, or -1."""
        entries = np.full(len(x), -1, dtype=np.int64)
        for begin, end in _parts(len(x)):
            best = self._best(x[begin:end] * CM, y[begin:end] * CM, margin_m * CM)
            found = best != NOTHING
            entries[begin:end][found] = best[found] & 0xFFFFFFFF
        return entries

    def _best(self, x: Floats, y: Floats, margin: float) -> Ints:
        things, point = self.cells.around(x, y)
        west, south, east, north = (edge[things].astype(np.int64) for edge in self._edges)
        holds = (x[point] >= west - margin) & (x[point] <= east + margin)
        holds &= (y[point] >= south - margin) & (y[point] <= north + margin)
        # In hundreds of square metres, so that it fits beside the entry.
        size = (((east - west) * (north - south)) // 1_000_000)[holds]
        return _best_by_point((size << 32) | self.entry[things[holds]].astype(np.int64), point[holds], len(x))


def boxes_columns(name: str, boxes: Array, entries: Array, cell_m: float) -> dict[str, Array]:
    """The columns `Boxes` reads. boxes: (n, 4) west, south, east, north in cm, none over two cells across."""
    middle = (boxes[:, :2].astype(np.int64) + boxes[:, 2:]) // 2
    columns, order = cells_columns(name, middle[:, 0], middle[:, 1], cell_m)
    edges = zip(("west", "south", "east", "north"), boxes[order].T, strict=True)
    columns |= {f"{name}_{edge}": values.astype(np.int32) for edge, values in edges}
    return columns | {f"{name}_entry": entries[order].astype(np.int32)}


def points_columns(name: str, x: Array, y: Array, entries: Array, cell_m: float) -> dict[str, Array]:
    """The columns `Stretches` reads for points. x, y: cm."""
    columns, order = cells_columns(name, x, y, cell_m)
    return columns | {
        f"{name}_x": x[order].astype(np.int32),
        f"{name}_y": y[order].astype(np.int32),
        f"{name}_entry": entries[order].astype(np.int32),
    }


def lines_columns(name: str, ends: Array, entries: Array, cell_m: float) -> dict[str, Array]:
    """The columns `Stretches` reads for lines. ends: (n, 4) x1, y1, x2, y2 in cm, of any length."""
    pieces, of = _cut(ends.astype(float))
    middle = (pieces[:, :2] + pieces[:, 2:]) / 2
    columns, order = cells_columns(name, middle[:, 0], middle[:, 1], cell_m)
    cut = np.rint(pieces[order]).astype(np.int32)
    return columns | {
        f"{name}_x": cut[:, 0], f"{name}_y": cut[:, 1],
        f"{name}_dx": (cut[:, 2] - cut[:, 0]).astype(np.int16),
        f"{name}_dy": (cut[:, 3] - cut[:, 1]).astype(np.int16),
        f"{name}_entry": entries[of][order].astype(np.int32),
    }  # fmt: skip


def _cut(ends: Floats) -> tuple[Floats, Ints]:
    """Pieces no longer than LONGEST_STRETCH_M, and the line each is of."""
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    counts = np.maximum(1, np.ceil(length / (LONGEST_STRETCH_M * CM))).astype(np.int64)
    number, of = spread(np.zeros_like(counts), counts)
    step = (ends[of, 2:] - ends[of, :2]) / counts[of, None]
    begin = ends[of, :2] + step * number[:, None]
    return np.hstack([begin, begin + step]), of


def _best_by_point(keys: Ints, point: Ints, points: int) -> Ints:
    """The least key of each point; `point` ascends."""
    best = np.full(points, NOTHING, dtype=np.int64)
    if len(keys):
        starts = np.flatnonzero(np.diff(point, prepend=-1))
        best[point[starts]] = np.minimum.reduceat(keys, starts)
    return best


def _least(entries: Ints, distances: Floats) -> tuple[Ints, Floats]:
    """Each entry once with its least distance."""
    order = np.lexsort((distances, entries))
    first = np.flatnonzero(np.diff(entries[order], prepend=-1))
    return entries[order][first], distances[order][first]


def _parts(points: int) -> list[tuple[int, int]]:
    """Ranges of points that are looked up together."""
    return [(begin, min(begin + AT_ONCE, points)) for begin in range(0, points, AT_ONCE)]
