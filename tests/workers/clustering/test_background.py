from __future__ import annotations

import itertools
import math
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree
from scipy.stats import poisson

from workers.clustering.background import (
    FALSE_DISCOVERIES,
    Background,
    chances,
    expected_counts,
    false_discovery_rates,
    largest_by_chance,
    poisson_tail,
    sought_anywhere,
    upper_share,
)
from workers.clustering.density import density_at, gaussian_density
from workers.clustering.places import find_places
from workers.clustering.points import Point, Points

TODAY = date(2026, 11, 25)


def test_density_is_the_sum_of_gaussians() -> None:
    random = np.random.default_rng(1)
    position, weight = random.uniform(0, 30_000, (400, 2)), random.uniform(0, 2, 400)
    spots = random.uniform(-3_000, 33_000, (60, 2))
    away = np.hypot(spots[:, None, 0] - position[:, 0], spots[:, None, 1] - position[:, 1])
    exact = gaussian_density(away, 800) @ weight
    found = density_at(spots, position, weight, 800)
    assert np.abs(found - exact).max() < 0.03 * exact.max()
    one = density_at(np.array([[50.0, 50.0]]), np.array([[50.0, 50.0]]), np.ones(1), 400)
    assert one[0] == pytest.approx(1 / (2 * np.pi * 400**2), rel=0.02)


def test_density_does_not_depend_on_what_is_far_away() -> None:
    random = np.random.default_rng(2)
    near, far = random.uniform(0, 5_000, (50, 2)), random.uniform(90_000, 95_000, (50, 2))
    spots = random.uniform(0, 5_000, (20, 2))
    alone = density_at(spots, near, np.ones(50), 600)
    assert (density_at(spots, np.vstack([far, near]), np.ones(100), 600) == alone).all()


def test_an_even_spread_expects_its_density() -> None:
    """10,000 points over 20 by 20 km: 0.785 within 100 m of anywhere, wherever the middle is."""
    position = np.random.default_rng(3).uniform(0, 20_000, (10_000, 2))
    centres = np.random.default_rng(4).uniform(5_000, 15_000, (200, 2))
    expected = expected_counts(Background(position), centres, np.full(10_000, -1), 100.0)
    assert expected.mean() == pytest.approx(10_000 / 20_000**2 * np.pi * 100**2, rel=0.05)


def test_a_place_does_not_explain_itself() -> None:
    lone = np.zeros((50, 2))
    expected = expected_counts(Background(lone), np.zeros((1, 2)), np.zeros(50, dtype=int), 100.0)
    assert expected[0] == 0
    crowd = np.vstack([lone, np.random.default_rng(5).normal(0, 800, (500, 2))])
    place_of = np.repeat([0, -1], [50, 500])
    expected = expected_counts(Background(crowd), np.zeros((1, 2)), place_of, 100.0)
    # The density of a normal of 800 m, seen through a kernel of 800 m, at its middle.
    assert expected[0] == pytest.approx(0.95 * 500 / (2 * np.pi * 2 * 800**2) * np.pi * 100**2, rel=0.15)


def test_the_tail_is_poissons() -> None:
    counts, means = np.array([0, 1, 5, 12]), np.array([0.7, 0.7, 0.6, 7.5])
    assert poisson_tail(counts, means) == pytest.approx(poisson.sf(counts - 1, means))
    assert poisson_tail(np.array([3]), np.array([0.0]))[0] == 0


