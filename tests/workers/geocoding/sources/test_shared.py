"""Each shared source is read from the shape it is published in, and answers; what cannot be read is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import shapely

from tests.workers.geocoding.sources.files import (
    CODE_POINT,
    OPEN_NAMES,
    open_names_row,
    write_csv,
    write_layer,
    write_open_roads,
    zipped,
)
from tests.workers.geocoding.sources.reading import read
from workers.geocoding.gazetteer import Gazetteer
from workers.geocoding.inside import points_inside
from workers.geocoding.nameset import NameSet
from workers.geocoding.sources.files import WrongFile
from workers.geocoding.sources.open_names import CSV_COLUMNS
from workers.geocoding.sources.registry import SHARED_SOURCES


def open_names(tmp_path: Path) -> NameSet:
    return read("open-names", write_csv(tmp_path / "names" / "SP39.csv", OPEN_NAMES))[0]


def test_open_names_from_tiles_in_a_folder_and_in_a_zip(tmp_path: Path) -> None:
    write_csv(tmp_path / "tiles/Data/SP39.csv", OPEN_NAMES[:3])
    write_csv(tmp_path / "tiles/Data/SP49.csv", OPEN_NAMES[3:])
    write_csv(tmp_path / "tiles/Doc/header.csv", [("ID", "NAMES_URI")])
    for path in (tmp_path / "tiles", zipped(tmp_path / "tiles", tmp_path / "opname.zip")):
        names, account = read("open-names", path)
        assert (account.rows, account.left_out, len(names)) == (5, 0, 5), (
            "its postcodes are left to Code-Point"
        )
        place = Gazetteer(shared=[names]).reverse(431_950, 294_310)
        assert place.label == "Oldbury Road, Hartshill"
        assert place.road is not None and place.road.source == "os_open_names"


def test_open_names_from_a_geopackage(tmp_path: Path) -> None:
    kinds = {"name1": 2, "type": 6, "local_type": 7, "populated_place": 18}
    path = as_geopackage(tmp_path / "opname_gb.gpkg", OPEN_NAMES, kinds)
    names, account = read("open-names", path)
    assert (account.rows, account.problems) == (5, [])
    assert Gazetteer(shared=[names]).reverse(431_950, 294_310).label == "Oldbury Road, Hartshill"


# Of a street the second name comes before the first in the alphabet, of the town it does not.
IN_TWO_LANGUAGES = (
    open_names_row(
        "Caerdydd", "populatedPlace", "City", 318_000, 176_000, name2="Cardiff",
        box=(314_000, 172_000, 322_000, 180_000),
    ),
    open_names_row(
        "Heol Eglwys", "transportNetwork", "Named Road", 318_100, 176_100, name2="Church Road", place="Caerdydd",
        box=(317_700, 176_050, 318_500, 176_150),
    ),
    open_names_row("Parc Bute", "landcover", "Woodland Or Forest", 318_000, 176_300, name2="PARC BUTE"),
)  # fmt: skip


def as_geopackage(path: Path, rows: Sequence[Sequence[str]], kinds: dict[str, int]) -> Path:
    """Rows of OS Open Names with these columns."""
    columns = {name: [row[at] or None for row in rows] for name, at in kinds.items()}
    points = [shapely.Point(float(row[8]), float(row[9])) for row in rows]
    return write_layer(path, "named_place", points, columns, kind="Point")


@pytest.mark.parametrize("form", ["csv", "gpkg"])
def test_a_name_in_a_second_language_is_found_and_the_first_is_told(form: str, tmp_path: Path) -> None:
    if form == "csv":
        path = write_csv(tmp_path / "ST17.csv", IN_TWO_LANGUAGES)
    else:
        path = as_geopackage(tmp_path / "opname_gb.gpkg", IN_TWO_LANGUAGES, CSV_COLUMNS)
    names, account = read("open-names", path)
    assert (account.rows, account.problems, len(names)) == (3, [], 5), "a name that is the same is there once"
    gazetteer = Gazetteer(shared=[names])
    for typed, told, position in (
        ("cardiff", "Cardiff", (318_000, 176_000)),
        ("caerdydd", "Caerdydd", (318_000, 176_000)),
        ("church road", "Church Road, Caerdydd", (318_100, 176_100)),
        ("heol eglwys", "Heol Eglwys, Caerdydd", (318_100, 176_100)),
    ):
        first = gazetteer.search(typed)[0]
        assert (first.label, (first.easting, first.northing)) == (told, position)
    drawn = points_inside(names, "locality", (310_000, 170_000, 330_000, 190_000))
    assert [name for name, *_ in drawn] == ["Caerdydd"], "not one name over the other"
    for east in (318_110, 318_450):
        assert gazetteer.reverse(east, 176_110).label == "Heol Eglwys, Caerdydd"


@pytest.mark.parametrize(
    ("type_", "local_type", "kind"),
    [
        ("transportNetwork", "Named Road", "road"),
        ("transportNetwork", "Numbered Road", "road"),
        ("transportNetwork", "Section Of Named Road", "road"),
        ("transportNetwork", "Section Of Numbered Road", "road"),
        ("transportNetwork", "Road User Services", "landmark"),
        ("transportNetwork", "Railway Station", "landmark"),
        ("populatedPlace", "Hamlet", "locality"),
    ],
)
def test_only_what_is_driven_on_names_a_street(
    type_: str, local_type: str, kind: str, tmp_path: Path
) -> None:
    row = open_names_row("Corley", type_, local_type, 430_000, 285_000)
    names, _ = read("open-names", write_csv(tmp_path / "SP38.csv", [row]))
    assert [names.kind(entry) for entry in range(len(names))] == [kind]


def test_a_road_known_by_its_extent_is_found_where_its_point_is_far(tmp_path: Path) -> None:
    gazetteer = Gazetteer(shared=[open_names(tmp_path)])
    far_along = gazetteer.reverse(433_400, 294_300)
    assert far_along.road is not None and far_along.road.name == "Oldbury Road"
    assert far_along.road.distance_m == 1_500.0, "to the one point that is known"
    assert gazetteer.reverse(433_400, 294_500).road is None


def test_a_village_is_told_by_its_extent_before_a_nearer_centre(tmp_path: Path) -> None:
    gazetteer = Gazetteer(shared=[open_names(tmp_path)])
    at_the_edge = gazetteer.reverse(431_050, 294_900).locality
    assert at_the_edge is not None and at_the_edge.name == "Hartshill"
    outside = gazetteer.reverse(430_950, 294_900).locality
    assert outside is not None and outside.name == "Ridge Lane"


def test_open_roads_join_into_roads_with_what_meets_them(tmp_path: Path) -> None:
    roads, account = read("open-roads", write_open_roads(tmp_path / "oproad_gb.gpkg"), open_names(tmp_path))
    assert (account.rows, account.left_out) == (7, 0), "the link without a name or number answers nothing"
    assert sorted(roads.name(entry) for entry in range(len(roads))) == [
        "A5", "Castle Road", "Mill Lane", "Mill Lane", "Oldbury Road",
    ]  # fmt: skip
    gazetteer = Gazetteer(shared=[roads])
    place = gazetteer.reverse(431_400, 294_340)
    assert place.road is not None and (place.road.name, place.road.distance_m) == ("Oldbury Road", 40.0)
    assert place.label == "Oldbury Road between Castle Road and Mill Lane"
    assert gazetteer.reverse(433_500, 294_300).label == "Oldbury Road", "nothing meets it further on"
    assert gazetteer.reverse(430_840, 294_700).label == "Castle Road", (
        "it is short: its name says where one is"
    )
    assert [found.label for found in gazetteer.search("castle road")] == ["Castle Road, Ridge Lane"]


def test_postcodes_of_code_point_open(tmp_path: Path) -> None:
    postcodes, account = read("code-point", write_csv(tmp_path / "Data/CSV/cv.csv", CODE_POINT))
    assert (account.rows, account.left_out) == (2, 0), "one has no position"
    place = Gazetteer(shared=[postcodes]).reverse(432_060, 294_320)
    assert place.postcode is not None
    assert (place.postcode.code, place.postcode.distance_m, place.postcode.source) == (
        "CV10 0TD", 10.0, "os_code_point_open",
    )  # fmt: skip
    assert [found.name for found in Gazetteer(shared=[postcodes]).search("cv10 0t")] == [
        "CV10 0TD",
        "CV10 0TE",
    ]


def test_postcodes_of_the_ons_directory_without_those_that_ended(tmp_path: Path) -> None:
    header = ["pcd", "pcd2", "pcds", "dointr", "doterm", "oseast1m", "osnrth1m", "osward"]
    rows = [
        ("CV10 0TD", "", "CV10 0TD", "198001", "", "0432050", "0294320", "E05007465"),
        ("CV10 0ZZ", "", "CV10 0ZZ", "198001", "200012", "0432050", "0294320", "E05007465"),
        ("BT1  1AA", "", "BT1 1AA", "198001", "", "", "", ""),
    ]
    write_csv(tmp_path / "Documents/guide.csv", [("some", "list")])
    write_csv(tmp_path / "Data/ONSPD_AUG_2026_UK.csv", rows, header=header)
    postcodes, account = read("postcode-directory", tmp_path)
    assert (account.rows, account.left_out, len(postcodes)) == (1, 0, 1)


def write_open_usrn(path: Path) -> Path:
    """A GeoPackage of OS Open USRN with one street."""
    line = shapely.LineString([(430_000, 294_300, 0), (434_000, 294_300, 0)])
    return write_layer(path, "openUSRN", [line], {"usrn": [23_400_123], "street_type": ["x"]})


def test_properties_and_streets_by_number(tmp_path: Path) -> None:
    header = ["UPRN", "X_COORDINATE", "Y_COORDINATE", "LATITUDE", "LONGITUDE"]
    rows = [
        (100_070_123_456, 432_010.0, 294_310.0, 52.5, -1.5),
        (10_024_000_001, 432_300.0, 294_310.0, 52.5, -1.5),
    ]
    uprns, _ = read("open-uprn", write_csv(tmp_path / "osopenuprn.csv", rows, header=header, bom=True))
    usrns, _ = read("open-usrn", write_open_usrn(tmp_path / "osopenusrn.gpkg"))
    place = Gazetteer(shared=[uprns, usrns]).reverse(432_010, 294_320)
    assert place.uprn is not None and (place.uprn.code, place.uprn.distance_m) == ("100070123456", 10.0)
    assert place.usrn is not None and (place.usrn.code, place.usrn.distance_m) == ("23400123", 20.0)
    assert place.uprn.source == "os_open_uprn" and place.usrn.source == "os_open_usrn"


@pytest.mark.parametrize(
    ("word", "write", "rows", "near"),
    [("open-roads", write_open_roads, 7, "Oldbury Road"), ("open-usrn", write_open_usrn, 1, "23400123")],
)
def test_geopackages_are_read_from_the_zip_that_they_are_downloaded_as(
    word: str, write: Callable[[Path], Path], rows: int, near: str, tmp_path: Path
) -> None:
    write_csv(tmp_path / "unpacked/Doc/licence.txt", [("Open Government Licence",)])
    (tmp_path / "unpacked/Data").mkdir()
    write(tmp_path / "unpacked/Data/download_gb.gpkg")
    names, account = read(word, zipped(tmp_path / "unpacked", tmp_path / "download_gpkg_gb.zip"))
    assert (account.rows, account.problems) == (rows, [])
    place = Gazetteer(shared=[names]).reverse(432_010, 294_320)
    assert near in (place.road and place.road.name, place.usrn and place.usrn.code)


NAPTAN_HEADER = [
    "ATCOCode", "CommonName", "Landmark", "Street", "NptgLocalityCode", "LocalityName", "Easting", "Northing",
    "Longitude", "Latitude", "Status",
]  # fmt: skip


def test_stops_give_streets_localities_and_landmarks(tmp_path: Path) -> None:
    rows = [
        (
            "42001",
            "Village Hall",
            "",
            "Oldbury Road",
            "E001",
            "Hartshill",
            432_000,
            294_300,
            "",
            "",
            "active",
        ),
        ("42002", "Oldbury Grange", "", "---", "E001", "Hartshill", 432_400, 294_300, "", "", "active"),
        ("42003", "Long gone", "", "Old Street", "E001", "Hartshill", 432_500, 294_300, "", "", "inactive"),
        ("42004", "By degrees", "", "Castle Road", "E001", "Hartshill", "", "", -1.5445, 52.5755, "active"),
        ("42005", "Nowhere", "", "X", "E001", "Hartshill", "", "", "", "", "active"),
    ]
    stops, account = read("naptan", write_csv(tmp_path / "Stops.csv", rows, header=NAPTAN_HEADER))
    assert account.rows == 3
    assert account.problems == ["Stops.csv, line 6: the stop has no position in Great Britain"]
    names = {(stops.kind(entry), stops.name(entry)) for entry in range(len(stops))}
    assert names == {
        ("road", "Oldbury Road"), ("road", "Castle Road"), ("locality", "Hartshill"),
        ("landmark", "Village Hall"), ("landmark", "Oldbury Grange"), ("landmark", "By degrees"),
    }  # fmt: skip


def test_a_bad_row_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    bad = [
        open_names_row("", "populatedPlace", "Village", 432_000, 294_000),
        open_names_row("Nowhere", "populatedPlace", "Village", 9_999_999, 294_000),
        ["too", "short"],
        open_names_row("Crossed", "populatedPlace", "Village", 432_000, 294_000, box=(2, 2, 1, 1)),
    ]
    names, account = read(
        "open-names", write_csv(tmp_path / "SP39.csv", [OPEN_NAMES[0], *bad, OPEN_NAMES[1]])
    )
    assert len(names) == account.rows == 2
    assert account.problems == [
        "SP39.csv, line 2: the name is empty",
        "SP39.csv, line 3: the point is not on the National Grid",
        "SP39.csv, line 4: 34 cells were expected, not 2",
        "SP39.csv, line 5: the extent's edges are the wrong way round",
    ]


def test_a_postcode_without_a_place_is_named(tmp_path: Path) -> None:
    rows = [CODE_POINT[0], ("nonsense", *CODE_POINT[0][1:]), ("CV10 0TE", 10, "x", *CODE_POINT[0][3:])]
    _, account = read("code-point", write_csv(tmp_path / "cv.csv", rows))
    assert [problem.split(":")[0] for problem in account.problems] == ["cv.csv, line 2", "cv.csv, line 3"]


@pytest.mark.parametrize("word", SHARED_SOURCES)
def test_a_wrong_file_is_refused_with_what_was_expected(word: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "wrong.csv", [("a", "b"), (1, 2)])
    write_layer(tmp_path / "wrong.gpkg", "other", [shapely.Point(1, 2)], {"a": [1]})
    (tmp_path / "nothing").mkdir()
    with pytest.raises(WrongFile, match=r"(?s)expected|this is not|must name the columns"):
        read(word, tmp_path)
    with pytest.raises(WrongFile, match=r"there is no .* file; expected: "):
        read(word, tmp_path / "nothing")


@pytest.mark.parametrize("word", ["open-roads", "open-usrn"])
def test_what_is_no_geopackage_is_refused(word: str, tmp_path: Path) -> None:
    (tmp_path / "empty.gpkg").write_bytes(b"not a database")
    with pytest.raises(WrongFile, match="cannot be read as a GeoPackage"):
        read(word, tmp_path / "empty.gpkg")
    sqlite3.connect(tmp_path / "other.gpkg").close()
    with pytest.raises(WrongFile):
        read(word, tmp_path / "other.gpkg")
