"""The cells of an area, and kernels spread over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr
from shapely.geometry.base import BaseGeometry

from workers.clustering.density import REACH, Floats, Ints

# Kernels narrower than so many cells are spread exactly, wider ones from the middle of each cell.
_EXACT_BELOW_CELLS = 1.5
_LARGEST = 40_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Square cells of `cell_m` metres in rows from the south-west corner; `inside` (rows, columns): the area's."""

    west: float
    south: float
    cell_m: float
    inside: NDArray[np.bool_]

    @classmethod
    def over(cls, area: BaseGeometry, cell_m: float) -> Self:
        """The cells whose middle lies in an area of metres. ValueError when there are none or far too many."""
        if area.is_empty or cell_m <= 0:
            raise ValueError("An area and a cell size above 0 are needed.")
        west, south, east, north = area.bounds
        columns, rows = int((east - west) // cell_m) + 1, int((north - south) // cell_m) + 1
        if rows * columns > _LARGEST:
            raise ValueError(f"{rows} by {columns} cells are too many: take larger cells or a smaller area.")
        shapely.prepare(area)
        x, y = np.meshgrid(
            west + (np.arange(columns) + 0.5) * cell_m, south + (np.arange(rows) + 0.5) * cell_m
        )
        inside = shapely.contains_xy(area, x.ravel(), y.ravel()).reshape(rows, columns)
        if not inside.any():
            raise ValueError("The area is smaller than one cell.")
        return cls(west, south, cell_m, inside)

    @property
    def size(self) -> int:
        """How many cells are inside."""
        return int(self.inside.sum())

    @property
    def area_m2(self) -> float:
        """Of the cells inside."""
        return self.size * self.cell_m**2

    def centres(self) -> Floats:
        """(size, 2) middles in metres of the cells inside, row by row from the south."""
        row, column = np.nonzero(self.inside)
        return np.column_stack(
            [self.west + (column + 0.5) * self.cell_m, self.south + (row + 0.5) * self.cell_m]
        )

    def cell_of(self, position: Floats) -> Ints:
        """(n,) the index among the cells inside that each position (n, 2) lies in, or -1."""
        number = np.full(self.inside.shape, -1, dtype=np.int64)
        number[self.inside] = np.arange(self.size)
        column, row = self._cells(position)
        rows, columns = self.inside.shape
        on = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = np.full(len(position), -1, dtype=np.int64)
        found[on] = number[row[on], column[on]]
        return found

    def blocks(self, size: int) -> Ints:
        """(size of raster,) for each cell inside the number of the square of `size` by `size` cells it is in."""
        row, column = np.nonzero(self.inside)
        block: Ints = row // size * (self.inside.shape[1] // size + 1) + column // size
        return block

    def spread(self, position: Floats, weight: Floats, bandwidth_m: float) -> Floats:
        """(size,) the weight that Gaussian kernels around positions (n, 2) put into each cell inside.

        With a bandwidth of 0 a point's weight lies in its own cell. What lies outside the raster's box is lost.
        """
        if bandwidth_m == 0 or bandwidth_m >= _EXACT_BELOW_CELLS * self.cell_m:
            raster = self._binned(position, weight)
            if bandwidth_m:
                raster = gaussian_filter(raster, bandwidth_m / self.cell_m, mode="constant", truncate=REACH)
        else:
            raster = self._exactly_spread(position, weight, bandwidth_m)
        kept: Floats = raster[self.inside]
        return kept

    def _cells(self, position: Floats) -> tuple[Ints, Ints]:
        cells = np.floor((position - (self.west, self.south)) / self.cell_m).astype(np.int64)
        column: Ints = cells[:, 0]
        row: Ints = cells[:, 1]
        return column, row

    def _binned(self, position: Floats, weight: Floats) -> Floats:
        column, row = self._cells(position)
        return self._summed(row, column, weight)

    def _exactly_spread(self, position: Floats, weight: Floats, bandwidth_m: float) -> Floats:
        """A kernel is the product of two normal distributions, so a cell's share is that of two differences."""
        reach = int(np.ceil(REACH * bandwidth_m / self.cell_m))
        steps = np.arange(-reach, reach + 1)
        column, row = (cells[:, None] + steps for cells in self._cells(position))
        east, north = (position - (self.west, self.south)).T
        across = _share(column * self.cell_m - east[:, None], self.cell_m, bandwidth_m)
        along = _share(row * self.cell_m - north[:, None], self.cell_m, bandwidth_m)
        raster = np.zeros(self.inside.shape)
        for j in range(len(steps)):
            for i in range(len(steps)):
                raster += self._summed(row[:, j], column[:, i], weight * along[:, j] * across[:, i])
        return raster

    def _summed(self, row: Ints, column: Ints, weight: Floats) -> Floats:
        rows, columns = self.inside.shape
        on = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        flat = np.bincount(row[on] * columns + column[on], weight[on], minlength=rows * columns)
        return flat.reshape(rows, columns).astype(float)


def _share(start: Floats, length: float, bandwidth_m: float) -> Floats:
    """Of a normal distribution around 0, what lies between `start` and `start + length`."""
    shares: Floats = ndtr((start + length) / bandwidth_m) - ndtr(start / bandwidth_m)
    return shares
