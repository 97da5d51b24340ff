"""The history: one chain for each stream, which the database refuses to alter and whose every alteration is found."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from server.intake.models import Report
from server.residents.service import erase_contacts
from server.store.checkpoints import Checkpoint, checkpoint, verify
from server.store.clock import now
from server.store.database import db
from server.store.events import GENESIS, SYSTEM, Event, Stream, append_event, events_of
from server.store.transaction import reading, transaction
from tests.builders import (
    Council,
    browser,
    case_of,
    drain,
    make_op,
    make_phone,
    position,
    report_op,
    sign_in,
    text_now,
)

AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
APPEND_ONLY = ("report", "report_position", "event", "checkpoint", "job_result")


@pytest.fixture
def report_id(app: Flask, council: Council) -> uuid.UUID:
    """A report with a case, a visit and a checkpoint behind it, and something after the checkpoint."""
    phone, officer = make_phone(app, council), sign_in(app, council, "officer")
    op = report_op()
    phone.push(op)
    drain(app)
    case = case_of(officer, op["entity_id"])
    job = officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "clear"}).get_json()["jobs"][0]
    phone.push(make_op("job.result", job["id"], {"result": "done"}))
    take_checkpoint(app, council)
    phone.push(
        make_op("report.locate", op["entity_id"], {"position": position(52.58)}),
        make_op("report.add", op["entity_id"], {"description": "And a mattress"}, seq=2),
    )
    drain(app)
    return uuid.UUID(op["entity_id"])


def take_checkpoint(app: Flask, council: Council) -> None:
    """What beat does each night."""
    with app.app_context(), transaction(council.id) as session:
        checkpoint(session, AT)


def findings(app: Flask, council: Council) -> list[str]:
    """What the check of the record finds."""
    with app.app_context(), reading(council.id) as session:
        return [finding.what for finding in verify(session)]


def drop_triggers(app: Flask) -> None:
    """What somebody does first who has the database in their hands."""
    with app.app_context(), db.engine.begin() as connection:
        postgres = connection.dialect.name == "postgresql"
        for table in APPEND_ONLY:
            names = (
                [f"{table}_append_only ON {table}"]
                if postgres
                else [f"{table}_no_update", f"{table}_no_delete"]
            )
            for name in names:
                connection.execute(sa.text(f"DROP TRIGGER {name}"))


def run(connection: sa.Connection, statement: str, **values: Any) -> None:
    """Run raw SQL, which must alter something; ids may be given as UUIDs."""
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    ids = [
        sa.bindparam(name, type_=sa.Uuid()) for name, value in used.items() if isinstance(value, uuid.UUID)
    ]
    done = connection.execute(sa.text(statement).bindparams(*ids), used)
    assert done.rowcount, f"nothing was altered by: {statement}"


def tamper(app: Flask, *statements: str, **values: Any) -> None:
    """Alter the record behind the application's back."""
    drop_triggers(app)
    with app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            run(connection, statement, **values)


def test_an_untouched_record_is_whole(app: Flask, council: Council, report_id: uuid.UUID) -> None:
    assert findings(app, council) == []
    take_checkpoint(app, council)
    assert findings(app, council) == []


def test_each_event_holds_the_hash_of_the_one_before_and_of_its_own_body(
    app: Flask, council: Council, report_id: uuid.UUID
) -> None:
    with app.app_context(), reading(council.id) as session:
        previous = GENESIS
        for number, event in enumerate(events_of(session, report_id), 1):
            assert event.hash == hashlib.sha256(f"{previous}\n{event.body}".encode()).hexdigest()
            body = json.loads(event.body)
            assert (body["seq"], body["kind"], body["by"]) == (number, event.kind, event.by)
            previous = event.hash
        assert session.get_one(Stream, (council.id, report_id)).head == previous


def test_the_database_refuses_to_alter_or_delete_what_was_received_and_what_happened(
    app: Flask, council: Council, report_id: uuid.UUID
) -> None:
    for table in APPEND_ONLY:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with (
                app.app_context(),
                db.engine.connect() as connection,
                pytest.raises(sa.exc.DBAPIError, match="never"),
            ):
                connection.execute(sa.text(statement))
    with app.app_context(), reading(council.id) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Report)) == 1


TAMPERINGS = (
    "UPDATE event SET body = replace(body, 'fly_tip', 'incident') WHERE stream_id = :report AND seq = 1",
    "UPDATE event SET body = 'not JSON' WHERE stream_id = :report AND seq = 2",
    """UPDATE event SET "by" = 'user:somebody' WHERE stream_id = :report AND seq = 1""",
    "UPDATE event SET kind = 'report.nothing' WHERE stream_id = :report AND seq = 2",
    "UPDATE event SET at = '2020-01-01 00:00:00' WHERE stream_id = :report AND seq = 1",
    "DELETE FROM event WHERE stream_id = :report AND seq = 2",
    "DELETE FROM event WHERE stream_id = :report AND seq = (SELECT max(seq) FROM event WHERE stream_id = :report)",
    "DELETE FROM event WHERE stream_id = :report",
    "UPDATE stream SET head = '0' WHERE id = :report",
    "UPDATE checkpoint SET manifest = replace(manifest, ', 1', ', 2')",
    "UPDATE checkpoint SET manifest = 'not JSON'",
    "DELETE FROM checkpoint",
    "UPDATE event SET body = 'not JSON' WHERE kind = 'checkpoint'",
    "UPDATE event SET body = replace(body, 'manifest_sha256', 'x') WHERE kind = 'checkpoint'",
    "UPDATE report SET payload = replace(payload, 'tyres', 'sofas')",
    "UPDATE report SET salt = '0'",
    "UPDATE note SET text = 'And a sofa'",
    "DELETE FROM note",
    "UPDATE job_result SET payload = '{}'",
)


