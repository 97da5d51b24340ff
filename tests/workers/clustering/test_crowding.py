"""A crowd is looked through lump by lump: quicker, and still bounded, complete, and the same in parts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.clustering.test_discs import Plane
from workers.clustering import crowding
from workers.clustering.crowding import NOT_CROWDED, crowded_from, lumps
from workers.clustering.parts import split
from workers.clustering.places import HotPlace, find_places, ranked_together
from workers.clustering.points import Point, Points

AS_OF = date(2026, 11, 27)
EAST, NORTH = 430_000.0, 297_000.0


def town(number: int, spots: int, side_m: float, seed: int) -> Points:
    """A third of the cases anywhere in a square, the others at spots."""
    random = np.random.default_rng(seed)
    middles = random.uniform(0, side_m, (spots, 2))
    where = np.where(
        (random.random(number) < 1 / 3)[:, None],
        random.uniform(0, side_m, (number, 2)),
        middles[random.integers(0, spots, number)] + random.normal(0, 25, (number, 2)),
    ).round(2)
    return Points.of(
        Point(f"{n:05d}", EAST + x, NORTH + y, AS_OF - timedelta(days=n % 300), 1.0 + n % 2, None)
        for n, (x, y) in enumerate(where)
    )


def listed(points: Points, crowded: float | None = None) -> list[HotPlace]:
    return find_places(points, half_life_days=180.0, as_of=AS_OF, crowded=crowded)


def test_no_councils_year_is_a_crowd_and_a_million_at_a_few_hundred_spots_is_one() -> None:
    random = np.random.default_rng(3)
    east, north = random.uniform(0, 40_000, (2, 40_000))
    assert crowded_from(east, north, 100.0) == np.inf
    spots = random.uniform(0, 40_000, (300, 2))[random.integers(0, 300, 600_000)] + random.normal(
        0, 25, (600_000, 2)
    )
    everywhere = np.vstack([spots, random.uniform(0, 40_000, (400_000, 2))])
    east, north = everywhere.T
    since = crowded_from(east, north, 100.0)
    lump, middles = lumps(east, north, 100.0, since)
    crowd = lump != NOT_CROWDED
    assert crowd[:600_000].all() and crowd[600_000:].mean() < 1
    away = np.abs(everywhere[crowd] - middles[lump[crowd]])
    assert away.max() <= 6.25 + 1e-6, "a lump is an eighth of the radius wide"


@given(st.integers(0, 10_000), st.sampled_from([0, 2_000, 10_000]))
def test_in_a_crowd_places_are_bounded_and_none_is_left_out(seed: int, most: int) -> None:
    points = town(400, 12, 1_500, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowding, "MOST_PAIRS", most)
        assert crowded_from(points.easting, points.northing, 100.0) < np.inf
        found = listed(points)
    taken = {member for place in found for member in place.members}
    assert len(taken) == sum(place.count for place in found)
    assert all(place.count >= 3 and place.extent_m <= 200 for place in found)
    left = [index for index, name in enumerate(points.ids) if name not in taken]
    sites = [(float(points.easting[index]), float(points.northing[index])) for index in left]
    plane = Plane(sites, [1.0] * len(left), [1] * len(left))
    assert plane.most(np.ones(len(left), dtype=bool), 3) == 0


def test_the_best_places_of_a_crowd_weigh_nearly_what_they_do_when_all_is_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even among so few as here; the more they are, the nearer is a lump to where the best disc is."""
    towns = [town(400, 12, 1_500, seed) for seed in range(20)]
    whole = sum(place.score for points in towns for place in listed(points)[:5])
    monkeypatch.setattr(crowding, "MOST_PAIRS", 10_000)
    assert sum(place.score for points in towns for place in listed(points)[:5]) >= 0.85 * whole


def test_a_crowd_in_parts_is_the_crowd_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    towns = [town(600, 20, 1_500, seed) for seed in range(3)]
    points = Points.of(
        Point(f"{seed}-{name}", x + 5_000 * seed, y, day.item(), weight, None)
        for seed, rows in enumerate(towns)
        for name, x, y, day, weight in zip(
            rows.ids, rows.easting, rows.northing, rows.day, rows.severity, strict=True
        )
    )
    monkeypatch.setattr(crowding, "MOST_PAIRS", 30_000)
    since = crowded_from(points.easting, points.northing, 100.0)
    parts = split(points, 100.0, 3_000.0)
    assert len(parts) > 1 and since < np.inf
    days = points.day.min().item()
    found = [
        place
        for part in parts
        for place in find_places(part, half_life_days=180.0, as_of=AS_OF, since=days, crowded=since)
    ]
    assert ranked_together(points, found, 180.0, AS_OF) == listed(points)
    # Each part for itself would be less of a crowd.
    assert any(crowded_from(part.easting, part.northing, 100.0) != since for part in parts)


@pytest.mark.parametrize("shuffled", range(3))
def test_the_order_of_a_crowd_changes_nothing(shuffled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "MOST_PAIRS", 30_000)
    points = town(800, 15, 2_000, 4)
    order = np.random.default_rng(shuffled).permutation(len(points))
    assert listed(points.take(order)) == listed(points)


def test_thousands_at_one_gate_are_one_place_and_its_neighbours_are_their_own() -> None:
    """As many pairs as make a crowd, all of them at one spot."""
    rows = [Point(f"gate {n:04d}", EAST, NORTH, AS_OF, 1.0, None) for n in range(3_000)]
    rows += [Point(f"lane {n}", EAST + 900 + n, NORTH, AS_OF, 1.0, None) for n in range(3)]
    points = Points.of(rows)
    assert crowded_from(points.easting, points.northing, 100.0) < np.inf
    assert [place.count for place in listed(points)] == [3_000, 3]
    vague = points.take(np.arange(len(points)))
    vague.accuracy_m[:2_999] = 500.0
    assert [place.count for place in listed(vague)] == [3]
