"""The plan of the demo's cases: how many, how far apart, which places repeat, and what they are called."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.spatial import cKDTree
from shapely.geometry import Point

from server.demo import borough
from server.demo.seed import PlannedCase, nine_months_before, planned_cases
from server.demo.sites import APART_M
from server.intake.receipt import receipt_code
from server.intake.reference import codes, severity
from workers.clustering.collapse import Open, OpenCase, Sighting, Suggest, collapse
from workers.clustering.places import HotPlace, auto_half_life, find_places
from workers.clustering.points import Point as CasePoint
from workers.clustering.points import Points
from workers.geocoding.areas import AreaShape
from workers.geocoding.gazetteer import Gazetteer, NamedPoint, NamedRoad
from workers.geocoding.grid import to_grid

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
# A winter morning, a summer night, the hours when the clocks change, and days that some months lack.
MOMENTS = [
    NOW,
    datetime(2027, 6, 30, 23, 50, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 15, tzinfo=UTC),
    datetime(2028, 2, 29, 0, 5, tzinfo=UTC),
    datetime(2026, 12, 31, 12, 0, tzinfo=UTC),
]
PLANS = [(moment, seed) for moment in MOMENTS for seed in (1, 2)]


@pytest.fixture(scope="module")
def plan() -> list[PlannedCase]:
    return planned_cases(NOW)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(
        roads=[NamedRoad(road.name, "demo", (tuple(road.line.coords),)) for road in borough.roads()],
        localities=[NamedPoint(town.name, "demo", town.point.x, town.point.y) for town in borough.villages()],
        areas=[AreaShape("authority", "DEMO-A01", "Demo Borough", borough.outline())],
    )


def _points(cases: list[PlannedCase]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([(case.easting, case.northing) for case in cases]).reshape(-1, 2)


def _share(cases: list[PlannedCase], holds: Callable[[PlannedCase], bool]) -> float:
    return sum(holds(case) for case in cases) / len(cases)


def test_the_same_moment_and_seed_give_the_same_plan(plan: list[PlannedCase]) -> None:
    assert planned_cases(NOW) == plan
    assert planned_cases(NOW, seed=2) != plan


@pytest.mark.parametrize(("now", "seed"), PLANS)
def test_there_are_910_fly_tips_of_the_last_nine_months(now: datetime, seed: int) -> None:
    cases = planned_cases(now, seed)
    assert len(cases) == len({receipt_code(case.report_id) for case in cases}) == 910
    assert {case.kind for case in cases} == {case.category for case in cases} == {"fly_tip"}
    assert all(nine_months_before(now) <= case.seen_at < now for case in cases)
    assert [case.seen_at for case in cases] == sorted(case.seen_at for case in cases)


def test_months_are_alike(plan: list[PlannedCase]) -> None:
    start = nine_months_before(NOW)
    ninths = Counter(math.floor((case.seen_at - start) / ((NOW - start) / 9)) for case in plan)
    assert sorted(ninths) == list(range(9))
    assert all(abs(count - 910 / 9) <= 8 for count in ninths.values())


@pytest.mark.parametrize(("now", "seed"), PLANS)
def test_lone_cases_keep_250_m_from_each_other_and_from_every_repeat_place(now: datetime, seed: int) -> None:
    cases = planned_cases(now, seed)
    lone = cKDTree(_points([case for case in cases if case.place is None]))
    repeats = _points([case for case in cases if case.place is not None])
    centres = [line.interpolate(along) for line, along in map(borough.spot_on_lane, borough.REPEAT_PLACES)]
    assert lone.n == 877
    assert lone.query(lone.data, k=2)[0][:, 1].min() >= APART_M
    assert lone.query(repeats)[0].min() >= APART_M
    assert lone.query([(centre.x, centre.y) for centre in centres])[0].min() >= APART_M


@pytest.mark.parametrize(("now", "seed"), PLANS)
def test_cases_of_a_repeat_place_lie_together_and_stay_cases_of_their_own(now: datetime, seed: int) -> None:
    cases = planned_cases(now, seed)
    for index, place in enumerate(borough.REPEAT_PLACES):
        members = [case for case in cases if case.place == index]
        line, along = borough.spot_on_lane(place)
        centre = line.interpolate(along)
        assert len(members) == len(place.days_ago)
        assert all(centre.distance(Point(case.easting, case.northing)) <= 60 for case in members)
        assert all(line.distance(Point(case.easting, case.northing)) <= 15 for case in members)
        for first, second in combinations(members, 2):
            away = math.hypot(first.easting - second.easting, first.northing - second.northing)
            assert away < 100
            assert abs(second.seen_at - first.seen_at) > timedelta(days=7)


@pytest.mark.parametrize(("now", "seed"), PLANS)
def test_no_case_collapses_into_another(now: datetime, seed: int) -> None:
    for case in (cases := planned_cases(now, seed)):
        others = [_open_case(other) for other in cases if other is not case and _near(case, other)]
        assert isinstance(collapse(_sighting(case), others), Open | Suggest)


def test_repeat_cases_are_alike_in_severity_and_accurate_enough_to_count(plan: list[PlannedCase]) -> None:
    repeats = [case for case in plan if case.place is not None]
    assert len(repeats) == 33
    assert not any(case.hazards for case in repeats)
    assert all(case.accuracy_m is not None and case.accuracy_m <= 15 for case in repeats)


def test_every_case_is_inside_the_borough_at_the_grid_point_of_its_degrees(plan: list[PlannedCase]) -> None:
    outline = borough.outline()
    for case in plan:
        assert outline.contains(Point(case.easting, case.northing))
        assert to_grid(case.lat, case.lon) == (case.easting, case.northing)


def test_cases_lean_towards_roads_and_villages(plan: list[PlannedCase]) -> None:
    roads = [road.line for road in borough.roads()]
    villages = cKDTree([(town.point.x, town.point.y) for town in borough.villages()])
    by_road = [min(line.distance(Point(at)) for line in roads) < 25 for at in _points(plan)]
    by_village = villages.query(_points(plan))[0] < 800
    assert sum(by_road) / 910 > 0.5
    assert np.mean(np.array(by_road) | by_village) > 0.75


def test_codes_are_those_of_the_reference_lists(plan: list[PlannedCase]) -> None:
    assert {code for case in plan for code in case.waste} <= codes("waste")
    assert {case.size for case in plan} <= codes("sizes")
    assert {case.land for case in plan} <= codes("land")
    assert {code for case in plan for code in case.hazards} <= codes("hazards")


def test_mixes_are_those_of_england(plan: list[PlannedCase]) -> None:
    household = ("black_bags_household", "other_household_waste")
    assert _share(plan, lambda case: case.waste[0] in household) == pytest.approx(0.62, abs=0.01)
    assert _share(plan, lambda case: case.land == "highway") == pytest.approx(0.37, abs=0.01)
    assert _share(plan, lambda case: case.land == "council_land") == pytest.approx(0.18, abs=0.01)
    assert _share(plan, lambda case: case.size == "small_van_load") == pytest.approx(0.31, abs=0.01)
    assert _share(plan, lambda case: case.size == "car_boot_or_less") == pytest.approx(0.27, abs=0.01)
    large = ("tipper_lorry_load", "significant_multi_loads")
    assert _share(plan, lambda case: case.size in large) == pytest.approx(0.04, abs=0.01)


def test_hazardous_waste_always_carries_its_hazard(plan: list[PlannedCase]) -> None:
    assert all("asbestos" in case.hazards for case in plan if "asbestos" in case.waste)
    assert any("asbestos" in case.hazards for case in plan)


def test_most_cases_are_closed_and_the_last_two_weeks_are_mostly_open(plan: list[PlannedCase]) -> None:
    recent = [case for case in plan if NOW - case.seen_at < timedelta(days=14)]
    older = [case for case in plan if NOW - case.seen_at >= timedelta(days=14)]
    assert _share(older, lambda case: case.state == "closed") > 0.93
    assert _share(recent, lambda case: case.state in ("new", "accepted")) > 0.7
    assert not [case for case in older if case.state == "new"]


def test_only_closed_cases_were_cleared_and_always_in_the_past(plan: list[PlannedCase]) -> None:
    for case in plan:
        assert (case.state == "closed") == (case.days_to_clear is not None)
        if case.days_to_clear is not None:
            assert case.days_to_clear > 0
            assert case.seen_at + timedelta(days=case.days_to_clear) <= NOW


@pytest.mark.parametrize("now", MOMENTS)
def test_times_are_likely_by_the_local_clock(now: datetime) -> None:
    for case in planned_cases(now):
        hour = case.seen_at.astimezone(ZoneInfo("Europe/London")).hour
        assert 6 <= hour <= 14 if case.source == "crew" else 7 <= hour <= 21


def test_notes_are_short_and_varied(plan: list[PlannedCase]) -> None:
    notes = [case.description for case in plan if case.description]
    assert len(notes) > 800
    assert max(map(len, notes)) < 120
    assert len(set(notes)) > 400


def test_the_gazetteer_names_every_repeat_place_as_published(
    plan: list[PlannedCase], gazetteer: Gazetteer
) -> None:
    for case in (case for case in plan if case.place is not None):
        place = borough.REPEAT_PLACES[case.place or 0]
        found = gazetteer.locate(case.lat, case.lon)
        assert found.road is not None and found.locality is not None and found.in_area_served
        assert found.road.name == place.road
        assert place.locality in (None, found.locality.name)


@pytest.mark.parametrize(("now", "seed"), PLANS)
def test_clustering_finds_the_eleven_published_places_in_their_order_with_their_ties(
    now: datetime, seed: int
) -> None:
    cases = planned_cases(now, seed)
    found = _places(cases, now)
    # Equal counts share a rank; which of them is shown first is the surface's choice.
    by_rank = itertools.groupby(
        zip(found, _numbers(cases, found), strict=True), key=lambda pair: pair[0].rank
    )
    assert [(rank, sorted(number for _, number in pairs)) for rank, pairs in by_rank] == [
        (1, [0, 1]), (3, [2]), (4, [3, 4, 5]), (7, [6, 7, 8, 9, 10]),
    ]  # fmt: skip
    assert [place.count for place in found] == [5, 5, 4, 3, 3, 3, 2, 2, 2, 2, 2]
    assert [place.score for place in found] == [place.count for place in found]


def test_places_differ_in_how_they_are_going(plan: list[PlannedCase]) -> None:
    found = _places(plan, NOW)
    numbers = _numbers(plan, found)
    trends = {
        borough.REPEAT_PLACES[number].road: hot.trend for number, hot in zip(numbers, found, strict=True)
    }
    assert trends["Nuneaton Road"] == "new"
    assert trends["Folly Lane"] == "quiet"
    assert trends["Oldbury Road"] == "steady"


def _numbers(cases: list[PlannedCase], found: list[HotPlace]) -> list[int]:
    """Which repeat place each place that was found is: all its members are of that one."""
    place_of = {str(case.report_id): case.place for case in cases}
    of_each = [{place_of[member] for member in place.members} for place in found]
    assert all(len(numbers) == 1 and None not in numbers for numbers in of_each)
    return [number for numbers in of_each for number in numbers if number is not None]


def _places(cases: list[PlannedCase], now: datetime) -> list[HotPlace]:
    points = Points.of(
        CasePoint(
            str(case.report_id), case.easting, case.northing, case.seen_at.date(), severity(list(case.hazards)),
            case.accuracy_m,
        )
        for case in cases
    )  # fmt: skip
    half_life = auto_half_life(len(cases) / 9 * 12)
    return find_places(points, min_count=2, half_life_days=half_life, as_of=now.date())


def _near(first: PlannedCase, second: PlannedCase) -> bool:
    return abs(first.easting - second.easting) < 400 and abs(first.northing - second.northing) < 400


def _sighting(case: PlannedCase) -> Sighting:
    return Sighting(case.kind, case.easting, case.northing, case.accuracy_m, case.seen_at)


def _open_case(case: PlannedCase) -> OpenCase:
    return OpenCase(
        str(case.report_id), case.kind, case.easting, case.northing, case.accuracy_m, case.seen_at, case.seen_at,
        case.seen_at,
    )  # fmt: skip
