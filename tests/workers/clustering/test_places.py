from __future__ import annotations

import math
import random
import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.clustering.places import HotPlace, auto_half_life, find_places
from workers.clustering.points import Point, Points

AS_OF = date(2018, 12, 31)
R = 100.0

# The list of a real council: eleven places with their counts since July 2018, in its order.
COUNCIL_LIST = [
    ("Oldbury Road, Hartshill", 5), ("Packington Lane", 5), ("Blindpit Lane", 4), ("Breach Oak Lane", 3),
    ("Arnolds Lane, Maxstoke", 3), ("Nuneaton Road near Hoar Park", 3), ("Windmill Lane, Astley", 2),
    ("Burrow Hill Lane, Corley", 2), ("Maxstoke Lane", 2), ("Marsh Lane, Curdworth", 2), ("Folly Lane", 2),
]  # fmt: skip


def at(
    id: str, east: float, north: float = 0.0, age: int = 10, severity: float = 1.0, acc: float | None = None
) -> Point:
    return Point(id, 430_000 + east, 297_000 + north, AS_OF - timedelta(days=age), severity, acc)


def places(points: list[Point], *, min_count: int = 3, half_life_days: float | None = None) -> list[HotPlace]:
    return find_places(Points.of(points), min_count=min_count, half_life_days=half_life_days, as_of=AS_OF)


def council_points() -> list[Point]:
    """33 points around eleven spots; each place was last hit two days before the one listed above it."""
    chance = random.Random(4)
    return [
        at(
            f"{name} {hit}",
            place * 700 + chance.uniform(-30, 30),
            (place % 3) * 900 + chance.uniform(-30, 30),
            age=5 + 2 * place + 9 * hit,
        )
        for place, (name, hits) in enumerate(COUNCIL_LIST)
        for hit in range(hits)
    ]


def named(found: list[HotPlace]) -> list[tuple[int, str, int]]:
    """Rank, name and count, rows of one rank by name."""
    return sorted((place.rank, place.members[0].rsplit(" ", 1)[0], place.count) for place in found)


def test_the_council_list_comes_back_in_its_order_with_its_ties() -> None:
    points = council_points()
    assert len(points) == 33
    ranks = [1, 1, 3, 4, 4, 4, 7, 7, 7, 7, 7]
    expected = sorted((rank, name, count) for rank, (name, count) in zip(ranks, COUNCIL_LIST, strict=True))
    listed = places(points, min_count=2)
    assert [place.rank for place in listed] == ranks
    for seed in range(5):
        random.Random(seed).shuffle(points)
        assert places(points, min_count=2) == listed
        assert named(listed) == expected
    assert named(places(points)) == expected[:6]


def test_rows_of_one_rank_are_ordered_by_how_dense_they_and_their_surroundings_are() -> None:
    tight = [at(f"tight {i}", 0, i) for i in range(3)]
    loose = [at(f"loose {i}", 9_000, 60 * i, age=1) for i in range(3)]
    street = [at(f"street {i}", 20_000, i) for i in range(3)]
    around = [at(f"lone {i}", 20_000 + 205 * (i + 1), 0) for i in range(4)]
    listed = places(tight + loose + street + around)
    assert [(place.rank, place.members[0].split()[0]) for place in listed] == [
        (1, "street"), (1, "tight"), (1, "loose"),
    ]  # fmt: skip


