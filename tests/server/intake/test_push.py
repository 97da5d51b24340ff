"""A push: one verdict for each op, in their order; what is sent again is answered again and happens once."""

from __future__ import annotations

import json
import threading
import uuid
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.intake.models import AppliedOp, HeldOp, KeptOp, Report
from server.intake.ops import OP_TYPES, OpType
from server.store.deferred import DeferredTask
from server.store.events import Event
from server.store.transaction import reading
from tests.builders import Council, Phone, case_of, drain, make_op, make_phone, position, report_op

PUSH = "/api/v1/sync/push"


def count(app: Flask, council: Council, table: Any) -> int:
    """How many rows the council has in a table."""
    with app.app_context(), reading(council.id) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def verdicts(results: list[dict[str, Any]]) -> list[str]:
    """The bare words."""
    return [result["verdict"] for result in results]


def test_an_op_sent_again_is_answered_with_the_stored_result_and_happens_once(
    app: Flask, council: Council, phone: Phone
) -> None:
    op = report_op()
    (first,) = phone.push(op)
    tables = (Report, Event, DeferredTask, AppliedOp)
    before = [count(app, council, table) for table in tables]
    (again,) = phone.push(op)
    assert again == first | {"verdict": "duplicate"}
    assert phone.push(op, op) == [again, again]
    assert [count(app, council, table) for table in tables] == before


def test_an_op_id_with_other_content_is_a_conflict_kept_once(
    app: Flask, council: Council, phone: Phone
) -> None:
    op = report_op(description="Sofa")
    other = make_op(
        "report.create", op["entity_id"], json.loads(op["payload"]) | {"description": "Fridge"}
    ) | {"op_id": op["op_id"]}
    phone.push(op)
    for _ in range(2):
        (verdict,) = phone.push(other)
        assert (verdict["verdict"], verdict["problem"]["code"]) == ("conflict", "op_mismatch")
    with app.app_context(), reading(council.id) as session:
        (kept,) = session.scalars(sa.select(KeptOp))
        assert kept.why == "conflict" and json.loads(kept.raw) == other
    assert verdicts(phone.push(op)) == ["duplicate"]


def test_a_report_under_another_op_id_is_a_duplicate_when_it_is_the_same_and_a_conflict_when_not(
    app: Flask, council: Council, phone: Phone
) -> None:
    op = report_op(description="Sofa")
    payload = json.loads(op["payload"])
    phone.push(op)
    assert verdicts(phone.push(make_op("report.create", op["entity_id"], op["payload"]))) == ["duplicate"]
    other = make_op("report.create", op["entity_id"], payload | {"description": "Fridge"})
    assert verdicts(phone.push(other)) == ["conflict"]
    assert (count(app, council, Report), count(app, council, KeptOp)) == (1, 1)


def test_a_rejected_op_is_kept_whole_and_once_as_a_dead_letter(
    app: Flask, council: Council, phone: Phone
) -> None:
    odd = report_op() | {"payload": "\x00 not \ud800 JSON", "op_id": "\x00\ud800" + "x" * 200}
    for _ in range(2):
        (verdict,) = phone.push(odd)
        assert verdict["verdict"] == "rejected" and verdict["op_id"] == odd["op_id"]
    with app.app_context(), reading(council.id) as session:
        (kept,) = session.scalars(sa.select(KeptOp))
        assert kept.why == "rejected" and json.loads(kept.raw) == odd


