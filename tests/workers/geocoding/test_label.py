"""The one line that people read: what is known around a point says which of its forms it takes."""

from __future__ import annotations

import numpy as np
import pytest

from workers.geocoding.gazetteer import Gazetteer, NamedPoint, NamedRoad
from workers.geocoding.names import ROAD, NameSetBuilder
from workers.geocoding.nameset import NameSet

E, N = 430_000.0, 297_000.0
LANE = NamedRoad("Long Lane", "test", (((E - 2_000, N), (E + 2_000, N)),))
KILN = NamedPoint("Old Kiln", "test", E, N + 400)


def village(away: float) -> NamedPoint:
    return NamedPoint("Hartshill", "test", E, N - away)


def crossed() -> NameSet:
    """The lane as a set that knows what meets it: West Road and East Road, about a kilometre to either side."""
    builder = NameSetBuilder()
    lane = builder.add(ROAD, "Long Lane", E, N, source="test")
    builder.add_paths(lane, [((E - 2_000, N), (E + 2_000, N))])
    for name, at in (("West Road", E - 900), ("East Road", E + 1_000)):
        other = builder.add(ROAD, name, at, N + 500, source="test")
        builder.add_paths(other, [((at, N), (at, N + 1_000))])
        builder.add_junctions(np.array([lane]), np.array([[at, N, other]]))
    return NameSet.built(builder)


@pytest.mark.parametrize(
    ("road", "away", "landmark", "label"),
    [
        (True, 1_500.0, True, "Long Lane, Hartshill"),
        (True, 1_500.2, True, "Long Lane near Old Kiln"),
        (True, 1_500.2, False, "Long Lane, Hartshill"),
        (True, None, True, "Long Lane near Old Kiln"),
        (True, None, False, "Long Lane"),
        (False, 1_500.2, True, "near Old Kiln, Hartshill"),
        (False, None, True, "near Old Kiln"),
        (False, 4_999.0, False, "near Hartshill"),
        (False, 5_001.0, True, "near Old Kiln"),
    ],
)
def test_the_first_form_that_fits(road: bool, away: float | None, landmark: bool, label: str) -> None:
    gazetteer = Gazetteer(
        [LANE] if road else [],
        [village(away)] if away is not None else [],
        landmarks=[KILN] if landmark else [],
    )
    assert gazetteer.reverse(E, N).label == label


@pytest.mark.parametrize(
    ("away", "landmark", "label"),
    [
        (1_500.0, False, "Long Lane, Hartshill"),
        (1_500.2, False, "Long Lane between West Road and East Road"),
        (None, False, "Long Lane between West Road and East Road"),
        (1_500.2, True, "Long Lane near Old Kiln"),
        (None, True, "Long Lane near Old Kiln"),
    ],
)
def test_what_stands_near_says_more_than_what_meets_the_lane(
    away: float | None, landmark: bool, label: str
) -> None:
    localities = [village(away)] if away is not None else []
    gazetteer = Gazetteer([], localities, landmarks=[KILN] if landmark else [], shared=[crossed()])
    assert gazetteer.reverse(E, N).label == label


@pytest.mark.parametrize(("away", "label"), [(400.0, "near Old Kiln"), (400.2, "Nothing named within 5 km")])
def test_a_landmark_is_near_up_to_400_m(away: float, label: str) -> None:
    assert Gazetteer(landmarks=[KILN]).reverse(E, N + 400 - away).label == label


def test_where_names_are_known_but_none_is_near_that_is_said_on_land_and_at_sea() -> None:
    gazetteer = Gazetteer([LANE], [village(500)], landmarks=[KILN])
    for lat, lon, square in ((57.05, -3.65, "NO"), (53.6, 0.3, "TA")):
        place = gazetteer.locate(lat, lon)
        assert place.label == "Nothing named within 5 km"
        assert place.road is None and place.locality is None and place.landmark is None
        assert place.grid_reference is not None, (lat, lon)
        assert place.grid_reference.startswith(square), place.grid_reference
