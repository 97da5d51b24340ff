"""An authority's gazetteer in memory: nearest named road, locality and postcode, and the areas around."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from workers.geocoding.grid import from_grid, grid_reference, to_grid
from workers.geocoding.near import NearestGeometry, NearestPoint
from workers.geocoding.place import AreaName, Place, PostcodeNear, Road, Settlement, label_for
from workers.geocoding.plus_code import plus_code
from workers.geocoding.search import Entry, Found, NameIndex

ROAD_REACH_M = 250.0
LOCALITY_REACH_M = 5_000.0
POSTCODE_REACH_M = 1_000.0

Path = tuple[tuple[float, float], ...]
LatLon = tuple[float, float]

# The order in which a place lists its areas; kinds not named here follow by name.
_AREA_ORDER = ("authority", "ward", "parish", "police_beat", "pspo")


@dataclass(frozen=True, slots=True)
class NamedRoad:
    """A road's name and where it runs: each path is a line of (easting, northing) metres or one point."""

    name: str
    source: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Locality:
    """A village, town or part of one, at its centre in metres."""

    name: str
    source: str
    easting: float
    northing: float


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode unit at its centre in metres."""

    code: str
    easting: float
    northing: float


@dataclass(frozen=True, slots=True)
class AreaShape:
    """An area's polygon (or multipolygon) in easting and northing metres."""

    kind: str
    code: str
    name: str
    polygon: BaseGeometry


class Gazetteer:
    """Answers "where is this?" for one authority, without a service. Read-only, so threads may share it.

    authority_code: which "authority" area is the one served, where neighbours' outlines are loaded too;
    without it every "authority" area is. With no such area loaded nothing can be outside: all is served.
    """

    def __init__(
        self,
        roads: Iterable[NamedRoad] = (),
        localities: Iterable[Locality] = (),
        postcodes: Iterable[Postcode] = (),
        areas: Iterable[AreaShape] = (),
        *,
        authority_code: str | None = None,
    ) -> None:
        self._roads = tuple(roads)
        self._localities = tuple(localities)
        self._postcodes = tuple(postcodes)
        self._areas = tuple(sorted(areas, key=_area_order))
        self._served = {
            index
            for index, area in enumerate(self._areas)
            if area.kind == "authority" and authority_code in (None, area.code)
        }
        stretches = [(road, path) for road in self._roads for path in road.paths]
        self._stretch_roads = tuple(road for road, _ in stretches)
        self._near_road = NearestGeometry(
            [_as_geometry(path) for _, path in stretches], [(road.name, road.source) for road, _ in stretches]
        )
        self._near_locality = NearestPoint(
            [(place.easting, place.northing) for place in self._localities],
            [(place.name, place.source) for place in self._localities],
        )
        self._near_postcode = NearestPoint(
            [(unit.easting, unit.northing) for unit in self._postcodes],
            [(unit.code, "") for unit in self._postcodes],
        )
        self._area_tree = shapely.STRtree([area.polygon for area in self._areas])

    def locate(self, lat: float, lon: float) -> Place:
        """The place of a WGS84 position in degrees; outside Great Britain it has a plus code and no more."""
        point = to_grid(lat, lon)
        if point is None:
            return Place(
                label=label_for(None, None),
                road=None,
                locality=None,
                postcode=None,
                areas=(),
                grid_reference=None,
                easting=None,
                northing=None,
                plus_code=plus_code(lat, lon),
                in_area_served=False,
            )
        return self.reverse(*point, lat_lon=(lat, lon))

    def reverse(self, easting: float, northing: float, *, lat_lon: LatLon | None = None) -> Place:
        """The place of a grid point in metres.

        lat_lon: the WGS84 degrees it came from, when known, so that the plus code is of the very position
        that was sent. ValueError for a point off the National Grid.
        """
        road, locality = self._road(easting, northing), self._locality(easting, northing)
        around = self._areas_around(easting, northing)
        return Place(
            label=label_for(road, locality),
            road=road,
            locality=locality,
            postcode=self._postcode(easting, northing),
            areas=tuple(
                AreaName(kind=area.kind, code=area.code, name=area.name)
                for area in (self._areas[index] for index in around)
            ),
            grid_reference=grid_reference(easting, northing),
            easting=round(easting, 1),
            northing=round(northing, 1),
            plus_code=plus_code(*(lat_lon or from_grid(easting, northing))),
            in_area_served=not self._served or not self._served.isdisjoint(around),
        )

    def search(
        self, text: str, limit: int = 10, *, near: tuple[float, float] | None = None
    ) -> Sequence[Found]:
        """Roads, localities and postcodes whose name holds `text`, best first: whole name, start, start of a
        word, inside a word. `near` (easting, northing in metres) puts the nearest first among equals."""
        return self._names.search(text, limit, near=near)

    @functools.cached_property
    def _names(self) -> NameIndex:
        entries = [Entry("road", road.name, *_first_point(road)) for road in self._roads if road.paths]
        entries += [Entry("locality", town.name, town.easting, town.northing) for town in self._localities]
        entries += [Entry("postcode", unit.code, unit.easting, unit.northing) for unit in self._postcodes]
        return NameIndex(entries)

    def _road(self, easting: float, northing: float) -> Road | None:
        near = self._near_road.nearest(easting, northing, ROAD_REACH_M)
        if near is None:
            return None
        road = self._stretch_roads[near.which]
        return Road(name=road.name, distance_m=near.distance_m, source=road.source)

    def _locality(self, easting: float, northing: float) -> Settlement | None:
        near = self._near_locality.nearest(easting, northing, LOCALITY_REACH_M)
        if near is None:
            return None
        locality = self._localities[near.which]
        return Settlement(name=locality.name, distance_m=near.distance_m, source=locality.source)

    def _postcode(self, easting: float, northing: float) -> PostcodeNear | None:
        near = self._near_postcode.nearest(easting, northing, POSTCODE_REACH_M)
        if near is None:
            return None
        return PostcodeNear(code=self._postcodes[near.which].code, distance_m=near.distance_m)

    def _areas_around(self, easting: float, northing: float) -> list[int]:
        """Indices of the areas that hold the point, in listing order; a point on a border is in both."""
        hits = self._area_tree.query(shapely.Point(easting, northing), predicate="intersects")
        return [int(index) for index in np.sort(hits)]


def _area_order(area: AreaShape) -> tuple[int, str, str, str]:
    known = _AREA_ORDER.index(area.kind) if area.kind in _AREA_ORDER else len(_AREA_ORDER)
    return known, area.kind, area.name, area.code


def _as_geometry(path: Path) -> BaseGeometry:
    return shapely.LineString(path) if len(path) > 1 else shapely.Point(path[0])


def _first_point(road: NamedRoad) -> tuple[float, float]:
    """A point on the road: the middle vertex of its longest path."""
    longest = max(road.paths, key=len)
    return longest[len(longest) // 2]
