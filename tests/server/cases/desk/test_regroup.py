"""Merging, splitting and undoing: nothing is deleted, each stream tells it, and undo restores exactly."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from server.store.checkpoints import verify
from server.store.events import events_of
from server.store.transaction import reading
from tests.builders import case_of, drain, make_op, manifest, position
from tests.server.cases.desk.office import Office

# What a case looks like apart from its history and what follows from it.
HISTORY = {"rev", "events", "timeline", "undoable", "notes", "why_here", "report_id"}


def plain(case: dict[str, Any]) -> dict[str, Any]:
    """A case without its history."""
    return {name: value for name, value in case.items() if name not in HISTORY}


def post(office: Office, case: dict[str, Any], step: str, **body: Any) -> Any:
    """Take a step on the case as it is now."""
    headers = {"If-Match": f'"{office.case(case["id"])["rev"]}"'}
    return office.officer.post(f"/api/v1/cases/{case['id']}/{step}", json=body, headers=headers)


def undo_last(office: Office, case: dict[str, Any]) -> Any:
    """Undo what the case says can be undone."""
    (last,) = office.case(case["id"])["undoable"]
    return post(office, case, "undo", seq=last["seq"])


def record_is_whole(office: Office) -> bool:
    """Whether every chain of events follows from its own past."""
    with office.app.app_context(), reading(office.council.id) as session:
        return verify(session) == []


def two_heaps(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two cases that a person sees are one: the second with a hazard, a photo, a witness and a job."""
    first = office.report(waste=["tyres"])
    second = office.report(
        hazards=["asbestos"], witnessed=True, photos=[manifest(b"photo")], seen_at="2026-01-01T00:00:00Z"
    )
    job = {"kind": "clear", "text": "All of it"}
    office.officer.post(f"/api/v1/cases/{second['id']}/jobs", json=job)
    return office.case(first["id"]), office.case(second["id"]) | {"report_id": second["report_id"]}


def test_merged_cases_become_one_and_the_other_stays_as_its_duplicate(office: Office) -> None:
    first, second = two_heaps(office)
    merged = post(office, first, "merge", other_ids=[second["id"]], reason="One heap").get_json()
    assert (merged["reports"], merged["hazards"], merged["witnessed"]) == (2, ["asbestos"], True)
    assert merged["photos"] == {"verified": 0, "expected": 1}
    assert [job["text"] for job in merged["jobs"]] == ["All of it"]
    assert {report["receipt_code"] for report in merged["reports_detail"]} == {
        case["reports_detail"][0]["receipt_code"] for case in (first, second)
    }
    other = office.case(second["id"])
    assert (other["state"], other["closed_because"], other["duplicate_of"]) == (
        "closed", "duplicate", first["id"],
    )  # fmt: skip
    assert (other["reports"], other["reports_detail"], other["jobs"]) == (0, [], [])
    assert merged["timeline"][-1]["what"] == f"{second['reference']} merged into this case"
    assert merged["timeline"][-1]["text"] == "One heap"
    assert other["timeline"][-1]["what"] == f"Merged into {first['reference']}"
    code = second["reports_detail"][0]["receipt_code"]
    assert office.references(q=code) == [first["reference"]]
    assert case_of(office.officer, second["report_id"])["id"] == first["id"]


def test_the_streams_of_a_merge_name_each_others_heads(office: Office) -> None:
    first, second = two_heaps(office)
    merged = post(office, first, "merge", other_ids=[second["id"]]).get_json()
    other = office.case(second["id"])["events"][-1]
    facts = merged["events"][-1]["facts"]
    assert facts["others"] == [
        {"id": second["id"], "reference": second["reference"], "seq": other["seq"], "head": other["hash"]}
    ]
    assert other["facts"]["into_head"] == merged["events"][-2]["hash"]
    with office.app.app_context(), reading(office.council.id) as session:
        moved = events_of(session, uuid.UUID(second["report_id"]))[-1]
        assert (moved.kind, moved.hash) == ("report.moved", facts["reports"][0]["head"])
        assert moved.facts["to_head"] == other["facts"]["into_head"]
    assert record_is_whole(office)


