"""The areas that an authority's land is divided into, and which of them a point is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from workers.geocoding.near import Floats
from workers.geocoding.place import AreaName

# The order in which a place lists its areas; kinds not named here follow by name.
_ORDER = ("authority", "ward", "parish", "beat", "pspo")


@dataclass(frozen=True, slots=True)
class AreaShape:
    """An area's polygon (or multipolygon) in easting and northing metres."""

    kind: str
    code: str
    name: str
    polygon: BaseGeometry


class Areas:
    """Areas by where they are. A point on a border is in both.

    authority_code: which "authority" area is the one served, where neighbours' outlines are loaded too; without it
    every "authority" area is. With no such area loaded nothing can be outside: all is served.
    """

    def __init__(self, areas: Iterable[AreaShape], authority_code: str | None) -> None:
        ordered = sorted(areas, key=_order)
        self._names = tuple(AreaName(area.kind, area.code, area.name) for area in ordered)
        self._served = {
            index
            for index, area in enumerate(ordered)
            if area.kind == "authority" and authority_code in (None, area.code)
        }
        polygons = [area.polygon for area in ordered]
        shapely.prepare(polygons)
        self._tree = shapely.STRtree(polygons)
        outlines = [ordered[index].polygon.bounds for index in sorted(self._served)]
        edges = np.array(outlines or [area.polygon.bounds for area in ordered]).reshape(-1, 4)
        self.bounds: tuple[float, float, float, float] | None = None
        if len(edges):
            (west, south), (east, north) = edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)
            self.bounds = float(west), float(south), float(east), float(north)

    def around(self, x: Floats, y: Floats) -> list[tuple[tuple[AreaName, ...], bool]]:
        """For each point (metres) the areas it is in, in listing order, and whether it is in the area served."""
        hits: list[list[int]] = [[] for _ in range(len(x))]
        for point, area in self._tree.query(shapely.points(x, y), predicate="intersects").T.tolist():
            hits[point].append(area)
        return [
            (
                tuple(self._names[index] for index in sorted(found)),
                not self._served or not self._served.isdisjoint(found),
            )
            for found in hits
        ]


def _order(area: AreaShape) -> tuple[int, str, str, str]:
    known = _ORDER.index(area.kind) if area.kind in _ORDER else len(_ORDER)
    return known, area.kind, area.name, area.code
