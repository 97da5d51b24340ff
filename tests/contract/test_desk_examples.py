"""The desk's examples and the server's real answers have the same shape, member by member."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.residents.abuse import MOST_OF_ONE_ADDRESS
from tests.builders import drain, make_op, manifest, sign_in, text_now
from tests.server.cases.desk.office import Office, open_office

EXAMPLES = Path(__file__).parent / "examples"


def example(name: str) -> Any:
    """One of the written-down answers."""
    return json.loads((EXAMPLES / f"desk.{name}.json").read_text())


def missing(expected: Any, found: Any, where: str = "") -> list[str]:
    """The members of an example that an answer lacks; of a list the first element stands for all."""
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [] if found is None else [f"{where}: not an object"]
        lacking = [f"{where}.{name}" for name in expected if name not in found]
        return lacking + [
            line
            for name, value in expected.items()
            if name in found
            for line in missing(value, found[name], f"{where}.{name}")
        ]
    if isinstance(expected, list) and expected and isinstance(found, list) and found:
        return missing(expected[0], found[0], f"{where}[]")
    same_kind = type(expected) is type(found) or {type(expected), type(found)} <= {int, float}
    return [] if same_kind or expected is None or found is None else [f"{where}: {found!r}"]


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """An office with a case that has something of everything, and a neighbour."""
    office = open_office(app, tmp_path)
    office.report(metres_north=60)
    case = office.report(metres_north=0, hazards=["asbestos"], witnessed=True, photos=[manifest(b"photo")])
    job = {"kind": "clear", "crew_id": str(office.council.users["crew"])}
    office.officer.post(f"/api/v1/cases/{case['id']}/jobs", json=job)
    drain(app)
    office.decide(case, "accept", reason="Ours")
    office.phone.push(
        make_op("report.create", uuid.uuid4(), {}), make_op("report.add", uuid.uuid4(), {"description": "x"})
    )
    hold_back(office)
    return office


def hold_back(office: Office) -> None:
    """More reports from one address than people send: two wait for a person, and one of them is refused."""
    for number in range(MOST_OF_ONE_ADDRESS + 2):
        body = {
            "id": str(uuid.uuid4()), "kind": "incident", "category": "graffiti", "where": f"Wall {number}",
            "seen_at": text_now(), "contact": {"name": "Pat", "email": "pat@north.example"},
        }  # fmt: skip
        sent = office.officer.post("/api/v1/public/reports", json=body)
        assert sent.status_code == 200, sent.text
    waiting = office.officer.get("/api/v1/quarantine").get_json()["items"]
    refused = {"reason": "An advertisement"}
    office.officer.post(f"/api/v1/quarantine/{waiting[0]['report_id']}/refuse", json=refused)


def test_answers_hold_what_their_examples_hold(office: Office) -> None:
    officer, admin = office.officer, sign_in(office.app, office.council, "admin")
    case = office.cases(state="accepted")["items"][0]
    hotspot = officer.get("/api/v1/hotspots").get_json()["items"][0]
    crew, base = str(office.council.users["crew"]), "/api/v1"
    new = {"email": "new@north.example", "name": "New", "role": "crew"}
    many = {"cases": [{"id": case["id"], "rev": case["rev"]}], "decision": "close"}
    stale = {"If-Match": "0"}
    refused = officer.get(f"{base}/quarantine?state=refused")
    kept = officer.get(f"{base}/sync/kept").get_json()["items"][0]
    sender = refused.get_json()["items"][0]["report_id"]
    answers = {
        "cases.list": officer.get(f"{base}/cases"),
        "case": officer.get(f"{base}/cases/{case['id']}"),
        "case.nearby": officer.get(f"{base}/cases/{case['id']}/nearby"),
        "case.changed_meanwhile": officer.patch(f"{base}/cases/{case['id']}", json={}, headers=stale),
        "jobs.list": officer.get(f"{base}/jobs"),
        "cases.decisions": officer.post(f"{base}/cases/decisions", json=many),
        "users.list": admin.get(f"{base}/users"),
        "users.post": admin.post(f"{base}/users", json=new),
        "users.links": admin.post(f"{base}/users/{crew}/links", json=example("users.links.request")),
        "devices.list": officer.get(f"{base}/devices"),
        "devices.codes": officer.post(f"{base}/devices/codes", json={"user_id": crew}),
        "sync.kept": officer.get(f"{base}/sync/kept"),
        "sync.kept.settle": officer.post(
            f"{base}/sync/kept/{kept['id']}/settle", json={"note": "Rang the crew"}
        ),
        "sync.kept.settled": officer.get(f"{base}/sync/kept?settled=true"),
        "sync.held": officer.get(f"{base}/sync/held?older_than_days=0"),
        "hotspots.window": officer.get(f"{base}/hotspots?window_days=90"),
        "hotspot": officer.get(f"{base}/hotspots/{hotspot['id']}"),
        "hotspot.effect": officer.get(f"{base}/hotspots/{hotspot['id']}/effect?kind=gate&start=2026-09-01"),
        "hotspots.patrol": officer.get(f"{base}/hotspots/patrol"),
        "quarantine.list": refused,
        "report.contact": officer.get(f"{base}/reports/{sender}/contact"),
        "insight.overview": officer.get(f"{base}/insight/overview"),
    }
    lacking = {name: missing(example(name), answer.get_json()) for name, answer in answers.items()}
    assert {name: lines for name, lines in lacking.items() if lines} == {}


def test_every_example_of_an_answer_was_held_against_one() -> None:
    written = {path.name.removeprefix("desk.").removesuffix(".json") for path in EXAMPLES.glob("desk.*.json")}
    source = Path(__file__).read_text()
    assert [name for name in written if not name.endswith("request") and f'"{name}"' not in source] == []