def test_no_op_however_odd_stops_the_others(
    app: Flask, council: Council, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(OP_TYPES, "test.broken", OpType(OP_TYPES["report.add"].schema, broken))
    good = [report_op(seq=seq) for seq in range(4)]
    odd: list[Any] = [
        None, 5, "op", [], {}, {"op_id": {"a": [1]}}, report_op() | {"seq": 10**30}, report_op() | {"seq": -1},
        report_op() | {"type": "\x00"}, report_op() | {"type": "x" * 41}, report_op() | {"entity_id": "\x00"},
        report_op() | {"schema": 10**30}, report_op() | {"base_rev": "\ud800"},
        make_op("test.broken", uuid.uuid4(), {}),
    ]  # fmt: skip
    results = phone.push(good[0], *odd[:5], good[1], *odd[5:10], good[2], *odd[10:], good[3])
    applied = [result["op_id"] for result in results if result["verdict"] == "applied"]
    assert applied == [op["op_id"] for op in good]
    assert {result["verdict"] for result in results} == {"applied", "rejected", "retry"}
    assert results[-2]["problem"]["code"] == "server_error"
    assert count(app, council, Report) == 4


def test_an_op_of_unknown_type_or_newer_schema_is_asked_for_again_later(
    app: Flask, council: Council, phone: Phone
) -> None:
    unknown, newer = make_op("report.teleport", uuid.uuid4(), {}), report_op() | {"schema": 2}
    results = phone.push(unknown, newer)
    assert verdicts(results) == ["retry", "retry"]
    assert [result["problem"]["code"] for result in results] == ["unknown_op_type", "unknown_schema"]
    assert all(result["after_s"] >= 60 for result in results)
    assert count(app, council, AppliedOp) == count(app, council, KeptOp) == 0


def test_results_come_in_the_order_of_the_ops(phone: Phone) -> None:
    ops = [report_op(seq=seq) if seq % 3 else make_op("odd", uuid.uuid4(), {}, seq=seq) for seq in range(50)]
    assert [result["op_id"] for result in phone.push(*ops)] == [op["op_id"] for op in ops]


def test_more_than_fifty_ops_are_refused_and_nothing_is_applied(
    app: Flask, council: Council, phone: Phone
) -> None:
    body = {"device_id": str(phone.device_id), "ops": [report_op(seq=seq) for seq in range(51)]}
    answer = phone.client.post(PUSH, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_many_ops")
    assert count(app, council, Report) == 0


def test_more_than_a_mebibyte_is_refused_and_nothing_is_applied(
    app: Flask, council: Council, phone: Phone
) -> None:
    ops = [report_op(seq=seq, extra={"padding": "x" * 30_000}) for seq in range(40)]
    body = json.dumps({"device_id": str(phone.device_id), "ops": ops}).encode()
    in_one = phone.client.post(PUSH, data=body, content_type="application/json")
    assert (in_one.status_code, in_one.get_json()["code"]) == (413, "too_large")
    in_chunks = phone.client.post(
        PUSH, data=body, content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )  # fmt: skip
    assert in_chunks.status_code == 413
    assert count(app, council, Report) == 0


def test_twenty_connections_with_one_new_op_apply_it_once(app: Flask, council: Council) -> None:
    phones = [make_phone(app, council)]
    for _ in range(19):
        client = app.test_client()
        client.environ_base.update(phones[0].client.environ_base)
        cookie = phones[0].client.get_cookie("tipwatch_session")
        assert cookie is not None
        client.set_cookie("tipwatch_session", cookie.value)
        phones.append(Phone(client, phones[0].device_id))
    op, barrier, answers = report_op(), threading.Barrier(20), []

    def send(phone: Phone) -> None:
        barrier.wait()
        answers.extend(phone.push(op))

    together = [threading.Thread(target=send, args=(phone,)) for phone in phones]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert sorted(verdicts(answers)) == ["applied"] + ["duplicate"] * 19
    assert len({answer["rev"] for answer in answers}) == 1
    assert (count(app, council, Report), count(app, council, AppliedOp)) == (1, 1)


def test_one_report_under_two_op_ids_at_once_is_one_report(app: Flask, council: Council) -> None:
    phones = [make_phone(app, council) for _ in range(8)]
    op, barrier, answers = report_op(), threading.Barrier(8), []

    def send(phone: Phone) -> None:
        barrier.wait()
        answers.extend(phone.push(make_op("report.create", op["entity_id"], op["payload"])))

    together = [threading.Thread(target=send, args=(phone,)) for phone in phones]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert verdicts(answers).count("applied") == 1
    assert set(verdicts(answers)) <= {"applied", "duplicate", "retry"}
    assert count(app, council, Report) == 1


def chain(report: dict[str, Any]) -> list[dict[str, Any]]:
    """A report and four ops about it: two in a chain behind it, two that only name it."""
    locate = make_op("report.locate", report["entity_id"], {"position": position()}, seq=2)
    better = make_op("report.locate", report["entity_id"], {"position": position(52.58)}, seq=3)
    return [
        report,
        locate | {"after": report["op_id"]},
        better | {"after": locate["op_id"]},
        make_op("report.add", report["entity_id"], {"description": "more"}, seq=4),
        make_op("report.add", report["entity_id"], {"description": "still more"}, seq=5),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)), cuts=st.sets(st.integers(1, 4)))
