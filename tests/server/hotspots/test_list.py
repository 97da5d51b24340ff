"""The list through the database: bounded places in their order with their ties, and identities that last."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from server.hotspots.models import Hotspot
from server.hotspots.service import build, write
from server.store.clock import now
from server.store.deferred import HOTSPOTS_CHANGED
from server.store.transaction import reading, transaction
from tests.builders import (
    HERE,
    Council,
    Phone,
    SetClock,
    case_of,
    deferred_tasks,
    drain,
    make_op,
    make_phone,
    position,
    report_op,
    sign_in,
)

# The counts of the eleven places that one borough's paper lists, best first: 33 fly-tips in all.
PAPER = (5, 5, 4, 3, 3, 3, 2, 2, 2, 2, 2)
RANKS = (1, 1, 3, 4, 4, 4, 7, 7, 7, 7, 7)
METRE = 1 / 111_250
START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock(app: Flask, council: Council) -> SetClock:
    """The first of June, until it is moved."""
    return SetClock(app, START)


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer at the desk."""
    return sign_in(app, council, "officer")


def hits(phone: Phone, north_m: float, times: int, seen_at: datetime, apart_m: float = 40.0) -> list[str]:
    """Send fly-tips `apart_m` from each other, from `north_m` north of HERE on; the reports' ids."""
    ops = [
        report_op(
            seq=number, seen_at=seen_at.isoformat(),
            position=position(HERE[0] + (north_m + number * apart_m) * METRE, HERE[1]),
        )
        for number in range(times)
    ]  # fmt: skip
    assert {verdict["verdict"] for verdict in phone.push(*ops)} == {"applied"}
    return [op["entity_id"] for op in ops]


def listed(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    """The list as the API gives it."""
    return list(client.get("/api/v1/hotspots", query_string=query).get_json()["items"])


def last_changes(client: FlaskClient) -> list[str]:
    """What the newest run changed."""
    return [
        change["kind"] for change in client.get("/api/v1/hotspots/runs").get_json()["items"][0]["changes"]
    ]


def test_eleven_places_come_in_their_order_with_their_ties_and_nothing_else(
    app: Flask, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    for index, count in enumerate(PAPER):
        hits(phone, index * 600.0, count, clock.moment - timedelta(days=1), apart_m=35.0)
    hits(phone, -900.0, 5, clock.moment - timedelta(days=1), apart_m=-600.0)  # each by itself
    drain(app)
    rows = listed(officer)
    assert tuple(row["count"] for row in rows) == PAPER
    assert tuple(row["rank"] for row in rows) == RANKS
    assert sum(row["count"] for row in rows) == 33
    assert all(row["extent_m"] <= 200 for row in rows)
    assert all(len(row["members"]) == row["count"] for row in rows)
    assert [row["count"] for row in listed(officer, min=3)] == [5, 5, 4, 3, 3, 3]
    assert listed(officer, kind="incident") == []
    first, again = listed(officer), listed(officer)
    assert first == again


def test_a_place_keeps_its_id_and_its_label_while_it_grows(
    app: Flask, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    hits(phone, 0, 2, clock.moment)
    drain(app)
    (before,) = listed(officer)
    clock.forward(timedelta(days=30))
    hits(phone, 80, 2, clock.moment)
    drain(app)
    (after,) = listed(officer)
    assert (after["id"], after["label"]) == (before["id"], before["label"])
    assert (before["count"], after["count"]) == (2, 4)
    assert set(before["members"]) < set(after["members"])
    assert (after["first"], after["last"]) == ("2026-06-01", "2026-07-01")


def test_a_place_goes_dormant_and_is_revived_as_the_same(
    app: Flask, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    hits(phone, 0, 3, clock.moment)
    hits(phone, 2000, 2, clock.moment + timedelta(minutes=5))
    drain(app)
    top, other = listed(officer)
    clock.forward(timedelta(days=370))
    hits(phone, 2000, 2, clock.moment)
    drain(app)
    assert [row["id"] for row in listed(officer)] == [other["id"]]
    assert "dormant" in last_changes(officer)
    asleep = officer.get(f"/api/v1/hotspots/{top['id']}").get_json()
    assert (asleep["rank"], asleep["label"]) == (None, top["label"])
    clock.forward(timedelta(days=10))
    hits(phone, 10, 3, clock.moment)
    drain(app)
    assert [row["id"] for row in listed(officer)] == [top["id"], other["id"]]
    assert "revived" in last_changes(officer)


def test_what_was_no_hit_of_ours_leaves_the_list_and_what_was_cleared_stays(
    app: Flask, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    reports = hits(phone, 0, 3, clock.moment)
    drain(app)
    for report_id, decision in zip(reports, ("close", "not_ours", "no_evidence"), strict=True):
        case = case_of(officer, report_id)
        officer.post(f"/api/v1/cases/{case['id']}/decisions", json={"decision": decision, "reason": "x"})
    rebuild(app, clock)
    (row,) = listed(officer)
    assert row["count"] == 2


def rebuild(app: Flask, clock: SetClock) -> None:
    """What beat does each night."""
    clock.forward(timedelta(hours=14))
    with app.app_context():
        for authority_id in {task.authority_id for task in deferred_tasks(app, HOTSPOTS_CHANGED)}:
            with reading(authority_id) as session:
                built = build(session, now())
            with transaction(authority_id) as session:
                write(session, built, now())


def test_a_list_built_from_less_than_the_present_one_is_not_written(
    app: Flask, council: Council, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    hits(phone, 0, 2, clock.moment)
    drain(app)
    with app.app_context(), reading(council.id) as session:
        stale = build(session, now())
    clock.forward(timedelta(minutes=1))
    hits(phone, 80, 2, clock.moment)
    drain(app)
    with app.app_context(), transaction(council.id) as session:
        write(session, stale, now())
    assert [row["count"] for row in listed(officer)] == [4]


def test_the_list_can_be_had_as_geojson(
    app: Flask, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    hits(phone, 0, 2, clock.moment)
    drain(app)
    by_name = officer.get("/api/v1/hotspots", query_string={"format": "geojson"})
    by_type = officer.get("/api/v1/hotspots", headers={"Accept": "application/geo+json"})
    for answer in (by_name, by_type):
        assert answer.content_type == "application/geo+json"
        (feature,) = answer.get_json()["features"]
        lon, lat = feature["geometry"]["coordinates"]
        assert abs(lat - HERE[0]) < 0.001 and abs(lon - HERE[1]) < 0.001
        assert feature["properties"]["count"] == 2


def test_a_report_far_outside_the_grid_is_in_no_list(
    app: Flask, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    ops = [
        report_op(seq=seq, position=position(48.85, 2.35), seen_at=clock.moment.isoformat())
        for seq in range(3)
    ]
    phone.push(*ops, make_op("report.add", ops[0]["entity_id"], {"description": "x"}, seq=9))
    drain(app)
    rebuild(app, clock)
    assert listed(officer) == []


def test_no_two_places_of_a_list_share_a_member(
    app: Flask, council: Council, clock: SetClock, phone: Phone, officer: FlaskClient
) -> None:
    hits(phone, 0, 14, clock.moment, apart_m=45.0)  # a lane hit all along
    drain(app)
    rows = listed(officer)
    members = [member for row in rows for member in row["members"]]
    assert len(rows) > 1 and len(members) == len(set(members))
    with app.app_context(), reading(council.id) as session:
        labels = session.scalars(sa.select(Hotspot.label)).all()
        assert len(labels) == len(rows) and all(labels)
        assert session.get(Hotspot, (council.id, uuid.UUID(rows[0]["id"]))) is not None
