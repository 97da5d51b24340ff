"""The office's view of phones: what each last told of itself, a code for a new one, switching one off."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from server.access.request import COOKIE
from tests.builders import Council, SetClock, browser, make_phone, report_op, sign_in
from tests.scanning import scanned_from_terminal


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer."""
    return sign_in(app, council, "officer")


def listed(officer: FlaskClient) -> list[dict[str, Any]]:
    """The phones as the office sees them."""
    return list(officer.get("/api/v1/devices").get_json()["items"])


def test_a_phone_tells_of_itself_with_what_it_sends(
    app: Flask, council: Council, officer: FlaskClient
) -> None:
    phone = make_phone(app, council)
    (row,) = listed(officer)
    assert (row["label"], row["owner"]["email"]) == ("crew's phone", "crew@north.example")
    assert (row["unsent"], row["app_version"], row["told_at"]) == (None, None, None)
    told = {"unsent": 3, "oldest_unsent_at": "2026-11-20T06:42:00Z", "app_version": "0.1.0", "other": 1}
    body = {"device_id": str(phone.device_id), "ops": [report_op()], "status": told}
    assert phone.client.post("/api/v1/sync/push", json=body).status_code == 200
    (row,) = listed(officer)
    assert {name: row[name] for name in ("unsent", "oldest_unsent_at", "app_version", "clock_offset_ms")} == {
        "unsent": 3, "oldest_unsent_at": "2026-11-20T06:42:00Z", "app_version": "0.1.0", "clock_offset_ms": -840,
    }  # fmt: skip
    assert row["last_seen_at"] is not None


@pytest.mark.parametrize(
    "status",
    [None, [], "three", {"unsent": -1}, {"unsent": "many", "app_version": 7}, {"oldest_unsent_at": "never"},
     {"app_version": "x" * 41}],
)  # fmt: skip
def test_what_cannot_be_read_stops_nothing(
    app: Flask, council: Council, officer: FlaskClient, status: Any
) -> None:
    phone = make_phone(app, council)
    body = {"device_id": str(phone.device_id), "ops": [report_op()], "status": status}
    results = phone.client.post("/api/v1/sync/push", json=body).get_json()["results"]
    assert [result["verdict"] for result in results] == ["applied"]
    (row,) = listed(officer)
    assert (row["unsent"], row["app_version"], row["clock_offset_ms"]) == (None, None, -840)


def test_a_pull_tells_too_and_writes_only_news(app: Flask, council: Council, officer: FlaskClient) -> None:
    clock = SetClock(app, datetime.now(UTC).replace(microsecond=0))
    phone = make_phone(app, council)

    def pull(**told: object) -> dict[str, Any]:
        assert phone.client.get("/api/v1/sync/pull", query_string=told).status_code == 200
        return listed(officer)[0]

    assert pull()["told_at"] is None
    first = pull(unsent=0, app_version="0.1.0")
    assert (first["unsent"], first["app_version"]) == (0, "0.1.0")
    clock.forward(timedelta(minutes=5))
    assert pull(unsent=0, app_version="0.1.0")["told_at"] == first["told_at"]
    assert pull(unsent=1)["told_at"] != first["told_at"]
    clock.forward(timedelta(minutes=10))
    again = pull(unsent=1)
    assert again["told_at"] == again["last_seen_at"] != first["told_at"]
    assert pull(unsent="x")["unsent"] == 1


def test_each_contact_with_a_phone_shows_whether_it_told_news_or_not(
    app: Flask, council: Council, officer: FlaskClient
) -> None:
    clock = SetClock(app, datetime(2026, 11, 20, 6, 42, tzinfo=UTC))
    phone = make_phone(app, council)
    told = {"unsent": 0, "oldest_unsent_at": None, "app_version": "0.1.0"}

    def contact() -> tuple[str, str]:
        body = {"device_id": str(phone.device_id), "ops": [], "status": told}
        assert phone.client.post("/api/v1/sync/push", json=body).status_code == 200
        (row,) = listed(officer)
        return row["last_seen_at"], row["told_at"]

    assert contact() == ("2026-11-20T06:42:00Z", "2026-11-20T06:42:00Z")
    clock.forward(timedelta(minutes=5))
    assert contact() == ("2026-11-20T06:47:00Z", "2026-11-20T06:42:00Z")
    told["unsent"] = 1
    clock.forward(timedelta(seconds=1))
    assert contact() == ("2026-11-20T06:47:01Z", "2026-11-20T06:47:01Z")


def test_a_code_printed_on_a_terminal_is_scanned_and_enrols_a_phone(
    app: Flask, council: Council, officer: FlaskClient, typed: Callable[..., Result]
) -> None:
    printed = typed("device", "enrol", council.email("crew"))
    assert printed.exit_code == 0, printed.output
    link = scanned_from_terminal(printed.output)
    assert printed.output.splitlines()[-1] == link
    new = {"id": str(uuid.uuid4()), "label": "Van 3", "enrolment_code": link.partition("/crew#enrol=")[2]}
    assert browser(app).post("/api/v1/devices", json=new).status_code == 200
    assert [row["label"] for row in listed(officer)] == ["Van 3"]


