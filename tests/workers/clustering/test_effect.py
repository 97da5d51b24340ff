"""Did it work? Towns in which it did, did not, or moved, and the numbers worked out by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest

from workers.clustering.effect import Effect, effect, effect_near, places_before
from workers.clustering.places import find_places
from workers.clustering.points import Point, Points, points_around

START = date(2026, 6, 1)
AS_OF = date(2026, 11, 25)
HERE = (1_000.0, 1_000.0)
CONTROLS = [(1_000.0 + 2_000.0 * n, 9_000.0) for n in range(1, 7)]


def town(
    place: tuple[int, int], ring: tuple[int, int] = (4, 4), controls: tuple[int, int] = (20, 20)
) -> list[tuple[float, float, date]]:
    """Cases before and after at the place, 300 m beside it, and at each of six other places."""
    spots = [(HERE, place), ((1_300.0, 1_000.0), ring), *((centre, controls) for centre in CONTROLS)]
    return [
        (x, y, START + timedelta(days=step))
        for (x, y), (before, after) in spots
        for step in [-1 - n % 90 for n in range(before)] + [n % 90 for n in range(after)]
    ]


def judged(
    cases: list[tuple[float, float, date]], as_of: date = AS_OF, days: int = 90,
    others: list[tuple[float, float]] = CONTROLS,
) -> Effect:  # fmt: skip
    """The effect of something that began at HERE."""
    return effect(
        np.array([case[:2] for case in cases]), np.array([case[2] for case in cases], dtype="datetime64[D]"), HERE,
        START, as_of, np.array(others), radius_m=100.0, days=days,
    )  # fmt: skip


def test_a_fall_that_other_places_did_not_have() -> None:
    found = judged(town((24, 4)))
    assert found.word == "fell"
    assert (found.place.before, found.place.after, found.days) == (24, 4, 90)
    assert (found.controls, found.controls_before, found.controls_after) == (6, 120, 120)
    log_ratio = math.log(4.5 * 120.5 / (24.5 * 120.5))
    error = math.sqrt(1 / 4.5 + 1 / 24.5 + 1 / 120.5 + 1 / 120.5)
    assert found.place.ratio == pytest.approx(math.exp(log_ratio), abs=0.001)
    assert found.place.low == pytest.approx(math.exp(log_ratio - 1.96 * error), abs=0.001)
    assert found.place.high == pytest.approx(math.exp(log_ratio + 1.96 * error), abs=0.001)
    assert found.displacement == 0
    assert found.because == "24 before and 4 after in 90 days each, more of a fall than at 6 other places."


def test_a_fall_that_came_back_around_it_moved() -> None:
    found = judged(town((24, 4), ring=(4, 24)))
    assert found.word == "moved nearby" and found.displacement == -1
    assert (found.ring.before, found.ring.after) == (4, 24)


@pytest.mark.parametrize(
    ("cases", "why"),
    [
        (town((24, 4), controls=(20, 4)), "in a like way"),  # it fell everywhere
        (town((6, 4)), "chance"),
        (town((4, 24)), "chance"),  # a rise is no fall, whatever the reason
        (town((2, 0)), "Too few cases before"),
        (town((24, 4), controls=(0, 5)), "Only 0 other places"),
    ],
)
def test_nothing_is_claimed_that_the_numbers_do_not_carry(
    cases: list[tuple[float, float, date]], why: str
) -> None:
    found = judged(cases)
    assert found.word == "no clear change" and why in found.because


def test_soon_after_the_start_nothing_can_be_said() -> None:
    assert judged(town((24, 4)), as_of=START + timedelta(days=20)).because.startswith("Too early: 21 days")
    assert judged(town((24, 4)), as_of=START - timedelta(days=3)).days == 0
    later = judged(town((40, 4)), as_of=START + timedelta(days=40))
    assert later.days == 41, "as much before as has passed since"


def test_controls_that_vary_wildly_widen_the_interval() -> None:
    calm = judged(town((14, 4)))
    wild = town((14, 4), controls=(0, 0))
    for n, (x, y) in enumerate(CONTROLS):
        before, after = (36, 4) if n % 2 else (4, 36)
        wild += [(x, y, START - timedelta(days=1 + k)) for k in range(before)]
        wild += [(x, y, START + timedelta(days=k)) for k in range(after)]
    found = judged(wild)
    assert (
        (found.controls_before, found.controls_after)
        == (calm.controls_before, calm.controls_after)
        == (120, 120)
    )
    assert found.place.ratio == calm.place.ratio and calm.place.high < found.place.high
    assert (calm.word, found.word) == ("fell", "no clear change")


def test_of_many_that_were_hit_as_often_the_nearest_are_compared_with_whatever_came_of_them() -> None:
    others = [(1_000.0 + 2_000.0 * n, 9_000.0) for n in range(1, 31)]
    cases = town((24, 4), controls=(0, 0))
    for n, (x, y) in enumerate(others):
        after = 20 if n < 10 else 0
        cases += [(x, y, START - timedelta(days=1 + k)) for k in range(24)]
        cases += [(x, y, START + timedelta(days=k)) for k in range(after)]
    found = judged(cases, others=others[::-1])
    assert (found.controls, found.controls_before, found.controls_after) == (10, 240, 200)
    assert found.word == "fell"


def test_where_nothing_changed_a_change_is_seldom_claimed() -> None:
    random, claimed = np.random.default_rng(5), 0
    for _ in range(200):
        before, after = random.poisson(15, 2)
        claimed += judged(town((int(before), int(after)))).word != "no clear change"
    assert claimed <= 10, "2.5 % are to be expected"


def large_town(alike: int) -> Points:
    """The cases of `town`, and around HERE so many places hit 24 times before and 24 after; many further away too."""
    random = np.random.default_rng(4)
    near = random.permutation([(x, y) for x in range(-2_500, 2_501, 500) for y in range(1_500, 3_001, 500)])[
        :alike
    ]
    far = [(x, y) for x in range(-3_000, 3_001, 500) for y in range(20_000, 22_001, 500)]
    cases = town((24, 4))
    for x, y in [*near.tolist(), *far]:
        days = [*range(-24, 0), *range(24 if y < 20_000 else 4)]
        cases += [(HERE[0] + x, HERE[1] + y, START + timedelta(days=step)) for step in days]
    moved = random.normal(0, 20, (len(cases), 2)).tolist()
    return Points.of(
        Point(f"{n:05d}", x + east, y + north, day)
        for n, ((x, y, day), (east, north)) in enumerate(zip(cases, moved, strict=True))
    )


@pytest.mark.parametrize(
    ("alike", "looked"), [(30, [5_000.0]), (10, [5_000.0]), (5, [5_000.0]), (4, [5_000.0, math.inf])]
)
def test_no_further_is_looked_than_it_takes(alike: int, looked: list[float]) -> None:
    points, asked = large_town(alike), list[float]()

    def within(reach_m: float) -> Points:
        asked.append(reach_m)
        return points_around(points, HERE, reach_m)

    found = effect_near(within, HERE, START, AS_OF, radius_m=100.0)
    others = places_before(points, START, 100.0)
    of_all = effect(
        np.column_stack([points.easting, points.northing]),
        points.day,
        HERE,
        START,
        AS_OF,
        others,
        radius_m=100.0,
    )
    assert asked == looked
    if alike == 5:
        assert (found.controls, found.controls_before, found.controls_after) == (5, 120, 120)
    else:
        assert found == of_all, "of those alike the nearest"
        assert (found.controls, found.controls_before) == (10, 240)


def test_places_nearby_that_were_hit_less_are_not_compared_with_while_others_are_alike() -> None:
    cases = town((24, 4), controls=(0, 0))
    for number in range(20):
        x, y = HERE[0] + 150.0 * number, HERE[1] + 2_000.0 + 300.0 * (number % 2)
        hit = 20 if number % 4 == 0 else 12
        cases += [(x, y, START + timedelta(days=step)) for step in range(-hit, hit)]
    points = Points.of(Point(f"{n:05d}", x, y, day) for n, (x, y, day) in enumerate(cases))
    found = effect_near(partial(points_around, points, HERE), HERE, START, AS_OF, radius_m=100.0)
    assert (found.controls, found.controls_before, found.controls_after) == (5, 100, 100)


def test_places_before_a_day_are_those_of_the_list_of_its_eve() -> None:
    random, eve = np.random.default_rng(6), START - timedelta(days=1)
    spots = random.uniform(0, 6_000, (150, 2)).round(0)
    where = np.vstack([spots[random.integers(0, 150, 900)] + random.normal(0, 40, (900, 2)), spots, spots])
    points = Points.of(
        Point(f"{n:05d}", 430_000 + x, 290_000 + y, START + timedelta(days=int(day)), float(severity), accuracy)
        for n, ((x, y), day, severity, accuracy) in enumerate(zip(
            where.tolist(), random.integers(-400, 60, len(where)), random.integers(1, 4, len(where)),
            random.choice([5.0, 8.0, 100.0, 400.0], len(where)).tolist(), strict=True,
        ))
    )  # fmt: skip
    year = points.take(
        (points.day <= np.datetime64(eve)) & (points.day > np.datetime64(eve - timedelta(days=365)))
    )
    listed = sorted((place.easting, place.northing) for place in find_places(year, radius_m=100.0, as_of=eve))
    assert len(listed) > 50
    assert sorted(map(tuple, places_before(points, START, 100.0).tolist())) == listed
    assert len(places_before(points, START - timedelta(days=900), 100.0)) == 0
