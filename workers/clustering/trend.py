"""How a place is going, in five words: new, rising, steady, falling, quiet."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import numpy as np
from scipy.special import bdtr

from workers.clustering.points import Days

Trend = Literal["new", "rising", "steady", "falling", "quiet"]

PERIOD_DAYS = 90
LEVEL = 0.10


def trend(days: Days, as_of: date) -> Trend:
    """The word for a place whose cases were seen on these days (datetime64[D], at least one).

    quiet: none in the 90 days that end on `as_of`; new: none before these; else those 90 days against the 90
    before by the conditional binomial test, two-sided at 10 % (Przyborowski and Wilenski 1940): given their
    sum, each case is as likely in one as in the other.
    """
    start = np.datetime64(as_of - timedelta(days=PERIOD_DAYS))
    before = np.datetime64(as_of - timedelta(days=2 * PERIOD_DAYS))
    recent = int((days > start).sum())
    earlier = int(((days > before) & (days <= start)).sum())
    if recent == 0:
        return "quiet"
    if recent == len(days):
        return "new"
    if 2 * bdtr(min(recent, earlier), recent + earlier, 0.5) > LEVEL:
        return "steady"
    return "rising" if recent > earlier else "falling"
