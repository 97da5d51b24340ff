"""The values of the esda package's own tests and documents, to the digits in which they were written down."""

from __future__ import annotations

import numpy as np
import shapely

from workers.clustering.baselines import gi_star
from workers.clustering.getis_ord import (
    global_g,
    local_gi,
    local_gi_star,
    neighbours_within,
    row_standardised,
    with_itself,
)
from workers.clustering.raster import Raster

POSITION = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
VALUES = np.array([2, 3, 3.2, 5, 8, 7])


def eight(scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    return [f"{score:.8f}" for score in scores]


def test_the_general_g() -> None:
    found = global_g(VALUES, neighbours_within(POSITION, 15))
    assert (f"{found.g:.8f}", f"{found.expected:.8f}") == ("0.55709779", "0.46666667")
    assert (f"{found.z:.8f}", f"{found.p:.6f}") == ("0.94262780", "0.172936")


def test_gi_of_the_neighbours_alone() -> None:
    weights = neighbours_within(POSITION, 15)
    assert eight(local_gi(VALUES, weights)) == [
        "-1.01367290", "-0.04361589", "1.31558703", "-0.31412676", "1.15373986", "1.77833941",
    ]  # fmt: skip
    assert f"{local_gi(VALUES, row_standardised(weights))[0]:.8f}" == "-0.62074534"


def test_gi_star_of_each_with_its_neighbours() -> None:
    weights = with_itself(neighbours_within(POSITION, 15))
    assert eight(local_gi_star(VALUES, weights)) == [
        "-1.39727626", "-0.28917762", "0.65064964", "-0.28917762", "1.23452088", "2.02424331",
    ]  # fmt: skip
    assert f"{local_gi_star(VALUES, row_standardised(weights))[0]:.8f}" == "-0.62488094"


def test_equal_values_have_no_score_and_weights_are_not_changed() -> None:
    weights = neighbours_within(POSITION, 15)
    before = weights.toarray().copy()
    row_standardised(weights)
    with_itself(weights)
    assert (weights.toarray() == before).all()
    assert np.isnan(local_gi_star(np.ones(6), with_itself(weights))).all()


def test_the_baselines_order_is_that_of_gi_star() -> None:
    raster = Raster.over(shapely.box(0, 0, 1_000, 1_000), 100.0)
    position = np.random.default_rng(1).uniform(0, 1_000, (150, 2))
    counts = np.bincount(raster.cell_of(position), minlength=100).astype(float)
    # One more row and column of empty squares around, as the baseline counts them.
    framed = np.pad(counts.reshape(10, 10), 1)
    centres = np.array([(x, y) for y in range(12) for x in range(12)], dtype=float)
    scores = local_gi_star(framed.ravel(), with_itself(neighbours_within(centres, 1.5))).reshape(12, 12)
    mine, theirs = gi_star(raster, position, 100.0), scores[1:-1, 1:-1].ravel()
    assert (np.sign(mine[:, None] - mine) == np.sign(np.round(theirs[:, None] - theirs, 9))).all()
    assert mine[0] == framed[:3, :3].sum()
