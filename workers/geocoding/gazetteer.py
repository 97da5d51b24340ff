"""Where is this, and where is that? One authority's own names and areas, together with the sets that all share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from workers.geocoding.areas import Areas, AreaShape
from workers.geocoding.codes import CodeSetBuilder
from workers.geocoding.finding import Found, find
from workers.geocoding.grid import from_grid_many, grid_reference, to_grid_many
from workers.geocoding.label import label_for
from workers.geocoding.names import LANDMARK, LOCALITY, REACH_M, ROAD, NameSetBuilder, Path
from workers.geocoding.nameset import NameSet
from workers.geocoding.near import Floats
from workers.geocoding.place import (
    NOT_NAMED_YET,
    NOTHING_NEAR,
    OUTSIDE_GREAT_BRITAIN,
    AreaName,
    CodeNear,
    Near,
    Place,
    outside_note,
)
from workers.geocoding.plus_code import plus_code
from workers.geocoding.search import Bias

LatLon = tuple[float, float]
OWN = "own"


@dataclass(frozen=True, slots=True)
class NamedRoad:
    """A road's name and where it runs: each path is a line of (easting, northing) metres or one point."""

    name: str
    source: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A village, town or part of one at its centre, or a landmark; metres."""

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


class _Hit(NamedTuple):
    """An entry of a set that is near a point; the least is the answer."""

    distance_m: float
    name: str
    source: str
    names: NameSet
    entry: int


class Gazetteer:
    """Answers for one authority, without a service. Read-only, so threads may share it.

    shared: sets of names that every authority uses. authority_code: see `Areas`.
    """

    def __init__(
        self,
        roads: Iterable[NamedRoad] = (),
        localities: Iterable[NamedPoint] = (),
        postcodes: Iterable[Postcode] = (),
        areas: Iterable[AreaShape] = (),
        *,
        landmarks: Iterable[NamedPoint] = (),
        authority_code: str | None = None,
        shared: Sequence[NameSet] = (),
    ) -> None:
        own = [_own_names(roads, localities, landmarks), _own_postcodes(postcodes)]
        self.shared = tuple(shared)
        self._sets = tuple(each for each in (*own, *shared) if len(each))
        self._areas = Areas(areas, authority_code)
        self._nothing = NOTHING_NEAR if self._sets else NOT_NAMED_YET

    def locate(self, lat: float, lon: float) -> Place:
        """The place of a WGS84 position in degrees; outside Great Britain it has a plus code and no more."""
        return self.locate_many([lat], [lon])[0]

    def locate_many(self, lats: Sequence[float], lons: Sequence[float]) -> list[Place]:
        """The place of each of many positions."""
        x, y = to_grid_many(lats, lons)
        inside = np.flatnonzero(~np.isnan(x))
        degrees = list(zip(lats, lons, strict=True))
        found = self.reverse_many(x[inside], y[inside], lat_lons=[degrees[index] for index in inside])
        places = dict(zip(inside.tolist(), found, strict=True))
        return [places.get(index) or _elsewhere(*degrees[index]) for index in range(len(degrees))]

    def reverse(self, easting: float, northing: float, *, lat_lon: LatLon | None = None) -> Place:
        """The place of a grid point in metres.

        lat_lon: the WGS84 degrees it came from, when known, so that the plus code is of the very position
        that was sent. ValueError for a point off the National Grid.
        """
        degrees = None if lat_lon is None else [lat_lon]
        return self.reverse_many(np.array([easting]), np.array([northing]), lat_lons=degrees)[0]

    def reverse_many(self, x: Floats, y: Floats, *, lat_lons: Sequence[LatLon] | None = None) -> list[Place]:
        """The place of each of many grid points, (n,) metres each: thousands a second."""
        degrees = lat_lons if lat_lons is not None else list(zip(*from_grid_many(x, y), strict=True))
        around = self._areas.around(x, y)
        roads, localities = self._roads(x, y), self._localities(x, y)
        landmarks = self._nearest("landmark", x, y)
        codes = [self._nearest(kind, x, y) for kind in ("postcode", "uprn", "usrn")]
        places = []
        for index, (east, north) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            road, locality, landmark = _near(roads[index]), _near(localities[index]), _near(landmarks[index])
            between = _between(roads[index], east, north)
            areas, served = around[index]
            postcode, uprn, usrn = (_code(hits[index]) for hits in codes)
            places.append(
                Place(
                    label=label_for(road, locality, landmark, between, self._nothing),
                    road=road, between=between, locality=locality, landmark=landmark,
                    postcode=postcode, uprn=uprn, usrn=usrn, areas=areas,
                    grid_reference=grid_reference(east, north), easting=round(east, 1), northing=round(north, 1),
                    plus_code=plus_code(*degrees[index]), in_area_served=served,
                    note=None if served else outside_note(areas),
                )
            )  # fmt: skip
        return places

    def roads_near(self, x: Floats, y: Floats) -> list[Near | None]:
        """The road alone of each of many grid points, (n,) metres each, as `reverse_many` has it."""
        return [_near(hit) for hit in self._roads(x, y)]

    def search(
        self, text: str, limit: int = 10, *, near: tuple[float, float] | None = None
    ) -> Sequence[Found]:
        """Roads, localities, landmarks and postcodes that fit what was typed, best first; see `finding.py`.

        near: easting and northing in metres of the person, to put what is near first among equals.
        """
        return find(self._sets, text, limit, Bias(near, self._areas.bounds))

    def areas_around(self, x: Floats, y: Floats) -> list[tuple[AreaName, ...]]:
        """For each grid point, (n,) metres each, the areas it is in, in listing order."""
        return [areas for areas, _ in self._areas.around(x, y)]

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of the area served, metres; None where no area is loaded."""
        return self._areas.bounds

    @property
    def sets(self) -> tuple[NameSet, ...]:
        """The sets of names that answer, the authority's own first."""
        return self._sets

    def _roads(self, x: Floats, y: Floats) -> list[_Hit | None]:
        """The nearest road by its line or named point; off all of them the one whose extent says it is here."""
        hits = self._nearest("road", x, y)
        off = [index for index, hit in enumerate(hits) if hit is None]
        for index, hit in zip(off, self._holding("road", x[off], y[off]), strict=True):
            hits[index] = hit
        return hits

    def _localities(self, x: Floats, y: Floats) -> list[_Hit | None]:
        """The smallest whose extent holds the point; else the one whose centre is nearest."""
        hits = self._holding("locality", x, y)
        without = [index for index, hit in enumerate(hits) if hit is None]
        for index, hit in zip(without, self._nearest("locality", x[without], y[without]), strict=True):
            hits[index] = hit
        return hits

    def _nearest(self, kind: str, x: Floats, y: Floats) -> list[_Hit | None]:
        best: list[_Hit | None] = [None] * len(x)
        for names in self._sets:
            if names.has(kind) and len(x):
                entries, distances = names.nearest(kind, x, y, REACH_M[kind])
                for index in np.flatnonzero(entries >= 0).tolist():
                    _keep_better(best, index, names, int(entries[index]), float(distances[index]))
        return best

    def _holding(self, kind: str, x: Floats, y: Floats) -> list[_Hit | None]:
        best: list[_Hit | None] = [None] * len(x)
        for names in self._sets:
            entries = names.holding(kind, x, y)
            for index in np.flatnonzero(entries >= 0).tolist():
                entry = int(entries[index])
                east, north = names.position(entry)
                away = round(float(np.hypot(east - x[index], north - y[index])), 1)
                _keep_better(best, index, names, entry, away)
        return best


