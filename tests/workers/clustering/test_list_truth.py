"""Tips with a known truth as the list tells them, year after year and month after month; and one hit more, anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.clustering.identity import KnownPlace, ListedPlace, match_places
from workers.clustering.places import HotPlace, find_places
from workers.clustering.points import Point, Points

WINDOW = timedelta(days=365)
EAST, NORTH = 430_000.0, 297_000.0


def hits(days: Iterable[tuple[date, float]], name: str) -> list[Point]:
    """A case on each of these days, so many metres along a lane, as far off as a phone's position is."""
    random = np.random.default_rng(3)
    return [
        Point(
            f"{name}-{number:03d}",
            EAST + along + random.normal(0, 5),
            NORTH + random.normal(0, 5),
            day,
            1.0,
            8.0,
        )
        for number, (day, along) in enumerate(days)
    ]


class Lists:
    """Lists of one council, each as of its day with a window of a year, and the identities that they keep."""

    def __init__(self, points: list[Point]) -> None:
        self._points = points
        self._known: dict[str, KnownPlace] = {}

    def as_of(self, day: date) -> dict[str, HotPlace]:
        """The list of a day by identity."""
        seen = [point for point in self._points if day - WINDOW < point.day <= day]
        listed = find_places(Points.of(seen), min_count=2, as_of=day, since=day - WINDOW) if seen else []
        shapes = [ListedPlace(place.easting, place.northing, frozenset(place.members)) for place in listed]
        kept = match_places(list(self._known.values()), shapes).ids
        found = {
            name or f"{day} {number}": place
            for number, (name, place) in enumerate(zip(kept, listed, strict=True))
        }
        self._known = {
            **{
                name: KnownPlace(name, k.easting, k.northing, frozenset(), True)
                for name, k in self._known.items()
            },
            **{
                name: KnownPlace(name, place.easting, place.northing, frozenset(place.members))
                for name, place in found.items()
            },
        }
        return found


def autumn(year: int) -> list[tuple[date, float]]:
    """A case every nine days of October and November."""
    return [(date(year, 10, 1) + timedelta(days=9 * number), 0.0) for number in range(7)]


def test_a_tip_of_every_autumn_is_one_place_for_years() -> None:
    lists = Lists(hits([day for year in range(2022, 2026) for day in autumn(year)], "autumn"))
    assert lists.as_of(date(2022, 10, 5)) == {}, "one case is no place"
    ((identity, first),) = lists.as_of(date(2022, 12, 1)).items()
    assert (first.count, first.trend) == (7, "new")
    for year in (2023, 2024, 2025):
        for day, count, trend in (
            (date(year, 3, 1), 7, "quiet"),  # nothing in 90 days, and on the list all the same
            (date(year, 9, 25), 7, "quiet"),
            (
                date(year, 10, 25),
                7,
                "steady",
            ),  # three and four: those of last November are still in the window
            (date(year, 12, 1), 7, "new"),  # the word speaks of the window, in which there is nothing older
        ):
            ((name, place),) = lists.as_of(day).items()
            assert (name, place.count, place.trend) == (identity, count, trend), day
    assert lists.as_of(date(2026, 12, 20)) == {}, "after a year without one it is off the list"


def test_a_tip_that_moves_along_a_lane_is_on_the_list_wherever_it_is() -> None:
    begin = date(2025, 1, 1)
    # Three cases a month, and 60 m on with each month: 660 m in a year.
    points = hits([(begin + timedelta(days=30 * month + 9 * hit), 60.0 * month)
                   for month in range(24) for hit in range(3)], "moving")  # fmt: skip
    lists, before = Lists(points), dict[str, HotPlace]()
    for month in range(24):
        day = begin + timedelta(days=30 * month + 20)
        listed = lists.as_of(day)
        seen = {point.id for point in points if day - WINDOW < point.day <= day}
        newest = points[3 * month + 2]
        here = [name for name, place in listed.items() if newest.id in place.members]
        assert len(here) == 1, f"where it is now is on the list: {day}"
        assert all(place.extent_m <= 200 for place in listed.values())
        assert len(seen) - sum(place.count for place in listed.values()) <= 1, "next to nothing is left out"
        if before:
            # Most places that were on the list are on it under the name they had.
            assert len(before.keys() & listed.keys()) >= len(before) - 1
        before = listed
    assert len(before) >= 3, "a lane of 660 m is not one place, nor two"
    oldest = min(before.values(), key=lambda place: place.easting)
    assert oldest.trend == "quiet" and max(before.values(), key=lambda place: place.easting).trend != "quiet"


AS_OF = date(2025, 12, 31)
# Spots of a lane or estate, so far apart that no disc reaches from one to the next; on each up to six cases.
offset = st.integers(-20, 20)
case = st.tuples(offset, offset, st.integers(0, 300), st.sampled_from([1.0, 2.0, 4.0]))
spots = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.lists(case, min_size=1, max_size=6),
    min_size=1,
    max_size=6,
)


def listed(points: list[Point], half_life: float | None) -> list[HotPlace]:
    return find_places(Points.of(points), min_count=2, half_life_days=half_life, as_of=AS_OF)


@given(spots, st.sampled_from([None, 90.0]), offset, offset, st.data())
def test_one_more_hit_where_a_place_is_lowers_nothing_of_it(
    rows: dict[tuple[int, int], list[tuple[int, int, int, float]]], half_life: float | None, east: int, north: int,
    data: st.DataObject,
) -> None:  # fmt: skip
    points = [
        Point(
            f"{spot}{number}",
            EAST + 320 * spot[0] + x,
            NORTH + 320 * spot[1] + y,
            AS_OF - timedelta(age),
            weight,
            None,
        )
        for spot, cases in rows.items()
        for number, (x, y, age, weight) in enumerate(cases)
    ]
    before = listed(points, half_life)
    if not before:
        return
    place = data.draw(st.sampled_from(before))
    day = AS_OF - timedelta(days=data.draw(st.integers(0, (AS_OF - place.last).days)))
    extra = Point("extra", place.easting + east, place.northing + north, day, 1.0, None)
    after = listed([*points, extra], half_life)
    (same,) = (each for each in after if "extra" in each.members)
    assert set(same.members) == {*place.members, "extra"}
    assert same.count == place.count + 1 and same.score > place.score and same.rank <= place.rank
    others = {each.members: each.score for each in before if each is not place}
    assert {each.members: each.score for each in after if each is not same} == others


@pytest.mark.parametrize("half_life", [None, 90.0])
def test_in_a_crowd_one_hit_more_lowers_no_place_that_it_is_in(half_life: float | None) -> None:
    """Places side by side, on each another hit: wherever the disc goes, it is as high up and weighs that hit more."""
    random, tried = np.random.default_rng(0), 0
    for _ in range(150):
        spread = random.uniform(0, random.choice([150, 300, 700]), (random.integers(5, 31), 2)).round(3)
        points = [
            Point(f"{n:03d}", EAST + x, NORTH + y, AS_OF - timedelta(int(random.integers(0, 300))), 1.0, None)
            for n, (x, y) in enumerate(spread)
        ]
        before = listed(points, half_life)
        for place in before:
            extra = Point("extra", place.easting, place.northing, AS_OF, 1.0, None)
            after = listed([*points, extra], half_life)
            same = next(each for each in after if "extra" in each.members)
            assert same.score >= place.score + 1 - 1e-6 and same.rank <= place.rank
            assert half_life or same.count > place.count
            tried += 1
    assert tried > 400
