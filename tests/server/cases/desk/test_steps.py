"""Decisions on many, putting right, and two officers at once: the second is told, nothing is overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders import Council, drain, make_council, make_op, position, sign_in
from tests.server.cases.desk.office import Office, nowhere


def change(office: Office, case: dict[str, Any], rev: int | None, **body: Any) -> Any:
    """PATCH a case as the officer."""
    headers = {} if rev is None else {"If-Match": f'"{rev}"'}
    return office.officer.patch(f"/api/v1/cases/{case['id']}", json=body, headers=headers)


def test_many_are_decided_each_for_itself(office: Office) -> None:
    cases = [office.report() for _ in range(4)]
    seen = [{"id": case["id"], "rev": case["rev"]} for case in cases]
    office.manager.post(f"/api/v1/cases/{cases[1]['id']}/notes", json={"text": "Mine"})
    closed = office.decide(cases[2], "close")
    seen[2]["rev"] = closed["rev"]
    missing = nowhere()
    body = {"cases": [*seen, {"id": missing, "rev": 1}], "decision": "accept"}
    results = office.officer.post("/api/v1/cases/decisions", json=body).get_json()["results"]
    assert [result["outcome"] for result in results] == [
        "done", "changed_meanwhile", "not_a_next_step", "done", "not_found",
    ]  # fmt: skip
    assert results[1]["detail"].startswith(f"Manager of north changed {cases[1]['reference']}")
    now = [office.case(case["id"]) for case in cases]
    assert [case["state"] for case in now] == ["accepted", "new", "closed", "accepted"]
    assert [result["rev"] for result in results[:4]] == [case["rev"] for case in now]
    assert results[0]["seq"] == now[0]["undoable"][0]["seq"]
    assert (results[4]["id"], results[4]["rev"], results[4]["seq"]) == (missing, None, None)


def test_a_decision_that_lacks_something_is_refused_before_any_case(office: Office) -> None:
    case = office.report()
    body = {"cases": [{"id": case["id"], "rev": case["rev"]}], "decision": "not_ours", "reason": " "}
    refused = office.officer.post("/api/v1/cases/decisions", json=body)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["reason"])
    assert office.case(case["id"])["rev"] == case["rev"]


def test_a_case_is_put_right_and_a_persons_label_stays(office: Office) -> None:
    case = office.report(position=None, hazards=["animal"])
    changed = change(
        office,
        case,
        case["rev"],
        category="fly_tip",
        hazards=["sharps", "asbestos"],
        label="Lay-by on the A5",
    ).get_json()
    assert (changed["hazards"], changed["need"]) == (["asbestos", "sharps"], 41)
    assert changed["timeline"][-1]["what"] == (
        "Changed hazards from Dead animal to Asbestos, Needles, sharps or clinical waste; "
        "what the place is called from “Place not known yet” to “Lay-by on the A5”"
    )
    assert office.references(q="lay-by") == [case["reference"]]
    office.phone.push(make_op("report.locate", case["report_id"], {"position": position()}, seq=9))
    drain(office.app)
    located = office.case(case["id"])
    assert (located["label"], located["place"]["label"]) == ("Lay-by on the A5", "Oldbury Road, Hartshill")
    again = change(office, case, located["rev"], label=None).get_json()
    assert (again["label"], again["labelled"]) == ("Oldbury Road, Hartshill", False)
    assert office.references(q="lay-by") == []


def test_what_changes_nothing_leaves_no_trace(office: Office) -> None:
    case = office.report()
    same = change(office, case, case["rev"], category="fly_tip", hazards=[]).get_json()
    assert (same["rev"], len(same["events"])) == (case["rev"], len(case["events"]))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"category": "graffiti"}, "category"),
        ({"hazards": ["dragons"]}, "hazards"),
        ({"label": ""}, "label"),
        ({"state": "closed"}, "state"),
    ],
)
def test_what_cannot_be_is_refused_by_field(office: Office, body: dict[str, Any], field: str) -> None:
    case = office.report()
    refused = change(office, case, case["rev"], **body)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [field])


def test_a_change_must_say_what_it_saw_and_the_second_is_told_who_was_first(office: Office) -> None:
    case = office.report()
    assert change(office, case, None, label="X").get_json()["code"] == "if_match_needed"
    office.manager.post(f"/api/v1/cases/{case['id']}/decisions", json={"decision": "accept"})
    refused = change(office, case, case["rev"], label="X")
    problem = refused.get_json()
    assert (refused.status_code, problem["code"]) == (412, "changed_meanwhile")
    assert (problem["changed_by"], problem["changed_what"]) == ("Manager of north", "Accepted")
    assert problem["rev"] == office.case(case["id"])["rev"] != case["rev"]
    for path, sent in (("merge", {"other_ids": [nowhere()]}), ("split", {"report_id": nowhere()})):
        assert office.officer.post(f"/api/v1/cases/{case['id']}/{path}", json=sent).status_code == 428
        stale = {"If-Match": str(case["rev"])}
        answer = office.officer.post(f"/api/v1/cases/{case['id']}/{path}", json=sent, headers=stale)
        assert answer.status_code == 412


@pytest.fixture
def elsewhere(office: Office, tmp_path: Path) -> Council:
    """Another council."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return make_council(office.app, folder, slug="south", prefix="SW")


def test_another_council_and_crews_have_no_part_in_it(office: Office, elsewhere: Council) -> None:
    case = office.report()
    other, crew = sign_in(office.app, elsewhere, "admin"), office.phone.client
    base = f"/api/v1/cases/{case['id']}"
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("PATCH", base, {"label": "Mine"}), ("POST", f"{base}/merge", {"other_ids": [nowhere()]}),
        ("POST", f"{base}/split", {"report_id": case["report_id"]}), ("POST", f"{base}/undo", {"seq": 1}),
    )  # fmt: skip
    for method, path, body in asked:
        headers = {"If-Match": str(case["rev"])}
        assert other.open(path, method=method, json=body, headers=headers).status_code == 404, path
        assert crew.open(path, method=method, json=body, headers=headers).status_code == 403, path
    many = {"cases": [{"id": case["id"], "rev": case["rev"]}], "decision": "accept"}
    outcomes = other.post("/api/v1/cases/decisions", json=many).get_json()["results"]
    assert [result["outcome"] for result in outcomes] == ["not_found"]
    assert crew.post("/api/v1/cases/decisions", json=many).status_code == 403
    assert office.case(case["id"])["rev"] == case["rev"]
