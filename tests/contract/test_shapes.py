"""What our server answers has at least the members of the examples that both sides read, with those types."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.intake.schemas import OpSchema, PushSchema, ReportCreateSchema
from server.residents.schemas import PublicReportSchema
from tests.builders import (
    HERE,
    Council,
    Phone,
    browser,
    case_of,
    drain,
    make_op,
    make_phone,
    manifest,
    position,
    report_op,
    sign_in,
)
from tests.contract.shapes import example, lacking
from tests.server.sync.test_what_phones_carry import verify


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer at the desk."""
    return sign_in(app, council, "officer")


@pytest.fixture
def report(app: Flask, council: Council, phone: Phone) -> dict[str, Any]:
    """An op whose report has a place, a case, a verified photo, a hazard, and with its neighbour a rank."""
    photo = manifest(b"a photo", taken_at="2026-11-20T06:42:00Z")
    op = report_op(photos=[photo], hazards=["sharps"], witnessed=True)
    phone.push(op, report_op(seq=2, position=position(HERE[0] + 0.0006)))
    drain(app)
    verify(app, council, photo)
    return op


def test_an_applied_push_is_answered_in_the_agreed_shape(phone: Phone) -> None:
    op = report_op()
    body = {
        "device_id": str(phone.device_id),
        "ops": [op, make_op("report.locate", op["entity_id"], {"position": position()})],
    }
    answer = phone.client.post("/api/v1/sync/push", json=body).get_json()
    assert lacking(example("push.response"), answer) == []


def test_every_verdict_is_answered_in_the_agreed_shape(phone: Phone) -> None:
    op, other = report_op(), report_op(description="other")
    phone.push(op)
    results = {
        "duplicate": phone.push(op)[0],
        "conflict": phone.push(other | {"op_id": op["op_id"], "entity_id": op["entity_id"]})[0],
        "rejected": phone.push(make_op("report.create", uuid.uuid4(), {}))[0],
        "waiting_for": phone.push(make_op("report.locate", uuid.uuid4(), {"position": position()}))[0],
        "retry": phone.push(make_op("report.teleport", uuid.uuid4(), {}))[0],
    }
    shapes = {result["verdict"]: result for result in example("push.response.verdicts")["results"]}
    for verdict, answer in results.items():
        assert answer["verdict"] == verdict
        assert lacking(shapes[verdict], answer) == []


def test_reconcile_and_dead_letters_are_answered_in_the_agreed_shapes(phone: Phone) -> None:
    op = report_op(photos=[manifest(b"x")])
    phone.push(op)
    wanted = {"op_ids": [op["op_id"], "other"], "photo_ids": [], "device_id": str(phone.device_id)}
    answer = phone.client.post("/api/v1/sync/reconcile", json=example("reconcile.request") | wanted)
    assert lacking(example("reconcile.response"), answer.get_json()) == []
    items = example("deadletter.request") | {"device_id": str(phone.device_id)}
    kept = phone.client.post("/api/v1/sync/deadletter", json=items).get_json()
    assert kept["kept"] == example("deadletter.response")["kept"]


def test_the_pull_is_answered_in_the_agreed_shape(
    app: Flask, phone: Phone, officer: FlaskClient, report: dict[str, Any]
) -> None:
    case = case_of(officer, report["entity_id"])
    job = {"kind": "clear", "text": "Use the grab lorry", "due_at": "2026-12-01T16:00:00Z"}
    officer.post(f"/api/v1/cases/{case['id']}/jobs", json=job)
    page, agreed = phone.pull(), example("pull.response")
    assert lacking(agreed | {"changes": []}, page) == []
    assert page["acked_ops"] and page["verified_photos"]
    shapes = {(change["type"], "put" in change): change for change in agreed["changes"]}
    full = {}
    for change in page["changes"]:
        # The report and the case with a photo and a hazard, and what there is one of.
        if change["id"] in (report["entity_id"], case["id"]) or change["type"] in ("job", "hotspot"):
            full[change["type"]] = change
    assert set(full) == {"report", "case", "job", "hotspot"}
    for type_, change in full.items():
        assert lacking(shapes[type_, True], change) == [], type_
    officer.post(f"/api/v1/cases/{case['id']}/decisions", json={"decision": "close"})
    gone = [change for change in phone.pull(page["cursor"])["changes"] if "del" in change]
    assert gone
    assert all(lacking({"type": "job", "id": "x", "rev": 1, "del": True}, change) == [] for change in gone)


