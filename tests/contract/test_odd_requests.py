"""However odd a request is, the server answers it: never with a failure of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from server.access import service
from server.access.limits import limiter
from tests.builders import (
    HERE,
    Council,
    browser,
    case_of,
    drain,
    make_phone,
    position,
    report_op,
    sign_in,
    text_now,
)
from tests.contract.shapes import example

ODD_TEXTS = (
    "", "\x00", "x\x00y", "x" * 6000, "-1", "1e400", "NaN", "[]", "%", "\\", "🛋️", "9" * 40, "2026-13-45",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    *ODD_TEXTS, None, True, -1, 10**30, 1e308, float("inf"), [], {}, [None], {"x": 1}, "\ud800", ["\ud800"], ["\x00"],
    {"\x00": "\ud800"}, ["x"] * 200,
)  # fmt: skip


@pytest.fixture
def admin(app: Flask, council: Council, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Somebody who may do everything, as often as they like."""
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(
        service, "_NOBODY", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    )
    return sign_in(app, council, "admin")


@pytest.fixture
def case_id(app: Flask, council: Council, admin: FlaskClient) -> str:
    """A case to be odd about."""
    op = report_op()
    make_phone(app, council).push(op)
    drain(app)
    return str(case_of(admin, op["entity_id"])["id"])


def operations(app: Flask, *methods: str) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Path, method, operation and the whole document, for every operation with one of `methods`."""
    document = app.test_client().get("/api/openapi.json").get_json()
    for path, item in document["paths"].items():
        for method in methods:
            if method in item:
                operation = item[method]
                operation = operation | {
                    "parameters": [*item.get("parameters", []), *operation.get("parameters", [])]
                }
                yield path, method, operation, document


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, its reference followed."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def address(path: str, case_id: str) -> str:
    """A path with the case's id in every hole."""
    return "/".join(case_id if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.proof
def test_odd_words_in_the_address_are_answered(
    app: Flask, council: Council, admin: FlaskClient, case_id: str
) -> None:
    asked, failed = 0, []
    for path, _, operation, _ in operations(app, "get"):
        names = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
        usual = {"lat": HERE[0], "lon": HERE[1]} if "lat" in names else {}
        for name in names:
            for value in ODD_TEXTS:
                asked += 1
                if admin.get(address(path, case_id), query_string=usual | {name: value}).status_code >= 500:
                    failed.append(f"{path}?{name}={value!r:.60}")
    assert failed == []
    assert asked > 200


def usual_body(path: str, case_id: str) -> dict[str, Any]:
    """What a write usually holds."""
    report: dict[str, Any] = example("public_report.request") | {
        "seen_at": text_now(),
        "position": position(),
    }
    bodies: dict[str, dict[str, Any]] = {
        "/api/v1/public/reports": report,
        "/api/v1/session": {"email": "x@example.org", "password": "three long words"},
        "/api/v1/devices": {"id": case_id, "label": "Van"},
        "/api/v1/cases/{case_id}/decisions": {"decision": "accept"},
        "/api/v1/cases/{case_id}/jobs": {"kind": "clear"},
    }
    return bodies.get(path, {})


@pytest.mark.proof
def test_odd_members_of_a_body_are_answered(
    app: Flask, council: Council, admin: FlaskClient, case_id: str
) -> None:
    asked, failed, nobody = 0, [], browser(app)
    for path, method, operation, document in operations(app, "post", "patch", "put"):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        client = nobody if path in ("/api/v1/session", "/api/v1/public/reports") else admin
        ask = partial(client.open, address(path, case_id), method=method.upper(), headers={"If-Match": '"1"'})
        usual = usual_body(path, case_id)
        for name in resolved(document, content["schema"]).get("properties", {}):
            for value in ODD_VALUES:
                asked += 1
                if ask(json=usual | {name: value}).status_code >= 500:
                    failed.append(f"{method} {path} {name}={value!r:.60}")
    assert failed == []
    assert asked > 300


def test_odd_members_of_an_op_are_answered_and_the_next_op_applied(
    app: Flask, council: Council, admin: FlaskClient
) -> None:
    phone = make_phone(app, council)
    for name in report_op():
        ops = [report_op(seq=seq) | {name: value} for seq, value in enumerate(ODD_VALUES)]
        results = phone.push(*ops[:49], report_op(seq=99))
        assert results[-1]["verdict"] == "applied"
        broken = [result for result in results if result.get("problem", {}).get("code") == "server_error"]
        assert broken == [], name


def test_odd_members_of_a_report_are_answered_and_never_break_the_server(
    app: Flask, council: Council, admin: FlaskClient
) -> None:
    phone = make_phone(app, council)
    for name in ("id", "seen_at", "position", "description", "waste", "joins", "photos"):
        results = phone.push(*(report_op(seq=seq, **{name: value}) for seq, value in enumerate(ODD_VALUES)))
        broken = [result for result in results if result.get("problem", {}).get("code") == "server_error"]
        assert broken == [], name
    drain(app)
    listed = admin.get("/api/v1/cases", query_string={"limit": 100})
    assert listed.status_code == 200
    for row in listed.get_json()["items"][:10]:
        assert admin.get(f"/api/v1/cases/{row['id']}").status_code == 200
