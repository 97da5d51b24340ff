from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from workers.clustering.density import gaussian_density
from workers.clustering.evaluate import OURS, OURS_FIXED, Fold, evaluate_lists, evaluate_surfaces, folds
from workers.clustering.incidents import first_reports
from workers.clustering.points import Point, Points
from workers.clustering.raster import Raster
from workers.clustering.surface import EVEN, FIXED, Component, Mixture, fit, surface

LAST = date(2024, 12, 31)
AREA = shapely.box(0, 0, 4_000, 4_000)
ONE_KERNEL = Mixture({Component(35.0, None): 1.0}, fitted=False)


def scattered(seed: int, spots: int, hits: int, noise: int) -> Points:
    """A year: `spots` hit again and again at the very spot, and noise."""
    random = np.random.default_rng(seed)
    centres = random.uniform(100, 3_900, (spots, 2))
    rows = np.vstack([np.repeat(centres, hits, axis=0), random.uniform(0, 4_000, (noise, 2))])
    days = random.integers(0, 366, len(rows))
    return Points.of(
        Point(f"{n:05d}", float(x), float(y), LAST - timedelta(days=int(age)))
        for n, ((x, y), age) in enumerate(zip(rows, days, strict=True))
    )


def test_cells_are_those_whose_middle_is_inside() -> None:
    raster = Raster.over(shapely.Polygon([(0, 0), (200, 0), (0, 200)]), 50.0)
    centres = raster.centres()
    assert raster.size == len(centres) == 6
    assert {tuple(centre) for centre in centres.tolist()} == {
        (25, 25), (75, 25), (125, 25), (25, 75), (75, 75), (25, 125),
    }  # fmt: skip
    assert raster.area_m2 == 6 * 2500
    assert (raster.cell_of(centres) == np.arange(6)).all()
    assert raster.cell_of(np.array([[175.0, 175.0], [-1.0, 10.0], [999.0, 0.0]])).tolist() == [-1, -1, -1]
    for area, cell in ((shapely.Polygon(), 50.0), (AREA, 0.0), (AREA, 0.01), (shapely.box(0, 0, 9, 9), 50.0)):
        with pytest.raises(ValueError, match="area"):
            Raster.over(area, cell)


@pytest.mark.parametrize("bandwidth", [15.0, 35.0, 75.0, 150.0, 600.0])
def test_kernels_keep_their_weight_and_shape(bandwidth: float) -> None:
    raster = Raster.over(shapely.box(0, 0, 6_000, 6_000), 50.0)
    spot = np.array([[3_025.0, 3_025.0]])
    mass = raster.spread(spot, np.array([2.0]), bandwidth)
    assert mass.sum() == pytest.approx(2.0, rel=2e-3)
    away = np.hypot(*(raster.centres() - spot).T)
    if bandwidth >= 75:
        assert mass == pytest.approx(2 * gaussian_density(away, bandwidth) * 2500, abs=0.06 * mass.max())
    assert mass.argmax() == away.argmin()


def test_the_pieces_of_an_exact_kernel_are_those_of_the_normal_distribution() -> None:
    raster = Raster.over(shapely.box(0, 0, 400, 400), 50.0)
    mass = raster.spread(np.array([[200.0, 225.0]]), np.ones(1), 25.0).reshape(8, 8)
    assert mass[4, 3] == pytest.approx(0.4772499 * 0.6826895, rel=1e-6)
    assert mass[4].sum() == pytest.approx(0.6826895, rel=1e-4)


def test_a_surface_expects_what_came_lately() -> None:
    points = scattered(1, 20, 40, 500)
    found = surface(Raster.over(AREA, 50.0), points, LAST, ONE_KERNEL)
    recent = (points.day > np.datetime64(LAST - timedelta(days=90))).sum()
    assert found.score.sum() == pytest.approx(recent / 3, rel=1e-6)
    with pytest.raises(ValueError, match="No point"):
        surface(Raster.over(AREA, 50.0), points, date(2020, 1, 1))


def test_the_order_of_the_input_changes_no_cells_order() -> None:
    points = scattered(2, 10, 20, 100)
    backwards = points.take(np.ones(len(points), dtype=bool))
    order = np.random.default_rng(1).permutation(len(points))
    shuffled = Points(
        [points.ids[i] for i in order], points.easting[order], points.northing[order], points.day[order],
        points.severity[order], points.accuracy_m[order],
    )  # fmt: skip
    raster = Raster.over(AREA, 50.0)
    assert surface(raster, shuffled, LAST, ONE_KERNEL).score == pytest.approx(
        surface(raster, backwards, LAST, ONE_KERNEL).score, rel=1e-9
    )


