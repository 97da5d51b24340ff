"""New reports are written together; verdicts and rows are those of the same ops each taken by itself."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.intake import routes
from server.intake.models import AppliedOp, HeldOp, KeptOp, Report, ReportPosition, ReportStanding
from server.intake.together import Odd, receive_together
from server.photos.models import Photo
from server.store.database import db
from server.store.deferred import DeferredTask
from server.store.events import Event, Stream
from server.store.transaction import reading
from tests.builders import (
    Council,
    Phone,
    SetClock,
    drain,
    make_council,
    make_op,
    manifest,
    position,
    report_op,
    sign_in,
)

TABLES: tuple[Any, ...] = (
    Report, ReportPosition, ReportStanding, Photo, AppliedOp, HeldOp, KeptOp, Event, Stream, DeferredTask,
)  # fmt: skip
AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
# Made by chance or from what was, they differ between any two councils.
CHANCE = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|[0-9a-f]{64}")

# What a phone may send about one of three reports, whose op came before or after, and with which photos.
CHOICES = st.tuples(
    st.sampled_from(
        (
            "new",
            "new",
            "new",
            "again",
            "other content",
            "other op",
            "odd",
            "newer",
            "unknown",
            "add",
            "locate",
        )
    ),
    st.integers(0, 2),
    st.sampled_from((None, None, None, 0, 1, 2)),
    st.lists(st.integers(0, 2), max_size=2),
)
PUSHES = st.lists(st.lists(CHOICES, min_size=1, max_size=4), min_size=1, max_size=3)


class Pool:
    """Three reports and the ops about them, with ids of their own for each example."""

    def __init__(self) -> None:
        self.ops: list[dict[str, Any]] = [report_op(seq=number, position=None) for number in (1, 2, 3)]
        self.photos = [manifest(b"one"), manifest(b"two")]
        self.photos.append(self.photos[0] | {"sha256": self.photos[1]["sha256"]})

    def op(self, what: str, index: int, after: int | None, photos: list[int]) -> Any:
        """One op as chosen."""
        own = self.ops[index]
        if what == "new" and after != index:
            named = [self.photos[number] for number in photos]
            where = position() if index else None
            payload = json.loads(own["payload"]) | {"photos": named, "position": where}
            follows = None if after is None else self.ops[after]["op_id"]
            ids = {"op_id": own["op_id"], "after": follows}
            self.ops[index] = make_op("report.create", own["entity_id"], payload, seq=index) | ids
            return self.ops[index]
        changed = make_op(
            "report.create", own["entity_id"], json.loads(own["payload"]) | {"description": "?"}
        )
        return {
            "other content": changed | {"op_id": own["op_id"]},
            "other op": make_op("report.create", own["entity_id"], own["payload"]),
            "odd": own | {"payload": "[]"},
            "newer": own | {"schema": 99},
            "unknown": own | {"type": "report.teleport"},
            "add": make_op("report.add", own["entity_id"], {"description": "more"}),
            "locate": make_op("report.locate", own["entity_id"], {"position": position()}),
        }.get(what, own)


def rows(app: Flask, council: Council) -> list[str]:
    """Every row of the council that a push writes, without what chance decides."""
    found, revisions = [], []
    with app.app_context(), reading(council.id) as session:
        for table in TABLES:
            for row in session.execute(sa.select(*table.__table__.c).where(table.authority_id == council.id)):
                values = dict(row._mapping) | {"salt": None, "authority_id": None}
                revisions.append(values.pop("rev", 0))
                text = json.dumps(values, sort_keys=True, default=str)
                found.append(f"{table.__name__} {CHANCE.sub('*', text)}")
    return [*sorted(found), str(sorted(revisions))]


def phone_of(app: Flask, council: Council, device_id: uuid.UUID) -> Phone:
    """A phone of the council's crew."""
    client = sign_in(app, council, "crew")
    assert client.post("/api/v1/devices", json={"id": str(device_id), "label": "A phone"}).status_code == 200
    return Phone(client, device_id)


@pytest.fixture
def phones(app: Flask, tmp_path: Path) -> list[tuple[Council, Phone]]:
    """The same phone in two councils that are otherwise strangers."""
    SetClock(app, AT)
    device_id = uuid.uuid4()
    councils = [make_council(app, tmp_path, *names) for names in (("north", "NW"), ("south", "SW"))]
    return [(each, phone_of(app, each, device_id)) for each in councils]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=PUSHES)
def test_verdicts_and_rows_are_those_of_each_op_by_itself(
    app: Flask, phones: list[tuple[Council, Phone]], chosen: list[list[Any]]
) -> None:
    (together, phone), (apart, other) = phones
    pool = Pool()
    for choices in chosen:
        ops = [pool.op(*choice) for choice in choices]
        answered = phone.push(*ops)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(routes, "receive_together", _never)
            expected = other.push(*ops)
        assert answered == expected
    assert rows(app, together) == rows(app, apart)


def _never(*_arguments: Any) -> Any:
    raise Odd("each by itself")


def test_fifty_new_reports_with_photos_are_written_by_as_many_statements_as_one(
    app: Flask, phones: list[tuple[Council, Phone]]
) -> None:
    phone = phones[0][1]
    phone.push(
        report_op()
    )  # the first of all makes the council's counter, and says that the phone is in touch
    counts = []
    for number in (1, 50):
        ops = [report_op(seq=seq, photos=[manifest(f"{number} {seq}".encode())]) for seq in range(number)]
        counts.append(_statements(app, phone, ops))
    assert counts[0] == counts[1] < 20


def test_a_mixed_push_needs_no_savepoint_for_each_op(app: Flask, phones: list[tuple[Council, Phone]]) -> None:
    council, phone = phones[0]
    first = report_op()
    phone.push(first)
    drain(app)
    officer = sign_in(app, council, "officer")
    case = officer.get("/api/v1/cases").json["items"][0]
    given = officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "clear"}).json["jobs"][0]
    new = report_op(seq=2)
    ops = [
        new,
        make_op("report.add", new["entity_id"], {"description": "and a sofa"}, seq=3, after=new["op_id"]),
        make_op("report.locate", first["entity_id"], {"position": position()}, seq=4),
        make_op("case.note", case["id"], {"text": "Mind the dog"}, seq=5),
        make_op("job.result", given["id"], {"result": "done", "photos": []}, seq=6),
    ]
    assert _statements(app, phone, ops) < 60
    case = officer.get(f"/api/v1/cases/{case['id']}").json
    assert (case["notes"][0]["text"], case["jobs"][0]["state"]) == ("Mind the dog", "done")
    again = phone.push(*ops)
    assert [each["verdict"] for each in again] == ["duplicate"] * 5
    assert [each["case_id"] for each in again] == [None, None, None, case["id"], case["id"]]


def _statements(app: Flask, phone: Phone, ops: list[dict[str, Any]]) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert {result["verdict"] for result in phone.push(*ops)} == {"applied"}
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert not any("SAVEPOINT" in statement for statement in seen)
    return len(seen)


def test_an_error_of_the_database_has_each_op_taken_by_itself(
    app: Flask, phones: list[tuple[Council, Phone]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*arguments: Any) -> Any:
        receive_together(*arguments)
        raise sa.exc.OperationalError("COMMIT", None, Exception("the connection was lost"))

    council, phone = phones[0]
    monkeypatch.setattr(routes, "receive_together", breaks)
    ops = [report_op(seq=seq) for seq in range(3)]
    assert [result["verdict"] for result in phone.push(*ops)] == ["applied"] * 3
    with app.app_context(), reading(council.id) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Report)) == 3
