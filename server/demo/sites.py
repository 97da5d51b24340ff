"""Where the demo's cases lie: at the repeat places, and one by one everywhere else."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from random import Random

from shapely.geometry import Point

from server.demo import borough

APART_M = 250.0
# Positions are told to six decimals of a degree, about 0.1 m; a metre more keeps the promise after rounding.
_APART_WITH_MARGIN_M = APART_M + 1.0
_EDGE_M = 60.0
_GPS_SPREAD_M = 4.0
_VILLAGE_SPREAD_M = 450.0
_ALONG_LANE_M = 42.0
# Of the cases that stand alone: along a named road, around a village, and anywhere in the open country.
_ROAD_SHARE, _VILLAGE_SHARE = 0.52, 0.31
_TRIES = 10_000


@dataclass(frozen=True, slots=True)
class Site:
    """One case's position in grid metres; `place` is the index of its repeat place, `visit` which case there."""

    easting: float
    northing: float
    on_road: bool
    place: int | None = None
    visit: int = 0


def repeat_sites(rng: Random) -> list[Site]:
    """The 33 cases of the repeat places: along the lane, all of one place within 2 x 42 m of each other."""
    sites = []
    for index, place in enumerate(borough.REPEAT_PLACES):
        line, centre = borough.spot_on_lane(place)
        for visit in range(len(place.days_ago)):
            spot = line.interpolate(centre + rng.uniform(-_ALONG_LANE_M, _ALONG_LANE_M))
            at = _scattered(rng, spot, _GPS_SPREAD_M / 2)
            sites.append(Site(*at, on_road=True, place=index, visit=visit))
    return sites


def lone_sites(rng: Random, count: int, taken: list[Site]) -> list[Site]:
    """`count` positions in the borough, each at least 250 m from every other and from all of `taken`."""
    inside = borough.outline().buffer(-_EDGE_M)
    near = _Spacing()
    for site in taken:
        near.add(site.easting, site.northing)
    sites: list[Site] = []
    for number in range(count):
        share = (number + 0.5) / count
        for _ in range(_TRIES):
            easting, northing = _candidate(rng, share)
            if near.is_free(easting, northing) and inside.contains(Point(easting, northing)):
                break
        else:
            raise RuntimeError(f"no room for case {number} of {count} in the demo borough")
        near.add(easting, northing)
        sites.append(Site(easting, northing, on_road=share < _ROAD_SHARE))
    rng.shuffle(sites)
    return sites


def _candidate(rng: Random, share: float) -> tuple[float, float]:
    if share < _ROAD_SHARE:
        roads = borough.roads()
        line = rng.choices(roads, [road.line.length for road in roads])[0].line
        return _scattered(rng, line.interpolate(rng.uniform(0, line.length)), _GPS_SPREAD_M)
    if share < _ROAD_SHARE + _VILLAGE_SHARE:
        return _scattered(rng, rng.choice(borough.villages()).point, _VILLAGE_SPREAD_M)
    west, south, east, north = borough.outline().bounds
    return rng.uniform(west, east), rng.uniform(south, north)


def _scattered(rng: Random, point: Point, spread_m: float) -> tuple[float, float]:
    return point.x + rng.gauss(0, spread_m), point.y + rng.gauss(0, spread_m)


class _Spacing:
    """Points in square cells as wide as the distance to keep, so that only nine cells need looking at."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)

    def add(self, easting: float, northing: float) -> None:
        self._cells[self._cell(easting, northing)].append((easting, northing))

    def is_free(self, easting: float, northing: float) -> bool:
        column, row = self._cell(easting, northing)
        return all(
            math.hypot(easting - x, northing - y) >= _APART_WITH_MARGIN_M
            for near_column in (column - 1, column, column + 1)
            for near_row in (row - 1, row, row + 1)
            for x, y in self._cells.get((near_column, near_row), ())
        )

    @staticmethod
    def _cell(easting: float, northing: float) -> tuple[int, int]:
        return math.floor(easting / _APART_WITH_MARGIN_M), math.floor(northing / _APART_WITH_MARGIN_M)
