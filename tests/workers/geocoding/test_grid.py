from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.geocoding.grid import (
    from_grid,
    grid_reference,
    parse_grid_reference,
    to_grid,
    to_grid_many,
)
from workers.geocoding.plus_code import plus_code

# Positions with known answers; the first is Ordnance Survey's own worked point.
KNOWN = [
    (52.658007833, 1.716073973, 651409.804, 313177.450),
    (52.5755, -1.5445, 430965.042, 297615.603),
    (52.4818, -1.5885, 428042.664, 287175.139),
    (52.2852, -1.5330, 431952.736, 265329.865),
]
IN_GREAT_BRITAIN = {
    "Land's End": (50.0660, -5.7147, "SW"),
    "Hugh Town": (49.9140, -6.3150, "SV"),
    "Dover": (51.1279, 1.3134, "TR"),
    "Lowestoft Ness": (52.4811, 1.7627, "TM"),
    "Stornoway": (58.2093, -6.3865, "NB"),
    "Lerwick": (60.1550, -1.1450, "HU"),
    "Muckle Flugga": (60.8550, -0.8850, "HP"),
    "Kirkwall": (58.9810, -2.9600, "HY"),
    "St Kilda": (57.8120, -8.5670, "NF"),
    "Portpatrick": (54.8420, -5.1170, "NW"),
    "Mull of Kintyre": (55.3110, -5.8030, "NR"),
    "Holyhead": (53.3090, -4.6330, "SH"),
    "Lundy": (51.1790, -4.6720, "SS"),
    "Ventnor": (50.5950, -1.2060, "SZ"),
    "Berwick-upon-Tweed": (55.7700, -2.0050, "NT"),
}
ELSEWHERE = {
    "Belfast": (54.597, -5.930),
    "Dublin": (53.350, -6.260),
    "Rathlin": (55.300, -6.190),
    "Donaghadee": (54.640, -5.530),
    "Douglas": (54.150, -4.480),
    "Point of Ayre": (54.416, -4.368),
    "Calais": (50.950, 1.860),
    "Cap Gris-Nez": (50.871, 1.584),
    "St Helier": (49.190, -2.110),
    "Alderney": (49.714, -2.205),
    "Nowhere": (0.0, 0.0),
    "North Pole": (90.0, 0.0),
}


@pytest.mark.parametrize(("lat", "lon", "easting", "northing"), KNOWN)
def test_known_positions_to_the_millimetre(lat: float, lon: float, easting: float, northing: float) -> None:
    assert to_grid(lat, lon) == (easting, northing)
    assert from_grid(easting, northing) == pytest.approx((lat, lon), abs=2e-8)


@pytest.mark.parametrize("name", IN_GREAT_BRITAIN)
def test_places_in_great_britain_have_a_grid_point(name: str) -> None:
    lat, lon, square = IN_GREAT_BRITAIN[name]
    point = to_grid(lat, lon)
    assert point is not None
    assert grid_reference(*point).startswith(square)
    assert from_grid(*point) == pytest.approx((lat, lon), abs=1e-7), "within a centimetre"


@pytest.mark.parametrize("name", ELSEWHERE)
def test_places_elsewhere_have_none(name: str) -> None:
    assert to_grid(*ELSEWHERE[name]) is None


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_positions_that_are_no_numbers_have_none(odd: float) -> None:
    assert to_grid(odd, -1.5) is None
    assert to_grid(52.5, odd) is None


def test_many_agree_with_one_at_a_time() -> None:
    everywhere = [(lat, lon) for lat, lon, _ in IN_GREAT_BRITAIN.values()] + list(ELSEWHERE.values())
    lats, lons = zip(*everywhere, strict=True)
    eastings, northings = to_grid_many(lats, lons)
    for lat, lon, easting, northing in zip(lats, lons, eastings, northings, strict=True):
        expected = to_grid(lat, lon) or (math.nan, math.nan)
        np.testing.assert_equal((easting, northing), tuple(expected))


def test_no_positions_give_no_points() -> None:
    eastings, northings = to_grid_many([], [])
    assert eastings.size == northings.size == 0


def test_crossing_the_limit_of_the_library_leaves_no_step() -> None:
    """South of 49.93 degrees the inverse is used; both ways must meet."""
    south, north = to_grid(49.92999999, -6.3), to_grid(49.93000001, -6.3)
    assert south is not None and north is not None
    assert math.dist(south, north) < 0.01


@pytest.mark.parametrize(
    ("figures", "expected"),
    [(10, "TG 51409 13177"), (8, "TG 5140 1317"), (6, "TG 514 131"), (4, "TG 51 13"), (2, "TG 5 1")],
)
def test_references_truncate(figures: int, expected: str) -> None:
    assert grid_reference(651409.903, 313177.970, figures) == expected


def test_reference_survives_the_noise_of_a_round_trip() -> None:
    assert grid_reference(430000.0 - 1e-8, 297000.0 - 1e-8) == "SP 30000 97000"


@pytest.mark.parametrize(("easting", "northing"), [(-1, 5), (5, -1), (700_000, 5), (5, 1_300_000)])
def test_points_off_the_sheet_have_no_reference(easting: float, northing: float) -> None:
    with pytest.raises(ValueError, match="not on the British National Grid"):
        grid_reference(easting, northing)


def test_odd_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="2, 4, 6, 8 or 10"):
        grid_reference(430965, 297615, 7)


def test_from_grid_refuses_points_off_the_sheet() -> None:
    with pytest.raises(ValueError, match="not on the British National Grid"):
        from_grid(1e7, 1.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SP 30965 97615", (430965, 297615, 1)),
        ("sp3096597615", (430965, 297615, 1)),
        (" SP  309 976 ", (430900, 297600, 100)),
        ("TG51", (650000, 310000, 10_000)),
        ("HP", (400000, 1200000, 100_000)),
    ],
)
def test_parsing(text: str, expected: tuple[float, float, int]) -> None:
    assert parse_grid_reference(text) == expected


def test_the_centre_of_a_square() -> None:
    assert parse_grid_reference("SP 309 976").centre == (430950, 297650)


@pytest.mark.parametrize(
    "text", ["", "SP 309 97", "SP 309976 309976", "SI 309 976", "CV10 0TD", "AA 11", "S 12"]
)
def test_parsing_refuses_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)grid"):
        parse_grid_reference(text)


@given(st.integers(0, 699_999), st.integers(0, 1_299_999), st.sampled_from([2, 4, 6, 8, 10]))
def test_a_reference_names_the_square_that_holds_the_point(easting: int, northing: int, figures: int) -> None:
    square = parse_grid_reference(grid_reference(easting, northing, figures))
    assert square.easting <= easting < square.easting + square.square_m
    assert square.northing <= northing < square.northing + square.square_m


def test_plus_code() -> None:
    # The worked example of the Open Location Code documentation: the Google office in Zurich.
    assert plus_code(47.365590, 8.524997) == "8FVC9G8F+6X"
    assert plus_code(52.57551, -1.54451) == "9C4WHFG4+65"
