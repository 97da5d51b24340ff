"""Decisions, notes and jobs: what may come next, what is refused, and that no visit of a crew is ever lost."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.cases.marks import mark_hotspots
from server.photos.service import mark_received
from server.store.clock import now
from server.store.events import SYSTEM
from server.store.transaction import transaction
from tests.builders import Council, Phone, case_of, drain, make_op, make_phone, manifest, position, report_op

NEXT = {
    "new": ["accept", "duplicate", "not_ours", "no_evidence", "close"],
    "accepted": ["duplicate", "not_ours", "no_evidence", "close"],
    "closed": ["reopen"],
}


@pytest.fixture
def case(app: Flask, phone: Phone, officer: FlaskClient) -> dict[str, Any]:
    """A new case."""
    op = report_op()
    phone.push(op)
    drain(app)
    return case_of(officer, op["entity_id"])


def again(officer: FlaskClient, case: dict[str, Any]) -> dict[str, Any]:
    """The case as it is now."""
    return dict(officer.get(f"/api/v1/cases/{case['id']}").get_json())


def post(officer: FlaskClient, case: dict[str, Any], what: str, body: Any, **headers: str) -> TestResponse:
    """Write to a case."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return officer.post(f"/api/v1/cases/{case['id']}/{what}", json=body, headers=named)


def decide(officer: FlaskClient, case: dict[str, Any], decision: str, **more: Any) -> TestResponse:
    """Take a decision."""
    return post(officer, case, "decisions", {"decision": decision} | more)


def steps(case: dict[str, Any]) -> list[str]:
    """The decisions that the case offers."""
    return [step["decision"] for step in case["next_steps"]]


def test_a_case_offers_what_can_come_next_and_takes_nothing_else(
    officer: FlaskClient, case: dict[str, Any]
) -> None:
    assert (case["state"], steps(case)) == ("new", NEXT["new"])
    assert decide(officer, case, "reopen", reason="x").get_json()["code"] == "not_a_next_step"
    accepted = decide(officer, case, "accept").get_json()
    assert (accepted["state"], steps(accepted)) == ("accepted", NEXT["accepted"])
    assert decide(officer, case, "accept").status_code == 409
    closed = decide(officer, case, "close").get_json()
    assert (closed["state"], closed["closed_because"], steps(closed)) == ("closed", "close", NEXT["closed"])
    for decision in NEXT["new"]:
        assert decide(officer, case, decision, reason="x", duplicate_of=case["id"]).status_code == 409
    reopened = decide(officer, case, "reopen", reason="still there").get_json()
    assert (reopened["state"], reopened["closed_because"]) == ("accepted", None)
    kinds = [(event["kind"], event["facts"].get("decision")) for event in reopened["events"][2:]]
    assert kinds == [("case.decided", "accept"), ("case.decided", "close"), ("case.decided", "reopen")]


def test_a_decision_that_needs_a_reason_or_another_case_says_so_and_changes_nothing(
    officer: FlaskClient, case: dict[str, Any]
) -> None:
    for body, field in (
        ({"decision": "not_ours"}, "reason"),
        ({"decision": "no_evidence", "reason": "  "}, "reason"),
        ({"decision": "duplicate"}, "duplicate_of"),
        ({"decision": "duplicate", "duplicate_of": case["id"]}, "duplicate_of"),
        ({"decision": "duplicate", "duplicate_of": str(uuid.uuid4())}, "duplicate_of"),
        ({"decision": "burn"}, "decision"),
        ({}, "decision"),
    ):
        refused = post(officer, case, "decisions", body)
        assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [field]), body
    assert again(officer, case)["rev"] == case["rev"]


def test_a_reason_stays_with_the_case_and_only_its_digest_in_the_history(
    officer: FlaskClient, case: dict[str, Any]
) -> None:
    after = decide(officer, case, "not_ours", reason="On railway land").get_json()
    assert after["notes"][-1]["text"] == "On railway land"
    assert "railway" not in str(after["events"])


