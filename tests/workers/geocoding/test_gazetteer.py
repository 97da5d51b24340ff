from __future__ import annotations

import random

import pytest
import shapely

from workers.geocoding.areas import AreaShape
from workers.geocoding.gazetteer import Gazetteer, NamedPoint, NamedRoad, Postcode

E, N = 430965.042, 297615.603


def square(kind: str, code: str, name: str, half_m: float, east: float = E, north: float = N) -> AreaShape:
    return AreaShape(kind, code, name, shapely.Point(east, north).buffer(half_m, cap_style="square"))


OLDBURY = NamedRoad("Oldbury Road", "os_open_roads", (((E - 300, N + 6), (E + 300, N + 6)),))
HARTSHILL = NamedPoint("Hartshill", "os_open_names", E, N - 410)
HOME = square("authority", "E07000218", "North Warwickshire", 9_000)
WARD = square("ward", "E05007465", "Hartshill", 2_000)


def test_the_shape_of_the_wire() -> None:
    gazetteer = Gazetteer([OLDBURY], [HARTSHILL], [Postcode("CV10 0TD", E + 85, N)], [WARD, HOME])
    assert gazetteer.locate(52.5755, -1.5445).as_json() == {
        "label": "Oldbury Road, Hartshill",
        "road": {"name": "Oldbury Road", "distance_m": 6.0, "source": "os_open_roads"},
        "locality": {"name": "Hartshill", "distance_m": 410.0, "source": "os_open_names"},
        "between": None,
        "landmark": None,
        "postcode": {"code": "CV10 0TD", "distance_m": 85.0, "source": "own"},
        "uprn": None,
        "usrn": None,
        "areas": [
            {"kind": "authority", "code": "E07000218", "name": "North Warwickshire"},
            {"kind": "ward", "code": "E05007465", "name": "Hartshill"},
        ],
        "grid_reference": "SP 30965 97615",
        "easting": 430965.0,
        "northing": 297615.6,
        "plus_code": "9C4WHFG4+66",
        "in_area_served": True,
        "note": None,
    }


def test_reverse_finds_the_plus_code_itself() -> None:
    place = Gazetteer().reverse(431952.736, 265329.865)
    assert place.plus_code == "9C4W7FP8+3R"


def test_nothing_near_is_said_in_words() -> None:
    place = Gazetteer().reverse(E, N)
    assert (place.label, place.road, place.locality, place.postcode, place.areas) == (
        "Place not named yet", None, None, None, (),
    )  # fmt: skip


def test_outside_great_britain_there_is_only_a_plus_code() -> None:
    place = Gazetteer([OLDBURY], [HARTSHILL], [], [HOME]).locate(53.35, -6.26)
    assert place.label == place.note == "Outside Great Britain"
    assert (place.grid_reference, place.easting, place.northing) == (None, None, None)
    assert place.plus_code == "9C5M9P2R+22"
    assert not place.in_area_served


@pytest.mark.parametrize(
    ("away", "label"), [(0.0, "Long Lane, Place"), (250.0, "Long Lane, Place"), (250.1, "near Place")]
)
def test_a_road_is_near_up_to_250_m(away: float, label: str) -> None:
    road = NamedRoad("Long Lane", "test", (((0.0, 1000 + away), (9000.0, 1000 + away)),))
    gazetteer = Gazetteer([road], [NamedPoint("Place", "test", 5000, 1000)])
    assert gazetteer.reverse(4000, 1000, lat_lon=(52, -1)).label == label


def test_a_road_without_a_locality_keeps_its_name() -> None:
    assert Gazetteer([OLDBURY]).reverse(E, N).label == "Oldbury Road"


@pytest.mark.parametrize(("away", "found"), [(5000.0, True), (5000.2, False)])
def test_a_locality_is_near_up_to_5_km(away: float, found: bool) -> None:
    gazetteer = Gazetteer([], [NamedPoint("Hartshill", "test", 400_000 + away, 300_000)])
    assert (gazetteer.reverse(400_000, 300_000).locality is not None) is found


@pytest.mark.parametrize(("away", "found"), [(1000.0, True), (1000.2, False)])
def test_a_postcode_is_near_up_to_1_km(away: float, found: bool) -> None:
    gazetteer = Gazetteer([], [], [Postcode("CV10 0TD", 400_000, 300_000 + away)])
    assert (gazetteer.reverse(400_000, 300_000).postcode is not None) is found


