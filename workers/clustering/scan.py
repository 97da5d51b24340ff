"""Kulldorff's spatial scan statistic with Poisson counts: the circle least likely to be chance, and how likely it is.

Kulldorff, "A spatial scan statistic", Communications in Statistics 26 (1997). Over all circles around the areas that
hold at most a share of the population, the log likelihood ratio c log(c/e) + (C-c) log((C-c)/(C-e)) where more cases c
than the expected e are inside, C being all cases. Its p is that of the greatest ratio among random draws of the cases.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from workers.clustering.density import Floats, Ints

Bools = NDArray[np.bool_]

MOST_OF_POPULATION = 0.5
EARTH_RADIUS_KM = 6_367.0


class Cluster(NamedTuple):
    """A circle: the area at its centre, the areas in it (nearest first), cases, expected, relative risk, ratio, p."""

    centre: int
    areas: tuple[int, ...]
    population: float
    cases: int
    expected: float
    smr: float
    relative_risk: float
    llr: float
    p: float | None


def great_circle_km(lat: Floats, lon: Floats) -> Floats:
    """(n, n) distances between positions in degrees, by the haversine formula."""
    phi, lam = np.radians(lat), np.radians(lon)
    half = np.sin((phi[:, None] - phi) / 2) ** 2
    half += np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    distances: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return distances


def poisson_scan(
    cases: Ints,
    population: Floats,
    distance: Floats,
    *,
    draws: int = 0,
    seed: int = 1,
    most: float = MOST_OF_POPULATION,
) -> list[Cluster]:
    """Clusters without a common area, greatest ratio first.

    cases, population: (n,) of each area; distance: (n, n) between them, in any unit. `draws`: how many times all
    cases are thrown by population for p (0: no p).
    """
    order = np.argsort(distance, axis=1, kind="stable")
    inside = np.cumsum(population[order], axis=1)
    allowed = inside <= population.sum() * most
    total = int(cases.sum())
    expected = inside * total / population.sum()
    ratios = _ratios(np.cumsum(cases[order], axis=1), expected, total, allowed)
    by_chance = _greatest_by_chance(order, population, expected, total, allowed, draws, seed)
    found: list[Cluster] = []
    taken = np.zeros(len(cases), dtype=bool)
    for flat in np.argsort(-ratios, axis=None, kind="stable"):
        centre, size = divmod(int(flat), len(cases))
        if ratios[centre, size] <= 0:
            break
        areas = order[centre, : size + 1]
        if not taken[areas].any():
            taken[areas] = True
            counted, mean = int(cases[areas].sum()), float(expected[centre, size])
            llr = float(ratios[centre, size])
            found.append(Cluster(
                centre, tuple(areas.tolist()), float(inside[centre, size]), counted, mean, counted / mean,
                (counted / mean) / ((total - counted) / (total - mean)) if total > counted else math.inf, llr,
                float((1 + (by_chance >= llr).sum()) / (1 + draws)) if draws else None,
            ))  # fmt: skip
    return found


def _ratios(counted: Ints, expected: Floats, total: int, allowed: Bools) -> Floats:
    """(n, n) log likelihood ratios, 0 where a circle is too large or holds no more than is expected."""
    higher = allowed & (counted > expected)
    rest, rest_expected = total - counted, np.maximum(total - expected, 1e-300)
    ratio = xlogy(counted, counted / expected) + xlogy(rest, rest / rest_expected)
    ratios: Floats = np.where(higher, ratio, 0.0)
    return ratios


def _greatest_by_chance(
    order: Ints, population: Floats, expected: Floats, total: int,
    allowed: Bools, draws: int, seed: int,
) -> Floats:  # fmt: skip
    """(draws,) the greatest ratio of each draw."""
    random = np.random.default_rng(seed)
    share = population / population.sum()
    return np.array([
        _ratios(np.cumsum(random.multinomial(total, share)[order], axis=1), expected, total, allowed).max()
        for _ in range(draws)
    ])  # fmt: skip