def test_false_discovery_rates_of_a_worked_example() -> None:
    """Benjamini and Hochberg 1995, table 1: of fifteen p values four are finds at 5 %."""
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                  0.6528, 0.7590, 1.0])  # fmt: skip
    q = false_discovery_rates(p[::-1], len(p))[::-1]
    assert (q <= 0.05).sum() == 4
    assert q[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert (np.diff(q) >= 0).all() and q[-1] == 1


def test_a_planted_place_stands_out_and_a_crowded_street_is_usual() -> None:
    random = np.random.default_rng(6)
    town = random.normal(0, 700, (3_000, 2))
    planted = random.normal((9_000, 9_000), 20, (6, 2))
    spread = random.uniform(-10_000, 10_000, (500, 2))
    rows = np.vstack([town, planted, spread])
    points = Points.of(Point(f"{n:05d}", x, y, TODAY) for n, (x, y) in enumerate(rows))
    places = find_places(points, as_of=TODAY)
    found = dict(zip((place.members for place in places), chances(points, places, radius_m=100), strict=True))
    lone = next(chance for members, chance in found.items() if "03002" in members)
    assert lone.expected < 0.5 and lone.q < 0.001 and not lone.usual
    crowded = [
        chance
        for place, chance in zip(places, found.values(), strict=True)
        if place.count <= 8 and abs(place.easting) < 600 and abs(place.northing) < 600
    ]
    assert crowded and all(chance.usual for chance in crowded), "as many as planted, where many are usual"
    assert chances(points, [], radius_m=100) == []


def test_of_what_lies_anywhere_as_many_are_in_one_disc_as_is_reckoned() -> None:
    """All sets of two, and of three, of 4,000 points on a square without edges that a disc of 100 m holds."""
    side, number = 10_000.0, 4_000
    spots = np.random.default_rng(3).uniform(0, side, (number, 2))
    pairs = cKDTree(spots, boxsize=side).query_pairs(200.0)
    near: dict[int, set[int]] = {}
    for one, other in pairs:
        near.setdefault(one, set()).add(other)
    threes = [
        (one, other, third)
        for one, others in near.items()
        for other, third in itertools.combinations(sorted(others), 2)
        if (other, third) in pairs
    ]
    corner = spots[np.array(threes)]
    corner = corner[:, :1] + (corner - corner[:, :1] + side / 2) % side - side / 2
    held = (shapely.minimum_bounding_radius(shapely.multipoints(corner)) <= 100.0).sum()
    expected = number / side**2 * math.pi * 100.0**2
    for found, count in ((len(pairs), 2), (int(held), 3)):
        reckoned = number * count * expected ** (count - 1) / math.factorial(count - 1)
        assert found == pytest.approx(reckoned, rel=0.05)
    rare = np.array([1e-4])
    assert sought_anywhere(np.array([3]), rare)[0] == pytest.approx(3 * rare[0] ** 2 / 2, rel=1e-3)
    assert sought_anywhere(np.array([2]), np.array([50.0]))[0] == 1


@pytest.mark.parametrize(
    ("number", "side_m", "town_m"),
    [(300, 15_000, 0.0), (1_000, 15_000, 0.0), (5_000, 8_000, 0.0), (1_000, 0, 4_000.0)],
)
def test_of_what_is_nothing_but_chance_no_more_is_called_unusual_than_is_stated(
    number: int, side_m: float, town_m: float
) -> None:
    """Years of cases spread evenly over a square, also close up to its edge, or thinning out from a town."""
    listed, mistaken, years = 0, 0, 60
    for year in range(years):
        random = np.random.default_rng(year)
        rows = random.normal(0, town_m, (number, 2)) if town_m else random.uniform(0, side_m, (number, 2))
        points = Points.of(Point(f"{n:04d}", x, y, TODAY) for n, (x, y) in enumerate(rows))
        found = chances(points, find_places(points, as_of=TODAY), radius_m=100)
        listed += len(found)
        mistaken += any(not chance.usual for chance in found)
    assert listed > 0 and mistaken <= FALSE_DISCOVERIES * years


def test_what_was_planted_is_called_unusual_and_next_to_nothing_of_what_chance_did() -> None:
    """Forty spots with six cases each among 3,000 by chance, which make some hundred places more."""
    random = np.random.default_rng(5)
    planted = np.repeat(random.uniform(0, 15_000, (40, 2)), 6, axis=0) + random.normal(0, 25, (240, 2))
    rows = np.vstack([planted, random.uniform(0, 15_000, (3_000, 2))])
    points = Points.of(Point(f"{n:04d}", x, y, TODAY) for n, (x, y) in enumerate(rows))
    places = find_places(points, as_of=TODAY)
    held = zip(places, chances(points, places, radius_m=100), strict=True)
    unusual = [place.members for place, chance in held if not chance.usual]
    true = [members for members in unusual if sum(member < "0240" for member in members) >= 5]
    assert len(places) > 200 and len(true) == 40
    assert len(unusual) - len(true) <= FALSE_DISCOVERIES * len(unusual)


def test_where_and_in_what_order_changes_nothing() -> None:
    random = np.random.default_rng(7)
    rows = [
        Point(f"{n:03d}", float(random.integers(0, 900)), float(random.integers(0, 900)), TODAY)
        for n in range(80)
    ]
    moved = [row._replace(easting=row.easting + 5e5, northing=row.northing + 3e5) for row in rows[::-1]]
    here, there = Points.of(rows), Points.of(moved)
    first = chances(here, find_places(here, as_of=TODAY), radius_m=100)
    assert chances(there, find_places(there, as_of=TODAY), radius_m=100) == first


def test_the_largest_by_chance_repeats_with_its_seed() -> None:
    background = Background(np.random.default_rng(8).uniform(0, 15_000, (900, 2)))
    largest = largest_by_chance(background, 100.0, seed=5, draws=99)
    assert (largest == largest_by_chance(background, 100.0, seed=5, draws=99)).all()
    assert (np.diff(largest) >= 0).all()
    # 900 over 225 square kilometres: a place of 3 is nothing, one of 7 is.
    assert 2 <= upper_share(largest, 0.5) <= 5 and upper_share(largest, 0.95) <= 7
    assert upper_share([1, 2, 3, 4], 0.5) == 2 and upper_share([1] * 19 + [9], 0.95) == 1
    homes = Background(background.position, np.zeros((1, 2)))
    assert largest_by_chance(homes, 100.0, seed=5, draws=9).min() > 5, "half of all near one address"


@pytest.mark.parametrize("corner", [False, True])
def test_the_largest_by_chance_is_that_of_what_has_an_edge(corner: bool) -> None:
    """1,000 cases spread evenly over a square of 3 km, or over an L of it, drawn anew and drawn by the background."""

    def spread(seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        spots = np.random.default_rng(seed).uniform(0, 3_000, (4_000, 2))
        return spots[~(corner & (spots > 1_500).all(axis=1))][:1_000]

    def largest(spots: np.ndarray[Any, np.dtype[np.float64]]) -> int:
        """Of all discs with two on the rim, one to the left of the way from one to the other."""
        near = cKDTree(spots)
        pairs = near.query_pairs(200.0, output_type="ndarray")
        one, other = spots[np.concatenate([pairs, pairs[:, ::-1]]).T]
        half = np.hypot(*(other - one).T)[:, None] / 2
        across = np.sqrt(100.0**2 - half**2) / half / 2 * ((other - one) @ np.array([[0, 1], [-1, 0]]))
        return int(near.query_ball_point((one + other) / 2 + across, 100.000001, return_length=True).max())

    true = np.mean([largest(spread(seed)) for seed in range(60)])
    drawn = [
        upper_share(largest_by_chance(Background(spread(seed)), 100.0, seed=seed, draws=39), 0.5)
        for seed in range(12)
    ]
    # The box around an L has a corner that is empty, of which the background knows by the kernel alone.
    assert np.mean(drawn) == pytest.approx(true, rel=0.15 if corner else 0.06)
