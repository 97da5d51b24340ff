"""What a publisher's file has wrong is told with file, line and reason, and all the rest goes in."""

from __future__ import annotations

import json
from pathlib import Path

import shapely
from shapely.affinity import translate

from tests.workers.geocoding.sources.files import (
    ROAD_LINKS,
    write_csv,
    write_layer,
    write_open_roads,
)
from tests.workers.geocoding.sources.reading import read
from workers.geocoding.gazetteer import Gazetteer
from workers.geocoding.sources.areas import AreaRead, read_areas
from workers.geocoding.sources.files import Account, members_of

UPRN_HEADER = ["UPRN", "X_COORDINATE", "Y_COORDINATE", "LATITUDE", "LONGITUDE"]
OFF_THE_GRID = "the point is not on the National Grid"
STREET = shapely.LineString([(430_000, 294_300), (434_000, 294_300)])
SQUARE = shapely.box(-1.6, 52.5, -1.5, 52.6)


def test_properties_whose_number_or_point_is_none(tmp_path: Path) -> None:
    rows = [
        (100_070_000_001, 432_010.0, 294_310.0, 52.5, -1.5),
        ("a house", 432_010.0, 294_310.0, 52.5, -1.5),
        (100_070_000_002, "nan", 294_310.0, 52.5, -1.5),
        (100_070_000_003, 432_010.0, "1e999", 52.5, -1.5),
        (100_070_000_004, 9_999_999_999, 294_310.0, 52.5, -1.5),
        (100_070_000_005, "", "", "", ""),
        (100_070_000_006,),
        (99_999_999_999_999_999_999, 432_010.0, 294_310.0, 52.5, -1.5),
        (100_070_000_007, 432_500.0, 294_310.0, 52.5, -1.5),
    ]
    uprns, account = read("open-uprn", write_csv(tmp_path / "osopenuprn.csv", rows, header=UPRN_HEADER))
    assert (account.rows, account.left_out, len(uprns)) == (2, 7, 2)
    assert account.problems == [
        "osopenuprn.csv, line 3: 'a house' is no UPRN",
        f"osopenuprn.csv, line 4: {OFF_THE_GRID}",
        f"osopenuprn.csv, line 5: {OFF_THE_GRID}",
        f"osopenuprn.csv, line 6: {OFF_THE_GRID}",
        "osopenuprn.csv, line 7: could not convert string to float: ''",
        "osopenuprn.csv, line 8: 5 cells were expected, not 1",
        "osopenuprn.csv, line 9: '99999999999999999999' is no UPRN",
    ]
    place = Gazetteer(shared=[uprns]).reverse(432_500, 294_320)
    assert place.uprn is not None and (place.uprn.code, place.uprn.distance_m) == ("100070000007", 10.0)


def test_streets_without_a_line_or_a_number(tmp_path: Path) -> None:
    beyond = shapely.LineString([(430_000, 294_300), (9_434_000_000, 294_300)])
    shapes = [
        STREET,
        None,
        shapely.Point(432_000, 294_300),
        STREET,
        STREET,
        beyond,
        translate(STREET, 0, 600),
    ]
    numbers = ["23400001", "23400002", "23400003", None, "a street", "23400006", "23400007"]
    usrns, account = read(
        "open-usrn", write_layer(tmp_path / "u.gpkg", "openUSRN", shapes, {"usrn": numbers})
    )
    assert (account.rows, account.left_out, len(usrns)) == (2, 5, 2)
    assert account.problems == [
        "u.gpkg, feature 2: a line was expected",
        "u.gpkg, feature 3: a line of at least two points was expected",
        "u.gpkg, feature 4: '' is no USRN",
        "u.gpkg, feature 5: 'a street' is no USRN",
        f"u.gpkg, feature 6: {OFF_THE_GRID}",
    ]
    place = Gazetteer(shared=[usrns]).reverse(432_000, 294_910)
    assert place.usrn is not None and (place.usrn.code, place.usrn.distance_m) == ("23400007", 10.0)


