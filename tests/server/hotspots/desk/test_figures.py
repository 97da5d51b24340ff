"""When a place is hit, by the clocks on the wall; with what, to the last kind; and what it is called."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.places.imports import import_names
from server.store.clock import rfc3339
from server.store.transaction import transaction
from tests.builders import HERE, drain
from tests.server.cases.desk.office import Office, open_office
from tests.server.hotspots.ground import hit, listed
from tests.server.hotspots.many import add_cases, case_row

# A Tuesday before midnight by the sun: by the clocks it is half past midnight, on Wednesday the first of July.
LAST_OF_JUNE = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
NO_TIME = timedelta(0)


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A council whose clock stands at the last of June."""
    office = open_office(app, tmp_path)
    office.clock.moment = LAST_OF_JUNE
    return office


def place(office: Office, **query: Any) -> dict[str, Any]:
    """The one place on the list, whole."""
    (row,) = listed(office)
    return dict(office.officer.get(f"/api/v1/hotspots/{row['id']}", query_string=query).get_json())


def carried(office: Office) -> dict[str, Any]:
    """What the phones carry of it."""
    changes, _ = office.phone.pull_all()
    (known,) = (change["put"]["evidence"] for change in changes if change["type"] == "hotspot")
    return dict(known)


def test_a_place_says_the_trend_that_the_list_of_the_same_window_says(office: Office) -> None:
    # By months, the oldest first: they rise; by the last three against the three before, 7 to 3, nothing is sure.
    by_month = (0, 0, 1, 1, 1, 2, 2, 3)
    seen = [
        LAST_OF_JUNE - timedelta(days=30 * (7 - month) + 5 + nth)
        for month, number in enumerate(by_month)
        for nth in range(number)
    ]
    with office.app.app_context():
        add_cases(office.council.id, [case_row(uuid.uuid4(), 430_000, 294_000, moment) for moment in seen])
    assert office.officer.post("/api/v1/hotspots/runs").status_code == 202
    drain(office.app)
    of_list = office.officer.get("/api/v1/hotspots?window_days=240").get_json()
    assert [row["trend"] for row in of_list["items"]] == ["rising"]
    assert place(office, window_days=240)["trend"] == "rising"
    assert place(office, window_days=180)["trend"] == "steady", "too few months to go by"


def test_days_and_months_are_those_of_the_clocks_on_the_wall(office: Office) -> None:
    hit(office, 0, apart=NO_TIME)
    hit(office, 0, 0)  # two weeks later, and four: at the same hour
    office.clock.moment = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)  # a Monday, and by the clocks September
    saturday = rfc3339(datetime(2026, 8, 29, 11, 0, tzinfo=UTC))
    hit(office, 40, apart=NO_TIME, seen_at=saturday)
    hit(office, 40, apart=NO_TIME, seen_at=rfc3339(office.clock.moment - timedelta(days=40)))
    found = place(office)
    #                              Mon Tue Wed Thu Fri Sat Sun
    assert found["weekdays"] == [0, 0, 3, 1, 0, 1, 0]
    assert found["busiest"].startswith("Seen mostly Wednesdays")
    assert {month["month"]: month["count"] for month in found["months"] if month["count"]} == {
        "2026-07": 4,
        "2026-08": 1,
    }
    assert [month["month"] for month in found["months"]][::11] == ["2025-10", "2026-09"]
    assert {hour: count for hour, count in enumerate(found["hours"]) if count} == {0: 4, 12: 1}
    assert (found["first"], found["last"]) == ("2026-07-01", "2026-08-29")
    assert place(office, window_days=90)["first"] == "2026-07-01"
    assert place(office, window_days=90, as_of=rfc3339(LAST_OF_JUNE))["last"] == "2026-07-01"
    known = carried(office)
    assert (known["weekdays"], known["up_to"]) == (found["weekdays"], "2026-09")
    assert known["months"] == [month["count"] for month in found["months"]]


def test_ninety_days_are_over_when_the_clocks_on_the_wall_say_so(office: Office) -> None:
    office.clock.moment = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
    hit(office, 0, 60, apart=NO_TIME)
    for moment, word in (
        (datetime(2026, 8, 31, 22, 59, tzinfo=UTC), "new"),
        (datetime(2026, 8, 31, 23, 0, tzinfo=UTC), "quiet"),  # midnight, and September
    ):
        office.clock.moment = moment
        assert office.officer.post("/api/v1/hotspots/runs").status_code == 202
        drain(office.app)
        assert (place(office)["trend"], place(office, window_days=300)["trend"]) == (word, word)


def test_every_kind_of_waste_is_counted_the_most_common_first(office: Office) -> None:
    for waste in ([], ["tyres"], ["green"], ["tyres", "green"], ["white_goods"], ["white_goods"], ["tyres"]):
        hit(office, 0, waste=waste)
    mix: list[dict[str, Any]] = [
        {"code": "tyres", "name": "Tyres", "count": 3},
        {"code": "white_goods", "name": "White Goods", "count": 2},
        {"code": "green", "name": "Green", "count": 1},
        {"code": None, "name": "Not said", "count": 1},
    ]
    assert place(office)["waste"] == mix
    assert place(office, window_days=35)["waste"] == [mix[1], mix[0] | {"count": 1}]
    (row,) = office.officer.get("/api/v1/hotspots/patrol").get_json()["items"]
    assert row["waste"] == mix and carried(office)["waste"] == mix


@pytest.mark.parametrize(
    ("metres_north", "called"),
    [
        ((90, 90, 0, -40), "Mill Lane, Hartshill"),
        ((60, 60, -30, -30), "Back Lane, Hartshill"),  # as many on each: the first by the alphabet
        ((90, -10), "Oldbury Road, Hartshill"),  # a street each: the nearest to its middle
        ((900, 930), "near Hartshill"),
        ((6_000, 6_030), "Nothing named within 5 km"),
    ],
)
def test_a_place_is_called_by_the_street_that_most_of_its_cases_are_on(
    office: Office, tmp_path: Path, metres_north: tuple[int, ...], called: str
) -> None:
    """Of the first three the middle is on Oldbury Road; at the last two there is no street at all."""
    roads = tmp_path / "roads.csv"
    lines = [
        f'road,{name},,,"LINESTRING(-1.5500 {lat - 0.0005}, -1.5445 {lat}, -1.5400 {lat + 0.0005})",more'
        for name, lat in (("Mill Lane", HERE[0] + 90 / 111_250), ("Back Lane", HERE[0] - 40 / 111_250))
    ]
    roads.write_text("\n".join(["kind,name,lat,lon,geometry,source", *lines]))
    with office.app.app_context(), transaction(office.council.id) as session:
        import_names(session, roads)
    hit(office, *metres_north)
    assert place(office)["label"] == called
