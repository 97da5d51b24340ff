"""Points and lines of files that are in metres of the National Grid; what is not on it is a bad row."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from workers.geocoding.near import Floats

# East and north of every point of Great Britain, metres.
EAST_MOST, NORTH_MOST = 700_000, 1_300_000
OFF_THE_GRID = "the point is not on the National Grid"


def point_of(easting: str, northing: str) -> tuple[float, float]:
    """The point of two cells. ValueError when they are not numbers, or not on the grid."""
    x, y = float(easting), float(northing)
    if not (0 < x < EAST_MOST and 0 < y < NORTH_MOST):
        raise ValueError(OFF_THE_GRID)
    return x, y


def vertices_of(line: BaseGeometry | None) -> Floats:
    """The vertices of a line, (n, 2). ValueError when it is none, or not on the grid."""
    vertices: Floats = shapely.get_coordinates(line)
    if len(vertices) < 2:
        raise ValueError("a line of at least two points was expected")
    if not ((vertices > 0) & (vertices < (EAST_MOST, NORTH_MOST))).all():
        raise ValueError(OFF_THE_GRID)
    return vertices
