"""What is held though it could be taken in, or met an error, comes in by itself: nobody may send it again."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.errors import Problem
from server.intake.models import HeldOp, KeptOp
from server.intake.ops import OP_TYPES, OpType, Result
from server.intake.push import Sender, receive_push
from server.store.clock import now
from server.store.transaction import transaction
from tests.builders import Council, Phone, SetClock, case_of, drain, make_op, make_phone, report_op, sign_in
from tests.server.intake.test_held import rows, settle


@pytest.fixture
def phone(app: Flask, council: Council, clock: SetClock) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, type_: str) -> Iterator[None]:
    """While inside, no operation of this type can be taken in: the database is busy."""

    def busy(session: Session, *_arguments: object) -> Result:
        raise Problem("busy")

    whole = OP_TYPES[type_]
    monkeypatch.setitem(OP_TYPES, type_, OpType(whole.schema, busy))
    yield
    monkeypatch.setitem(OP_TYPES, type_, whole)


@contextmanager
def pushing(app: Flask, council: Council, phone: Phone, *ops: dict[str, object]) -> Iterator[None]:
    """Ops whose push has been judged and is not committed yet, as long as the database lets others write meanwhile."""
    judged, let_go = threading.Event(), threading.Event()

    def push() -> None:
        sender = Sender(phone.device_id, council.users["crew"], "crew")
        with app.app_context(), transaction(council.id) as session:
            receive_push(session, list(ops), sender, now())
            judged.set()
            let_go.wait(0.5)

    other = threading.Thread(target=push)
    other.start()
    assert judged.wait(10)
    try:
        yield
    finally:
        let_go.set()
        other.join()


def words_about(app: Flask, council: Council, report: dict[str, object]) -> list[str]:
    """What an officer reads that was added to a report."""
    return sorted(
        note["text"] for note in case_of(sign_in(app, council, "officer"), report["entity_id"])["notes"]
    )


def test_what_met_an_error_when_it_was_released_comes_in_by_itself_in_its_order_once(
    app: Flask, council: Council, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_op()
    ops = [
        make_op("report.add", report["entity_id"], {"description": str(seq)}, seq=seq, after=report["op_id"])
        for seq in (2, 3, 4)
    ]
    last = make_op("report.add", report["entity_id"], {"description": "5"}, seq=5, after=ops[2]["op_id"])
    phone.push(last, *reversed(ops))
    with failing(monkeypatch, "report.add"):
        phone.push(report)
        assert settle(app) == 0
        assert len(rows(app, council, HeldOp)) == 4
    assert settle(app) == 3, "the last comes with the one it waited for"
    assert settle(app) == 0
    drain(app)
    assert rows(app, council, HeldOp) == [] and rows(app, council, KeptOp) == []
    assert words_about(app, council, report) == ["2", "3", "4", "5"]
    assert phone.pull()["acked_ops"] == [op["op_id"] for op in (report, *ops, last)]
    assert "out_of_order" not in case_of(sign_in(app, council, "officer"), report["entity_id"])["flags"]


def test_it_comes_in_under_the_name_of_who_saved_it(
    app: Flask, council: Council, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_op()
    words = make_op("report.add", report["entity_id"], {"description": "mine"}, after=report["op_id"])
    make_phone(app, council, "manager").push(words)
    with failing(monkeypatch, "report.add"):
        phone.push(report)
    assert settle(app) == 1
    drain(app)
    [note] = case_of(sign_in(app, council, "officer"), report["entity_id"])["notes"]
    assert (note["text"], note["by_name"]) == ("mine", "Manager of north")


def test_what_began_to_wait_as_what_it_waits_for_arrived_comes_in_by_itself(
    app: Flask, council: Council, phone: Phone
) -> None:
    report = report_op()
    words = make_op("report.add", report["entity_id"], {"description": "x"}, after=report["op_id"])
    other = make_phone(app, council)
    with pushing(app, council, other, words):
        phone.push(report)
    settle(app)
    assert rows(app, council, HeldOp) == []
    drain(app)
    assert words_about(app, council, report) == ["x"]


def test_what_took_effect_as_it_began_to_wait_is_neither_called_late_nor_lost(
    app: Flask, council: Council, phone: Phone, clock: SetClock
) -> None:
    """The phone gave up waiting for an answer and sent it again, together with what it waits for."""
    report = report_op()
    words = make_op("report.add", report["entity_id"], {"description": "x"}, after=report["op_id"])
    with pushing(app, council, make_phone(app, council), words):
        phone.push(report, words)
    clock.forward(timedelta(days=7))
    settle(app)
    assert rows(app, council, HeldOp) == [] and rows(app, council, KeptOp) == []
    drain(app)
    case = case_of(sign_in(app, council, "officer"), report["entity_id"])
    assert words_about(app, council, report) == ["x"]
    assert "out_of_order" not in case["flags"] + case["reports_detail"][0]["flags"]


def test_what_meets_an_error_after_a_week_is_not_given_up_for_it(
    app: Flask, council: Council, phone: Phone, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_op() | {"after": str(uuid.uuid4())}
    phone.push(report)
    clock.forward(timedelta(days=7))
    with failing(monkeypatch, "report.create"):
        assert settle(app) == 0
        assert len(rows(app, council, HeldOp)) == 1 and rows(app, council, KeptOp) == []
    assert settle(app) == 1
    assert rows(app, council, HeldOp) == [] and rows(app, council, KeptOp) == []
    drain(app)
    assert case_of(sign_in(app, council, "officer"), report["entity_id"])


def test_what_waits_for_two_things_waits_a_week_in_all_and_comes_with_the_second(
    app: Flask, council: Council, phone: Phone, clock: SetClock
) -> None:
    first, second, never = report_op(), report_op(), uuid.uuid4()
    comes = make_op("report.add", second["entity_id"], {"description": "x"}, after=first["op_id"])
    lost = make_op("report.add", never, {"description": "y"}, after=first["op_id"])
    phone.push(comes, lost)
    clock.forward(timedelta(days=3))
    phone.push(first)
    phone.push(second)
    assert [held.id for held in rows(app, council, HeldOp)] == [uuid.UUID(lost["op_id"])]
    clock.forward(timedelta(days=4))
    assert settle(app) == 1
    [kept] = rows(app, council, KeptOp)
    assert isinstance(kept, KeptOp) and (kept.op_id, kept.why) == (lost["op_id"], "dead_letter")