def test_an_undone_merge_leaves_both_as_they_were(office: Office) -> None:
    first, second = two_heaps(office)
    post(office, first, "merge", other_ids=[second["id"]], reason="One heap")
    office.clock.forward(timedelta(hours=23))
    assert undo_last(office, first).status_code == 200
    assert plain(office.case(first["id"])) == plain(first)
    assert plain(office.case(second["id"])) == plain(second)
    told = office.case(first["id"])["timeline"]
    assert told[-1]["what"] == "The merge was undone"
    assert [item["undone"] for item in told if item["kind"] == "case.merged"] == [True]
    assert office.references(q=second["reports_detail"][0]["receipt_code"]) == [second["reference"]]
    assert record_is_whole(office)
    assert post(office, first, "merge", other_ids=[second["id"]]).status_code == 200


def test_a_case_without_a_position_takes_that_of_the_one_merged_into_it(office: Office) -> None:
    first, second = office.report(position=None), office.report()
    merged = post(office, first, "merge", other_ids=[second["id"]]).get_json()
    assert (merged["label"], merged["lat"], merged["flags"]) == (second["label"], second["lat"], [])
    undo_last(office, first)
    assert plain(office.case(first["id"])) == plain(first)


def test_a_report_is_split_off_and_taken_back(office: Office) -> None:
    first = office.report(hazards=["animal"], waste=["tyres"])
    second = office.report(
        position=position(first["lat"], first["lon"]), hazards=["asbestos"], photos=[manifest(b"photo")],
        witnessed=True,
    )  # fmt: skip
    assert second["id"] == first["id"]
    both = office.case(first["id"])
    answer = post(office, both, "split", report_id=second["report_id"], reason="Across the road").get_json()
    assert plain(answer) == plain(first)
    opened = case_of(office.officer, second["report_id"])
    assert (opened["state"], opened["hazards"], opened["reports"], opened["label"]) == (
        "new", ["asbestos"], 1, first["label"],
    )  # fmt: skip
    assert opened["photos"] == {"verified": 0, "expected": 1}
    assert answer["timeline"][-1]["what"].endswith(f"split off to {opened['reference']}")
    assert undo_last(office, first).status_code == 200
    assert plain(office.case(first["id"])) == plain(both)
    emptied = office.case(opened["id"])
    assert (emptied["state"], emptied["duplicate_of"], emptied["reports"]) == ("closed", first["id"], 0)
    assert record_is_whole(office)


def test_the_case_keeps_a_place_when_the_report_it_was_placed_by_leaves(office: Office) -> None:
    first = office.report()
    second = office.report(position=position(first["lat"] + 0.0001, first["lon"]))
    assert second["id"] == first["id"]
    left = post(office, first, "split", report_id=first["report_id"]).get_json()
    assert (left["lat"], left["reports"]) == (pytest.approx(first["lat"] + 0.0001), 1)
    undo_last(office, first)
    assert office.case(first["id"])["lat"] == first["lat"]


def test_the_only_report_and_closed_cases_stay_together(office: Office) -> None:
    case, other = office.report(), office.decide(office.report(), "close")
    for step, body in (
        ("split", {"report_id": case["report_id"]}), ("merge", {"other_ids": [other["id"]]}),
    ):  # fmt: skip
        refused = post(office, case, step, **body)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "not_a_next_step")
    assert post(office, other, "merge", other_ids=[case["id"]]).status_code == 409
    assert post(office, case, "merge", other_ids=[case["id"]]).status_code == 422
    joined = office.report(position=position(case["lat"], case["lon"]))
    assert joined["id"] == case["id"]
    assert post(office, case, "split", report_id=other["id"]).status_code == 404


