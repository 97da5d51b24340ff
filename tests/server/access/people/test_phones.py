"""The office's view of phones: what each last told of itself, a code for a new one, switching one off."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import Council, SetClock, browser, make_phone, report_op, sign_in


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
    assert phone.client.get("/api/v1/session").status_code == 401
    assert officer.post(f"/api/v1/devices/{uuid.uuid4()}/revoke").status_code == 404
    assert phone.client.get("/api/v1/devices").status_code == 401
