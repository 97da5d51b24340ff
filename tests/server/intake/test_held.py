"""What waits for its predecessor: a week, then in out of order with a flag, or kept for an officer."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from server.errors import Problem
from server.intake.models import HeldOp, KeptOp
from server.intake.ops import OP_TYPES, OpType, Result
from server.store.checkpoints import verify
from server.store.transaction import reading
from tests.builders import Council, Phone, SetClock, case_of, drain, make_op, make_phone, report_op, sign_in
from workers.tasks.held import settle_held


@pytest.fixture
def phone(app: Flask, council: Council, clock: SetClock) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


def settle(app: Flask) -> int:
    """What beat does every hour."""
    with app.app_context():
        return settle_held()  # type: ignore[return-value]


def rows(app: Flask, council: Council, table: type[HeldOp] | type[KeptOp]) -> list[HeldOp | KeptOp]:
    with app.app_context(), reading(council.id) as session:
        found = list(session.scalars(sa.select(table)))
        assert verify(session) == []
        session.expunge_all()
        return found  # type: ignore[return-value]


def test_after_a_week_what_makes_sense_alone_is_taken_in_with_a_flag_once(
    app: Flask, council: Council, phone: Phone, clock: SetClock
) -> None:
    never, officer = str(uuid.uuid4()), sign_in(app, council, "officer")
    here = report_op()
    phone.push(here)
    drain(app)
    job = officer.post(
        f"/api/v1/cases/{case_of(officer, here['entity_id'])['id']}/jobs", json={"kind": "clear"}
    ).get_json()["jobs"][0]
    create, add = (
        report_op(seq=3, position=None),
        make_op("report.add", here["entity_id"], {"description": "x"}, seq=4),
    )
    done = make_op("job.result", job["id"], {"result": "done"}, seq=5)
    follows = make_op("report.add", create["entity_id"], {"description": "y"}, seq=6) | {
        "after": create["op_id"]
    }
    waiting = [create | {"after": never}, add | {"after": never}, done | {"after": never}, follows]
    assert {verdict["verdict"] for verdict in phone.push(*waiting)} == {"waiting_for"}
    clock.forward(timedelta(days=7) - timedelta(seconds=1))
    assert settle(app) == 0
    clock.forward(timedelta(seconds=1))
    assert settle(app) == 3, "the fourth came in order, after the first"
    assert settle(app) == 0
    drain(app)
    assert rows(app, council, HeldOp) == [] and rows(app, council, KeptOp) == []
    assert {verdict["verdict"] for verdict in phone.push(*waiting)} == {"duplicate"}
    for report_id in (here["entity_id"], create["entity_id"]):
        case = case_of(officer, report_id)
        assert "out_of_order" in case["flags"] or "out_of_order" in case["reports"][0]["flags"]
    assert case_of(officer, here["entity_id"])["jobs"][0]["state"] == "done"


def test_what_is_about_something_that_never_came_is_kept_whole_as_a_dead_letter(
    app: Flask, council: Council, phone: Phone, clock: SetClock
) -> None:
    orphan = make_op("report.add", uuid.uuid4(), {"description": "x"})
    phone.push(orphan)
    clock.forward(timedelta(days=7))
    assert (settle(app), settle(app)) == (1, 0)
    (kept,) = rows(app, council, KeptOp)
    assert isinstance(kept, KeptOp)
    assert (kept.why, kept.op_id, json.loads(kept.raw)) == ("dead_letter", orphan["op_id"], orphan)
    assert rows(app, council, HeldOp) == []
    body = {"device_id": str(phone.device_id), "op_ids": [orphan["op_id"]]}
    known = phone.client.post("/api/v1/sync/reconcile", json=body).get_json()["ops"]["known"]
    assert known == [orphan["op_id"]]


def test_nothing_is_given_up_while_what_it_waits_for_is_held_here_too(
    app: Flask, council: Council, phone: Phone, clock: SetClock
) -> None:
    """Another phone's words about a report whose own predecessor is missing came first."""
    create = report_op(seq=3, position=None) | {"after": str(uuid.uuid4())}
    words = make_op("report.add", create["entity_id"], {"description": "x"})
    make_phone(app, council).push(words)
    clock.forward(timedelta(days=1))
    phone.push(create)
    clock.forward(timedelta(days=6))
    assert settle(app) == 0
    clock.forward(timedelta(days=1))
    assert settle(app) == 1
    assert rows(app, council, HeldOp) == [] and rows(app, council, KeptOp) == []


def test_what_cannot_be_read_after_a_week_is_kept_too(
    app: Flask, council: Council, phone: Phone, clock: SetClock
) -> None:
    phone.push(make_op("report.create", uuid.uuid4(), {"kind": "odd"}, after=str(uuid.uuid4())))
    clock.forward(timedelta(days=7))
    settle(app)
    assert rows(app, council, HeldOp) == []
    assert [row.why for row in rows(app, council, KeptOp) if isinstance(row, KeptOp)] == ["rejected"]


def test_what_is_released_into_an_error_stays_held_and_is_taken_in_when_it_is_released_again(
    app: Flask, council: Council, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may be left to send it again: it may have come in a file from a phone that is no more."""
    add = OP_TYPES["report.add"]

    def broken(session: Session, *_arguments: object) -> Result:
        session.execute(sa.text("SELECT 1 FROM nowhere"))
        return Result()

    def full(*_arguments: object) -> Result:
        raise Problem("no_room")

    report = report_op()
    words = make_op("report.add", report["entity_id"], {"description": "x"}, after=report["op_id"])
    more = make_op("report.add", report["entity_id"], {"description": "y"}, after=words["op_id"])
    assert {verdict["verdict"] for verdict in phone.push(words, more)} == {"waiting_for"}
    for failing in (broken, full):
        monkeypatch.setitem(OP_TYPES, "report.add", OpType(add.schema, failing))
        assert next(verdict["verdict"] for verdict in phone.push(report)) in ("applied", "duplicate")
        assert len(rows(app, council, HeldOp)) == 2, failing
    monkeypatch.setitem(OP_TYPES, "report.add", add)
    phone.push(report)
    assert rows(app, council, HeldOp) == [] and rows(app, council, KeptOp) == []
    assert {verdict["verdict"] for verdict in phone.push(words, more)} == {"duplicate"}
