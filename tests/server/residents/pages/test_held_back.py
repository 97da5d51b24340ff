"""What officers do with reports held back: see them, let them go, refuse them with a reason; and who may be reached."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.residents.visits import TRAP
from server.store.checkpoints import verify
from server.store.transaction import reading
from tests.builders import Council, drain, make_council, sign_in
from tests.server.residents.pages.resident import Resident, words_of
from workers.tasks.residents import tidy

REACHABLE = {"contact": "yes", "name": "Pat", "email": "pat@example.com", "phone": ""}


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    return sign_in(app, council, "officer")


@pytest.fixture
def row(app: Flask, officer: FlaskClient, resident: Resident) -> dict[str, Any]:
    """A report with a way to reach its sender, held back."""
    resident.report(contact=REACHABLE | {TRAP: "http://example.com"})
    drain(app)
    return dict(held(officer)["items"][0])


def held(officer: FlaskClient, state: str = "waiting") -> dict[str, Any]:
    return dict(officer.get("/api/v1/quarantine", query_string={"state": state}).get_json())


def refuse(officer: FlaskClient, row: dict[str, Any], reason: str = "An advertisement") -> Any:
    return officer.post(f"/api/v1/quarantine/{row['report_id']}/refuse", json={"reason": reason})


def test_refused_it_gets_no_case_and_is_kept_with_the_reason(
    app: Flask, council: Council, officer: FlaskClient, resident: Resident, row: dict[str, Any]
) -> None:
    assert (row["refused"], held(officer)["counts"]) == (None, {"waiting": 1, "refused": 0})
    first, again = refuse(officer, row), refuse(officer, row, "Something else")
    assert first.status_code == again.status_code == 200 and first.json == again.json
    drain(app)
    assert held(officer)["items"] == [] and officer.get("/api/v1/cases").json["items"] == []
    refused = held(officer, "refused")
    assert refused["counts"] == {"waiting": 0, "refused": 1}
    [kept] = refused["items"]
    assert (kept["receipt_code"], kept["description"]) == (row["receipt_code"], row["description"])
    assert kept["refused"]["reason"] == "An advertisement" and kept["refused"]["by"] == "Officer of north"
    with app.app_context(), reading(council.id) as session:
        assert verify(session) == []
    page = words_of(resident.get(resident.status_path()))
    assert "We have finished with this report" in page and "advertisement" not in page


def test_a_refusal_needs_a_reason(officer: FlaskClient, row: dict[str, Any]) -> None:
    for reason in ("", "  \n "):
        answer = refuse(officer, row, reason)
        assert answer.status_code == 422
        assert answer.json["errors"]["reason"] == ["Say why, in a few words: it stays with the report"]
    assert held(officer)["counts"] == {"waiting": 1, "refused": 0}


def test_a_refused_report_can_still_go_its_way_and_its_case_tells_all_of_it(
    app: Flask, officer: FlaskClient, row: dict[str, Any]
) -> None:
    refuse(officer, row)
    assert officer.post(f"/api/v1/quarantine/{row['report_id']}/release").status_code == 200
    drain(app)
    assert held(officer, "refused")["items"] == []
    [case] = officer.get("/api/v1/cases").json["items"]
    told = [
        (entry["what"], entry["text"])
        for entry in officer.get(f"/api/v1/cases/{case['id']}").json["timeline"]
    ]
    assert ("Refused: it gets no case", "An advertisement") in told
    assert ("Released: it goes its way like any other", None) in told


def test_what_was_released_cannot_be_refused(app: Flask, officer: FlaskClient, row: dict[str, Any]) -> None:
    officer.post(f"/api/v1/quarantine/{row['report_id']}/release")
    answer = refuse(officer, row)
    assert (answer.status_code, answer.json["code"]) == (409, "not_a_next_step")


def test_crews_residents_and_other_councils_refuse_nothing(
    app: Flask, council: Council, officer: FlaskClient, resident: Resident, row: dict[str, Any], tmp_path: Any
) -> None:
    other = sign_in(app, make_council(app, tmp_path, slug="south"), "officer")
    assert held(other)["items"] == [] and refuse(other, row).status_code == 404
    assert refuse(sign_in(app, council, "crew"), row).status_code == 403
    assert refuse(resident.client, row).status_code == 401
    assert held(officer)["counts"] == {"waiting": 1, "refused": 0}


def test_who_can_be_reached_is_told_without_the_details_and_every_look_is_on_record(
    app: Flask, council: Council, officer: FlaskClient, resident: Resident, row: dict[str, Any]
) -> None:
    assert row["has_contact"] is True
    officer.post(f"/api/v1/quarantine/{row['report_id']}/release")
    resident.report(what={"category": "graffiti", "description": "On the wall"})
    drain(app)
    cases = [
        officer.get(f"/api/v1/cases/{each['id']}").json for each in officer.get("/api/v1/cases").json["items"]
    ]
    reachable = {
        report["receipt_code"]: report["has_contact"] for case in cases for report in case["reports_detail"]
    }
    assert sorted(reachable.values()) == [False, True] and reachable[row["receipt_code"]]
    for case in cases:
        assert "pat@example.com" not in str(case)
    path = f"/api/v1/reports/{row['report_id']}/contact"
    looks = [officer.get(path), sign_in(app, council, "manager").get(path)]
    assert {(look.status_code, look.json["email"]) for look in looks} == {(200, "pat@example.com")}
    assert {look.headers["Cache-Control"] for look in looks} == {"no-store"}
    assert sign_in(app, council, "crew").get(path).status_code == 403
    [case_id] = [
        case["id"] for case in cases if case["reports_detail"][0]["receipt_code"] == row["receipt_code"]
    ]
    timeline = officer.get(f"/api/v1/cases/{case_id}").json["timeline"]
    who = [entry["by"] for entry in timeline if entry["what"] == "How to reach the reporter was looked at"]
    assert who == ["Officer of north", "Manager of north"]


def test_nobody_is_reachable_once_the_details_were_erased(
    app: Flask, officer: FlaskClient, resident: Resident
) -> None:
    resident.report(contact=REACHABLE)
    drain(app)
    [case] = officer.get("/api/v1/cases").json["items"]
    resident.clock.pass_(days=366)
    with app.app_context():
        tidy()
    [report] = officer.get(f"/api/v1/cases/{case['id']}").json["reports_detail"]
    assert report["has_contact"] is False
