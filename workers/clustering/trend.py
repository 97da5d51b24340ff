"""How a place is going, in five words: new, rising, steady, falling, quiet."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
from scipy.special import bdtr

from workers.clustering.density import Floats, Ints
from workers.clustering.mann_kendall import standard_scores
from workers.clustering.points import Days

Trend = Literal["new", "rising", "steady", "falling", "quiet"]

PERIOD_DAYS = 90
LEVEL = 0.10
# From so many cases over so many months on, the months are tested; they are 30 days, counted back.
MONTH_DAYS = 30
MONTHS_AT_LEAST = 8
MONTHS_AT_MOST = 12
CASES_AT_LEAST = 10
# The standard normal's two-sided point at 10 %.
_CRITICAL = 1.6448536269514722
# So many series are compared at once.
_AT_ONCE = 20_000


def trend(days: Days, as_of: date, since: date | None = None) -> Trend:
    """The word for a place whose cases were seen on these days (datetime64[D], at least one), as `trends` has it."""
    return trends(days, np.zeros(len(days), dtype=np.int64), 1, as_of, since)[0]


def trends(days: Days, place_of: Ints, places: int, as_of: date, since: date | None = None) -> list[Trend]:
    """The words for places 0, 1, ...; each case has a day and the place it is of, each place at least one case.

    quiet: none in the 90 days that end on `as_of`; new: none before these. Else, when at least 8 months since
    `since` (the first day that was looked at) are known and the place had 10 cases in the last 12 of them, by the
    Mann-Kendall test of the months; else by the conditional binomial test of those 90 days against the 90 before
    (Przyborowski and Wilenski 1940): given their sum, each case is as likely in one as in the other. Both are
    two-sided at 10 %. Days after `as_of` count as that day.
    """
    age = np.maximum((np.datetime64(as_of) - days).astype(np.int64), 0)
    total = np.bincount(place_of, minlength=places)
    recent = np.bincount(place_of[age < PERIOD_DAYS], minlength=places)
    earlier = np.bincount(place_of[(age >= PERIOD_DAYS) & (age < 2 * PERIOD_DAYS)], minlength=places)
    likely = 2 * bdtr(np.minimum(recent, earlier), np.maximum(recent + earlier, 1), 0.5)
    direction = np.where(likely <= LEVEL, np.sign(recent - earlier), 0)
    months = 0 if since is None else min(((as_of - since).days + 1) // MONTH_DAYS, MONTHS_AT_MOST)
    if months >= MONTHS_AT_LEAST:
        _by_months(direction, age // MONTH_DAYS, place_of, months)
    words: dict[int, Trend] = {-1: "falling", 0: "steady", 1: "rising"}
    return [
        "quiet" if now == 0 else "new" if now == all_of_them else words[sign]
        for now, all_of_them, sign in zip(recent.tolist(), total.tolist(), direction.tolist(), strict=True)
    ]


def word_on_record(word: Trend, count: int, listed_on: date | None, as_of: date) -> Trend:
    """The word for a place of `count` cases that was first on a list on `listed_on`, None for never.

    `new` speaks of the cases that were looked at. A place that was on the list before the 90 days, and has none but
    cases of these now, has come back: their number is held against none in the 90 days before.
    """
    if word != "new" or listed_on is None or (as_of - listed_on).days < PERIOD_DAYS:
        return word
    return "rising" if 2 * 0.5**count <= LEVEL else "steady"


def _by_months(direction: Ints | Floats, month: Ints, place_of: Ints, months: int) -> None:
    """Put the direction that the months show where a place has cases enough for that."""
    within = month < months
    many = np.flatnonzero(np.bincount(place_of[within], minlength=len(direction)) >= CASES_AT_LEAST)
    row_of = np.full(len(direction), -1, dtype=np.int64)
    row_of[many] = np.arange(len(many))
    kept = within & (row_of[place_of] >= 0)
    # The latest month is the last of the series.
    flat = row_of[place_of[kept]] * months + months - 1 - month[kept]
    counts = np.bincount(flat, minlength=len(many) * months).reshape(len(many), months).astype(float)
    for start in range(0, len(many), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        _, _, z = standard_scores(counts[part])
        direction[many[part]] = np.where(np.abs(z) > _CRITICAL, np.sign(z), 0)