def test_who_looked_at_an_older_version_is_told_so(officer: FlaskClient, case: dict[str, Any]) -> None:
    looked_at = officer.get(f"/api/v1/cases/{case['id']}").headers["ETag"]
    assert looked_at == f'"{case["rev"]}"'
    first = post(officer, case, "decisions", {"decision": "accept"}, If_Match=looked_at)
    assert first.status_code == 200 and first.headers["ETag"] != looked_at
    late = post(officer, case, "decisions", {"decision": "close"}, If_Match=looked_at)
    assert (late.status_code, late.get_json()["code"]) == (412, "changed_meanwhile")
    assert late.get_json()["rev"] == first.get_json()["rev"]
    assert again(officer, case)["state"] == "accepted"
    assert (
        post(officer, case, "decisions", {"decision": "close"}, If_Match=first.headers["ETag"]).status_code
        == 200
    )


def mark(app: Flask, council: Council, case: dict[str, Any]) -> None:
    """What a run over the hotspots does to a case."""
    with app.app_context(), transaction(council.id) as session:
        mark_hotspots(session, {uuid.UUID(case["id"]): None})


def test_a_run_over_the_hotspots_disturbs_nobody_who_decides(
    app: Flask, council: Council, officer: FlaskClient, case: dict[str, Any]
) -> None:
    looked_at = officer.get(f"/api/v1/cases/{case['id']}").headers["ETag"]
    for _ in range(2):
        mark(app, council, case)
        assert again(officer, case)["rev"] > int(looked_at.strip('"'))
    assert post(officer, case, "decisions", {"decision": "accept"}, If_Match=looked_at).status_code == 200
    many = {"cases": [{"id": case["id"], "rev": again(officer, case)["rev"]}], "decision": "close"}
    mark(app, council, case)
    [result] = officer.post("/api/v1/cases/decisions", json=many).get_json()["results"]
    assert result["outcome"] == "done"


def test_a_run_over_the_hotspots_hides_no_change_of_a_person(
    app: Flask, council: Council, officer: FlaskClient, case: dict[str, Any]
) -> None:
    looked_at = officer.get(f"/api/v1/cases/{case['id']}").headers["ETag"]
    mark(app, council, case)
    accepted = decide(officer, case, "accept")
    mark(app, council, case)
    late = post(officer, case, "decisions", {"decision": "close"}, If_Match=looked_at)
    assert (late.status_code, late.get_json()["changed_what"]) == (412, "Accepted")
    for never_seen in (again(officer, case)["rev"] + 1, "x"):
        ahead = post(officer, case, "decisions", {"decision": "close"}, If_Match=f'"{never_seen}"')
        assert ahead.status_code == 412
    seen = accepted.headers["ETag"]
    assert post(officer, case, "decisions", {"decision": "close"}, If_Match=seen).status_code == 200


def test_what_happened_to_a_report_meanwhile_is_named(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    photo = manifest(b"a photo that comes after its report")
    op = report_op(photos=[photo])
    phone.push(op)
    drain(app)
    case = case_of(officer, op["entity_id"])
    with app.app_context(), transaction(council.id) as session:
        mark_received(session, uuid.UUID(photo["id"]), SYSTEM, now())
    late = post(officer, case, "decisions", {"decision": "close"}, If_Match=f'"{case["rev"]}"')
    assert (late.status_code, late.get_json()["changed_what"]) == (412, "Photo received")


def test_notes_are_kept_as_written(officer: FlaskClient, case: dict[str, Any]) -> None:
    text = "<b>Dog</b> loose \x00 🐕"
    answer = post(officer, case, "notes", {"text": text})
    assert answer.status_code == 201
    assert answer.get_json()["notes"][-1]["text"] == text.replace("\x00", "\ufffd")
    assert answer.get_json()["rev"] > case["rev"]
    for body in ({}, {"text": ""}, {"text": "x" * 4001}, {"text": 5}):
        refused = post(officer, case, "notes", body)
        assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["text"])


def test_a_job_goes_to_a_crew_of_the_council_that_is_there(
    council: Council, officer: FlaskClient, case: dict[str, Any]
) -> None:
    for body, field in (
        ({"kind": "dig"}, "kind"),
        ({"kind": "clear", "crew_id": str(council.users["officer"])}, "crew_id"),
        ({"kind": "clear", "crew_id": str(uuid.uuid4())}, "crew_id"),
        ({"kind": "clear", "due_at": "tomorrow"}, "due_at"),
    ):
        refused = post(officer, case, "jobs", body)
        assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [field]), body
    decide(officer, case, "close")
    assert post(officer, case, "jobs", {"kind": "clear"}).get_json()["code"] == "not_a_next_step"


