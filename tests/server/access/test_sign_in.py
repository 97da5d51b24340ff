"""Signing in: five tries, one answer for all who may not, links that work once, and every way to be switched off."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.access import service
from server.access.limits import limiter
from server.access.models import ApiKey, Device, SignIn, User
from server.access.request import COOKIE
from server.errors import Problem
from server.store.events import SYSTEM
from server.store.transaction import reading, transaction
from tests.builders import (
    PASSWORD,
    Council,
    Phone,
    SetClock,
    browser,
    make_phone,
    report_op,
    sign_in,
    text_now,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SESSION = "/api/v1/session"


@pytest.fixture
def clock(app: Flask, council: Council) -> SetClock:
    """Noon, until it is moved."""
    return SetClock(app, NOON)


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many requests as a test likes."""
    monkeypatch.setattr(limiter, "enabled", False)


def try_password(app: Flask, email: str, password: str = PASSWORD) -> TestResponse:
    """Sign in by the API with a browser of its own."""
    return browser(app).post(SESSION, json={"email": email, "password": password})


def signed_in(client: FlaskClient) -> bool:
    """Whether the browser has a session."""
    return client.get(SESSION).status_code == 200


def link_for(app: Flask, council: Council, role: str, purpose: str) -> str:
    """A one-time link's token."""
    with app.app_context(), transaction(council.id) as session:
        user = session.get_one(User, (council.id, council.users[role]))
        return service.make_link(session, user, purpose, app.config["CLOCK"]())


def test_who_signs_in_is_told_who_and_where_they_are(app: Flask, council: Council) -> None:
    client = browser(app)
    answer = client.post(SESSION, json={"email": f" {council.email('crew').upper()} ", "password": PASSWORD})
    assert answer.status_code == 200
    about = answer.get_json()
    assert about["user"] == {
        "id": str(council.users["crew"]), "name": "Crew of north", "email": council.email("crew"), "role": "crew",
    }  # fmt: skip
    assert about["authority"]["slug"] == "north" and len(about["authority"]["bounds"]) == 4
    assert client.get(SESSION).get_json() == about
    assert client.delete(SESSION).status_code == 204
    assert not signed_in(client)
    assert client.delete(SESSION).status_code == 204


def test_the_cookie_is_long_lived_and_out_of_reach_of_scripts_and_other_sites(
    app: Flask, council: Council
) -> None:
    cookie = try_password(app, council.email("crew")).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"):
        assert flag in cookie
    assert "Secure" not in cookie  # the application under test is not reached over TLS


def test_a_session_is_kept_only_as_a_hash(app: Flask, council: Council) -> None:
    token = try_password(app, council.email("crew")).headers["Set-Cookie"].split("=")[1].split(";")[0]
    with app.app_context(), reading(council.id) as session:
        assert session.scalars(sa.select(SignIn.token_hash)).all() == [service.token_hash(token)]


def test_a_wrong_password_and_an_unknown_email_are_answered_alike(app: Flask, council: Council) -> None:
    wrong = try_password(app, council.email("crew"), "wrong horse battery")
    for email in ("nobody@north.example", "", "\x00", "\ud800", "x" * 254, "' OR 1=1 --"):
        unknown = try_password(app, email, "wrong horse battery")
        if email:
            assert (unknown.status_code, unknown.get_json()) == (wrong.status_code, wrong.get_json()), email
        else:
            assert unknown.status_code == 422
    assert wrong.status_code == 401 and wrong.get_json()["code"] == "wrong_sign_in"


def test_a_password_of_half_characters_is_only_wrong(app: Flask, council: Council) -> None:
    assert try_password(app, council.email("crew"), "\ud800 \x00").status_code == 401
    page = browser(app).post("/sign-in", data={"email": "\x00", "password": "\x00"})
    assert page.status_code == 401 and "not right" in page.text


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(
    app: Flask, council: Council, clock: SetClock
) -> None:
    for _ in range(5):
        assert try_password(app, council.email("crew"), "wrong horse battery").status_code == 401
    assert try_password(app, council.email("crew")).status_code == 401
    assert try_password(app, council.email("officer")).status_code == 200
    clock.forward(timedelta(minutes=15))
    assert try_password(app, council.email("crew")).status_code == 200


