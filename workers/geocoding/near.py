"""The nearest named thing, with ties settled the same way every time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

# Distances are shown to 0.1 m, so what shows the same distance counts as equally near and the name decides.
_SAME_M = 0.1


class Near(NamedTuple):
    """Which thing is nearest, and how far it is in metres, rounded to 0.1 m."""

    which: int
    distance_m: float


class NearestGeometry:
    """Nearest of lines or points in metres; `names` settle ties, in the order given."""

    def __init__(self, geometries: Sequence[BaseGeometry], names: Sequence[tuple[str, str]]) -> None:
        self._tree = shapely.STRtree(geometries)
        self._names = names

    def nearest(self, easting: float, northing: float, reach_m: float) -> Near | None:
        """The nearest within `reach_m` metres, or None."""
        if not self._names:
            return None
        point = shapely.Point(easting, northing)
        found, distances = self._tree.query_nearest(
            point, max_distance=_past(reach_m), return_distance=True, all_matches=False
        )
        if found.size == 0 or distances[0] > reach_m:
            return None
        equally = self._tree.query(point, predicate="dwithin", distance=float(distances[0]) + _SAME_M)
        away = shapely.distance(self._tree.geometries[equally], point)
        return _first(zip(equally, away, strict=True), self._names)


class NearestPoint:
    """Nearest of points (easting, northing) in metres; `names` settle ties, in the order given."""

    def __init__(self, points: Sequence[tuple[float, float]], names: Sequence[tuple[str, str]]) -> None:
        self._points = np.asarray(points, dtype=float).reshape(-1, 2)
        self._tree = cKDTree(self._points)
        self._names = names

    def nearest(self, easting: float, northing: float, reach_m: float) -> Near | None:
        """The nearest within `reach_m` metres, or None."""
        if not self._names:
            return None
        here = np.array([easting, northing])
        distance, _ = self._tree.query(here, distance_upper_bound=_past(reach_m))
        if distance > reach_m:
            return None
        equally = np.asarray(self._tree.query_ball_point(here, distance + _SAME_M), dtype=int)
        away = np.hypot(*(self._points[equally] - here).T)
        return _first(zip(equally, away, strict=True), self._names)


def _past(reach_m: float) -> float:
    """Both trees leave out what is exactly at the bound; look a little further and compare afterwards."""
    return reach_m + _SAME_M


def _first(candidates: Iterable[tuple[int, float]], names: Sequence[tuple[str, str]]) -> Near:
    ranked = min((round(float(away), 1), names[index], int(index)) for index, away in candidates)
    return Near(which=ranked[2], distance_m=ranked[0])
