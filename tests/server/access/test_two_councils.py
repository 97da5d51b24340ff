"""Two councils on one server: every route is walked by people of one with the ids of the other."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from server.cases.models import Case, Job
from server.hotspots.models import Hotspot
from server.intake.models import HeldOp, Report, ReportStanding
from server.store.database import Base
from server.store.transaction import reading
from tests.builders import (
    HERE,
    Council,
    Phone,
    case_of,
    drain,
    make_council,
    make_op,
    make_phone,
    manifest,
    position,
    report_op,
    sign_in,
)

SECRET = "only the south may read this"
# What a write needs to get as far as looking for what it is about.
BODIES: dict[str, dict[str, Any]] = {
    "decisions": {"decision": "accept"}, "notes": {"text": "x"}, "jobs": {"kind": "clear"}, "undo": {"seq": 1},
    "<uuid:case_id>": {"category": "fly_tip", "reason": "x"},
}  # fmt: skip
TUS = {
    "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
    "X-HTTP-Method-Override": "HEAD",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class South:
    """The other council, with one of everything."""

    council: Council
    phone: Phone
    ids: dict[str, str]
    photo: dict[str, Any]


@pytest.fixture
def south(app: Flask, council: Council, tmp_path: Path) -> South:
    """A council with two cases, a hotspot, a job with a visit, a photo on its way, and an op that waits."""
    other = make_council(app, tmp_path, "south", "SW")
    phone, officer = make_phone(app, other), sign_in(app, other, "officer")
    photo = manifest(SECRET.encode())
    ops = [
        report_op(description=SECRET, photos=[photo]),
        report_op(seq=2, description=SECRET, position=position(HERE[0] + 0.0006)),
        make_op("report.add", uuid.uuid4(), {"description": SECRET}, seq=3),
    ]
    phone.push(*ops)
    drain(app)
    case = case_of(officer, ops[0]["entity_id"])
    job = officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "clear", "text": SECRET}).get_json()[
        "jobs"
    ][0]
    officer.post(f"/api/v1/cases/{case['id']}/notes", json={"text": SECRET})
    drain(app)
    with app.app_context(), reading(other.id) as session:
        hotspot_id = str(session.scalars(sa.select(Hotspot.id)).one())
    ids = {
        "case": case["id"], "report": ops[0]["entity_id"], "photo": photo["id"], "job": job["id"],
        "hotspot": hotspot_id, "device": str(phone.device_id), "user": str(other.users["crew"]),
        "council": str(other.id), "held": ops[2]["op_id"], "other_case": case_of(officer, ops[1]["entity_id"])["id"],
    }  # fmt: skip
    return South(other, phone, ids, photo)


def snapshot(app: Flask, council: Council) -> str:
    """Everything a council has in the database, less what its people's own requests change."""
    with app.app_context(), reading(council.id) as session:
        tables = [table for table in Base.metadata.sorted_tables if "authority_id" in table.columns]
        rows = {
            table.name: sorted(
                str(row)
                for row in session.execute(sa.select(table).where(table.c.authority_id == council.id))
            )
            for table in tables
        }
    return json.dumps(rows, sort_keys=True)


def addresses(rule: Rule, ids: dict[str, str]) -> list[str]:
    """A rule's address with each of the ids in its hole."""
    return [
        "/".join(one if part.startswith("<uuid:") else part for part in rule.rule.split("/"))
        for one in ids.values()
    ]


def test_no_route_shows_or_changes_anything_of_another_council(
    app: Flask, council: Council, south: South
) -> None:
    before, asked = snapshot(app, south.council), 0
    for role in ("crew", "officer", "admin"):
        client = sign_in(app, council, role)
        for rule in app.url_map.iter_rules():
            if "<uuid:" not in rule.rule:
                continue
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                for address in addresses(rule, south.ids):
                    answer = ask(client, rule, method, address)
                    asked += 1
                    if address.startswith("/api/"):
                        assert 400 <= answer.status_code < 500, f"{method} {address}: {answer.status_code}"
                    assert SECRET not in answer.text and "SW-" not in answer.text
    assert asked > 200
    assert snapshot(app, south.council) == before


def ask(client: FlaskClient, rule: Rule, method: str, address: str) -> TestResponse:
    """Ask as whoever knows how: with a body that gets as far as looking for what it is about."""
    if method in ("POST", "PATCH") and "uploads" not in address:
        body = BODIES.get(rule.rule.rsplit("/", 1)[1], {"other_ids": [address.split("/")[4]]})
        return client.open(address, method=method, json=body, headers={"If-Match": '"1"'})
    return client.open(address, method=method, headers=TUS)