def test_a_locked_account_is_answered_as_an_email_that_nobody_has(
    app: Flask, council: Council, clock: SetClock
) -> None:
    """Else five wrong tries would tell which emails exist; what to do about a lock is told to everybody."""
    for _ in range(6):
        known = try_password(app, council.email("crew"), "wrong horse battery")
        unknown = try_password(app, "nobody@north.example", "wrong horse battery")
        assert (known.status_code, known.get_json()) == (unknown.status_code, unknown.get_json())
        assert set(dict(known.headers)) == set(dict(unknown.headers))
    pages = [
        browser(app).post("/sign-in", data={"email": email, "password": "wrong horse battery"})
        for email in (council.email("crew"), "nobody@north.example")
    ]
    assert {page.status_code for page in pages} == {401}
    assert all("wait 15 minutes" in page.text and "new link" in page.text for page in pages)


def test_a_locked_account_costs_as_much_time_as_any_other(
    app: Flask, council: Council, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = service._verify

    def counting(stored: str, password: str) -> bool:
        checked.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(service, "_verify", counting)
    for tries in range(1, 8):
        try_password(app, council.email("crew"), "wrong horse battery")
        assert len(checked) == tries


def test_a_right_password_forgets_the_wrong_ones_before_it(app: Flask, council: Council) -> None:
    for _ in range(2):
        for _ in range(4):
            try_password(app, council.email("crew"), "wrong horse battery")
        assert try_password(app, council.email("crew")).status_code == 200


def test_one_address_may_try_thirty_times_a_minute(app: Flask, council: Council) -> None:
    answers = [try_password(app, f"nobody{number}@x.example") for number in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {401}
    refused = answers[30]
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
    assert browser(app).post("/sign-in", data={"email": "x", "password": "x"}).status_code in (401, 429)


def test_the_public_may_send_twenty_reports_an_hour_from_one_address(app: Flask, council: Council) -> None:
    client = browser(app)
    report = {"kind": "fly_tip", "category": "fly_tip", "seen_at": text_now(), "where": "Folly Lane"}
    statuses = [
        client.post("/api/v1/public/reports", json=report | {"id": str(uuid.uuid4())}).status_code
        for _ in range(21)
    ]
    assert statuses == [200] * 20 + [429]


def test_an_invitation_works_once_and_signs_in(app: Flask, council: Council) -> None:
    address, client = f"/sign-in/{link_for(app, council, 'officer', 'invite')}", browser(app)
    assert client.get(address).status_code == 200
    short = client.post(address, data={"password": "short"})
    assert short.status_code == 422 and "10 characters" in short.text
    assert client.post(address, data={"password": "three long words"}).status_code == 303
    assert signed_in(client)
    assert browser(app).get(address).status_code == 410
    assert browser(app).post(address, data={"password": "three other words"}).status_code == 410
    assert try_password(app, council.email("officer"), "three long words").status_code == 200
    assert try_password(app, council.email("officer")).status_code == 401


def test_links_expire_and_a_newer_one_replaces_the_older(
    app: Flask, council: Council, clock: SetClock
) -> None:
    for purpose, life in service.LINK_LIFE.items():
        token = link_for(app, council, "crew", purpose)
        clock.forward(life - timedelta(seconds=1))
        found(app, token, purpose)
        clock.forward(timedelta(seconds=2))
        with pytest.raises(Problem, match="link_used"):
            found(app, token, purpose)
    older, newer = link_for(app, council, "crew", "reset"), link_for(app, council, "crew", "reset")
    found(app, newer, "reset")
    with pytest.raises(Problem, match="link_used"):
        found(app, older, "reset")
    with pytest.raises(Problem, match="link_used"):
        found(app, newer, "enrol")


def found(app: Flask, token: str, purpose: str) -> service.Known:
    """Whose link this is."""
    with app.app_context(), reading(None) as session:
        return service.find_link(session, token, (purpose,), app.config["CLOCK"]())


def test_a_new_password_ends_every_other_session(app: Flask, council: Council) -> None:
    before = sign_in(app, council, "officer")
    token = link_for(app, council, "officer", "reset")
    browser(app).post(f"/sign-in/{token}", data={"password": "three long words"})
    assert not signed_in(before)


def test_an_enrolment_code_enrols_a_phone_once_and_signs_in_on_it(app: Flask, council: Council) -> None:
    code, client, device_id = link_for(app, council, "crew", "enrol"), browser(app), str(uuid.uuid4())
    body = {"id": device_id, "label": "Van 3 \x00", "enrolment_code": code}
    answer = client.post("/api/v1/devices", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["user"]["role"] == "crew"
    assert client.get(SESSION).get_json()["device_id"] == device_id
    again = browser(app).post("/api/v1/devices", json=body)
    assert (again.status_code, again.get_json()["code"]) == (410, "link_used")
    for wrong in ("no such code", "\ud800"):
        assert browser(app).post("/api/v1/devices", json=body | {"enrolment_code": wrong}).status_code == 410


def test_enrolling_again_is_the_same_phone(app: Flask, council: Council, phone: Phone) -> None:
    body = {"id": str(phone.device_id), "label": "crew's phone"}
    assert phone.client.post("/api/v1/devices", json=body).status_code == 200
    with app.app_context(), reading(council.id) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Device)) == 1


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


def revoke(app: Flask, council: Council, phone: Phone) -> None:
    """Switch a phone off."""
    with app.app_context(), transaction(council.id) as session:
        device = session.get_one(Device, (council.id, phone.device_id))
        service.revoke_device(session, device, SYSTEM, NOON)


def test_a_phone_that_was_switched_off_is_signed_out_and_may_not_send_again(
    app: Flask, council: Council, phone: Phone
) -> None:
    revoke(app, council, phone)
    assert not signed_in(phone.client)
    again = sign_in(app, council, "crew")
    push = {"device_id": str(phone.device_id), "ops": [report_op()]}
    enrol = {"id": str(phone.device_id), "label": "Van 3"}
    for path, body in (("/api/v1/sync/push", push), ("/api/v1/devices", enrol)):
        answer = again.post(path, json=body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "device_revoked")
    pull = again.get("/api/v1/sync/pull", query_string={"device_id": str(phone.device_id)})
    assert (pull.status_code, pull.get_json()["code"]) == (403, "device_revoked")


def test_a_person_who_was_switched_off_is_out_everywhere(app: Flask, council: Council, phone: Phone) -> None:
    with app.app_context(), transaction(council.id) as session:
        user = session.get_one(User, (council.id, council.users["crew"]))
        key = service.make_api_key(session, user, "test", NOON)
        code = service.make_link(session, user, "enrol", app.config["CLOCK"]())
    assert with_key(app, key).status_code == 200
    with app.app_context(), transaction(council.id) as session:
        user = session.get_one(User, (council.id, council.users["crew"]))
        service.disable_user(session, user, SYSTEM, NOON)
    assert not signed_in(phone.client)
    assert with_key(app, key).status_code == 401
    assert try_password(app, council.email("crew")).status_code == 401
    body = {"id": str(uuid.uuid4()), "label": "x", "enrolment_code": code}
    assert browser(app).post("/api/v1/devices", json=body).status_code == 410


def with_key(app: Flask, key: str, **headers: str) -> TestResponse:
    """Ask who is signed in with an API key."""
    return app.test_client().get(SESSION, headers={"Authorization": f"Bearer {key}", **headers})


def test_an_api_key_acts_as_its_user_needs_no_page_and_can_be_revoked(app: Flask, council: Council) -> None:
    with app.app_context(), transaction(council.id) as session:
        key = service.make_api_key(
            session, session.get_one(User, (council.id, council.users["officer"])), "export", NOON
        )
    assert with_key(app, key).get_json()["user"]["role"] == "officer"
    device = {"id": str(uuid.uuid4()), "label": "script"}
    headers = {"Authorization": f"Bearer {key}", "Sec-Fetch-Site": "cross-site"}
    assert app.test_client().post("/api/v1/devices", json=device, headers=headers).status_code == 200
    for wrong in ("", "x", key + "x", key[:-1], "\xff"):
        assert with_key(app, wrong).status_code == 401
    with app.app_context(), transaction(council.id) as session:
        session.scalars(sa.select(ApiKey)).one().revoked_at = NOON
    assert with_key(app, key).status_code == 401


def test_a_key_that_is_wrong_is_not_made_right_by_a_cookie(app: Flask, council: Council) -> None:
    officer = sign_in(app, council, "officer")
    answer: Any = officer.get(SESSION, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_after_signing_in_people_go_to_their_work_and_never_to_another_site(
    app: Flask, council: Council, no_limits: None
) -> None:
    for next_path, target in (
        ("", "/crew"), ("/crew?x=1", "/crew?x=1"), ("//evil.example", "/crew"), ("https://evil.example", "/crew"),
        ("/\\evil.example", "/crew"), ("/\t/evil.example", "/crew"), ("javascript:alert(1)", "/crew"),
        ("evil", "/crew"),
    ):  # fmt: skip
        form = {"email": council.email("crew"), "password": PASSWORD, "next": next_path}
        answer = browser(app).post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["Location"]) == (303, target), next_path
