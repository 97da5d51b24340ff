"""Values of the pymannkendall package (original test), to the digits in which they were written down."""

from __future__ import annotations

import numpy as np
import pytest

from workers.clustering.mann_kendall import mann_kendall, standard_scores


def test_one_to_ten() -> None:
    found = mann_kendall(np.arange(1.0, 11.0))
    assert (found.s, found.variance) == (45, 125)
    assert f"{found.z:.4f}" == "3.9355" and f"{found.p:.2e}" == "8.30e-05"
    assert (found.tau, found.slope) == (1, 1)


def test_a_rise_with_setbacks() -> None:
    found = mann_kendall(np.array([5.0, 7, 9, 8, 12, 11, 14, 13, 18, 20, 19, 25]))
    assert found.s == 58
    assert (f"{found.variance:.3f}", f"{found.z:.4f}") == ("212.667", "3.9086")
    assert (f"{found.p:.2e}", f"{found.tau:.4f}", found.slope) == ("9.28e-05", "0.8788", 1.6)


def test_ties_lessen_the_variance_and_equal_values_have_no_trend() -> None:
    # Two ties of three and one of two: (8*7*21 - 2*3*2*11 - 2*1*9) / 18.
    found = mann_kendall(np.array([1.0, 1, 1, 2, 2, 3, 3, 3]))
    assert found.variance == pytest.approx((8 * 7 * 21 - 2 * 3 * 2 * 11 - 2 * 9) / 18)
    flat = mann_kendall(np.array([4.0, 4, 4]))
    assert (flat.s, flat.variance, flat.z, flat.p, flat.slope) == (0, 0, 0, 1, 0)


def test_many_at_once_are_as_one_by_one() -> None:
    series = np.random.default_rng(1).integers(0, 5, (40, 12)).astype(float)
    _, _, z = standard_scores(series)
    assert z == pytest.approx([mann_kendall(row).z for row in series])
    falling = mann_kendall(series[0][::-1])
    assert falling.z == pytest.approx(-z[0]) and falling.s == -mann_kendall(series[0]).s
