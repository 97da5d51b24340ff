from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workers.clustering.collapse import Join, Open, OpenCase, Sighting, Suggest, collapse

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
E, N = 430965.042, 297615.603
REPORT = Sighting("fly_tip", E, N, 8.0, SEEN)
CASE = OpenCase("case-1", "fly_tip", E, N, 10.0, SEEN, SEEN, SEEN)


def case_at(
    east_m: float, north_m: float = 0.0, id: str = "case-1", accuracy_m: float | None = 10.0
) -> OpenCase:
    return replace(CASE, id=id, easting=E + east_m, northing=N + north_m, accuracy_m=accuracy_m)


def test_nothing_open() -> None:
    assert collapse(REPORT, []) == Open()


@pytest.mark.parametrize(
    ("east_m", "joins"), [(0, True), (29.9, True), (30, True), (30.001, False), (-30, True), (31, False)]
)
def test_joins_up_to_30_m(east_m: float, joins: bool) -> None:
    assert isinstance(collapse(REPORT, [case_at(east_m)]), Join) is joins


@pytest.mark.parametrize(
    ("first", "last", "joins"),
    [
        (-3 * DAY, 3 * DAY, True),
        (-9 * DAY, -7 * DAY, True),
        (-9 * DAY, -7 * DAY - timedelta(seconds=1), False),
        (7 * DAY, 9 * DAY, True),
        (7 * DAY + timedelta(seconds=1), 9 * DAY, False),
    ],
)
def test_joins_within_7_days_of_the_span_of_the_case(first: timedelta, last: timedelta, joins: bool) -> None:
    case = replace(CASE, first_seen_at=SEEN + first, last_seen_at=SEEN + last)
    expected = Join if joins else Suggest
    assert isinstance(collapse(REPORT, [case]), expected)


@pytest.mark.parametrize(
    ("own", "its", "joins"),
    [(30, 30, True), (30.1, 5, False), (5, 30.1, False), (None, 5, False), (5, None, False), (0, 0, True)],
)
def test_joins_only_when_both_positions_are_accurate(
    own: float | None, its: float | None, joins: bool
) -> None:
    verdict = collapse(replace(REPORT, accuracy_m=own), [replace(CASE, accuracy_m=its)])
    assert verdict == Suggest(("case-1",)) or joins
    assert isinstance(verdict, Join) is joins


def test_another_kind_is_never_the_same() -> None:
    assert collapse(REPORT, [replace(CASE, kind="incident")]) == Open()


@pytest.mark.parametrize(
    ("own", "its", "east_m", "suggested"),
    [
        (5, 5, 30, True),  # accurate and near, but of another month
        (5, 5, 30.1, False),
        (40, 20, 60, True),
        (40, 20, 60.1, False),
        (None, 5, 100, True),
        (None, 5, 100.1, False),
        (None, None, 100, True),
        (None, 250, 250, True),
        (400, 400, 500, True),
        (400, 400, 500.1, False),
    ],
)
def test_suggests_as_far_as_the_positions_may_be_wrong(
    own: float | None, its: float | None, east_m: float, suggested: bool
) -> None:
    report = replace(REPORT, accuracy_m=own, seen_at=SEEN + 30 * DAY)
    expected = Suggest(("case-1",)) if suggested else Open()
    assert collapse(report, [case_at(east_m, accuracy_m=its)]) == expected


def test_nearest_then_oldest_then_id_whatever_the_order() -> None:
    nearest = [case_at(20, id="a"), case_at(0, 10, id="b"), case_at(25, id="c")]
    older = [replace(case_at(10, id="a")), replace(case_at(0, 10, id="b"), opened_at=SEEN - DAY)]
    by_id = [case_at(10, id="b"), case_at(-10, id="a"), case_at(0, 10, id="c")]
    for cases, winner in ((nearest, "b"), (older, "b"), (by_id, "a")):
        for order in itertools.permutations(cases):
            verdict = collapse(REPORT, order)
            assert isinstance(verdict, Join) and verdict.case_id == winner


def test_a_case_that_can_be_joined_wins_over_a_nearer_one_that_cannot() -> None:
    vague = case_at(2, id="vague", accuracy_m=None)
    verdict = collapse(REPORT, [vague, case_at(25, id="sure")])
    assert isinstance(verdict, Join) and verdict.case_id == "sure"


def test_at_most_five_suggestions_nearest_first() -> None:
    report = replace(REPORT, accuracy_m=None)
    cases = [case_at(metres, id=f"{metres:03d}") for metres in (70, 10, 60, 20, 50, 30, 40)]
    assert collapse(report, cases) == Suggest(("010", "020", "030", "040", "050"))


def test_without_a_position_nothing_can_be_told() -> None:
    assert collapse(replace(REPORT, easting=None, northing=None), [CASE]) == Open()
    assert collapse(REPORT, [replace(CASE, easting=None, northing=None)]) == Open()


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(0), "between its first and last sighting"),
        (timedelta(hours=5), "less than a day after this case was last seen"),
        (DAY, "1 day after this case was last seen"),
        (-3 * DAY, "3 days before this case was first seen"),
    ],
)
def test_says_why(after: timedelta, words: str) -> None:
    verdict = collapse(replace(REPORT, seen_at=SEEN + after), [case_at(12)])
    assert verdict == Join("case-1", f"Same kind, 12 m away, {words}; both positions are accurate to 30 m.")