def test_the_council_list_stands_out_of_a_long_tail() -> None:
    tail = [
        at(f"tail {i}", (i % 30) * 250 - 20_000, (i // 30) * 250 + 5_000, age=i % 170) for i in range(877)
    ]
    assert len(places(council_points() + tail, min_count=2)) == 11


coordinates = st.integers(0, 900).map(float)
scattered = st.lists(
    st.tuples(
        coordinates,
        coordinates,
        st.integers(0, 300),
        st.sampled_from([1.0, 1.0, 2.0, 5.0]),
        st.sampled_from([None, 5.0, 100.0, 400.0]),
    ),
    max_size=60,
).map(lambda rows: [at(f"{i:03d}", *row) for i, row in enumerate(rows)])
half_lives = st.sampled_from([None, 30.0, 180.0])


@given(scattered, half_lives, st.randoms())
def test_the_order_of_the_input_changes_nothing(
    points: list[Point], half_life: float | None, chance: random.Random
) -> None:
    shuffled = list(points)
    chance.shuffle(shuffled)
    assert places(shuffled, half_life_days=half_life) == places(points, half_life_days=half_life)


@given(scattered, half_lives, st.integers(1, 4))
def test_every_place_is_bounded_and_every_place_is_found(
    points: list[Point], half_life: float | None, min_count: int
) -> None:
    found = places(points, half_life_days=half_life, min_count=min_count)
    by_id = {point.id: point for point in points}
    left = dict(by_id)
    for place in found:
        members = [by_id[member] for member in place.members]
        forming = [point for point in members if not _vague(point)]
        assert place.count == len(members) and len(forming) >= min_count
        assert place.extent_m <= 2 * R
        assert all(_away(point, (place.easting, place.northing)) <= R + 0.01 for point in members)
        assert _is_mean_or_that_leaves_one_out(place, forming, half_life)
        for member in place.members:
            del left[member]
    rest = [point for point in left.values() if not _vague(point)]
    for point in rest:
        around = sum(_away(other, (point.easting, point.northing)) <= R for other in rest)
        assert around < min_count, "somewhere that keeps being hit is not on the list"


def _vague(point: Point) -> bool:
    return point.accuracy_m is not None and point.accuracy_m > R


def _away(point: Point, centre: tuple[float, float]) -> float:
    return math.dist((point.easting, point.northing), centre)


def _is_mean_or_that_leaves_one_out(place: HotPlace, forming: list[Point], half_life: float | None) -> bool:
    weights = [
        point.severity * (1.0 if half_life is None else 0.5 ** ((AS_OF - point.day).days / half_life))
        for point in forming
    ]
    mean = (
        math.fsum(w * p.easting for w, p in zip(weights, forming, strict=True)) / math.fsum(weights),
        math.fsum(w * p.northing for w, p in zip(weights, forming, strict=True)) / math.fsum(weights),
    )
    centre = (place.easting, place.northing)
    return math.dist(centre, mean) < 0.01 or any(_away(point, mean) > R - 0.01 for point in forming)


@given(scattered, half_lives, st.integers(-300_000, 300_000), st.integers(-200_000, 600_000))
def test_where_on_the_map_changes_nothing(
    points: list[Point], half_life: float | None, east: int, north: int
) -> None:
    moved = [
        point._replace(easting=point.easting + east, northing=point.northing + north) for point in points
    ]
    here, there = places(points, half_life_days=half_life), places(moved, half_life_days=half_life)
    assert [(p.rank, p.members, p.score) for p in here] == [(p.rank, p.members, p.score) for p in there]
    for place, same in zip(here, there, strict=True):
        assert (same.easting - east, same.northing - north) == pytest.approx(
            (place.easting, place.northing), abs=0.002
        )


@given(scattered)
def test_ranks_leave_room_for_ties(points: list[Point]) -> None:
    found = places(points, min_count=1)
    for place in found:
        better = sum((other.score, other.count) > (place.score, place.count) for other in found)
        assert place.rank == 1 + better


@settings(max_examples=50)
@given(st.integers(0, 10), st.sampled_from([None, 90.0]), st.sampled_from([1.0, 4.0]))
def test_one_more_hit_never_lowers_a_place(place: int, half_life: float | None, severity: float) -> None:
    points = council_points()
    before = places(points, min_count=2, half_life_days=half_life)[place]
    extra = Point("extra", before.easting, before.northing, AS_OF, severity)
    after = places([*points, extra], min_count=2, half_life_days=half_life)
    same = next(other for other in after if "extra" in other.members)
    assert set(same.members) == {*before.members, "extra"}
    assert same.count == before.count + 1 and same.score > before.score and same.rank <= before.rank


def test_planted_places_are_found_in_noise() -> None:
    chance = np.random.default_rng(8)
    spots = chance.uniform(0, 15_000, (40, 2))
    planted = [
        at(f"{spot}/{hit}", *(spots[spot] + chance.normal(0, 20, 2)).round(3))
        for spot in range(40)
        for hit in range(8)
    ]
    noise = [at(f"noise {i}", *chance.uniform(0, 15_000, 2).round(3)) for i in range(600)]
    found = [place for place in places(planted + noise) if place.count >= 7]
    for spot, (x, y) in enumerate(spots + np.array([430_000, 297_000])):
        (place,) = [
            place for place in found if sum(name.startswith(f"{spot}/") for name in place.members) >= 7
        ]
        assert math.dist((x, y), (place.easting, place.northing)) <= 100
    assert len(found) == 40


def test_a_street_of_reports_becomes_several_places_and_no_chain() -> None:
    street = [at(f"{i:02d}", i * 40.0) for i in range(50)]
    found = places(street)
    assert len(found) >= 8
    assert all(place.extent_m <= 200 for place in found)


def test_a_vague_point_forms_no_place_but_counts_in_one() -> None:
    sure = [at(f"sure {i}", i * 10.0) for i in range(3)]
    vague = [at(f"vague {i}", 20.0 + i, acc=100.1) for i in range(5)]
    assert places(vague) == []
    (place,) = places(sure + vague)
    assert place.count == 8
    assert (place.easting, place.northing) == (430_010, 297_000), "the centre is that of the sure ones"
    unknown = [at(f"typed {i}", i * 10.0, acc=None) for i in range(3)]
    assert len(places(unknown)) == 1, "an accuracy nobody stated is not a bad one"


def test_a_heavy_report_on_the_rim_does_not_lose_the_place() -> None:
    points = [at("west", 0, severity=50), at("middle", 100), at("east", 200)]
    (place,) = places(points)
    assert place.members == ("east", "middle", "west")
    assert (place.easting, place.northing) == pytest.approx((430_100, 297_000), abs=0.011)


def test_score_halves_with_age_and_future_days_count_as_today() -> None:
    (place,) = places([at("a", 0, age=0), at("b", 1, age=180), at("c", 2, age=-3)], half_life_days=180)
    assert place.score == 2.5
    (place,) = places([at("a", 0, severity=3), at("b", 1, severity=0.5), at("c", 2)])
    assert place.score == 4.5
    (ancient,) = places([at(f"{i}", i, age=200_000) for i in range(3)], half_life_days=1)
    assert ancient.count == 3 and ancient.score == 0


def test_dates_and_trend_of_a_place() -> None:
    (place,) = places([at("a", 0, age=300), at("b", 1, age=95), at("c", 2, age=4)])
    assert (place.first, place.last) == (AS_OF - timedelta(days=300), AS_OF - timedelta(days=4))
    assert place.trend == "steady"


def test_a_thousand_at_one_spot_are_one_place() -> None:
    (place,) = places([at(f"{i:04d}", 0) for i in range(1000)])
    assert (place.count, place.extent_m) == (1000, 0)


def test_nothing_in_nothing_out() -> None:
    assert places([]) == []
    assert places([at("a", 0), at("b", 1)]) == []


@pytest.mark.parametrize("options", [{"radius_m": 0}, {"min_count": 0}, {"half_life_days": 0}])
def test_senseless_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        find_places(Points.of([at("a", 0)]), as_of=AS_OF, **options)


@pytest.mark.parametrize("point", [at("a", math.nan), at("a", math.inf), at("a", 0, severity=0)])
def test_senseless_points_are_refused(point: Point) -> None:
    with pytest.raises(ValueError, match="point"):
        places([point])


def test_columns_of_different_length_are_refused() -> None:
    one = Points.of([at("a", 0)])
    with pytest.raises(ValueError, match="one value for each id"):
        Points(["a", "b"], one.easting, one.northing, one.day, one.severity, one.accuracy_m)


@pytest.mark.parametrize(("yearly", "expected"), [(910, None), (1499.9, None), (1500, 180), (30_000, 180)])
def test_half_life_suits_the_volume(yearly: float, expected: float | None) -> None:
    assert auto_half_life(yearly) == expected


@pytest.mark.parametrize("half_life", [None, 180.0])
def test_a_hundred_thousand_points_take_seconds(half_life: float | None) -> None:
    """About 1 s on an idle machine; the limit leaves room for a busy one."""
    n = 100_000
    chance = np.random.default_rng(0)
    spots = chance.uniform(0, 30_000, (200, 2))
    clustered = spots[chance.integers(0, 200, 60_000)] + chance.normal(0, 25, (60_000, 2))
    duplicates = np.repeat(spots[:4], 5_000, axis=0)
    positions = np.vstack([clustered, duplicates, chance.uniform(0, 30_000, (20_000, 2))])
    points = Points(
        ids=[f"{i:06d}" for i in range(n)],
        easting=positions[:, 0] + 400_000,
        northing=positions[:, 1] + 300_000,
        day=np.datetime64(AS_OF) - chance.integers(0, 360, n).astype("timedelta64[D]"),
        severity=np.ones(n),
        accuracy_m=np.full(n, 10.0),
    )
    started = time.process_time()
    found = find_places(points, half_life_days=half_life, as_of=AS_OF)
    assert time.process_time() - started < 6
    assert len(found) > 200 and found[0].count > 5_000
