from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from workers.clustering.trend import trend

AS_OF = date(2026, 11, 21)


def word(*ages: int) -> str:
    """The trend of a place whose cases are this many days old."""
    return trend(np.array([AS_OF - timedelta(days=age) for age in ages], dtype="datetime64[D]"), AS_OF)


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([0], "new"),
        ([89], "new"),
        ([90], "quiet"),
        ([90, 200, 300], "quiet"),
        ([0, 90], "steady"),
        ([0, 400], "steady"),
    ],
)
def test_edges_of_90_days(ages: list[int], expected: str) -> None:
    assert word(*ages) == expected


@pytest.mark.parametrize(
    ("recent", "earlier", "expected"),
    [
        (4, 0, "steady"),  # two-sided p = 2 / 16 = 0.125
        (5, 0, "rising"),  # 2 / 32 = 0.0625
        (6, 1, "steady"),  # 2 * 8 / 128 = 0.125
        (7, 1, "rising"),  # 2 * 9 / 256 = 0.070
        (1, 6, "steady"),
        (1, 7, "falling"),
        (10, 10, "steady"),
        (60, 40, "rising"),  # 0.057
        (59, 41, "rising"),  # 0.089
        (58, 42, "steady"),  # 0.133
    ],
)
def test_known_answers_of_the_binomial_test(recent: int, earlier: int, expected: str) -> None:
    # One case a year ago keeps the place from being new.
    assert word(*[10] * recent, *[100] * earlier, 365) == expected


def test_the_180th_day_back_is_the_last_that_counts() -> None:
    assert word(*[179] * 7, 0) == "falling"
    assert word(*[180] * 7, 0) == "steady"