def test_dense_data_learn_that_the_same_spot_is_hit_again() -> None:
    mixture = fit(Raster.over(AREA, 50.0), scattered(3, 40, 60, 400), LAST)
    assert mixture.fitted and sum(mixture.weights.values()) == pytest.approx(1, abs=1e-3)
    narrow = sum(
        weight for part, weight in mixture.weights.items() if part != EVEN and (part.bandwidth_m or 0) <= 15
    )
    assert narrow > 0.6, "2,400 of 2,800 come at forty spots"


def test_few_points_keep_the_fixed_mixture() -> None:
    assert fit(Raster.over(AREA, 50.0), scattered(4, 5, 4, 40), LAST) == Mixture(FIXED, fitted=False)


def test_a_moving_tip_is_followed() -> None:
    """Until September at one gate, since then at another: the second is the better cell, though hit less often."""
    rows = [Point(f"a{n}", 1_025, 1_025, date(2024, 1, 1) + timedelta(days=4 * n)) for n in range(60)]
    rows += [Point(f"b{n}", 3_025, 3_025, date(2024, 9, 5) + timedelta(days=4 * n)) for n in range(29)]
    rows += [Point(f"n{n}", 97.0 * n % 4_000, 61.0 * n % 4_000, LAST - timedelta(days=n)) for n in range(200)]
    raster = Raster.over(AREA, 50.0)
    found = surface(raster, Points.of(rows), LAST)
    old, new = raster.cell_of(np.array([[1_025.0, 1_025.0], [3_025.0, 3_025.0]]))
    assert found.mixture.fitted and found.score.argmax() == new
    assert found.score[new] > 2 * found.score[old]


def test_folds_are_whole_months_after_enough_to_learn_from() -> None:
    points = scattered(5, 10, 30, 100)
    assert [fold.eve for fold in folds(points, 5, 1, 3)] == [
        date(2024, 9, 30),
        date(2024, 10, 31),
        date(2024, 11, 30),
    ]
    assert folds(points, 5, 1, 99)[0] == Fold(date(2024, 5, 31), date(2024, 6, 30))
    assert folds(points, 5, 3, 99)[-1] == Fold(date(2024, 9, 30), LAST)
    assert folds(points, 40, 1, 9) == []
    cut = points.take(points.day <= np.datetime64("2024-12-20"))
    assert folds(cut, 5, 1, 9)[-1].last == date(2024, 11, 30)


def test_known_scores_of_a_town_with_one_gate() -> None:
    """One gate each day and nothing else: whoever points at the gate hits all, and 1 % of 400 cells is 4 cells."""
    rows = [Point(f"{n:03d}", 505.0, 505.0, LAST - timedelta(days=n)) for n in range(366)]
    raster = Raster.over(shapely.box(0, 0, 1_000, 1_000), 50.0)
    points = Points.of(rows)
    scores = {s.method: s for s in evaluate_surfaces(raster, points, folds(points, 5, 1, 2), seed=3)}
    for name in (OURS, OURS_FIXED, "grid 50 m count", "KDE 50 m", "DBSCAN 50 m, min 3"):
        assert (scores[name].hit_1, scores[name].pai_1, scores[name].hit_5, scores[name].pai_5) == (
            1,
            100,
            1,
            20,
        )
    lists = {s.method: s for s in evaluate_lists(raster, points, folds(points, 5, 3, 2))}
    best = lists[OURS]
    assert (best.hit, best.precision, best.overlap, best.places) == (1, 1, 1, 1)
    assert best.pai == pytest.approx(1_000_000 / (np.pi * 100**2))


def test_planted_spots_are_found_by_ours_as_by_the_best() -> None:
    points = scattered(7, 120, 12, 700)
    scores = evaluate_surfaces(Raster.over(AREA, 50.0), points, folds(points, 5, 1, 1), seed=1)
    ours = next(score for score in scores if score.method == OURS)
    assert ours.hit_5 > 0.98 * max(score.hit_5 for score in scores)


def test_repeats_within_30_m_and_7_days_are_one_incident() -> None:
    rows = [
        Point("a", 0, 0, date(2024, 1, 1)), Point("b", 30, 0, date(2024, 1, 8)), Point("c", 0, 30, date(2024, 1, 15)),
        Point("d", 0, 0, date(2024, 1, 23)), Point("e", 31, 0, date(2024, 1, 2)), Point("f", 900, 0, date(2024, 1, 1)),
    ]  # fmt: skip
    assert first_reports(Points.of(rows)).tolist() == [True, False, False, True, True, True]
    assert first_reports(Points.of(rows[:0])).tolist() == []
