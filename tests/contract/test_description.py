"""The OpenAPI document lists every route, and every answer is as it describes it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import (
    HERE,
    PASSWORD,
    Council,
    browser,
    case_of,
    drain,
    make_op,
    make_phone,
    manifest,
    position,
    report_op,
    sign_in,
    text_now,
)
from tests.contract.shapes import Description, example
from tests.server.sync.test_what_phones_carry import verify

METHODS = {"get", "post", "patch", "put", "delete"}


@pytest.fixture
def description(app: Flask) -> Description:
    """The API as it describes itself."""
    return Description(app.test_client().get("/api/openapi.json").get_json())


def described_path(rule: str) -> str:
    """A route's address as the document writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def test_every_route_of_the_api_is_described(app: Flask, description: Description) -> None:
    paths = description.document["paths"]
    missing = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in METHODS & {name.lower() for name in rule.methods or ()}
        if method not in paths.get(described_path(rule.rule), {})
    ]
    assert missing == []
    assert description.document["openapi"].startswith("3.1")


def test_every_operation_says_what_it_does_and_what_it_answers(description: Description) -> None:
    for path, item in description.document["paths"].items():
        for method in METHODS & set(item):
            operation = item[method]
            assert operation.get("summary"), f"{method} {path}"
            assert [status for status in operation["responses"] if status.startswith("2")], f"{method} {path}"


def test_our_examples_are_as_described(description: Description) -> None:
    for name, path, method, status in (
        ("push.response", "/api/v1/sync/push", "post", 200),
        ("push.response.verdicts", "/api/v1/sync/push", "post", 200),
        ("pull.response", "/api/v1/sync/pull", "get", 200),
        ("reconcile.response", "/api/v1/sync/reconcile", "post", 200),
        ("deadletter.response", "/api/v1/sync/deadletter", "post", 200),
        ("desk.sync.kept", "/api/v1/sync/kept", "get", 200),
        ("desk.sync.held", "/api/v1/sync/held", "get", 200),
        ("cases.list", "/api/v1/cases", "get", 200),
        ("case", "/api/v1/cases/{case_id}", "get", 200),
        ("hotspots.list", "/api/v1/hotspots", "get", 200),
        ("places.reverse", "/api/v1/places/reverse", "get", 200),
        ("reference", "/api/v1/reference", "get", 200),
        ("public_report.response", "/api/v1/public/reports", "post", 200),
    ):
        assert description.faults(path, method, status, example(name)) == [], name
    for name, path in (
        ("push.request", "/api/v1/sync/push"),
        ("reconcile.request", "/api/v1/sync/reconcile"),
        ("deadletter.request", "/api/v1/sync/deadletter"),
        ("public_report.request", "/api/v1/public/reports"),
    ):
        assert description.request_faults(path, "post", example(name)) == [], name


def test_a_phone_may_name_the_person_whose_things_it_sends(description: Description) -> None:
    for name, path in (
        ("push.request", "/api/v1/sync/push"),
        ("deadletter.request", "/api/v1/sync/deadletter"),
    ):
        for user_id, faults in ((str(uuid.uuid4()), 0), (None, 0), (5, 1)):
            named = example(name) | {"user_id": user_id}
            assert len(description.request_faults(path, "post", named)) == faults, (name, user_id)


class Asked:
    """Asks, and holds each answer against the description."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self.seen: set[tuple[str, str]] = set()

    def __call__(self, client: FlaskClient, method: str, path: str, /, **options: Any) -> Any:
        """Ask `method` of `path`; `at`: what to put into the path's holes."""
        at = options.pop("at", {})
        answer = client.open(path.format(**at), method=method.upper(), **options)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        self.seen.add((method, path))
        if answer.status_code == 204:
            return None
        faults = self._description.faults(path, method, answer.status_code, answer.get_json())
        assert faults == [], f"{method} {path}"
        return answer.get_json()


