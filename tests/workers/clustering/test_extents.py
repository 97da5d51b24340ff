"""The smallest circles around many groups at once are those of the geometry library, one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from workers.clustering.extents import extents

Spot = tuple[float, float]
ANYWHERE = st.floats(-100, 100).map(lambda metres: round(metres, 3))


def group(axis: st.SearchStrategy[float]) -> st.SearchStrategy[list[Spot]]:
    return st.lists(st.tuples(axis, axis), min_size=1, max_size=12)


@given(st.lists(st.one_of(group(ANYWHERE), group(st.integers(0, 4).map(float))), min_size=1, max_size=8))
def test_the_smallest_circle_around_each_group(groups: list[list[Spot]]) -> None:
    sizes = np.array([len(spots) for spots in groups])
    position = np.array([spot for spots in groups for spot in spots])
    found = extents(position, np.cumsum(sizes) - sizes)
    expected = [2 * shapely.minimum_bounding_radius(shapely.MultiPoint(spots)) for spots in groups]
    assert found == pytest.approx(expected, abs=1e-6)


def test_known_circles() -> None:
    square = [(0, 0), (6, 0), (6, 8), (0, 8)]
    flat = [(0, 0), (3, 4), (6, 8), (3, 4)]
    alone = [(5, 5), (5, 5)]
    position = np.array([*square, *flat, *alone, (1, 1)], dtype=float)
    assert extents(position, np.array([0, 4, 8, 10])).tolist() == [10, 10, 0, 0]