def test_no_list_holds_anything_of_another_council(app: Flask, council: Council, south: South) -> None:
    officer = sign_in(app, council, "officer")
    for rule in app.url_map.iter_rules():
        if "<" in rule.rule or "GET" not in (rule.methods or ()):
            continue
        for q in ("", SECRET, "SW-26-00001"):
            query = {"q": q} if q else {"lat": HERE[0], "lon": HERE[1]}
            # Whole at once: an answer made of a file would leave it open.
            answer = officer.get(rule.rule, query_string=query, buffered=True)
            leaked = [name for name, one in south.ids.items() if one in answer.text]
            assert not leaked and SECRET not in answer.text.replace(q, ""), rule.rule
    assert officer.get("/api/v1/cases").get_json()["items"] == []
    nothing: dict[str, Any] = {"items": [], "next": None, "run": None, "within": []}
    assert officer.get("/api/v1/hotspots").get_json() == nothing


def test_the_pull_holds_nothing_of_another_council(app: Flask, council: Council, south: South) -> None:
    for role in ("crew", "officer"):
        phone = make_phone(app, council, role)
        page = phone.pull()
        assert (page["changes"], page["acked_ops"], page["verified_photos"]) == ([], [], [])
        theirs = phone.pull(str(south.phone.pull()["cursor"]))
        assert theirs["reset"] is True and theirs["changes"] == []
        answer = phone.client.get("/api/v1/sync/pull", query_string={"device_id": south.ids["device"]})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "device_not_enrolled")


def test_ops_about_another_councils_things_wait_and_do_nothing(
    app: Flask, council: Council, south: South
) -> None:
    before, phone = snapshot(app, south.council), make_phone(app, council)
    results = phone.push(
        make_op("report.locate", south.ids["report"], {"position": position()}, seq=1),
        make_op("report.add", south.ids["report"], {"description": "x"}, seq=2),
        make_op("job.result", south.ids["job"], {"result": "done"}, seq=3),
        make_op("job.note", south.ids["job"], {"text": "x"}, seq=4),
        make_op("case.note", south.ids["case"], {"text": "x"}, seq=5),
        report_op(seq=6) | {"after": south.ids["held"]},
    )
    assert {result["verdict"] for result in results} == {"waiting_for"}
    assert SECRET not in json.dumps(results)
    assert snapshot(app, south.council) == before
    with app.app_context(), reading(council.id) as session:
        assert len(session.scalars(sa.select(HeldOp)).all()) == 6


def test_naming_another_councils_ids_reaches_nothing(app: Flask, council: Council, south: South) -> None:
    before, phone, officer = (
        snapshot(app, south.council),
        make_phone(app, council),
        sign_in(app, council, "officer"),
    )
    joining = report_op(joins=south.ids["case"], position=None)
    # The same report and photo ids in both councils are two reports and two photos.
    twin = report_op(id=south.ids["report"], seq=2, photos=[manifest(b"ours", id=south.photo["id"])])
    assert [verdict["verdict"] for verdict in phone.push(joining, twin)] == ["applied", "applied"]
    drain(app)
    case = case_of(officer, joining["entity_id"])
    assert case["id"] != south.ids["case"] and "named_case_not_open" in case["flags"]
    for path, body, field in (
        ("decisions", {"decision": "duplicate", "duplicate_of": south.ids["case"]}, "duplicate_of"),
        ("jobs", {"kind": "clear", "crew_id": south.ids["user"]}, "crew_id"),
    ):
        answer = officer.post(f"/api/v1/cases/{case['id']}/{path}", json=body)
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
        assert "SW-" not in answer.text
    assert snapshot(app, south.council) == before
    with app.app_context(), reading(council.id) as session:
        for table, column in (
            (Case, Case.duplicate_of),
            (Job, Job.crew_id),
            (ReportStanding, ReportStanding.case_id),
        ):
            assert (
                uuid.UUID(south.ids["case"])
                not in session.scalars(sa.select(column).select_from(table)).all()
            )


def begin(client: FlaskClient, photo: dict[str, Any], **headers: str) -> Any:
    """Begin to send a photo."""
    named = base64.b64encode(photo["id"].encode()).decode()
    about = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(photo["bytes"]),
        "Upload-Metadata": f"photo_id {named}",
    }
    return client.post("/api/v1/uploads", headers=about | headers)


def test_photos_are_sent_only_within_ones_council(app: Flask, council: Council, south: South) -> None:
    for role in ("crew", "officer"):
        refused = begin(sign_in(app, council, role), south.photo)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "photo_not_expected")
    assert begin(south.phone.client, south.photo).status_code == 201


def test_a_phone_enrolled_in_two_councils_is_two_phones(app: Flask, council: Council, south: South) -> None:
    client = sign_in(app, council, "crew")
    body = {"id": south.ids["device"], "label": "ours"}
    assert client.post("/api/v1/devices", json=body).status_code == 200
    push = {"device_id": south.ids["device"], "ops": [report_op()]}
    assert client.post("/api/v1/sync/push", json=push).get_json()["results"][0]["verdict"] == "applied"
    with app.app_context(), reading(south.council.id) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Report)) == 2
