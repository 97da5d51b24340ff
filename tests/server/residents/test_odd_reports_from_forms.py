"""Who can still be asked is asked: a form or API is refused with the field and the fix, and nothing is written."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.access.limits import limiter
from server.photos.service import file_store
from server.residents.models import PublicAccess
from server.store.clock import now, rfc3339
from server.store.database import Base
from server.store.transaction import reading, transaction
from tests.builders import Council, browser, case_of, drain, manifest, position, sign_in, text_now

ADDRESS = "/api/v1/public/reports"


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


def public_report(**changes: Any) -> dict[str, Any]:
    """A resident's whole report, with changes; a change to ... leaves the member out."""
    report = {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": text_now(),
        "position": position(accuracy_m=None, source="pin"), "where": "By the bridge", "description": "Sofa",
        "contact": {"name": None, "email": None, "phone": None}, "witnessed": False, "photos": [],
    } | changes  # fmt: skip
    return {name: value for name, value in report.items() if value is not ...}


@pytest.fixture
def resident(app: Flask, council: Council) -> FlaskClient:
    """A browser that nobody is signed in with."""
    return browser(app)


def rows(app: Flask, council: Council) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context(), reading(council.id) as session:
        return {
            table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def refused(
    resident: FlaskClient, report: Any, *, status: int = 422, code: str | None = None
) -> dict[str, Any]:
    """Send what must be refused; its errors by field."""
    answer = resident.post(ADDRESS, json=report)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert code is None or answer.get_json()["code"] == code
    return dict(answer.get_json()["errors"])


def test_what_is_refused_writes_nothing(app: Flask, council: Council, resident: FlaskClient) -> None:
    before = rows(app, council)
    refused(resident, public_report(category="spaceship"))
    refused(resident, public_report(position=position(51.5, -0.1)))
    refused(resident, public_report(photos=[manifest(b"x", bytes=0)]))
    assert rows(app, council) == before


def test_a_position_outside_the_area_served_is_refused_with_the_way_to_say_it_in_words(
    resident: FlaskClient,
) -> None:
    for lat, lon in [(51.5, -0.12), (53.35, -6.26), (0.0, 0.0)]:
        errors = refused(resident, public_report(position=position(lat, lon)), code="outside_area")
        assert "outside the area we serve" in errors["position"][0]
        assert "words" in errors["position"][0]
    in_words = resident.post(ADDRESS, json=public_report(position=None, where="Folly Lane, by the bridge"))
    assert in_words.status_code == 200


def test_a_position_that_is_none_is_refused_by_name(resident: FlaskClient) -> None:
    for odd, field in (
        ({"lat": 95, "lon": 0, "source": "pin"}, "position.lat"),
        ({"lon": 0, "source": "pin"}, "position.lat"),
        ({"lat": 52.5, "lon": -1.5, "source": "dowsing"}, "position.source"),
    ):
        assert field in refused(resident, public_report(position=odd))


def test_a_report_that_says_nowhere_where_it_is_is_refused(resident: FlaskClient) -> None:
    assert "where" in refused(resident, public_report(position=None, where=" "))


def test_a_time_in_the_future_or_years_ago_is_refused_by_name(resident: FlaskClient) -> None:
    for seen_at in (text_now(timedelta(days=1)), "2019-03-07T09:00:00Z", "0001-01-01T00:00:00+14:00", "soon"):
        assert "seen_at" in refused(resident, public_report(seen_at=seen_at))


def test_unknown_codes_are_refused_by_name_with_the_place_of_the_list(resident: FlaskClient) -> None:
    for changes in (
        {"category": "spaceship"}, {"waste": ["tyres", "sofa"]}, {"size": "a lot"}, {"land": "moon"},
        {"hazards": ["radiation"]},
    ):  # fmt: skip
        (field,) = changes
        assert "/api/v1/reference" in refused(resident, public_report(**changes))[field][0]
    assert "category" in refused(resident, public_report(kind="incident"))
    assert "kind" in refused(resident, public_report(kind="explosion"))


def test_members_that_do_not_exist_are_refused_by_name(resident: FlaskClient) -> None:
    assert "smell" in refused(resident, public_report(smell="awful"))


def test_a_missing_required_field_is_refused_by_name(resident: FlaskClient) -> None:
    for field in ("id", "kind", "category", "seen_at"):
        for missing in (..., None):
            assert field in refused(resident, public_report(**{field: missing}))


def test_what_is_not_json_is_refused(resident: FlaskClient) -> None:
    for body in (b"", b"not json", b'{"id": ', b"\xff\xfe", b"[" * 100_000):
        answer = resident.post(ADDRESS, data=body, content_type="application/json")
        assert answer.status_code == 422, (body[:20], answer.text)
        assert answer.content_type == "application/problem+json"
    values: tuple[Any, ...] = ([], "text", 5, None)
    for value in values:
        refused(resident, value)


def test_the_same_id_with_other_content_is_refused_and_the_first_kept(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    first = public_report(description="Sofa")
    answer = resident.post(ADDRESS, json=first)
    assert answer.status_code == 200
    refused(resident, first | {"description": "Fridge"}, status=409, code="same_id_other_content")
    drain(app)
    case = case_of(sign_in(app, council, "officer"), first["id"])
    assert case["reports_detail"][0]["description"] == "Sofa"


def test_the_same_report_again_gets_the_same_answer_and_stays_one(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    report = public_report(contact={"email": "someone@example.org"})
    first, again = resident.post(ADDRESS, json=report), resident.post(ADDRESS, json=report)
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    drain(app)
    case = case_of(sign_in(app, council, "officer"), report["id"])
    assert case["reports"] == 1 and case["reports_detail"][0]["source"] == "resident"


def test_text_photos_and_sizes_above_the_limits_are_refused_by_name(resident: FlaskClient) -> None:
    assert "4,000" in refused(resident, public_report(description="x" * 4001))["description"][0]
    assert "where" in refused(resident, public_report(where="x" * 4001))
    thirteen = [manifest(bytes([number])) for number in range(13)]
    assert "12" in refused(resident, public_report(photos=thirteen))["photos"][0]
    for size in (0, 25 * 1024 * 1024 + 1):
        errors = refused(resident, public_report(photos=[manifest(b"x", bytes=size)]))
        assert "25 MB" in errors["photos.0.bytes"][0]


def test_a_body_above_the_limit_is_refused_before_it_is_read(resident: FlaskClient) -> None:
    refused(resident, public_report(description="x" * 3_000_000), status=413, code="too_large")


def test_markup_and_half_characters_are_stored_as_far_as_they_can_be(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    text = "<script>alert(1)</script> \x00 \ud83d 🛋️"
    report = public_report(description=text, contact={"name": "<b>\x00\ud83d"})
    assert resident.post(ADDRESS, json=report).status_code == 200
    drain(app)
    case = case_of(sign_in(app, council, "officer"), report["id"])
    assert case["reports_detail"][0]["description"] == "<script>alert(1)</script> \ufffd \ufffd 🛋️"


def test_a_contact_that_is_no_email_is_refused_by_name(resident: FlaskClient) -> None:
    assert "contact.email" in refused(resident, public_report(contact={"email": "not an email"}))


def test_a_followed_report_says_what_became_of_it_and_nothing_about_people(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    report = public_report(contact={"name": "A. Neighbour", "email": "someone@example.org"})
    told = resident.post(ADDRESS, json=report).get_json()
    follow = f"{ADDRESS}/{told['status_url'].removeprefix('/status/')}"
    received: TestResponse = resident.get(follow)
    assert (received.status_code, received.get_json()["state"]) == (200, "received")
    drain(app)
    officer = sign_in(app, council, "officer")
    case = case_of(officer, report["id"])
    officer.post(f"/api/v1/cases/{case['id']}/decisions", json={"decision": "accept"})
    assert resident.get(follow).get_json()["state"] == "accepted"
    assert "someone" not in resident.get(follow).text + str(case)
    assert resident.get(follow + "x").status_code == 404
    assert resident.get(f"{ADDRESS}/{told['upload_token']}").status_code == 404


def test_a_phone_that_comes_back_late_opens_the_uploads_again_by_the_same_report(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    photo = manifest(b"evidence")
    report = public_report(photos=[photo])
    answer = resident.post(ADDRESS, json=report).get_json()
    with app.app_context(), transaction(council.id) as session:
        session.execute(sa.update(PublicAccess).values(upload_until=now() - timedelta(seconds=1)))
    assert begin_upload(app, photo, answer) == 401
    assert resident.post(ADDRESS, json=report).get_json() == answer
    assert begin_upload(app, photo, answer) == 201
    status = resident.get(f"/api/v1/public/reports/{answer['status_url'].rpartition('/')[2]}").get_json()
    assert (status["photos"], status["verified_photos"]) == ({"verified": 0, "expected": 1}, [])


def test_a_followed_report_tells_which_photos_are_to_be_sent_again(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    photos = [manifest(data) for data in (b"coming", b"here", b"damaged")]
    report = public_report(photos=photos)
    answer = resident.post(ADDRESS, json=report).get_json()
    coming, here, damaged = (photo["id"] for photo in photos)
    assert begin_upload(app, photos[1], answer, b"here") == 201
    assert begin_upload(app, photos[2], answer, b"damaged") == 201
    with app.app_context():
        file_store().original(council.id, photos[2]["sha256"]).unlink()
        before = rfc3339(now())
    drain(app)
    status = resident.get(f"{ADDRESS}/{answer['status_url'].rpartition('/')[2]}").get_json()
    assert status["verified_photos"] == [here]
    assert status["missing_photos"] == sorted([coming, damaged])
    with app.app_context():
        assert before <= status["server_time"] <= rfc3339(now())


def test_under_another_secret_key_the_same_report_is_answered_with_what_opens(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    """As after a restore without the old key: a phone in the middle of sending goes on."""
    photo = manifest(b"evidence")
    report = public_report(photos=[photo])
    before = resident.post(ADDRESS, json=report).get_json()
    app.config["SECRET_KEY"] = "another key, of an installation that was put up anew"
    assert begin_upload(app, photo, before) == 201, "what was given out goes on working"
    after = resident.post(ADDRESS, json=report).get_json()
    assert after["receipt_code"] == before["receipt_code"]
    assert after["status_url"] != before["status_url"]
    assert begin_upload(app, photo, after) == 200
    token = after["status_url"].rpartition("/")[2]
    assert resident.get(f"{ADDRESS}/{token}").get_json()["receipt_code"] == before["receipt_code"]
    drain(app)
    assert case_of(sign_in(app, council, "officer"), report["id"])["reports"] == 1


def begin_upload(app: Flask, photo: dict[str, Any], answer: dict[str, Any], content: bytes = b"") -> int:
    """Begin to send a report's photo with the token it was answered, or send all of it at once; the status."""
    headers = {
        "Authorization": f"Bearer {answer['upload_token']}", "Tus-Resumable": "1.0.0",
        "Upload-Length": str(photo["bytes"]),
        "Upload-Metadata": f"photo_id {base64.b64encode(photo['id'].encode()).decode()}",
        "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    return browser(app).post("/api/v1/uploads", headers=headers, data=content).status_code
