"""Reconcile and dead letters: what is here is known, what is not is sent again, nothing is refused into the void."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from server.intake.models import KeptOp
from server.photos.models import Photo
from server.store.checkpoints import verify
from server.store.transaction import reading, transaction
from tests.builders import (
    Council,
    Phone,
    SetClock,
    make_council,
    make_op,
    make_phone,
    manifest,
    report_op,
    sign_in,
)


def asked(phone: Phone, ops: list[str], photos: list[str] | None = None) -> dict[str, Any]:
    """The answer to a reconcile."""
    body = {"device_id": str(phone.device_id), "op_ids": ops, "photo_ids": photos or []}
    answer = phone.client.post("/api/v1/sync/reconcile", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def handed_over(phone: Phone, *items: Any) -> list[str | None]:
    """Hand dead letters over; the ids of what is kept."""
    body = {"device_id": str(phone.device_id), "items": list(items)}
    answer = phone.client.post("/api/v1/sync/deadletter", json=body)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["kept"])


def kept_rows(app: Flask, council: Council) -> list[KeptOp]:
    with app.app_context(), reading(council.id) as session:
        rows = list(session.scalars(sa.select(KeptOp).order_by(KeptOp.received_at)))
        session.expunge_all()
        return rows


def test_what_was_pushed_is_known_in_any_form_in_the_order_asked(phone: Phone) -> None:
    applied, never = report_op(), str(uuid.uuid4())
    held = make_op("report.add", uuid.uuid4(), {"description": "x"}, seq=2)
    rejected = make_op("report.create", uuid.uuid4(), {}, seq=3)
    conflict = report_op(seq=4) | {"op_id": applied["op_id"]}
    assert [verdict["verdict"] for verdict in phone.push(applied, held, rejected, conflict)] == [
        "applied", "waiting_for", "rejected", "conflict",
    ]  # fmt: skip
    dead = str(uuid.uuid4())
    handed_over(phone, {"op_id": dead, "raw": "{", "problem": None, "why": "not JSON"})
    here = [held["op_id"], applied["op_id"], rejected["op_id"]]
    answer = asked(phone, [never, *here, dead, "no uuid at all"])
    assert answer["ops"] == {"known": here, "unknown": [never, dead, "no uuid at all"]}
    assert answer["server_time"].endswith("Z")


def test_a_photo_is_told_by_how_far_it_came(app: Flask, council: Council, phone: Phone) -> None:
    photos = [manifest(f"photo {number}".encode()) for number in range(3)]
    phone.push(report_op(photos=photos))
    expected, received, verified = (photo["id"] for photo in photos)
    with app.app_context(), transaction(council.id) as session:
        session.get_one(Photo, (council.id, uuid.UUID(received))).state = "received"
        session.get_one(Photo, (council.id, uuid.UUID(verified))).state = "verified"
    never = str(uuid.uuid4())
    assert asked(phone, [], [never, verified, expected, received])["photos"] == {
        "verified": [verified], "received": [received], "expected": [expected], "unknown": [never],
    }  # fmt: skip


def test_only_the_asking_councils_rows_count(
    app: Flask, council: Council, tmp_path: Any, phone: Phone
) -> None:
    op = report_op(photos=[manifest(b"x")])
    phone.push(op)
    photo_id = json.loads(op["payload"])["photos"][0]["id"]
    other = make_phone(app, make_council(app, tmp_path, "south", "SW"))
    answer = asked(other, [op["op_id"]], [photo_id])
    assert answer["ops"]["unknown"] == [op["op_id"]] and answer["photos"]["unknown"] == [photo_id]


def test_a_thousand_ids_at_a_time_and_a_phone_of_the_council(phone: Phone) -> None:
    ids = [str(uuid.uuid4()) for _ in range(1000)]
    answer = asked(phone, ids, ids)
    assert answer["ops"]["unknown"] == answer["photos"]["unknown"] == ids
    body = {"device_id": str(phone.device_id), "op_ids": [*ids, ids[0]]}
    refused = phone.client.post("/api/v1/sync/reconcile", json=body)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["op_ids"])
    stranger = phone.client.post("/api/v1/sync/reconcile", json={"device_id": str(uuid.uuid4())})
    assert (stranger.status_code, stranger.get_json()["code"]) == (403, "device_not_enrolled")


ODD = [
    {"op_id": None, "raw": "not even JSON \u0000 and a NUL", "problem": None, "why": "x"},
    {"op_id": "half a pair \ud800", "raw": "\ud800", "problem": {"code": "odd \u0000"}, "why": "x"},
    {"op_id": 5, "raw": {"an": "object"}, "problem": "text", "why": None},
    {"raw": ""},
    {},
    None,
    ["a list"],
]


@pytest.mark.parametrize("item", ODD, ids=range(len(ODD)))
def test_whatever_a_phone_hands_over_is_kept_once(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient, item: Any
) -> None:
    first = handed_over(phone, item, item)
    assert first == handed_over(phone, item)[:1] * 2
    (row,) = kept_rows(app, council)
    assert row.why == "dead_letter"
    (shown,) = officer.get("/api/v1/sync/kept").get_json()["items"]
    assert (shown["why"], shown["device"]["id"]) == ("dead_letter", str(phone.device_id))


def test_a_dead_letter_is_kept_to_the_letter(app: Flask, council: Council, phone: Phone) -> None:
    raw = '{"op_id":"x",  "payload": "spaces and \\u00e9 and é"'
    problem = {"code": "invalid_payload", "detail": "category: this field is required"}
    handed_over(phone, {"op_id": "x", "raw": raw, "problem": problem, "why": "The council could not read it"})
    (row,) = kept_rows(app, council)
    assert row.raw == raw and row.raw_sha256 == hashlib.sha256(raw.encode()).hexdigest()
    assert row.problem == problem | {"why": "The council could not read it"}
    assert (row.device_id, row.user_id) == (phone.device_id, council.users["crew"])


def test_what_was_refused_and_then_handed_over_is_one_thing_to_look_at(
    app: Flask, council: Council, phone: Phone
) -> None:
    op = make_op("report.create", uuid.uuid4(), {})
    other = op | {"device_time": "2026-11-20T06:42:00Z"}
    assert [verdict["verdict"] for verdict in phone.push(op)] == ["rejected"]
    backwards = json.dumps(dict(reversed(op.items())))
    handed_over(
        phone, {"op_id": op["op_id"], "raw": backwards, "problem": None, "why": "422 invalid_payload"}
    )
    assert [row.why for row in kept_rows(app, council)] == ["rejected"]
    handed_over(phone, {"op_id": op["op_id"], "raw": json.dumps(other), "problem": None, "why": "x"})
    handed_over(phone, {"op_id": op["op_id"], "raw": "{", "problem": None, "why": "x"})
    assert [row.why for row in kept_rows(app, council)] == ["rejected", "dead_letter", "dead_letter"]


def test_more_than_the_limit_is_refused_whole(app: Flask, council: Council, phone: Phone) -> None:
    items = [{"op_id": None, "raw": str(number), "problem": None, "why": ""} for number in range(51)]
    body = {"device_id": str(phone.device_id), "items": items}
    assert phone.client.post("/api/v1/sync/deadletter", json=body).get_json()["code"] == "too_many_ops"
    big = body | {"items": [{"raw": "x" * 1024 * 1024}]}
    assert phone.client.post("/api/v1/sync/deadletter", json=big).get_json()["code"] == "too_large"
    assert kept_rows(app, council) == []


def test_officers_page_through_what_was_kept_newest_first(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    clock = SetClock(app, datetime.now(UTC).replace(microsecond=0))
    rejected = make_op("report.create", uuid.uuid4(), {}, seq=3)
    phone.push(rejected)
    for number in range(4):
        clock.forward(timedelta(seconds=number % 2))
        handed_over(phone, {"op_id": f"dead {number}", "raw": str(number), "problem": None, "why": "x"})
    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = officer.get("/api/v1/sync/kept", query_string=query).get_json()
        found += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert sorted(row["op_id"] for row in found) == sorted(
        [*(f"dead {n}" for n in range(4)), rejected["op_id"]]
    )
    times = [row["received_at"] for row in found]
    assert times == sorted(times, reverse=True)
    (one,) = officer.get("/api/v1/sync/kept", query_string={"why": "rejected"}).get_json()["items"]
    assert (one["type"], one["entity_id"], one["user"]["name"]) == (
        "report.create", rejected["entity_id"], "Crew of north",
    )  # fmt: skip
    assert json.loads(one["raw"]) == rejected
    assert one["problem"]["code"] == "invalid_payload"


def test_what_an_officer_settled_leaves_the_list_and_stays_whole_with_what_was_done(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    letter = {"op_id": "dead", "raw": "torn {", "problem": None, "why": "x"}
    handed_over(phone, letter, letter | {"op_id": "other", "raw": "other"})
    newest, one = officer.get("/api/v1/sync/kept").get_json()["items"]
    settle = f"/api/v1/sync/kept/{one['id']}/settle"
    empty = officer.post(settle, json={"note": " "})
    assert (empty.status_code, list(empty.get_json()["errors"])) == (422, ["note"])
    assert phone.client.post(settle, json={"note": "x"}).status_code == 403
    done = officer.post(settle, json={"note": "Rang the crew: typed in again as NW-000 007"}).get_json()
    again = officer.post(settle, json={"note": "Something else"}).get_json()
    assert done == again == {"id": one["id"], "settled_at": done["settled_at"]}
    assert [row["id"] for row in officer.get("/api/v1/sync/kept").get_json()["items"]] == [newest["id"]]
    (settled,) = officer.get("/api/v1/sync/kept?settled=true").get_json()["items"]
    assert settled == one | {
        "settled_at": done["settled_at"], "settled_note": "Rang the crew: typed in again as NW-000 007",
    }  # fmt: skip
    handed_over(phone, letter)
    assert len(officer.get("/api/v1/sync/kept").get_json()["items"]) == 1, (
        "a letter sent again is still settled"
    )
    with app.app_context(), reading(council.id) as session:
        assert verify(session) == []


def test_another_councils_kept_op_cannot_be_settled(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient, tmp_path: Path
) -> None:
    handed_over(phone, {"op_id": "dead", "raw": "torn {", "problem": None, "why": "x"})
    (one,) = officer.get("/api/v1/sync/kept").get_json()["items"]
    stranger = sign_in(app, make_council(app, tmp_path, "south", "SW"), "officer")
    refused = stranger.post(f"/api/v1/sync/kept/{one['id']}/settle", json={"note": "x"})
    assert (refused.status_code, refused.get_json()["code"]) == (404, "not_found")


def test_officers_see_what_has_waited_for_a_day(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    clock = SetClock(app, datetime.now(UTC).replace(microsecond=0))
    waiting = make_op("report.add", uuid.uuid4(), {"description": "x"})
    phone.push(waiting)

    def shown(**query: Any) -> list[dict[str, Any]]:
        return list(officer.get("/api/v1/sync/held", query_string=query).get_json()["items"])

    assert shown() == []
    assert [row["op_id"] for row in shown(older_than_days=0)] == [waiting["op_id"]]
    clock.forward(timedelta(days=1))
    (row,) = shown()
    assert (row["waiting_for"], row["type"]) == (waiting["entity_id"], "report.add")


def test_crews_do_not_read_what_was_kept(app: Flask, council: Council, phone: Phone) -> None:
    for path in ("kept", "held"):
        assert phone.client.get(f"/api/v1/sync/{path}").status_code == 403
        assert sign_in(app, council, "manager").get(f"/api/v1/sync/{path}").status_code == 200