def test_roads_without_a_line_on_the_grid(tmp_path: Path) -> None:
    path = write_open_roads(tmp_path / "oproad_gb.gpkg")
    far = [(430_000, 294_300), (9_430_000_000, 294_300)]
    bad = [None, shapely.LineString(), shapely.LineString(far)]
    names = ["No Line", "Empty", "To the Moon"]
    columns = {"name_1": names, "road_classification_number": names, "start_node": names, "end_node": names}
    write_layer(path, "road_link", bad, columns)
    roads, account = read("open-roads", path)
    assert (account.rows, account.left_out, len(roads)) == (7, 3, 5)
    numbers = range(len(ROAD_LINKS) + 1, len(ROAD_LINKS) + 4)
    no_line = "a line of at least two points was expected"
    assert account.problems == [
        f"oproad_gb.gpkg, feature {number}: {reason}"
        for number, reason in zip(numbers, (no_line, no_line, OFF_THE_GRID), strict=True)
    ]
    assert Gazetteer(shared=[roads]).reverse(431_400, 294_340).label.startswith("Oldbury Road")


def test_stops_off_the_grid(tmp_path: Path) -> None:
    header = [
        "ATCOCode",
        "CommonName",
        "Street",
        "LocalityName",
        "Easting",
        "Northing",
        "Longitude",
        "Latitude",
    ]
    rows = [
        ("1", "Lost", "Lost Road", "", "nan", 294_300, "", ""),
        ("2", "Gone", "Gone Road", "", 432_000, "1e999", "", ""),
        ("3", "Village Hall", "Oldbury Road", "Hartshill", 432_000, 294_300, "", ""),
    ]
    stops, account = read("naptan", write_csv(tmp_path / "Stops.csv", rows, header=header))
    assert account.rows == 1
    assert account.problems == [f"Stops.csv, line {line}: {OFF_THE_GRID}" for line in (2, 3)]
    assert Gazetteer(shared=[stops]).reverse(432_010, 294_300).label == "Oldbury Road, Hartshill"


def areas(path: Path) -> tuple[list[AreaRead], Account]:
    """The areas of a file, by its own columns."""
    account = Account()
    (member,) = members_of(path, (".geojson", ".gpkg"))
    return list(read_areas(member, account)), account


BAD_AREAS: list[tuple[str, str, str, shapely.Geometry | None, str]] = [
    (
        "castle",
        "C1",
        "Castle",
        SQUARE,
        "kind must be one of authority, ward, parish, beat, pspo, not 'castle'",
    ),
    ("ward", "", "No code", SQUARE, "code and name must not be empty"),
    ("ward", "W2", "", SQUARE, "code and name must not be empty"),
    ("ward", "W3", "A point", shapely.Point(-1.5, 52.5), "a Polygon or MultiPolygon was expected, not Point"),
    ("ward", "W4", "No shape", None, "a Polygon or MultiPolygon was expected, not None"),
    (
        "ward",
        "W5",
        "Metres",
        shapely.box(430_000, 290_000, 431_000, 291_000),
        "its coordinates are not degrees",
    ),
]
GOOD_AREA = ("ward", "W1", "Hartshill", SQUARE, "")


def test_areas_of_a_geojson_that_cannot_be_used(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"kind": kind, "code": code, "name": name},
         "geometry": shapely.geometry.mapping(shape) if shape else None}
        for kind, code, name, shape, _ in (*BAD_AREAS, GOOD_AREA)
    ]  # fmt: skip
    path = tmp_path / "wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found, account = areas(path)
    assert [(area.kind, area.code, area.name) for area in found] == [("ward", "W1", "Hartshill")]
    assert (account.rows, account.left_out) == (1, len(BAD_AREAS))
    assert account.problems == [
        f"wards.geojson, feature {number}: {reason}" for number, (*_, reason) in enumerate(BAD_AREAS, 1)
    ]


def test_areas_of_a_geopackage_that_cannot_be_used(tmp_path: Path) -> None:
    kinds, codes, names, shapes, reasons = zip(*BAD_AREAS, GOOD_AREA, strict=True)
    columns = {"kind": kinds, "code": codes, "name": names}
    path = write_layer(tmp_path / "wards.gpkg", "wards", shapes, columns, crs="EPSG:4326")
    found, account = areas(path)
    assert [(area.kind, area.code, area.name) for area in found] == [("ward", "W1", "Hartshill")]
    assert found[0].polygon.equals(SQUARE)
    assert account.problems == [
        f"wards.gpkg, feature {number}: {reason}" for number, reason in enumerate(reasons[:-1], 1)
    ]