def test_every_success_is_as_described(app: Flask, council: Council, description: Description) -> None:
    ask, phone, officer = Asked(description), make_phone(app, council), sign_in(app, council, "officer")
    case_id = _walk_the_phone(ask, app, council, phone.client, phone.device_id)
    _walk_the_desk(ask, officer, case_id)
    nobody = browser(app)
    ask(nobody, "post", "/api/v1/session", json={"email": council.email("crew"), "password": PASSWORD})
    ask(nobody, "get", "/api/v1/session")
    ask(nobody, "delete", "/api/v1/session")
    ask(nobody, "get", "/api/v1/sync/ping", query_string={"nonce": "x"})
    ask(nobody, "get", "/api/v1/reference")
    sent = ask(nobody, "post", "/api/v1/public/reports",
               json=example("public_report.request") | {"seen_at": text_now()})  # fmt: skip
    token = sent["status_url"].rsplit("/", 1)[1]
    ask(nobody, "get", "/api/v1/public/reports/{token}", at={"token": token})


def _walk_the_phone(
    ask: Asked, app: Flask, council: Council, client: FlaskClient, device_id: uuid.UUID
) -> str:
    photo = manifest(b"a photo", taken_at="2026-11-20T06:42:00Z")
    op = report_op(photos=[photo], hazards=["sharps"], witnessed=True)
    ops = [
        op,
        report_op(seq=2, position=position(HERE[0] + 0.0006)),
        make_op("odd", uuid.uuid4(), {}),
        make_op("report.create", uuid.uuid4(), {}),
        make_op("report.add", uuid.uuid4(), {"description": "x"}),
    ]
    ask(client, "post", "/api/v1/sync/push", json={"device_id": str(device_id), "ops": ops})
    drain(app)
    verify(app, council, photo)
    ask(client, "get", "/api/v1/sync/pull")
    ids = {"op_ids": [op["op_id"]], "photo_ids": [photo["id"]]}
    ask(client, "post", "/api/v1/sync/reconcile", json={"device_id": str(device_id), **ids})
    dead = {"op_id": None, "raw": "odd", "problem": None, "why": "odd"}
    ask(client, "post", "/api/v1/sync/deadletter", json={"device_id": str(device_id), "items": [dead]})
    ask(client, "post", "/api/v1/devices", json={"id": str(uuid.uuid4()), "label": "Van 3"})
    ask(client, "get", "/api/v1/places/reverse", query_string={"lat": HERE[0], "lon": HERE[1]})
    ask(client, "get", "/api/v1/places/reverse", query_string={"lat": 48.85, "lon": 2.35})
    (hotspot,) = ask(client, "get", "/api/v1/hotspots")["items"]
    ask(client, "get", "/api/v1/hotspots/{hotspot_id}", at={"hotspot_id": hotspot["id"]})
    return str(case_of(sign_in(app, council, "officer"), op["entity_id"])["id"])


def _walk_the_desk(ask: Asked, officer: FlaskClient, case_id: str) -> None:
    at = {"case_id": case_id}
    ask(officer, "get", "/api/v1/cases", query_string={"limit": 1})
    ask(officer, "get", "/api/v1/hotspots/runs")
    kept = ask(officer, "get", "/api/v1/sync/kept")["items"]
    settle = "/api/v1/sync/kept/{kept_id}/settle"
    ask(officer, "post", settle, at={"kept_id": kept[0]["id"]}, json={"note": "Typed in again"})
    assert ask(officer, "get", "/api/v1/sync/kept", query_string={"settled": True})["items"]
    assert ask(officer, "get", "/api/v1/sync/held", query_string={"older_than_days": 0})["items"]
    ask(
        officer,
        "post",
        "/api/v1/cases/{case_id}/jobs",
        at=at,
        json={"kind": "clear", "due_at": "2026-12-01T16:00:00Z"},
    )
    ask(officer, "post", "/api/v1/cases/{case_id}/notes", at=at, json={"text": "Dog loose"})
    ask(officer, "post", "/api/v1/cases/{case_id}/decisions", at=at, json={"decision": "accept"})
    ask(officer, "get", "/api/v1/cases/{case_id}", at=at)
