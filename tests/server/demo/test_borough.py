"""The demo borough's map: it tiles, it holds what it should, and its repeat places can be told apart by name."""

from __future__ import annotations

import csv
import json
from itertools import combinations

import pytest
import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from server.demo import borough

REPEAT_ROADS = [place.road for place in borough.REPEAT_PLACES]


def _areas(kind: str) -> dict[str, BaseGeometry]:
    features = json.loads(borough.AREAS_GEOJSON.read_text(encoding="utf-8"))["features"]
    return {
        f["properties"]["code"]: shape(f["geometry"]) for f in features if f["properties"]["kind"] == kind
    }


def _rows() -> list[dict[str, str]]:
    with borough.GAZETTEER_CSV.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_outline_is_a_plausible_hand_drawn_borough() -> None:
    (outline,) = _areas("authority").values()
    assert outline.is_valid
    assert 30 <= len(outline.exterior.coords) - 1 <= 60
    assert 265 <= borough.outline().area / 1e6 <= 295


def test_the_wards_tile_the_borough_exactly() -> None:
    (outline,) = _areas("authority").values()
    wards = list(_areas("ward").values())
    assert 4 <= len(wards) <= 8
    assert all(ward.is_valid for ward in wards)
    assert shapely.union_all(wards).symmetric_difference(outline).area == 0
    assert sum(first.intersection(second).area for first, second in combinations(wards, 2)) == 0


def test_no_code_is_one_of_the_real_register() -> None:
    codes = [*_areas("authority"), *_areas("ward")]
    assert all(code.startswith("DEMO-") for code in codes)
    assert len(set(codes)) == len(codes)


def test_the_gazetteer_has_the_columns_and_kinds_that_an_import_takes() -> None:
    rows = _rows()
    assert list(rows[0]) == ["kind", "name", "lat", "lon", "geometry", "source"]
    assert {row["kind"] for row in rows} == {"road", "locality"}
    assert all(row["name"] and row["source"] and float(row["lat"]) and float(row["lon"]) for row in rows)


def test_roads_are_short_lines_inside_the_borough_each_with_its_own_name() -> None:
    (outline,) = _areas("authority").values()
    rows = [row for row in _rows() if row["kind"] == "road"]
    assert len(rows) >= 60
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        line = shapely.from_wkt(row["geometry"])
        assert 3 <= len(line.coords) <= 8, row["name"]
        assert outline.contains(line), row["name"]
        assert line.distance(Point(float(row["lon"]), float(row["lat"]))) < 0.0002, row["name"]


def test_villages_are_inside_the_borough_each_with_its_own_name() -> None:
    villages = borough.villages()
    assert len({village.name for village in villages}) == len(villages)
    assert all(borough.outline().contains(village.point) for village in villages)


@pytest.mark.parametrize("place", borough.REPEAT_PLACES, ids=REPEAT_ROADS)
def test_a_repeat_place_is_on_its_lane_and_well_away_from_every_other_road(
    place: borough.RepeatPlace,
) -> None:
    line, along = borough.spot_on_lane(place)
    centre = line.interpolate(along)
    drawn = next(row for row in _rows() if row["name"] == place.road)
    assert shapely.from_wkt(drawn["geometry"]).distance(Point(place.lon, place.lat)) < 0.0005
    others = [road.line for road in borough.roads() if road.name != place.road]
    assert min(other.distance(centre) for other in others) > 300


def test_repeat_places_count_as_published() -> None:
    assert [len(place.days_ago) for place in borough.REPEAT_PLACES] == [5, 5, 4, 3, 3, 3, 2, 2, 2, 2, 2]