def test_a_code_enrols_a_phone_once_and_shows_as_a_qr_code_without_styles(
    app: Flask, council: Council, officer: FlaskClient
) -> None:
    made = officer.post("/api/v1/devices/codes", json={"user_id": str(council.users["crew"])})
    code = made.get_json()
    assert made.status_code == 201
    assert code["link"].endswith(f"/crew#enrol={code['code']}")
    assert code["qr_svg"].startswith("<svg ")
    assert "style" not in code["qr_svg"]
    new = {"id": str(uuid.uuid4()), "label": "Van 3", "enrolment_code": code["code"]}
    enrolled = browser(app).post("/api/v1/devices", json=new)
    assert enrolled.get_json()["user"]["role"] == "crew"
    assert [row["label"] for row in listed(officer)] == ["Van 3"]
    again = browser(app).post("/api/v1/devices", json=new | {"id": str(uuid.uuid4())})
    assert again.get_json()["code"] == "link_used"


def test_a_phone_switched_off_may_no_longer_send(app: Flask, council: Council, officer: FlaskClient) -> None:
    phone = make_phone(app, council)
    address = f"/api/v1/devices/{phone.device_id}/revoke"
    assert phone.client.post(address).status_code == 403
    off = officer.post(address).get_json()
    assert off["revoked_at"] is not None
    assert officer.post(address).get_json() == off
    assert officer.post(f"/api/v1/devices/{uuid.uuid4()}/revoke").status_code == 404
    told = {"Tus-Resumable": "1.0.0", "Upload-Length": "1"}
    for method, path, options in (
        ("GET", "/api/v1/session", {}),
        ("POST", "/api/v1/sync/push", {"json": {"device_id": str(phone.device_id), "ops": []}}),
        ("GET", "/api/v1/sync/pull", {}),
        ("POST", "/api/v1/sync/reconcile", {"json": {"device_id": str(phone.device_id)}}),
        ("POST", "/api/v1/sync/deadletter", {"json": {"device_id": str(phone.device_id), "items": []}}),
        ("POST", "/api/v1/uploads", {"headers": told}),
        ("HEAD", f"/api/v1/uploads/{uuid.uuid4()}", {"headers": told}),
    ):
        answer = phone.client.open(path, method=method, **options)
        assert answer.status_code == 403, f"{method} {path}"
        assert method == "HEAD" or answer.get_json()["code"] == "device_revoked"


def test_a_phone_that_signed_out_before_it_was_switched_off_is_only_signed_out(
    app: Flask, council: Council, officer: FlaskClient
) -> None:
    phone = make_phone(app, council)
    token = phone.client.get_cookie(COOKIE)
    assert token is not None
    phone.client.delete("/api/v1/session")
    phone.client.set_cookie(COOKIE, token.value)
    officer.post(f"/api/v1/devices/{phone.device_id}/revoke")
    assert phone.client.get("/api/v1/sync/pull").get_json()["code"] == "signed_out"


def test_a_phone_that_was_found_again_is_switched_on_with_an_officers_code(
    app: Flask, council: Council, officer: FlaskClient
) -> None:
    phone, op = make_phone(app, council), report_op()
    officer.post(f"/api/v1/devices/{phone.device_id}/revoke")
    code = officer.post("/api/v1/devices/codes", json={"user_id": str(council.users["crew"])}).get_json()[
        "code"
    ]
    body = {"id": str(phone.device_id), "label": "Van 3", "enrolment_code": code}
    assert phone.client.post("/api/v1/devices", json=body).status_code == 200
    assert [result["verdict"] for result in phone.push(op)] == ["applied"]
    assert listed(officer)[0]["revoked_at"] is None


def test_phones_are_searched_and_come_in_pages_those_in_use_first(
    app: Flask, council: Council, officer: FlaskClient
) -> None:
    admin = sign_in(app, council, "admin")
    ids = [str(uuid.uuid4()) for _ in range(5)]
    for number, device_id in enumerate(ids):
        admin.post("/api/v1/devices", json={"id": device_id, "label": f"{'vV'[number % 2]}an {number // 2}"})
    officer.post(f"/api/v1/devices/{ids[0]}/revoke", json={})

    def pages(limit: int, q: str = "") -> list[list[str]]:
        found, cursor = [], ""
        while cursor is not None:
            asked = {"limit": limit, "q": q} | ({"cursor": cursor} if cursor else {})
            answer = officer.get("/api/v1/devices", query_string=asked).get_json()
            found.append([phone["id"] for phone in answer["items"]])
            cursor = answer["next"]
        return found

    whole = pages(100)[0]
    assert sorted(whole) == sorted(ids) and whole[-1] == ids[0]
    assert [len(page) for page in pages(2)] == [2, 2, 1] and list(chain(*pages(2))) == whole
    assert [len(page) for page in pages(5, q="VAN 1")] == [2]
    assert [len(page) for page in pages(5, q="admin of")] == [5] and pages(5, q="%") == [[]]
    odd = officer.get("/api/v1/devices", query_string={"cursor": "W10"})
    assert odd.status_code == 422 and "cursor" in odd.get_json()["errors"]