def test_the_desk_is_answered_in_the_agreed_shapes(officer: FlaskClient, report: dict[str, Any]) -> None:
    cases = officer.get("/api/v1/cases", query_string={"limit": 1}).get_json()
    assert len(cases["items"]) == 1 and lacking(example("cases.list"), cases) == []
    assert lacking(example("case"), case_of(officer, report["entity_id"])) == []
    hotspots = officer.get("/api/v1/hotspots").get_json()
    assert len(hotspots["items"]) == 1
    agreed = example("hotspots.list")
    agreed = agreed | {"run": agreed["run"] | {"half_life_days": None}}
    assert lacking(agreed, hotspots) == []


def test_a_place_is_answered_in_the_agreed_shape(officer: FlaskClient) -> None:
    answer = officer.get("/api/v1/places/reverse", query_string={"lat": HERE[0], "lon": HERE[1]})
    assert lacking(example("places.reverse"), answer.get_json()) == []


def test_the_lists_hold_the_agreed_codes(app: Flask, council: Council) -> None:
    answer = browser(app).get("/api/v1/reference")
    served, agreed = answer.get_json(), example("reference")
    assert lacking(agreed, served) == []
    for name in ("categories", "waste", "sizes", "land", "hazards"):
        assert served[name] == agreed[name]
    unchanged = browser(app).get("/api/v1/reference", headers={"If-None-Match": answer.headers["ETag"]})
    assert unchanged.status_code == 304


def test_a_problem_is_answered_in_the_agreed_shape(app: Flask, council: Council, phone: Phone) -> None:
    (verdict,) = phone.push(make_op("report.create", uuid.uuid4(), {"id": str(uuid.uuid4())}))
    refused = browser(app).post("/api/v1/public/reports", json={})
    for problem in (verdict["problem"], refused.get_json()):
        assert lacking(example("problem"), problem | {"errors": {"kind": problem["errors"]["kind"]}}) == []


def test_a_residents_report_is_answered_in_the_agreed_shape(app: Flask, council: Council) -> None:
    request = example("public_report.request") | {"seen_at": report_op()["device_time"]}
    answer = browser(app).post("/api/v1/public/reports", json=request).get_json()
    agreed = example("public_report.response")
    assert lacking(agreed, answer) == []
    assert answer["receipt_code"] == agreed["receipt_code"]


def test_our_own_examples_are_what_our_schemas_read() -> None:
    push = PushSchema().load(example("push.request"))
    for op in push["ops"]:
        assert hashlib.sha256(op["payload"].encode()).hexdigest() == op["payload_sha256"]
        OpSchema().load(op)
    ReportCreateSchema().loads(push["ops"][0]["payload"])
    PublicReportSchema().load(example("public_report.request"))


def test_the_comparer_sees_what_is_missing_renamed_or_of_another_type() -> None:
    shape = {"a": 1, "b": [{"c": "x"}], "d": None}
    assert lacking(shape, {"a": 2.5, "b": [], "d": 5, "more": 1}) == []
    assert lacking(shape, {"a": "2", "b": [{"c": "y"}, {"C": "y"}]}) == [
        ".d: missing", ".a: text instead of number", ".b[1].c: missing",
    ]  # fmt: skip
    assert lacking({"a": True}, {"a": 1}) == [".a: number instead of true or false"]