def test_decisions_are_undone_one_by_one_from_the_last(office: Office) -> None:
    case = office.report()
    steps = [office.decide(case, "accept"), office.decide(case, "close")]
    office.decide(case, "reopen", reason="No")
    assert undo_last(office, case).status_code == 200
    assert plain(office.case(case["id"])) == plain(steps[1])
    refused = post(office, case, "undo", seq=steps[0]["undoable"][0]["seq"])
    assert refused.get_json()["detail"] == (
        f"Since then, at {case['reference']}: closed as cleared. Undo that first, if you can"
    )
    undo_last(office, case)
    undo_last(office, case)
    assert plain(office.case(case["id"])) == plain(case)
    assert office.case(case["id"])["undoable"] == []
    assert record_is_whole(office)


def test_a_job_comes_back_to_the_crew_with_its_case(office: Office) -> None:
    case = office.report()
    office.officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "clear"})
    _, cursor = office.phone.pull_all()
    office.decide(case, "close")
    gone, cursor = office.phone.pull_all(cursor)
    assert [change.get("del") for change in gone if change["type"] == "job"] == [True]
    undo_last(office, case)
    back, _ = office.phone.pull_all(cursor)
    assert [change["put"]["state"] for change in back if change["type"] == "job"] == ["open"]


def after_a_day(office: Office, first: dict[str, Any], second: dict[str, Any]) -> str:
    office.clock.forward(timedelta(hours=25))
    return "more than a day ago"


def another_report_joined(office: Office, first: dict[str, Any], second: dict[str, Any]) -> str:
    office.report(position=position(first["lat"], first["lon"]))
    return "report joined"


def the_crew_has_been(office: Office, first: dict[str, Any], second: dict[str, Any]) -> str:
    (job,) = office.case(first["id"])["jobs"]
    office.phone.push(make_op("job.result", job["id"], {"result": "done"}, seq=50))
    return "A crew has been"


def it_was_undone(office: Office, first: dict[str, Any], second: dict[str, Any]) -> str:
    undo_last(office, first)
    return "undone already"


def the_other_was_reopened(office: Office, first: dict[str, Any], second: dict[str, Any]) -> str:
    office.decide(second, "reopen", reason="No")
    return f"at {second['reference']}: reopened"


def its_hazards_were_changed(office: Office, first: dict[str, Any], second: dict[str, Any]) -> str:
    rev = str(office.case(first["id"])["rev"])
    office.officer.patch(f"/api/v1/cases/{first['id']}", json={"hazards": []}, headers={"If-Match": rev})
    return "changed hazards"


@pytest.mark.parametrize(
    "happens",
    [
        after_a_day, another_report_joined, the_crew_has_been, it_was_undone, the_other_was_reopened,
        its_hazards_were_changed,
    ],
)  # fmt: skip
def test_what_stands_in_the_way_of_undoing_a_merge_is_said(office: Office, happens: Any) -> None:
    first, second = two_heaps(office)
    post(office, first, "merge", other_ids=[second["id"]])
    (merged,) = office.case(first["id"])["undoable"]
    words = happens(office, first, second)
    before = office.case(first["id"])
    refused = post(office, first, "undo", seq=merged["seq"])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_a_next_step")
    assert words in refused.get_json()["detail"]
    assert office.case(first["id"]) == before


def test_an_undo_of_what_is_no_step_says_where_to_look(office: Office) -> None:
    first, second = two_heaps(office)
    post(office, first, "merge", other_ids=[second["id"]])
    seq = office.case(second["id"])["events"][-1]["seq"]
    assert f"Undo it at {first['reference']}" in post(office, second, "undo", seq=seq).get_json()["detail"]
    assert post(office, first, "undo", seq=1).status_code == 409
    assert post(office, first, "undo", seq=99).status_code == 404


def test_a_merged_case_goes_on_taking_what_is_sent_to_its_old_name(office: Office) -> None:
    first, second = two_heaps(office)
    post(office, first, "merge", other_ids=[second["id"]])
    third = office.report(joins=second["id"], position=position(second["lat"], second["lon"]))
    drain(office.app)
    assert third["id"] == first["id"]