def test_ops_wait_for_what_they_need_and_are_applied_in_whatever_order_they_arrive(
    app: Flask, council: Council, phone: Phone, order: list[int], cuts: set[int]
) -> None:
    ops = chain(report_op(position=None))
    arriving, edges = [ops[index] for index in order], sorted(cuts | {0, 5})
    for start, end in pairwise(edges):
        for op, verdict in zip(arriving[start:end], phone.push(*arriving[start:end]), strict=True):
            needs = {op["after"], op["entity_id"]} - {None}
            assert verdict["verdict"] in ("applied", "waiting_for")
            assert verdict["verdict"] == "applied" or verdict["waiting_for"] in needs
    assert verdicts(phone.push(*ops)) == ["duplicate"] * 5
    assert count(app, council, HeldOp) == 0


def test_a_long_chain_that_arrives_backwards_is_applied_when_its_first_op_comes(
    app: Flask, council: Council, phone: Phone
) -> None:
    report = report_op()
    ops = [report]
    for seq in range(2, 402):
        note = make_op("report.add", report["entity_id"], {"description": str(seq)}, seq=seq)
        ops.append(note | {"after": ops[-1]["op_id"]})
    for start in range(len(ops) - 1, 0, -50):
        assert set(verdicts(phone.push(*reversed(ops[max(1, start - 49) : start + 1])))) == {"waiting_for"}
    assert verdicts(phone.push(report)) == ["applied"]
    assert count(app, council, AppliedOp) == 401 and count(app, council, HeldOp) == 0


def test_an_op_held_under_an_id_and_sent_with_other_content_is_a_conflict(
    app: Flask, council: Council, phone: Phone
) -> None:
    held = make_op("report.add", uuid.uuid4(), {"description": "one"})
    other = make_op("report.add", held["entity_id"], {"description": "two"}) | {"op_id": held["op_id"]}
    assert verdicts(phone.push(held, held, other)) == ["waiting_for", "waiting_for", "conflict"]
    assert (count(app, council, HeldOp), count(app, council, KeptOp)) == (1, 1)


def test_a_held_op_that_turns_out_to_be_wrong_is_kept_as_rejected_and_its_parent_stays_applied(
    app: Flask, council: Council, phone: Phone
) -> None:
    report = report_op()
    wrong = make_op("report.add", report["entity_id"], {"description": "x" * 5000}) | {
        "after": report["op_id"]
    }
    assert verdicts(phone.push(wrong)) == ["waiting_for"]
    assert verdicts(phone.push(report)) == ["applied"]
    assert (count(app, council, Report), count(app, council, HeldOp), count(app, council, KeptOp)) == (
        1,
        0,
        1,
    )


def test_a_held_op_keeps_its_sender_whoever_sends_what_it_waited_for(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    first, second = report_op(seq=1), report_op(seq=2)
    assert verdicts(phone.push(second | {"after": first["op_id"]})) == ["waiting_for"]
    make_phone(app, council, "officer").push(first)
    drain(app)
    sources = {
        report["id"]: report["source"]
        for op in (first, second)
        for report in case_of(officer, op["entity_id"])["reports_detail"]
    }
    assert sources == {first["entity_id"]: "officer", second["entity_id"]: "crew"}


def test_only_an_enrolled_phone_may_push(app: Flask, council: Council, phone: Phone) -> None:
    for device_id, status in ((str(uuid.uuid4()), 403), ("no id", 422), (None, 422)):
        answer = phone.client.post(PUSH, json={"device_id": device_id, "ops": [report_op()]})
        assert answer.status_code == status, answer.text
    assert count(app, council, Report) == 0