def test_tampering_is_found(app: Flask, council: Council, report_id: uuid.UUID) -> None:
    drop_triggers(app)
    for statement in TAMPERINGS:
        with app.app_context(), db.engine.connect() as connection:
            unharmed = connection.begin()
            run(connection, statement, report=report_id)
            with Session(connection) as session:
                session.info.update(authority_id=council.id)
                assert verify(session), f"not found: {statement}"
            unharmed.rollback()
    assert findings(app, council) == []


def test_a_tail_that_was_cut_with_care_is_found_by_the_checkpoint(
    app: Flask, council: Council, report_id: uuid.UUID
) -> None:
    take_checkpoint(app, council)
    tamper(
        app,
        "DELETE FROM event WHERE stream_id = :report AND seq > 1",
        "UPDATE stream SET count = 1, head = (SELECT hash FROM event WHERE stream_id = :report AND seq = 1) "
        "WHERE id = :report",
        report=report_id,
    )
    assert any("missing or were altered" in what for what in findings(app, council))


def test_a_whole_stream_that_was_taken_out_is_found_by_the_checkpoint(
    app: Flask, council: Council, report_id: uuid.UUID
) -> None:
    tamper(
        app, "DELETE FROM event WHERE stream_id = :report", "DELETE FROM stream WHERE id = :report", report=report_id
    )  # fmt: skip
    assert any("missing or were altered" in what for what in findings(app, council))


def test_a_rewritten_chain_is_found_by_the_checkpoint(
    app: Flask, council: Council, report_id: uuid.UUID
) -> None:
    with app.app_context(), reading(council.id) as session:
        bodies = [event.body for event in events_of(session, report_id)]
    bodies[0] = bodies[0].replace("fly_tip", "incident")
    previous, statements = GENESIS, []
    values: dict[str, Any] = {}
    for number, body in enumerate(bodies, 1):
        previous = hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
        statements.append(
            f"UPDATE event SET body = :body{number}, hash = :hash{number} WHERE stream_id = :report AND seq = {number}"
        )
        values |= {f"body{number}": body, f"hash{number}": previous}
    tamper(
        app,
        *statements,
        "UPDATE stream SET head = :head WHERE id = :report",
        report=report_id,
        head=previous,
        **values,
    )
    assert findings(app, council) == ["events up to 2026-11-20 are missing or were altered"]


def test_a_night_on_which_nothing_happened_writes_no_checkpoint(
    app: Flask, council: Council, report_id: uuid.UUID
) -> None:
    take_checkpoint(app, council)
    with app.app_context(), reading(council.id) as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Checkpoint))
    take_checkpoint(app, council)
    with app.app_context(), reading(council.id) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Checkpoint)) == before


def test_erasing_a_person_leaves_the_chain_whole(app: Flask, council: Council) -> None:
    report = {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": text_now(),
        "where": "Folly Lane", "contact": {"name": "A. Neighbour", "email": "someone@example.org"},
    }  # fmt: skip
    assert browser(app).post("/api/v1/public/reports", json=report).status_code == 200
    take_checkpoint(app, council)
    with app.app_context(), reading(council.id) as session:
        bodies = "".join(session.scalars(sa.select(Event.body)))
        assert "Neighbour" not in bodies and "someone" not in bodies
        assert "Neighbour" not in "".join(session.scalars(sa.select(Report.payload)))
    with app.app_context(), db.engine.connect() as connection:
        unharmed = connection.begin()
        run(connection, "DELETE FROM contact")
        with Session(connection) as session:
            session.info.update(authority_id=council.id)
            (finding,) = verify(session)
        unharmed.rollback()
    assert finding.what == "the contact of event 2 is missing or was altered"
    with app.app_context(), transaction(council.id) as session:
        assert erase_contacts(session, now() + timedelta(days=3650)) == 1
    assert findings(app, council) == []


def test_appends_from_many_connections_never_fork_a_chain(app: Flask, council: Council) -> None:
    stream, barrier = uuid.uuid4(), threading.Barrier(8)

    def append() -> None:
        barrier.wait()
        for _ in range(4):
            with app.app_context(), transaction(council.id) as session:
                append_event(session, ("device", stream), "device.seen", {}, by=SYSTEM, at=AT)

    together = [threading.Thread(target=append) for _ in range(8)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    with app.app_context(), reading(council.id) as session:
        assert [event.seq for event in events_of(session, stream)] == list(range(1, 33))
    assert findings(app, council) == []
