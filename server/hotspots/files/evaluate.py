"""Back-tests over several thinned samples, as rows of means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from server.errors import Problem
from workers.clustering.evaluate import (
    LIST_MONTHS,
    ListScore,
    SurfaceScore,
    evaluate_lists,
    evaluate_surfaces,
    folds,
)
from workers.clustering.points import Points
from workers.clustering.raster import Raster


@dataclass(frozen=True, slots=True)
class Trial:
    """How to back-test: fewest months known, most months foretold, share of points kept, samples, seed."""

    train_months: int
    folds: int
    thin: float
    draws: int
    seed: int


def back_test(
    raster: Raster, points: Points, trial: Trial
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of surfaces and of lists, best first, each figure the mean over the draws. Problem for too few months."""
    months = folds(points, trial.train_months, 1, trial.folds)
    quarters = folds(points, trial.train_months, LIST_MONTHS, trial.folds)
    if not months:
        raise Problem(
            "invalid_request",
            f"The points span too few whole months: {trial.train_months} to learn from and one to foretell are needed.",
        )
    surfaces: list[list[SurfaceScore]] = []
    lists: list[list[ListScore]] = []
    for draw in range(trial.draws):
        seed = trial.seed + draw
        kept = np.random.default_rng(seed).random(len(points)) < trial.thin
        sample = points if trial.thin == 1 else points.take(kept)
        surfaces.append(evaluate_surfaces(raster, sample, months, seed=seed))
        lists.append(evaluate_lists(raster, sample, quarters) if quarters else [])
    return _means(surfaces, "hit_1"), _means(lists, "hit")


def _means(draws: Sequence[Sequence[SurfaceScore | ListScore]], best_by: str) -> list[dict[str, Any]]:
    by_method: dict[str, list[dict[str, Any]]] = {}
    for scores in draws:
        for score in scores:
            by_method.setdefault(score.method, []).append(asdict(score))
    rows = [{name: _mean([row[name] for row in rows]) for name in rows[0]} for rows in by_method.values()]
    return sorted(rows, key=lambda row: -float(row[best_by]))


def _mean(values: Sequence[Any]) -> Any:
    if isinstance(values[0], str | int):
        return values[0]
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 5) if known else None