def give_job(officer: FlaskClient, case: dict[str, Any], **more: Any) -> str:
    """Give a job; its id."""
    return str(post(officer, case, "jobs", {"kind": "clear"} | more).get_json()["jobs"][-1]["id"])


def test_every_visit_is_kept_and_the_first_result_stands(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    job_id, another = give_job(officer, case), make_phone(app, council)
    photo = manifest(b"after")
    done = {"result": "done", "position": position(), "photos": [photo]}
    (first,) = phone.push(make_op("job.result", job_id, done))
    (second,) = another.push(make_op("job.result", job_id, {"result": "not_there"}))
    assert (first["verdict"], second["verdict"]) == ("applied", "applied")
    assert first["case_id"] == second["case_id"] == case["id"]
    after = again(officer, case)
    (job,) = after["jobs"]
    assert job["state"] == "done" and [one["id"] for one in job["photos"]] == [photo["id"]]
    assert [(visit["result"], visit["flags"]) for visit in job["results"]] == [
        ("done", []), ("not_there", ["job_done_twice"]),
    ]  # fmt: skip
    assert after["flags"] == ["job_done_twice"] and after["photos"]["expected"] == 1


def test_a_visit_of_another_crew_or_to_a_closed_case_is_kept_and_flagged(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    job_id = give_job(officer, case, crew_id=str(council.users["crew"]))
    stranger = make_phone(app, council, "officer")
    assert stranger.push(make_op("job.result", job_id, {"result": "cannot"}))[0]["verdict"] == "applied"
    other_job = give_job(officer, case)
    decide(officer, case, "close")
    assert phone.push(make_op("job.result", other_job, {"result": "done"}))[0]["verdict"] == "applied"
    after = again(officer, case)
    assert {"job_of_another_crew", "job_of_closed_case"} <= set(after["flags"])


def test_an_odd_position_keeps_no_visit_from_arriving(
    phone: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    job_id = give_job(officer, case)
    odd = {"lat": 52.5, "lon": -1.5, "accuracy_m": -1, "source": "gps"}
    assert (
        phone.push(make_op("job.result", job_id, {"result": "done", "position": odd}))[0]["verdict"]
        == "applied"
    )
    (visit,) = again(officer, case)["jobs"][0]["results"]
    assert (visit["result"], visit["flags"]) == ("done", ["odd_position"])


def test_a_visit_without_a_known_result_is_rejected_by_name(
    phone: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    job_id = give_job(officer, case)
    for payload, field in (
        ({}, "result"),
        ({"result": "perhaps"}, "result"),
        ({"result": "done", "reason": "x" * 4001}, "reason"),
    ):
        (verdict,) = phone.push(make_op("job.result", job_id, payload))
        assert (verdict["verdict"], list(verdict["problem"]["errors"])) == ("rejected", [field])


def test_a_result_sent_twice_is_one_visit(phone: Phone, officer: FlaskClient, case: dict[str, Any]) -> None:
    op = make_op("job.result", give_job(officer, case), {"result": "done"})
    assert [phone.push(op)[0]["verdict"] for _ in range(3)] == ["applied", "duplicate", "duplicate"]
    assert len(again(officer, case)["jobs"][0]["results"]) == 1


def test_notes_of_crews_show_at_the_desk(phone: Phone, officer: FlaskClient, case: dict[str, Any]) -> None:
    job_id = give_job(officer, case)
    phone.push(
        make_op("job.note", job_id, {"text": "Gate locked"}, seq=1),
        make_op("case.note", case["id"], {"text": "Van seen"}, seq=2),
    )
    after = again(officer, case)
    assert {note["text"] for note in after["notes"]} == {"Gate locked", "Van seen"}
    assert [event["text"] for event in after["timeline"] if event["text"]][-2:] == ["Gate locked", "Van seen"]
