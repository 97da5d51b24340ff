"""A report finds its place and its case: it joins the open one that is the same thing, or opens one."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from server.store.deferred import PLACE_REPORT
from server.store.events import events_of
from server.store.transaction import reading
from tests.builders import (
    HERE,
    Council,
    Phone,
    SetClock,
    case_of,
    deferred_tasks,
    drain,
    make_council,
    make_op,
    make_phone,
    position,
    report_op,
    sign_in,
    text_now,
)
from workers import tasks

# Degrees of latitude to the metre, near enough.
METRE = 1 / 111_250


def sent(app: Flask, phone: Phone, **changes: Any) -> str:
    """Send a report and have it placed; its id."""
    op = report_op(**changes)
    (verdict,) = phone.push(op)
    assert verdict["verdict"] == "applied", verdict
    drain(app)
    return str(op["entity_id"])


def north(metres: float, **changes: Any) -> dict[str, Any]:
    """A position so many metres north of HERE."""
    return position(HERE[0] + metres * METRE, HERE[1]) | changes


def decide(officer: FlaskClient, case: dict[str, Any], decision: str, **more: Any) -> dict[str, Any]:
    """Take a decision; the case after it."""
    answer = officer.post(f"/api/v1/cases/{case['id']}/decisions", json={"decision": decision, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def report_in(case: dict[str, Any], report_id: str) -> dict[str, Any]:
    """A report as it shows in its case."""
    return next(report for report in case["reports_detail"] if report["id"] == report_id)


def test_reports_of_one_thing_become_one_case_and_say_why(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    first = sent(app, phone, position=north(0))
    second = sent(app, phone, position=north(20))
    case = case_of(officer, first)
    assert case["id"] == case_of(officer, second)["id"] and case["reports"] == 2
    joined = [event for event in case["events"] if event["kind"] == "case.report_joined"]
    assert [event["facts"]["report_id"] for event in joined] == [first, second]
    assert "20 m away" in joined[1]["facts"]["because"]


def test_each_of_the_two_events_of_a_joining_names_the_others_head(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    report_id = sent(app, phone)
    case_id = uuid.UUID(case_of(officer, report_id)["id"])
    with app.app_context(), reading(council.id) as session:
        of_report = {event.kind: event for event in events_of(session, uuid.UUID(report_id))}
        of_case = {event.kind: event for event in events_of(session, case_id)}
        assert of_report["report.joined"].facts["case_head"] == of_case["case.opened"].hash
        assert of_case["case.report_joined"].facts["report_head"] == of_report["report.joined"].hash


def test_what_is_further_or_later_or_less_exact_or_of_another_kind_is_a_case_of_its_own(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    first = case_of(officer, sent(app, phone, position=north(0)))["id"]
    others = [
        sent(app, phone, position=north(60)),
        sent(app, phone, position=north(0), seen_at=text_now(-timedelta(days=20))),
        sent(app, phone, position=north(-40, accuracy_m=80)),
        sent(app, phone, position=north(0), kind="incident", category="graffiti"),
    ]
    assert len({first, *(case_of(officer, report_id)["id"] for report_id in others)}) == 5


def test_what_may_be_the_same_is_suggested_to_the_officer(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    first = case_of(officer, sent(app, phone, position=north(0)))
    unsure = sent(app, phone, position=north(40, accuracy_m=80))
    case = case_of(officer, unsure)
    assert case["id"] != first["id"] and "perhaps_same_as_another" in case["flags"]
    assert report_in(case, unsure)["suggested_cases"] == [first["id"]]


def test_who_says_it_is_this_one_is_believed(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    first = case_of(officer, sent(app, phone, position=north(0)))
    far = sent(app, phone, position=north(900), joins=first["id"])
    nowhere = sent(app, phone, position=None, joins=first["id"])
    assert {case_of(officer, far)["id"], case_of(officer, nowhere)["id"]} == {first["id"]}
    assert case_of(officer, far)["lat"] == first["lat"]


def test_naming_a_case_that_is_closed_or_unknown_opens_one_and_is_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    first = case_of(officer, sent(app, phone))
    decide(officer, first, "close")
    for named in (first["id"], str(uuid.uuid4())):
        case = case_of(officer, sent(app, phone, position=None, joins=named))
        assert case["id"] != first["id"] and "named_case_not_open" in case["flags"]


def test_naming_a_case_closed_as_a_duplicate_joins_the_one_it_repeats(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    original = case_of(officer, sent(app, phone, position=north(0)))
    repeat = case_of(officer, sent(app, phone, position=north(300)))
    again = case_of(officer, sent(app, phone, position=north(600)))
    decide(officer, repeat, "duplicate", duplicate_of=original["id"])
    decide(officer, again, "duplicate", duplicate_of=repeat["id"])
    for named in (repeat["id"], again["id"]):
        assert case_of(officer, sent(app, phone, position=None, joins=named))["id"] == original["id"]


def test_cases_that_repeat_each_other_in_a_circle_stop_nothing(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    one = case_of(officer, sent(app, phone, position=north(0)))
    two = case_of(officer, sent(app, phone, position=north(300)))
    decide(officer, one, "duplicate", duplicate_of=two["id"])
    decide(officer, two, "duplicate", duplicate_of=one["id"])
    case = case_of(officer, sent(app, phone, position=None, joins=one["id"]))
    assert case["id"] not in (one["id"], two["id"]) and "named_case_not_open" in case["flags"]


def test_a_closed_case_is_not_joined(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    first = case_of(officer, sent(app, phone))
    decide(officer, first, "close")
    assert case_of(officer, sent(app, phone))["id"] != first["id"]


def test_reports_of_one_thing_placed_at_the_same_moment_become_one_case(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    drain(app)
    ops = [report_op(seq=seq, position=north(seq)) for seq in range(6)]
    phone.push(*ops)
    barrier = threading.Barrier(6)

    def place(task_id: uuid.UUID) -> None:
        with app.app_context():
            barrier.wait()
            tasks.run(PLACE_REPORT, council.id, task_id)

    together = [threading.Thread(target=place, args=(task.id,)) for task in deferred_tasks(app, PLACE_REPORT)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    drain(app)
    assert {case_of(officer, op["entity_id"])["reports"] for op in ops} == {6}


def test_a_case_takes_the_worst_of_its_reports(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    first = sent(app, phone, hazards=["animal"])
    sent(app, phone, hazards=["asbestos"], witnessed=True)
    case = case_of(officer, first)
    assert case["hazards"] == ["animal", "asbestos"]
    assert case["why_here"][:3] == ["hazard: animal", "hazard: asbestos", "witness"]


def test_a_later_position_moves_the_case_of_its_only_report_and_the_first_stays_on_record(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    report_id = sent(app, phone, position=position(51.0, -1.0))
    assert "outside_area" in case_of(officer, report_id)["flags"]
    (verdict,) = phone.push(make_op("report.locate", report_id, {"position": north(0, source="pin")}))
    assert verdict["verdict"] == "applied"
    drain(app)
    case = case_of(officer, report_id)
    assert (case["lat"], case["flags"], case["label"]) == (HERE[0], [], "Oldbury Road, Hartshill")
    assert report_in(case, report_id)["position"]["source"] == "pin"
    with app.app_context(), reading(council.id) as session:
        kinds = [event.kind for event in events_of(session, uuid.UUID(report_id))]
    assert kinds == [
        "report.received", "report.placed", "report.joined", "report.located", "report.placed",
    ]  # fmt: skip


def test_a_report_that_had_no_position_gets_its_place_when_it_is_located(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    report_id = sent(app, phone, position=None)
    assert case_of(officer, report_id)["lat"] is None
    phone.push(make_op("report.locate", report_id, {"position": north(0)}))
    drain(app)
    case = case_of(officer, report_id)
    assert (case["label"], case["flags"]) == ("Oldbury Road, Hartshill", [])


def test_a_later_position_of_one_of_several_reports_leaves_the_case_where_it_is(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    first = sent(app, phone, position=north(0))
    second = sent(app, phone, position=north(5))
    phone.push(make_op("report.locate", second, {"position": north(25)}))
    drain(app)
    case = case_of(officer, first)
    assert case["lat"] == HERE[0] and report_in(case, second)["position"]["lat"] == HERE[0] + 25 * METRE


def test_a_case_that_leaves_the_grid_is_no_neighbour_of_where_it_was(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    first = sent(app, phone, position=north(0))
    phone.push(make_op("report.locate", first, {"position": position(48.85, 2.35)}))
    drain(app)
    assert case_of(officer, sent(app, phone, position=north(0)))["reports"] == 1


def test_positions_that_overtake_each_other_end_at_the_newest(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    report = report_op(position=north(0))
    better = [
        make_op("report.locate", report["entity_id"], {"position": north(metres)}, seq=metres)
        for metres in (100, 200, 300)
    ]
    phone.push(report, *better)
    drain(app)
    case = case_of(officer, report["entity_id"])
    assert case["lat"] == HERE[0] + 300 * METRE and case["reports"] == 1


def test_references_count_up_without_gaps_by_the_councils_own_year(
    app: Flask, council: Council, phone: Phone
) -> None:
    clock = SetClock(app, datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    officer = sign_in(app, council, "officer")

    def reference() -> str:
        seen_at = clock.moment.isoformat()
        return str(case_of(officer, sent(app, phone, position=None, seen_at=seen_at))["reference"])

    assert [reference(), reference()] == ["NW-26-00001", "NW-26-00002"]
    clock.moment = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert reference() == "NW-26-00003"
    clock.moment = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
    assert reference() == "NW-27-00001"


def test_two_councils_count_each_for_itself(app: Flask, council: Council, tmp_path: Path) -> None:
    other = make_council(app, tmp_path, "south", "SW")
    for which, prefix in ((council, "NW"), (other, "SW")):
        report_id = sent(app, make_phone(app, which))
        assert case_of(sign_in(app, which, "officer"), report_id)["reference"].startswith(f"{prefix}-")
        assert case_of(sign_in(app, which, "officer"), report_id)["reference"].endswith("-00001")
