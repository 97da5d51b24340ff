"""Every answer is safe to give to a browser, and every write comes from our own pages."""

from __future__ import annotations

import re
import uuid

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.access.rules import ANYONE, PERMISSIONS, allow, rule_of
from server.store.security import HEADERS
from tests.builders import PASSWORD, Council, browser, sign_in

NOTE = f"/api/v1/cases/{uuid.uuid4()}/notes"


def write(client: FlaskClient, **headers: str) -> TestResponse:
    """A write to a case that is not there: 404 when it is let through."""
    client.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
    return client.post(
        NOTE, json={"text": "x"}, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_a_write_with_our_cookie_is_refused_unless_it_comes_from_our_own_pages(
    app: Flask, council: Council
) -> None:
    officer = sign_in(app, council, "officer")
    for headers, let_through in (
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "none"}, False),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, False),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "http://localhost"}, True),  # the very host that was asked
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://127.0.0.1:8000.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ):
        answer = write(officer, **headers)
        assert answer.get_json()["code"] == ("not_found" if let_through else "cross_site"), headers


def test_reading_across_sites_needs_nothing_and_every_kind_of_write_is_guarded(
    app: Flask, council: Council
) -> None:
    officer = sign_in(app, council, "officer")
    evil = {"Sec-Fetch-Site": "cross-site"}
    assert officer.get("/api/v1/cases", headers=evil).status_code == 200
    for rule in app.url_map.iter_rules():
        for method in {"POST", "PATCH", "PUT", "DELETE"} & set(rule.methods or ()):
            address = re.sub(r"<[^>]+>", str(uuid.uuid4()), rule.rule)
            answer = officer.open(address, method=method, headers=evil)
            assert answer.status_code == 403, f"{method} {rule.rule}: {answer.status_code}"


def test_another_site_cannot_sign_a_visitor_in_as_somebody_else(app: Flask, council: Council) -> None:
    credentials = {"email": council.email("crew"), "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        client = app.test_client()
        assert client.post("/api/v1/session", json=credentials, headers=headers).status_code == 403
        assert client.post("/sign-in", data=credentials, headers=headers).status_code == 403
        assert client.get_cookie("tipwatch_session") is None


def broken() -> str:
    """A view with a mistake in it."""
    raise ZeroDivisionError


def answers(app: Flask, council: Council) -> list[TestResponse]:
    """Answers of every kind: pages, data, files, and every way to fail."""
    officer = sign_in(app, council, "officer")
    app.add_url_rule("/api/v1/broken", "broken", allow(ANYONE)(broken))
    html = {"Accept": "text/html"}
    return [
        officer.get("/"), officer.get("/sign-in"), officer.get("/api/docs"), officer.get("/api/openapi.json"),
        officer.get("/healthz"), officer.get("/static/pages.css", buffered=True), officer.get("/api/v1/cases"),
        officer.get("/api/v1/session"), officer.get("/nowhere", headers=html), officer.get("/api/v1/nowhere"),
        officer.get("/sign-in/no-such-token", headers=html), officer.put("/api/v1/cases"),
        officer.get(f"/api/v1/cases/{uuid.uuid4()}"), officer.post("/api/v1/sync/push", json={}),
        officer.post("/api/v1/session", data=b"x" * 3_000_000), officer.get("/api/v1/broken"),
        browser(app).get("/api/v1/cases"), officer.post(NOTE, json={"text": "x"}, headers={"Sec-Fetch-Site": "none"}),
    ]  # fmt: skip


def test_every_answer_carries_the_security_headers_whatever_went_wrong(app: Flask, council: Council) -> None:
    statuses = set()
    for answer in answers(app, council):
        statuses.add(answer.status_code)
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (answer.request.path, name)
        assert answer.headers["Cache-Control"], answer.request.path
        policy = answer.headers["Content-Security-Policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
    assert {200, 401, 403, 404, 405, 410, 413, 422, 500} <= statuses


def test_every_failure_under_api_is_problem_json_with_a_stable_code(app: Flask, council: Council) -> None:
    for answer in answers(app, council):
        if not answer.request.path.startswith("/api") or answer.status_code < 400:
            continue
        assert answer.content_type == "application/problem+json", answer.request.path
        problem = answer.get_json()
        assert set(problem) >= {"type", "title", "status", "code", "detail", "errors"}
        assert problem["status"] == answer.status_code
        assert "ZeroDivision" not in answer.text and "Traceback" not in answer.text


def test_a_refused_method_says_which_there_are(app: Flask, council: Council) -> None:
    answer = browser(app).put("/api/v1/reference")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_pages_escape_what_people_typed_and_hold_no_script_of_their_own(app: Flask, council: Council) -> None:
    nasty = '"><script>alert(1)</script>'
    page = browser(app).post("/sign-in", data={"email": nasty, "password": "x", "next": f"/{nasty}"})
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    for path in (f"/{nasty}", f"/sign-in/{nasty}", f"/sign-in?next=/{nasty}", f"/status/{nasty}"):
        assert "<script>alert" not in browser(app).get(path, headers={"Accept": "text/html"}).text
    for path in ("/", "/sign-in", "/api/docs"):
        text = browser(app).get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", text), path


ROLES = ("crew", "officer", "manager", "admin")


def test_each_role_gets_what_the_table_gives_it_and_no_more(app: Flask, council: Council) -> None:
    for role in ROLES:
        client = sign_in(app, council, role)
        for rule in app.url_map.iter_rules():
            permission = rule_of(app, rule.endpoint)
            if permission not in PERMISSIONS:
                continue
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PATCH", "DELETE"}):
                address = re.sub(r"<[^>]+>", str(uuid.uuid4()), rule.rule)
                answer = client.open(address, method=method)
                refused = answer.status_code == 403 and answer.get_json()["code"] == "not_allowed"
                assert refused is (role not in PERMISSIONS[permission]), f"{role}: {method} {rule.rule}"


def test_the_table_says_what_was_agreed(app: Flask, council: Council) -> None:
    """By hand, so that a slip in the table shows: what each role may reach, and what answers it."""
    expected = {
        "/api/v1/sync/pull": (200, 200, 200, 200),
        "/api/v1/hotspots": (200, 200, 200, 200),
        "/api/v1/places/map": (200, 200, 200, 200),
        "/api/v1/cases": (403, 200, 200, 200),
        "/api/v1/hotspots/runs": (403, 200, 200, 200),
        f"/api/v1/photos/{uuid.uuid4()}/original": (403, 404, 404, 404),
        f"/api/v1/photos/{uuid.uuid4()}/thumb": (404, 404, 404, 404),
    }
    clients = [sign_in(app, council, role) for role in ROLES]
    for path, statuses in expected.items():
        assert tuple(client.get(path).status_code for client in clients) == statuses, path
        assert browser(app).get(path).status_code == 401
