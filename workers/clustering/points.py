"""Dated points as columns: what places are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


class Point(NamedTuple):
    """One case: grid metres, the day it was seen, a weight above 0, stated accuracy in metres when known."""

    id: str
    easting: float
    northing: float
    day: date
    severity: float = 1.0
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Columns of equal length n; `day` is datetime64[D], an unknown accuracy is NaN.

    ValueError when the lengths differ, a position is not a number or a severity is not a number above 0.
    """

    ids: Sequence[str]
    easting: Floats
    northing: Floats
    day: Days
    severity: Floats
    accuracy_m: Floats

    def __post_init__(self) -> None:
        columns = (self.easting, self.northing, self.day, self.severity, self.accuracy_m)
        if any(column.shape != (len(self.ids),) for column in columns):
            raise ValueError("Every column of the points needs one value for each id.")
        if not (np.isfinite(self.easting).all() and np.isfinite(self.northing).all()):
            raise ValueError("Every point needs an easting and a northing.")
        if not (np.isfinite(self.severity) & (self.severity > 0)).all():
            raise ValueError("A point's severity must be a number above 0.")

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Points:
        """The points that are chosen: by a mask, in their order, or by their indices."""
        if chosen.dtype == np.bool_:
            chosen = np.flatnonzero(chosen)
        return Points(
            ids=[self.ids[index] for index in chosen.tolist()],
            easting=self.easting[chosen],
            northing=self.northing[chosen],
            day=self.day[chosen],
            severity=self.severity[chosen],
            accuracy_m=self.accuracy_m[chosen],
        )

    @classmethod
    def of(cls, rows: Iterable[Point]) -> Self:
        """Columns from rows."""
        listed = list(rows)
        return cls(
            ids=[row.id for row in listed],
            easting=np.array([row.easting for row in listed], dtype=float),
            northing=np.array([row.northing for row in listed], dtype=float),
            day=np.array([row.day for row in listed], dtype="datetime64[D]"),
            severity=np.array([row.severity for row in listed], dtype=float),
            accuracy_m=np.array(
                [np.nan if row.accuracy_m is None else row.accuracy_m for row in listed], dtype=float
            ),
        )


def positions(points: Points) -> tuple[Floats, Floats]:
    """(n, 2) metres from the south-west corner of all points (n > 0), to the millimetre, and that corner.

    Taking the corner away first makes what is worked out independent of where on the map it is, to the last bit.
    """
    origin = np.array([points.easting.min(), points.northing.min()])
    return np.round(np.column_stack([points.easting, points.northing]) - origin, 3), origin


def points_around(points: Points, centre: tuple[float, float], reach_m: float) -> Points:
    """Those at most so many metres east or west, and north or south, of a centre."""
    away = np.maximum(np.abs(points.easting - centre[0]), np.abs(points.northing - centre[1]))
    return points.take(away <= reach_m)