def _own_names(
    roads: Iterable[NamedRoad], localities: Iterable[NamedPoint], landmarks: Iterable[NamedPoint]
) -> NameSet:
    builder = NameSetBuilder()
    for road in roads:
        if not road.paths:
            continue
        longest = max(road.paths, key=len)
        entry = builder.add(ROAD, road.name, *longest[len(longest) // 2], source=road.source)
        builder.add_paths(entry, road.paths)
    for kind, points in ((LOCALITY, localities), (LANDMARK, landmarks)):
        for point in points:
            builder.add(kind, point.name, point.easting, point.northing, source=point.source)
    return NameSet.built(builder)


def _own_postcodes(postcodes: Iterable[Postcode]) -> NameSet:
    builder = CodeSetBuilder("postcode")
    for unit in postcodes:
        builder.add_postcode(unit.code, unit.easting, unit.northing)
    return NameSet(builder.columns(), (OWN,), {"kind": "postcode"})


def _keep_better(best: list[_Hit | None], index: int, names: NameSet, entry: int, distance_m: float) -> None:
    hit, kept = _Hit(distance_m, names.name(entry), names.source(entry), names, entry), best[index]
    if kept is None or hit[:3] < kept[:3]:
        best[index] = hit


def _near(hit: _Hit | None) -> Near | None:
    return None if hit is None else Near(hit.name, hit.distance_m, hit.source)


def _code(hit: _Hit | None) -> CodeNear | None:
    return None if hit is None else CodeNear(hit.name, hit.distance_m, hit.source)


def _between(hit: _Hit | None, east: float, north: float) -> tuple[str, str] | None:
    return None if hit is None else hit.names.between(hit.entry, east, north)


def _elsewhere(lat: float, lon: float) -> Place:
    return Place(label=OUTSIDE_GREAT_BRITAIN, plus_code=plus_code(lat, lon), note=OUTSIDE_GREAT_BRITAIN)
