"""Did it work? Towns in which it did, did not, or moved, and the numbers worked out by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from workers.clustering.effect import Effect, effect

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
