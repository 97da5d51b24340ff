"""A name given by a person stays: with the place when it goes dormant, and on the list when places merge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.store.events import Event
from server.store.transaction import reading
from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import BETWEEN, hit, hit_two_places, listed


@pytest.fixture
def office(office: Office) -> Office:
    """A place hit three times, and beside it one hit five times, once with asbestos."""
    hit_two_places(office)
    return office


def name(office: Office, row: dict[str, Any], label: str) -> None:
    """An officer gives a place a name."""
    path = f"/api/v1/hotspots/{row['id']}"
    seen = {"If-Match": str(office.officer.get(path).get_json()["rev"])}
    assert office.officer.patch(path, json={"label": label}, headers=seen).status_code == 200


def test_a_named_place_that_merges_into_a_larger_one_keeps_its_name_on_the_list(office: Office) -> None:
    large, small = listed(office)
    assert (large["count"], small["count"]) == (5, 3)
    name(office, small, "The old gate")
    hit(office, *BETWEEN)
    (merged,) = listed(office)
    assert (merged["count"], merged["label"], merged["id"]) == (10, "The old gate", small["id"])
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


def test_who_gave_which_name_instead_of_which_is_on_record(office: Office) -> None:
    large, _ = listed(office)
    for label in ("The old gate", " The old gate ", "Mill gate", large["label"]):
        name(office, large, label)
    with office.app.app_context(), reading(office.council.id) as session:
        events = sa.select(Event).where(Event.kind == "hotspot.named").order_by(Event.seq)
        said = session.scalars(events).all()
        assert [(event.facts["was"], event.facts["label"]) for event in said] == [
            (large["label"], "The old gate"),
            ("The old gate", "Mill gate"),
            ("Mill gate", large["label"]),
        ], "the same name again says nothing"
        assert {event.facts["hotspot_id"] for event in said} == {large["id"]}
        officer = f"user:{office.council.users['officer']}"
        assert {(event.stream_id, event.by) for event in said} == {(office.council.id, officer)}


def test_the_name_that_a_run_gave_is_kept_for_good_once_a_person_gives_it(office: Office) -> None:
    large, _ = listed(office)
    name(office, large, large["label"])
    assert office.officer.get(f"/api/v1/hotspots/{large['id']}").get_json()["named"] is True
    with office.app.app_context(), reading(office.council.id) as session:
        (event,) = session.scalars(sa.select(Event).where(Event.kind == "hotspot.named"))
        assert event.facts == {"hotspot_id": large["id"], "label": large["label"], "was": large["label"]}
