"""The spatial scan: a case worked by hand, and the published clusters of leukaemia in upstate New York."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from workers.clustering.scan import great_circle_km, poisson_scan

DATA = Path(os.environ.get("TIPWATCH_SHARED_DATA", Path(__file__).parents[3].parent / "shared/data"))
NEW_YORK = DATA / "verification_sets/nydf_leukemia.csv"


def line(places: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Distances of places one apart on a line."""
    at = np.arange(float(places))
    return np.abs(at[:, None] - at)


def test_a_cluster_worked_by_hand() -> None:
    """Ten places of 100 people with one case each, but 8 and 6 in two neighbours: 22 cases, 2.2 to expect in each."""
    cases = np.array([1, 1, 8, 6, 1, 1, 1, 1, 1, 1])
    first, *others = poisson_scan(cases, np.full(10, 100.0), line(10), draws=199, seed=3)
    assert set(first.areas) == {2, 3} and (first.cases, first.population) == (14, 200)
    assert first.expected == pytest.approx(4.4) and first.smr == pytest.approx(14 / 4.4)
    assert first.relative_risk == pytest.approx((14 / 4.4) / (8 / 17.6))
    assert first.llr == pytest.approx(14 * math.log(14 / 4.4) + 8 * math.log(8 / 17.6))
    assert first.p is not None and first.p <= 0.02
    assert others == [], "nowhere else are there more than to expect"
    again = poisson_scan(cases, np.full(10, 100.0), line(10), draws=199, seed=3)
    assert again[0] == first


def test_no_cluster_holds_more_than_half_of_the_people() -> None:
    found = poisson_scan(np.array([5, 5, 5, 0, 0, 0]), np.array([10.0, 10, 10, 10, 10, 10]), line(6))
    assert max(cluster.population for cluster in found) <= 30
    assert found[0].p is None
    assert poisson_scan(np.array([2, 2, 2]), np.ones(3), line(3)) == []


def test_a_strong_cluster_is_as_rare_as_999_draws_can_say() -> None:
    cases = np.ones(20, dtype=np.int64)
    cases[[7, 8]] = 20
    first, *_ = poisson_scan(cases, np.full(20, 50.0), line(20), draws=999, seed=2)
    assert set(first.areas) == {7, 8} and first.p == 0.001


def test_where_nobody_outside_has_a_case_the_risk_inside_is_beyond_measure() -> None:
    (only,) = poisson_scan(np.array([0, 9, 0, 0]), np.full(4, 10.0), line(4), draws=9)
    assert (only.areas, only.cases, only.expected, only.smr) == ((1,), 9, 2.25, 4.0)
    assert only.relative_risk == math.inf and only.llr == pytest.approx(9 * math.log(4))


def test_by_chance_each_p_is_as_frequent_as_it_says() -> None:
    """120 times 300 cases thrown by population over towns and villages: p of the first circle is even from 0 to 1."""
    population = np.random.default_rng(1).pareto(1.5, 15) + 0.2
    p = []
    for seed in range(120):
        cases = np.random.default_rng(100 + seed).multinomial(300, population / population.sum())
        first, *_ = poisson_scan(cases, population, line(15), draws=99, seed=seed)
        assert first.p is not None and 0.01 <= first.p <= 1
        p.append(first.p)
    assert kstest(p, "uniform").pvalue > 0.05


def test_the_earth_is_round() -> None:
    away = great_circle_km(np.array([0.0, 0.0, 90.0]), np.array([0.0, 180.0, 0.0]))
    assert away[0] == pytest.approx([0, math.pi * 6367, math.pi * 6367 / 2])


def test_leukaemia_in_upstate_new_york() -> None:
    """The clusters of the smerc package's tests, which were written to agree with SaTScan."""
    if not NEW_YORK.exists():
        print(f"The New York cases are not in {DATA}: the clusters worked by hand above stand alone.")  # noqa: T201
        return
    with NEW_YORK.open() as file:
        rows = list(csv.DictReader(file))
    cases = np.array([int(float(row["cases"])) for row in rows])
    population = np.array([float(row["population"]) for row in rows])
    away = great_circle_km(
        *(np.array([float(row[name]) for row in rows]) for name in ("latitude", "longitude"))
    )
    assert (len(rows), int(cases.sum()), population.sum()) == (281, 552, 1_057_673)
    found = poisson_scan(cases, population, away, draws=999, seed=1)
    written = [
        (
            c.centre + 1, len(c.areas), c.population, c.cases,
            *(f"{value:.2f}" for value in (c.expected, c.smr, c.relative_risk, c.llr)),
        )
        for c in found[:3]
    ]  # fmt: skip
    assert written == [
        (52, 31, 119_050, 106, "62.13", "1.71", "1.87", "14.78"),
        (88, 9, 40_696, 42, "21.24", "1.98", "2.06", "8.29"),
        (113, 16, 45_667, 44, "23.83", "1.85", "1.92", "7.20"),
    ]
    first, second, third = (cluster.p or 0 for cluster in found[:3])
    assert first == 0.001, "not one of 999 draws has as much"
    assert second < 0.05 < third, (
        "the 95 % point of the greatest by chance is 8.00, between their 8.29 and 7.20"
    )
