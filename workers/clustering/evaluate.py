"""Back-tests: each month foretold from what was known on its eve, by our surface and list and by what they must beat.

hit rate: share of the points to come that fall into the chosen area. PAI: hit rate / share of the whole area chosen
(Chainey, Tompson and Uhlig 2008). Of lists of places: the share within the radius of the centres, precision (places
with at least one point to come) and overlap (places of the month before that have one of this month's within 150 m).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.spatial import cKDTree

from workers.clustering.baselines import SURFACES, block_list, dbscan_list, kernel_density, peaks
from workers.clustering.density import Floats
from workers.clustering.places import auto_half_life, find_places
from workers.clustering.points import Points
from workers.clustering.raster import Raster
from workers.clustering.surface import FIXED, Mixture, surface

OURS = "Tipwatch"
OURS_FIXED = "Tipwatch, fixed mixture"
AREA_SHARES = (0.01, 0.05)
TOP = 20
RADIUS_M = 100.0
SAME_PLACE_M = 150.0
LIST_MONTHS = 3

Ranker = Callable[[Raster, Points, date], Floats]


@dataclass(frozen=True, slots=True)
class SurfaceScore:
    """Means over the folds: hit rates and PAI at 1 % and at 5 % of the area."""

    method: str
    hit_1: float
    pai_1: float
    hit_5: float
    pai_5: float
    folds: int


@dataclass(frozen=True, slots=True)
class ListScore:
    """Means over the folds of the twenty best places of a list against the following three months."""

    method: str
    hit: float
    pai: float
    precision: float
    overlap: float | None
    places: float
    folds: int


@dataclass(frozen=True, slots=True)
class Fold:
    """Known up to `eve`; to come: the `months` after it, up to and with `last`."""

    eve: date
    last: date


def folds(points: Points, train_months: int, months: int, most: int) -> list[Fold]:
    """The latest folds, each `months` whole months foretold from at least `train_months` before.

    The last month counts when the points go on into its last three days.
    """
    first, last = points.day.min().item(), points.day.max().item()
    month = _month_after(date(first.year, first.month, 1), train_months)
    found = []
    while (end := _month_after(month, months) - timedelta(days=1)) - timedelta(days=2) <= last:
        found.append(Fold(month - timedelta(days=1), end))
        month = _month_after(month, 1)
    return found[-most:]


def _month_after(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def evaluate_surfaces(
    raster: Raster, points: Points, chosen: Sequence[Fold], *, seed: int
) -> list[SurfaceScore]:
    """Our surface and the baselines on the same folds, best first; equal cells are put in a random order."""
    rankers: dict[str, Ranker] = {OURS: _ours, OURS_FIXED: _ours_fixed}
    rankers |= {name: _baseline(name) for name in SURFACES}
    found = []
    for method, ranker in rankers.items():
        hits = [_surface_hits(raster, points, fold, ranker, np.random.default_rng(seed)) for fold in chosen]
        one, five = np.mean(hits, axis=0)
        found.append(
            SurfaceScore(method, one, one / AREA_SHARES[0], five, five / AREA_SHARES[1], len(chosen))
        )
    return sorted(found, key=lambda score: -score.hit_1)


def _ours(raster: Raster, known: Points, eve: date) -> Floats:
    return surface(raster, known, eve).score


def _ours_fixed(raster: Raster, known: Points, eve: date) -> Floats:
    return surface(raster, known, eve, Mixture(FIXED, fitted=False)).score


def _baseline(name: str) -> Ranker:
    return lambda raster, known, _eve: SURFACES[name](raster, _position(known))


def _surface_hits(
    raster: Raster, points: Points, fold: Fold, ranker: Ranker, random: np.random.Generator
) -> list[float]:
    known, to_come = _split(points, fold)
    score = ranker(raster, known, fold.eve)
    best = np.lexsort((random.random(len(score)), -score))
    cell = raster.cell_of(_position(to_come))
    place = np.empty(raster.size, dtype=np.int64)
    place[best] = np.arange(raster.size)
    position_of = place[cell[cell >= 0]]
    return [float((position_of < round(share * raster.size)).sum() / len(cell)) for share in AREA_SHARES]


def _split(points: Points, fold: Fold) -> tuple[Points, Points]:
    eve, last = np.datetime64(fold.eve), np.datetime64(fold.last)
    return points.take(points.day <= eve), points.take((points.day > eve) & (points.day <= last))


def _position(points: Points) -> Floats:
    return np.column_stack([points.easting, points.northing])


def evaluate_lists(raster: Raster, points: Points, chosen: Sequence[Fold]) -> list[ListScore]:
    """Our list and the baselines' on the same folds, best first."""
    found = [_list_score(method, raster, points, chosen, lister) for method, lister in LISTERS.items()]
    return sorted(found, key=lambda score: -score.hit)


def _our_list(_raster: Raster, known: Points, eve: date) -> Floats:
    days = (eve - known.day.min().item()).days + 1
    half_life = auto_half_life(len(known) * 365 / days)
    places = find_places(known, radius_m=RADIUS_M, half_life_days=half_life, as_of=eve)[:TOP]
    return np.array([(place.easting, place.northing) for place in places]).reshape(-1, 2)


LISTERS: dict[str, Ranker] = {
    OURS: _our_list,
    "grid 100 m cells": lambda raster, known, _: block_list(raster, _position(known), 100.0, TOP),
    "grid 200 m cells": lambda raster, known, _: block_list(raster, _position(known), 200.0, TOP),
    "KDE 50 m peaks": lambda raster, known, _: peaks(
        raster, kernel_density(raster, _position(known), 50.0), SAME_PLACE_M, TOP
    ),
    "DBSCAN 50 m, min 3": lambda _, known, __: dbscan_list(_position(known), 50.0, 3, TOP),
    "DBSCAN 100 m, min 5": lambda _, known, __: dbscan_list(_position(known), 100.0, 5, TOP),
}


def _list_score(
    method: str, raster: Raster, points: Points, chosen: Sequence[Fold], lister: Ranker
) -> ListScore:
    rows, overlaps = [], []
    before: Floats | None = None
    for fold in chosen:
        known, to_come = _split(points, fold)
        centres = lister(raster, known, fold.eve)
        rows.append(_list_hits(raster, centres, _position(to_come)))
        if before is not None and len(before) and len(centres):
            overlaps.append(float((cKDTree(centres).query(before)[0] <= SAME_PLACE_M).mean()))
        before = centres
    hit, pai, precision, places = np.mean(rows, axis=0)
    overlap = float(np.mean(overlaps)) if overlaps else None
    return ListScore(method, hit, pai, precision, overlap, places, len(chosen))


def _list_hits(raster: Raster, centres: Floats, to_come: Floats) -> tuple[float, float, float, float]:
    if len(centres) == 0 or len(to_come) == 0:
        return 0.0, 0.0, 0.0, float(len(centres))
    hit = float((cKDTree(centres).query(to_come)[0] <= RADIUS_M).mean())
    nearest = cKDTree(to_come).query(centres)[0]
    share = len(centres) * np.pi * RADIUS_M**2 / raster.area_m2
    return hit, hit / share, float((nearest <= RADIUS_M).mean()), float(len(centres))
