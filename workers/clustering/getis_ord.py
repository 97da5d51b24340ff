"""Getis-Ord statistics: do high values lie beside high values?

Getis and Ord, "The analysis of spatial association by use of distance statistics", Geographical Analysis 24 (1992).
The variance of the local statistics is theirs, W (n - 1 - W) and so on with W the sum of a place's weights: exact for
weights of 0 and 1. With row-standardised weights it is what the esda package prints, and larger than that of Ord and
Getis (Geographical Analysis 27, 1995), so that fewer places stand out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, eye_array
from scipy.spatial import cKDTree
from scipy.stats import norm

from workers.clustering.density import Floats


class GlobalG(NamedTuple):
    """G, its expectation, its standard score, and the one-sided p of the normal approximation."""

    g: float
    expected: float
    z: float
    p: float


def neighbours_within(position: Floats, distance_m: float) -> csr_array:
    """(n, n) ones between positions (n, 2) at most so many metres apart, none with itself."""
    pairs = cKDTree(position).query_pairs(distance_m, output_type="ndarray")
    both = np.vstack([pairs, pairs[:, ::-1]])
    n = len(position)
    return csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n, n))


def row_standardised(weights: csr_array) -> csr_array:
    """The same weights, each row divided by its sum; a row without neighbours stays empty."""
    sums = np.asarray(weights.sum(axis=1)).ravel()
    return csr_array(weights / np.where(sums > 0, sums, 1.0)[:, None])


def global_g(values: Floats, weights: csr_array) -> GlobalG:
    """The general G of values (n,) above 0, n > 3, with its moments under randomisation (Getis and Ord 1992)."""
    n = len(values)
    total = float(weights.sum())
    s1 = float(((weights + weights.T).power(2)).sum()) / 2
    rows, columns = (np.asarray(weights.sum(axis=axis)).ravel() for axis in (1, 0))
    s2 = float(((rows + columns) ** 2).sum())
    m1, m2, m3, m4 = (float((values**power).sum()) for power in (1, 2, 3, 4))
    g = float(values @ (weights @ values)) / (m1**2 - m2)
    expected = total / (n * (n - 1))
    b0 = (n**2 - 3 * n + 3) * s1 - n * s2 + 3 * total**2
    b1 = -((n**2 - n) * s1 - 2 * n * s2 + 6 * total**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * total**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * total**2
    b4 = s1 - s2 + total**2
    moments = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    square = moments / ((m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3))
    z = (g - expected) / math.sqrt(square - expected**2)
    return GlobalG(g, expected, z, float(norm.sf(abs(z))))


def local_gi(values: Floats, weights: csr_array) -> Floats:
    """(n,) standard scores of Gi: each place's neighbours without itself. NaN where all others are alike."""
    n = len(values)
    sums = np.asarray(weights.sum(axis=1)).ravel()
    mean = (values.sum() - values) / (n - 1)
    variance = ((values**2).sum() - values**2) / (n - 1) - mean**2
    spread = variance * ((n - 1) * sums - sums**2) / (n - 2)
    return _scores(weights @ values - sums * mean, spread)


def local_gi_star(values: Floats, weights: csr_array) -> Floats:
    """(n,) standard scores of Gi*: each place with its neighbours; `weights` must hold each with itself."""
    n = len(values)
    sums = np.asarray(weights.sum(axis=1)).ravel()
    mean = values.mean()
    spread = ((values**2).mean() - mean**2) * (n * sums - sums**2) / (n - 1)
    return _scores(weights @ values - sums * mean, spread)


def with_itself(weights: csr_array) -> csr_array:
    """The same neighbours, and each place its own with weight 1."""
    return csr_array(weights + eye_array(weights.shape[0]))


def _scores(difference: Floats, variance: Floats) -> Floats:
    scores = np.full(len(difference), np.nan)
    known = variance > 0
    scores[known] = difference[known] / np.sqrt(variance[known])
    return scores
