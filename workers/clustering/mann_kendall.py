"""Is a series going up or down? The test of Mann (Econometrica 13, 1945) and Kendall; Sen's slope (JASA 63, 1968)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from workers.clustering.density import Floats


class MannKendall(NamedTuple):
    """S, its variance with ties, z with the correction for continuity, two-sided p, tau, and the slope a step."""

    s: int
    variance: float
    z: float
    p: float
    tau: float
    slope: float


def mann_kendall(series: Floats) -> MannKendall:
    """The test of one series (n,) of equally spaced values, n > 1."""
    series = np.asarray(series, dtype=float)
    s, variance, z = (values[0] for values in standard_scores(series[None, :]))
    later, earlier = np.triu_indices(len(series), 1)[::-1]
    slopes = (series[later] - series[earlier]) / (later - earlier)
    pairs = len(series) * (len(series) - 1) / 2
    p = 2 * float(ndtr(-abs(z)))
    return MannKendall(int(s), float(variance), float(z), p, float(s / pairs), float(np.median(slopes)))


def standard_scores(series: Floats) -> tuple[Floats, Floats, Floats]:
    """S, its variance and z of many series (k, n) at once, (k,) each; z is 0 where all values are equal.

    Var S = (n (n-1) (2n+5) - sum over ties t (t-1) (2t+5)) / 18 (Kendall, Rank Correlation Methods, 1975). A value
    tied t times is met t times in the sum over values, so each adds (t-1) (2t+5).
    """
    n = series.shape[1]
    signs = np.sign(series[:, None, :] - series[:, :, None])
    s = np.triu(signs).sum(axis=(1, 2))
    tied = (signs == 0).sum(axis=2)
    variance = (n * (n - 1) * (2 * n + 5) - ((tied - 1) * (2 * tied + 5)).sum(axis=1)) / 18
    z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    return s, variance, z
