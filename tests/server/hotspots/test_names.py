"""A name given by a person stays: with the place when it goes dormant, and on the list when places merge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.store.clock import rfc3339
from tests.builders import HERE, drain, position, report_op
from tests.server.cases.desk.office import Office, open_office

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
# Two places: metres north of each case. What comes in between makes them one, all but the first case.
SMALL, LARGE, BETWEEN = (0, 20, 25), (205, 208, 211, 214), (100, 110, 120)
# So long after the last a thing seen there is another thing.
APART = timedelta(days=14)


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A place hit three times, and 200 m beside it one hit four times."""
    office = open_office(app, tmp_path)
    office.clock.moment = START
    hit(office, *SMALL, *LARGE)
    return office


def hit(office: Office, *metres_north: int) -> None:
    """Things seen there, one after the other, and a list with all of them."""
    for metres in metres_north:
        office.clock.forward(APART)
        office.sent += 1
        spot = position(HERE[0] + metres / 111_250, HERE[1])
        office.phone.push(report_op(seq=office.sent, position=spot, seen_at=rfc3339(office.clock.moment)))
    drain(office.app)


def listed(office: Office, **query: Any) -> list[dict[str, Any]]:
    """The list, best first."""
    return list(office.officer.get("/api/v1/hotspots", query_string=query).get_json()["items"])


def name(office: Office, row: dict[str, Any], label: str) -> None:
    """An officer gives a place a name."""
    path = f"/api/v1/hotspots/{row['id']}"
    seen = {"If-Match": str(office.officer.get(path).get_json()["rev"])}
    assert office.officer.patch(path, json={"label": label}, headers=seen).status_code == 200


def test_a_named_place_that_merges_into_a_larger_one_keeps_its_name_on_the_list(office: Office) -> None:
    large, small = listed(office)
    assert (large["count"], small["count"]) == (4, 3)
    name(office, small, "The old gate")
    hit(office, *BETWEEN)
    (merged,) = listed(office)
    assert (merged["count"], merged["label"], merged["id"]) == (9, "The old gate", small["id"])
    newest = office.officer.get("/api/v1/hotspots/runs").get_json()["items"]
    assert {"kind": "merged", "old": large["id"], "new": small["id"]} in [
        change for run in newest for change in run["changes"]
    ]
    (worked_out,) = listed(office, window_days=300)
    assert (worked_out["label"], worked_out["id"]) == ("The old gate", small["id"])


def test_of_two_named_places_that_merge_the_better_match_keeps_its_name(office: Office) -> None:
    large, small = listed(office)
    name(office, small, "The old gate")
    name(office, large, "Mill lay-by")
    hit(office, *BETWEEN)
    (merged,) = listed(office)
    assert (merged["label"], merged["id"]) == ("Mill lay-by", large["id"])


def test_a_name_outlasts_the_time_in_which_nothing_happens_there(office: Office) -> None:
    large, small = listed(office)
    name(office, small, "The old gate")
    office.clock.forward(timedelta(days=400))
    hit(office, 5_000, 5_000)
    assert {row["id"] for row in listed(office)}.isdisjoint({large["id"], small["id"]})
    path = f"/api/v1/hotspots/{small['id']}"
    asleep = office.officer.get(path).get_json()
    assert (asleep["rank"], asleep["label"], asleep["named"]) == (None, "The old gate", True)
    hit(office, 5, 10, 20)
    (back,) = (row for row in listed(office) if row["count"] == 3)
    assert (back["id"], back["label"]) == (small["id"], "The old gate")
    assert office.officer.get(path).get_json()["named"] is True
