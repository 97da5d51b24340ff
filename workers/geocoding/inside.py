"""What of a shared set lies inside an authority's bounds: for drawing it, and for the phone's own copy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from workers.geocoding.nameset import NameSet
from workers.geocoding.near import CM, Ints
from workers.geocoding.search import Bounds


def entries_inside(names: NameSet, bounds: Bounds) -> Ints:
    """Entries whose point is inside (west, south, east, north in metres), ascending."""
    west, south, east, north = (edge * CM for edge in bounds)
    x, y = names.columns["x"], names.columns["y"]
    return np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))


def points_inside(names: NameSet, kind: str, bounds: Bounds) -> Iterator[tuple[str, float, float]]:
    """Name, easting and northing of each entry of a kind that is inside; not what else it is called."""
    if not names.has(kind):
        return
    entries = entries_inside(names, bounds)
    if "kind" in names.columns:
        entries = np.intersect1d(entries, names.columns[f"{kind}_entry"])
    for entry in entries.tolist():
        yield names.name(entry), *names.position(entry)


def lines_inside(names: NameSet, bounds: Bounds) -> Iterator[tuple[str, shapely.LineString]]:
    """Each road that is known by its line, in as few lines as it can be drawn with."""
    roads = names.stretches("road") if names.has("road") else None
    if roads is None or roads.dx is None or roads.dy is None:
        return
    west, south, east, north = (edge * CM for edge in bounds)
    inside = (roads.x >= west) & (roads.x <= east) & (roads.y >= south) & (roads.y <= north)
    inside &= (roads.dx != 0) | (roads.dy != 0)
    chosen = np.flatnonzero(inside)
    chosen = chosen[np.argsort(roads.entry[chosen], kind="stable")]
    begin = np.column_stack([roads.x[chosen], roads.y[chosen]])
    ends = np.stack([begin, begin + np.column_stack([roads.dx[chosen], roads.dy[chosen]])], axis=1) / CM
    entries, starts = np.unique(roads.entry[chosen], return_index=True)
    for entry, pieces in zip(entries.tolist(), np.split(ends, starts[1:]), strict=True):
        merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(pieces)))
        for part in shapely.get_parts(merged):
            yield names.name(entry), part
