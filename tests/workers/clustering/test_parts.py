"""Part by part as all at once, to the last digit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.clustering.parts import find_places_in_parts, parts
from workers.clustering.places import find_places
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


def test_a_country_in_tiles_is_the_country_at_once() -> None:
    for seed, half_life in ((1, None), (2, 180.0)):
        points = country(seed, 40, 3_000)
        options: dict[str, Any] = {
            "radius_m": 100.0,
            "min_count": 2,
            "half_life_days": half_life,
            "as_of": AS_OF,
        }
        whole = find_places(points, **options)
        assert len(set(parts(points, 100.0, 10_000).tolist())) > 20
        with ThreadPoolExecutor(2) as pool:
            for tile_m, spread in ((10_000.0, map), (3_000.0, pool.map), (1e6, map)):
                assert find_places_in_parts(points, tile_m=tile_m, spread=spread, **options) == whole


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
