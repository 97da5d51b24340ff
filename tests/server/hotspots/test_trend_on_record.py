"""A tip of every autumn: on record for years, so no list calls it new again."""

from __future__ import annotations

from datetime import timedelta

from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import hit, listed

ONCE_A_YEAR = timedelta(days=340)
DAYS_APART = timedelta(days=9)


def test_a_place_that_comes_back_is_not_called_new(office: Office) -> None:
    hit(office, *[0, 10, 20, 0, 10, 20], apart=DAYS_APART)
    (first,) = listed(office)
    assert (first["count"], first["trend"]) == (6, "new")
    office.clock.forward(ONCE_A_YEAR)
    hit(office, *[0, 10, 20, 0, 10, 20], apart=DAYS_APART)
    (again,) = listed(office)
    assert (again["id"], again["count"], again["trend"]) == (first["id"], 6, "rising")
    assert [place["trend"] for place in listed(office, window_days=180)] == ["rising"]
    page = office.officer.get(f"/api/v1/hotspots/{first['id']}?window_days=180").get_json()
    assert page["trend"] == "rising"


def test_two_cases_are_too_few_to_call_a_place_that_comes_back_rising(office: Office) -> None:
    hit(office, 0, 10, apart=DAYS_APART)
    office.clock.forward(timedelta(days=380))
    hit(office, 0, 10, apart=DAYS_APART)
    assert [(place["count"], place["trend"]) for place in listed(office)] == [(2, "steady")]


def test_what_was_found_within_the_90_days_is_still_new(office: Office) -> None:
    hit(office, 0, 10, apart=DAYS_APART)
    hit(office, 20, apart=DAYS_APART)
    assert [place["trend"] for place in listed(office)] == ["new"]
