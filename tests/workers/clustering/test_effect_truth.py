"""Towns drawn with a known truth: what does nothing is seldom said to work, and what halves is found."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest

from workers.clustering.density import Floats
from workers.clustering.effect import Effect, effect_near
from workers.clustering.points import Point, Points, points_around

START = date(2026, 6, 1)
AS_OF = date(2026, 11, 25)
DRAWS = 60
# Of all that does nothing so much is said to have fallen or moved: the lower end of a 95 % interval.
STATED = 0.025
Spot = tuple[float, float]
GRID = [(1_500.0 * east, 1_500.0 * north) for east in range(5) for north in range(5)]


def drawn(
    random: np.random.Generator, spot: Spot, before: float, after: float
) -> list[tuple[float, float, int]]:
    """Cases within some 30 m of a spot in the year before the start and the 90 days after, at rates for 90 days."""
    early, late = random.poisson(before * 365 / 90), random.poisson(after)
    days = [*random.integers(-365, 0, early).tolist(), *random.integers(0, 90, late).tolist()]
    return [(*(spot + random.normal(0, 30, 2)).tolist(), day) for day in days]


def judged(cases: list[tuple[float, float, int]], here: Spot, measured: Floats | None = None) -> Effect:
    """What became of the place at `here`, by controls as of the eve."""
    points = Points.of(
        Point(f"{index:06d}", east + 5_000, north + 5_000, START + timedelta(days=day), 1.0, None)
        for index, (east, north, day) in enumerate(cases)
    )
    centre = here[0] + 5_000, here[1] + 5_000
    return effect_near(partial(points_around, points, centre), centre, START, AS_OF, radius_m=100.0,
                       measured=None if measured is None else measured + 5_000)  # fmt: skip


def towns(change: float, before: float, *, begins: bool = False, halved: int = 0) -> list[Effect]:
    """What is said of a place that came to `change` times as much, town after town; `begins`: there are few others, and
    many that are hit once before the start; `halved`: at so many of the others something was put up that halves.
    """
    random, found = np.random.default_rng(11), list[Effect]()
    for _ in range(DRAWS):
        season = random.uniform(0.6, 1.4)  # which all places have, this one too
        cases = drawn(random, GRID[0], before, before * change * season)
        for number, spot in enumerate(GRID[1:4] if begins else GRID[1:]):
            cases += drawn(random, spot, before, before * season * (0.5 if number < halved else 1.0))
        if begins:
            for spot in [(x + a, y + b) for x, y in GRID for a, b in ((750, 0), (0, 750), (750, 750))]:
                cases += [(*spot, int(random.integers(-90, 0))), *drawn(random, spot, 0, 10)]
        found.append(judged(cases, GRID[0], np.array(GRID[1 : 1 + halved])))
    return found


def share_said(found: list[Effect]) -> float:
    """How often something is said to have fallen or moved."""
    return sum(each.word != "no clear change" for each in found) / len(found)


@pytest.mark.parametrize("begins", [False, True])
def test_what_does_nothing_is_said_to_work_no_more_often_than_is_stated(begins: bool) -> None:
    found = towns(1.0, 6 if begins else 12, begins=begins)
    assert share_said(found) <= STATED + 0.04  # two standard errors of so many draws
    assert 0.8 < np.median([each.place.ratio for each in found]) < 1.25, "held against others nothing changed"


@pytest.mark.parametrize("halved", [0, 14])
def test_what_halves_is_found_also_where_others_have_a_camera_too(halved: int) -> None:
    found = towns(0.5, 60, halved=halved)
    assert share_said(found) >= 0.75
    assert 0.4 < np.median([each.place.ratio for each in found]) < 0.625


@pytest.mark.parametrize("change", [1.0, 0.1])
def test_of_very_many_places_alike_those_that_fell_are_not_picked_out(change: float) -> None:
    """A large council has hundreds of places that were hit as often in those days."""
    random, found = np.random.default_rng(8), list[Effect]()
    many = [(800.0 * east, 800.0 * north) for east in range(16) for north in range(1, 16)]
    for _ in range(15):
        cases = drawn(random, (0.0, 0.0), 9, 9 * change)
        found.append(
            judged(cases + [case for spot in many for case in drawn(random, spot, 9, 9)], (0.0, 0.0))
        )
    assert share_said(found) >= 0.5 if change < 1 else share_said(found) <= STATED + 0.04
    after = np.mean([each.controls_after / each.controls for each in found])
    assert 8.2 < after < 9.8, "what they have, whatever the place had before"


def test_places_with_something_of_their_own_do_not_count() -> None:
    random = np.random.default_rng(3)
    cases = [case for spot in GRID for case in drawn(random, spot, 20, 20)]
    assert judged(cases, GRID[0]).controls == 10
    own = np.array(GRID[1:]) + 60
    assert judged(cases, GRID[0], own[:-4]).controls == 4
    few = judged(cases, GRID[0], own[:-2])
    assert (few.word, few.controls) == ("no clear change", 2)
    assert few.because == "Only 2 other places to compare with; at least 3 are needed."
