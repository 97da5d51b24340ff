"""Part by part as all at once, to the last digit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.clustering import crowding
from workers.clustering.packing import pack_places, pack_points, unpack_places, unpack_points
from workers.clustering.parts import parts, split
from workers.clustering.places import HotPlace, find_places, ranked_together
from workers.clustering.points import Point, Points

AS_OF = date(2026, 11, 25)


def country(seed: int, towns: int, cases: int) -> Points:
    """Towns over 60 by 60 km, and cases anywhere."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 60_000, (towns, 2))
    rows = np.vstack([
        centres[random.integers(0, towns, cases)] + random.normal(0, 250, (cases, 2)),
        random.uniform(0, 60_000, (cases // 4, 2)),
    ])  # fmt: skip
    return Points.of(
        Point(f"{n:05d}", float(x), float(y), AS_OF - timedelta(days=int(random.integers(0, 365))))
        for n, (x, y) in enumerate(rows.round(2))
    )


def part_by_part(
    points: Points, tile_m: float, crowded: float | None = None, **options: Any
) -> list[HotPlace]:
    """As workers do it that share nothing but bytes."""
    found = []
    for part in split(points, options["radius_m"], tile_m):
        places = find_places(
            unpack_points(pack_points(part)), since=points.day.min().item(), crowded=crowded, **options
        )
        found += unpack_places(pack_places(places))
    return ranked_together(points, found, options["half_life_days"], options["as_of"])


def rules(half_life_days: float | None) -> dict[str, Any]:
    return {"radius_m": 100.0, "min_count": 2, "half_life_days": half_life_days, "as_of": AS_OF}


def test_a_country_in_tiles_is_the_country_at_once() -> None:
    for seed, half_life in ((1, None), (2, 180.0)):
        points = country(seed, 30, 1_500)
        whole = find_places(points, **rules(half_life))
        assert len(split(points, 100.0, 10_000)) > 20
        for tile_m in (10_000.0, 3_000.0, 1e6):
            assert part_by_part(points, tile_m, **rules(half_life)) == whole


@st.composite
def chains(draw: st.DrawFn) -> Points:
    """Lanes hit all along, every few metres to a little over two radii, across the borders of tiles; and strays."""
    rows: list[tuple[float, float]] = []
    for _ in range(draw(st.integers(1, 4))):
        x, y = draw(st.integers(0, 4_000)), draw(st.integers(0, 4_000))
        angle = draw(st.floats(0, 6.28))
        for step in draw(st.lists(st.integers(1, 210), max_size=25)):
            x, y = x + step * np.cos(angle), y + step * np.sin(angle)
            rows.append((round(float(x), 2), round(float(y), 2)))
    rows += draw(st.lists(st.tuples(st.integers(0, 6_000), st.integers(0, 6_000)), min_size=1, max_size=20))
    ages = draw(st.lists(st.integers(0, 700), min_size=len(rows), max_size=len(rows)))
    rough = draw(st.sampled_from([None, 20.0, 500.0]))
    return Points.of(
        Point(f"{n:04d}", x, y, AS_OF - timedelta(days=age), 1.0 + n % 3, rough if n % 7 == 0 else None)
        for n, ((x, y), age) in enumerate(zip(rows, ages, strict=True))
    )


@given(chains(), st.sampled_from([400.0, 1_000.0, 3_000.0]), st.sampled_from([None, 90.0]))
def test_chains_across_the_borders_of_tiles_as_at_once(
    points: Points, tile_m: float, half_life: float | None
) -> None:
    whole = find_places(points, **rules(half_life))
    assert part_by_part(points, tile_m, **rules(half_life)) == whole
    assert sorted(name for part in split(points, 100.0, tile_m) for name in part.ids) == points.ids


@given(chains(), st.sampled_from([400.0, 1_000.0]), st.integers(1, 3_000))
def test_a_crowd_across_the_borders_of_tiles_as_at_once(points: Points, tile_m: float, most: int) -> None:
    """Whatever is called a crowd in the whole is one in a part, though the part alone would be none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowding, "MOST_PAIRS", most)
        since = crowding.crowded_from(points.easting, points.northing, 100.0)
        whole = find_places(points, **rules(None))
        assert part_by_part(points, tile_m, crowded=since, **rules(None)) == whole


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)), max_size=60),
    st.sampled_from([500.0, 2_000.0]),
)
def test_what_is_within_two_radii_is_in_one_part(where: list[tuple[int, int]], tile_m: float) -> None:
    points = Points.of(Point(f"{n}", x, y, AS_OF) for n, (x, y) in enumerate(where))
    part = parts(points, 100.0, tile_m)
    assert len(part) == len(where)
    for first, (x, y) in enumerate(where):
        for second, (other_x, other_y) in enumerate(where):
            if np.hypot(x - other_x, y - other_y) <= 200:
                assert part[first] == part[second]
