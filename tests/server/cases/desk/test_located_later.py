"""A report that is located later finds its case by the rule for a fresh one; what that joins can be taken apart."""

from __future__ import annotations

from typing import Any

from tests.builders import HERE, case_of, drain, make_op, position
from tests.server.cases.desk.office import Office

METRE = 1 / 111_250


def north(metres: float, **changes: Any) -> dict[str, Any]:
    """A position so many metres north of HERE."""
    return position(HERE[0] + metres * METRE, HERE[1]) | changes


def locate(office: Office, case: dict[str, Any], where: dict[str, Any]) -> None:
    """Give the position of a case's report."""
    office.sent += 1
    op = make_op("report.locate", case["report_id"], {"position": where}, seq=office.sent)
    assert office.phone.push(op)[0]["verdict"] == "applied"
    drain(office.app)


def test_a_report_without_position_joins_the_open_case_it_is_located_at(office: Office) -> None:
    there = office.report(position=north(0))
    unplaced = office.report(position=None)
    locate(office, unplaced, north(20))
    case = case_of(office.officer, unplaced["report_id"])
    assert (case["id"], case["reports"]) == (there["id"], 2)
    (merged,) = [entry for entry in case["timeline"] if entry["kind"] == "case.merged"]
    assert merged["by"] == "Tipwatch"
    assert "position was given later" in merged["text"] and "20 m away" in merged["text"]
    left = office.case(unplaced["id"])
    assert (left["state"], left["closed_because"], left["duplicate_of"]) == (
        "closed",
        "duplicate",
        there["id"],
    )


def test_that_can_be_undone_and_is_not_done_a_second_time(office: Office) -> None:
    there = office.report(position=north(0))
    unplaced = office.report(position=None)
    locate(office, unplaced, north(20))
    (step,) = office.case(there["id"])["undoable"]
    undone = office.officer.post(f"/api/v1/cases/{there['id']}/undo", json={"seq": step["seq"]})
    assert undone.status_code == 200, undone.text
    apart = case_of(office.officer, unplaced["report_id"])
    assert (apart["id"], apart["state"], office.case(there["id"])["reports"]) == (unplaced["id"], "new", 1)
    assert apart["lat"] == HERE[0] + 20 * METRE
    locate(office, unplaced, north(15))
    apart = case_of(office.officer, unplaced["report_id"])
    assert apart["id"] == unplaced["id"]
    assert apart["reports_detail"][0]["suggested_cases"] == [there["id"]]
    assert "perhaps_same_as_another" in apart["flags"]


def test_a_better_position_joins_as_well(office: Office) -> None:
    there = office.report(position=north(0))
    elsewhere = office.report(position=north(400, accuracy_m=90))
    locate(office, elsewhere, north(10))
    assert case_of(office.officer, elsewhere["report_id"])["id"] == there["id"]


def test_what_is_less_sure_is_suggested_and_the_suggestion_goes_with_a_position_elsewhere(
    office: Office,
) -> None:
    there = office.report(position=north(0))
    unplaced = office.report(position=None)
    locate(office, unplaced, north(20, accuracy_m=None, source="pin"))
    case = case_of(office.officer, unplaced["report_id"])
    assert case["id"] == unplaced["id"] and "perhaps_same_as_another" in case["flags"]
    assert case["reports_detail"][0]["suggested_cases"] == [there["id"]]
    locate(office, unplaced, north(5000))
    case = case_of(office.officer, unplaced["report_id"])
    assert case["flags"] == [] and case["reports_detail"][0]["suggested_cases"] == []


def test_a_case_that_people_have_been_at_is_only_suggested(office: Office) -> None:
    there = office.report(position=north(0))
    accepted, noted = office.report(position=None), office.report(position=None)
    office.decide(accepted, "accept")
    office.officer.post(f"/api/v1/cases/{noted['id']}/notes", json={"text": "Rang the farmer"})
    for case, metres in ((accepted, 12), (noted, -12)):
        locate(office, case, north(metres))
        now = case_of(office.officer, case["report_id"])
        assert (now["id"], now["reports"]) == (case["id"], 1)
        assert now["reports_detail"][0]["suggested_cases"] == [there["id"]]


def test_one_of_several_reports_stays_with_the_others(office: Office) -> None:
    there = office.report(position=north(0))
    first = office.report(position=north(900))
    second = office.report(position=north(905))
    assert first["id"] == second["id"]
    locate(office, second, north(10))
    case = case_of(office.officer, second["report_id"])
    assert case["id"] == first["id"] and case["lat"] == HERE[0] + 900 * METRE
    suggested = {report["id"]: report["suggested_cases"] for report in case["reports_detail"]}
    assert suggested == {first["report_id"]: [], second["report_id"]: [there["id"]]}


def test_a_closed_case_draws_nothing_and_goes_nowhere(office: Office) -> None:
    there = office.report(position=north(0))
    unplaced, done = office.report(position=None), office.report(position=None)
    office.decide(there, "close")
    office.decide(done, "close")
    locate(office, unplaced, north(10))
    locate(office, done, north(11))
    assert case_of(office.officer, unplaced["report_id"])["id"] == unplaced["id"]
    closed = office.case(done["id"])
    assert closed["state"] == "closed" and closed["reports_detail"][0]["suggested_cases"] == []
