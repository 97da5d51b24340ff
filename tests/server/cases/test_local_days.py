"""The days of very many moments by the council's own clock, as those of each alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from server.cases.opening import cell_of, cells_around, local_day, local_days


def test_of_many_moments_as_of_each() -> None:
    # Every half hour and its last second of two years, in which the clocks go forward and back twice.
    first = datetime(2025, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(minutes=30 * half) for half in range(2 * 365 * 48)]
    moments += [moment - timedelta(seconds=0.5) for moment in moments]
    found = local_days(np.array([moment.timestamp() for moment in moments]))
    assert found.tolist() == [local_day(moment) for moment in moments]
    assert len(local_days(np.empty(0))) == 0


def test_the_squares_around_a_point_are_all_that_reach_so_far() -> None:
    east, north = 430_999.0, 290_001.0
    assert len(cells_around(east, north)) == 9
    within = cells_around(east, north, 4_500.0)
    random = np.random.default_rng(1)
    for x, y in random.uniform(-4_500, 4_500, (500, 2)).tolist():
        assert cell_of(east + x, north + y) in within
    assert len(set(within)) == len(within) == 121
