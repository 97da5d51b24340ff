"""The invented borough: its names, its hand-made map, and the eleven places that keep being hit.

Positions are approximate and made for demonstration. The map is kept in the files a council would import, and
read here in British National Grid metres, because the seeded cases are spaced in metres.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import shapely
from shapely.geometry import LineString, Point, Polygon

from workers.geocoding.grid import to_grid_many

AUTHORITY_NAME = "Demo Borough Council"
SLUG = "demo"
REFERENCE_PREFIX = "DB"

MAP = Path(__file__).parent / "map"
GAZETTEER_CSV = MAP / "gazetteer.csv"
AREAS_GEOJSON = MAP / "areas.geojson"


@dataclass(frozen=True, slots=True)
class Road:
    """A named road as a line in grid metres."""

    name: str
    line: LineString


@dataclass(frozen=True, slots=True)
class Village:
    """A named village or town as a point in grid metres."""

    name: str
    point: Point


@dataclass(frozen=True, slots=True)
class RepeatPlace:
    """A place that keeps being hit: a spot on a lane in WGS84 degrees.

    `locality` is what its label must name, if the published list names one; `days_ago` says how many days before
    `now` each of its cases was seen.
    """

    road: str
    locality: str | None
    lat: float
    lon: float
    days_ago: tuple[int, ...]


# In the order of the published list. Within equal counts the dates run the same way, latest first. The days of
# one place lie nine or more apart, so that no two of its cases are taken for one thing on the ground.
REPEAT_PLACES = (
    RepeatPlace("Oldbury Road", "Hartshill", 52.5454, -1.5335, (233, 171, 118, 52, 3)),
    RepeatPlace("Packington Lane", "Stonebridge", 52.4510, -1.6893, (247, 196, 143, 80, 5)),
    RepeatPlace("Blindpit Lane", None, 52.5456, -1.7588, (205, 124, 66, 8)),
    RepeatPlace("Breach Oak Lane", None, 52.4799, -1.5450, (188, 97, 11)),
    RepeatPlace("Arnolds Lane", "Maxstoke", 52.4780, -1.6560, (214, 109, 16)),
    RepeatPlace("Nuneaton Road", "Hoar Park", 52.5321, -1.5985, (74, 41, 19)),
    RepeatPlace("Windmill Lane", "Astley", 52.4944, -1.5390, (160, 23)),
    RepeatPlace("Burrow Hill Lane", "Corley", 52.4691, -1.5407, (135, 29)),
    RepeatPlace("Maxstoke Lane", None, 52.4902, -1.6737, (177, 36)),
    RepeatPlace("Marsh Lane", "Curdworth", 52.5285, -1.7300, (151, 45)),
    RepeatPlace("Folly Lane", None, 52.5645, -1.5933, (219, 112)),
)


@cache
def roads() -> tuple[Road, ...]:
    """Every named road of the borough."""
    return tuple(
        Road(row["name"], LineString(_to_metres(shapely.from_wkt(row["geometry"]).coords)))
        for row in _gazetteer("road")
    )


@cache
def villages() -> tuple[Village, ...]:
    """Every village and town of the borough."""
    rows = _gazetteer("locality")
    points = _to_metres([(float(row["lon"]), float(row["lat"])) for row in rows])
    return tuple(Village(row["name"], Point(point)) for row, point in zip(rows, points, strict=True))


@cache
def outline() -> Polygon:
    """The borough's boundary in grid metres."""
    features = json.loads(AREAS_GEOJSON.read_text(encoding="utf-8"))["features"]
    ring = next(f["geometry"]["coordinates"][0] for f in features if f["properties"]["kind"] == "authority")
    return Polygon(_to_metres(ring))


def spot_on_lane(place: RepeatPlace) -> tuple[LineString, float]:
    """The lane of a repeat place and how many metres along it the place's centre is."""
    line = next(road.line for road in roads() if road.name == place.road)
    centre = Point(_to_metres([(place.lon, place.lat)])[0])
    return line, line.project(centre)


def _gazetteer(kind: str) -> list[dict[str, str]]:
    with GAZETTEER_CSV.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] == kind]


def _to_metres(lon_lat: Sequence[tuple[float, ...]]) -> list[tuple[float, float]]:
    eastings, northings = to_grid_many([lat for _, lat in lon_lat], [lon for lon, _ in lon_lat])
    return list(zip(eastings.tolist(), northings.tolist(), strict=True))