def test_roads_known_only_by_points() -> None:
    road = NamedRoad("Blindpit Lane", "street_points", (((E + 30, N + 40),), ((E + 500, N),)))
    found = Gazetteer([road]).reverse(E, N).road
    assert found is not None and (found.name, found.distance_m) == ("Blindpit Lane", 50.0)


def test_equally_near_things_are_told_apart_by_name_whatever_their_order() -> None:
    roads = [NamedRoad(name, "test", (((E, N), (E + dx, N + 100)),)) for name, dx in
             (("Church Lane", 50), ("Back Lane", -50), ("Castle Road", 0))]  # fmt: skip
    towns = [
        NamedPoint("Over Whitacre", "test", E + 300, N),
        NamedPoint("Nether Whitacre", "test", E - 300, N),
    ]
    for seed in range(6):
        random.Random(seed).shuffle(roads)
        random.Random(seed).shuffle(towns)
        assert Gazetteer(roads, towns).reverse(E, N).label == "Back Lane, Nether Whitacre"


def test_what_shows_the_same_distance_is_equally_near() -> None:
    towns = [
        NamedPoint("Nearer by a hair", "test", E + 100.0, N),
        NamedPoint("Ansley", "test", E - 100.01, N),
    ]
    assert Gazetteer([], towns).reverse(E, N).label == "near Ansley"


def test_areas_come_in_one_order_and_a_border_is_in_both() -> None:
    east = square("ward", "E2", "East", 500, E + 500)
    west = square("ward", "E1", "West", 500, E - 500)
    order = square("pspo", "P1", "Dog control", 100)
    special = square("flood_zone", "F1", "Zone 3", 100)
    place = Gazetteer(areas=[special, order, west, east, HOME]).reverse(E, N)
    names = [area.name for area in place.areas]
    assert names == ["North Warwickshire", "East", "West", "Dog control", "Zone 3"]


def test_the_area_served() -> None:
    neighbour = square("authority", "E07000219", "Nuneaton and Bedworth", 1_000, E + 20_000)
    both = Gazetteer(areas=[HOME, neighbour], authority_code="E07000218")
    assert both.reverse(E, N).in_area_served
    assert not both.reverse(E + 20_000, N).in_area_served
    assert not Gazetteer(areas=[HOME]).reverse(E + 10_000, N).in_area_served
    assert Gazetteer(areas=[WARD]).reverse(E + 10_000, N).in_area_served, "no outline to be outside of"


SEARCHABLE = Gazetteer(
    [OLDBURY, NamedRoad("Old Lane", "t", (((E, N),),)), NamedRoad("Farm Old Way", "t", (((E, N),),)),
     NamedRoad("Wold Street", "t", (((E, N),),)), NamedRoad("St. John's Road", "t", (((E, N),),))],
    [HARTSHILL, NamedPoint("Old", "t", E + 90, N)],
    [Postcode("CV10 0TD", E + 85, N)],
)  # fmt: skip


def test_search_puts_the_best_first() -> None:
    names = [found.name for found in SEARCHABLE.search("OLD")]
    assert names == ["Old", "Old Lane", "Oldbury Road", "Farm Old Way", "Wold Street"]
    assert [found.name for found in SEARCHABLE.search("old", 2)] == ["Old", "Old Lane"]


@pytest.mark.parametrize("text", ["cv100td", "CV10 0TD", "cv10  0t"])
def test_search_finds_postcodes_with_or_without_the_space(text: str) -> None:
    assert [found.name for found in SEARCHABLE.search(text)] == ["CV10 0TD"]


@pytest.mark.parametrize("text", ["st johns", "St John\u2019s Road", "st. john's r"])
def test_search_is_easy_about_stops_and_apostrophes(text: str) -> None:
    assert [found.name for found in SEARCHABLE.search(text)] == ["St. John's Road"]


@pytest.mark.parametrize("text", ["", "  ", "!?", "zzz"])
def test_search_for_nothing_finds_nothing(text: str) -> None:
    assert list(SEARCHABLE.search(text)) == []


def test_search_near_a_point() -> None:
    lanes = [NamedRoad("Green Lane", "t", (((E + away, N),),)) for away in (900, 30, 400)]
    found = Gazetteer(lanes).search("green", near=(E, N))
    assert [lane.distance_m for lane in found] == [30.0, 400.0, 900.0]
