from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from workers.clustering.trend import Trend, trend, trends, word_on_record

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


def by_months(*counts: int) -> str:
    """The trend of a place with so many cases in each 30 days, the latest last."""
    ages = [30 * back + 3 for back, count in enumerate(reversed(counts)) for _ in range(count)]
    days = np.array([AS_OF - timedelta(days=age) for age in ages], dtype="datetime64[D]")
    return trend(days, AS_OF, AS_OF - timedelta(days=30 * len(counts) - 1))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 1, 1, 1, 2, 2, 3), "rising"),  # S = 24 of 28, z = 2.92; the binomial test would say steady
        ((3, 3, 2, 2, 1, 1, 0, 1), "falling"),
        ((2, 1, 2, 1, 2, 1, 2, 1), "steady"),
        (
            (0, 0, 0, 0, 1, 1, 2, 3),
            "steady",
        ),  # seven cases are too few for months
        ((0, 1, 1, 1, 2, 2, 3), "steady"),  # seven months, too
        ((5, 5, 5, 5, 5, 0, 0, 0), "quiet"),
        ((0, 0, 0, 0, 0, 3, 4, 5), "new"),
    ],
)
def test_months_are_tested_from_eight_months_and_ten_cases_on(counts: tuple[int, ...], expected: str) -> None:
    assert by_months(*counts) == expected


def test_many_places_are_as_one_by_one() -> None:
    random = np.random.default_rng(3)
    place_of = np.concatenate([np.arange(50), random.integers(0, 50, 600)])
    days = np.datetime64(AS_OF) - random.integers(-2, 364, 650).astype("timedelta64[D]")
    since = AS_OF - timedelta(days=363)
    assert trends(days, place_of, 50, AS_OF, since) == [
        trend(days[place_of == place], AS_OF, since) for place in range(50)
    ]


def test_a_seasonal_tip_is_no_trend() -> None:
    """Hit each spring and each autumn: neither rising nor falling over the year."""
    assert by_months(1, 3, 4, 2, 0, 0, 1, 3, 4, 2, 1, 1) == "steady"


@pytest.mark.parametrize(
    ("word", "count", "listed_days_ago", "expected"),
    [
        ("new", 5, 90, "rising"),
        ("new", 4, 90, "steady"),
        ("new", 5, 89, "new"),
        ("new", 5, None, "new"),
        ("new", 5, -1, "new"),
        ("falling", 5, 400, "falling"),
        ("quiet", 5, 400, "quiet"),
    ],
)
def test_a_place_that_was_on_the_list_before_is_not_called_new(
    word: Trend, count: int, listed_days_ago: int | None, expected: str
) -> None:
    listed_on = None if listed_days_ago is None else AS_OF - timedelta(days=listed_days_ago)
    assert word_on_record(word, count, listed_on, AS_OF) == expected
