"""Revisions are stamped last, and stamping never blocks two writers against each other."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import sqlalchemy as sa
from flask import Flask

from server.cases.models import Case
from server.store.transaction import touch, transaction
from tests.builders import Council, drain, make_phone, report_op
from tests.services.processes import wait_for

BLOCKED = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_a_row_shown_anew_waits_for_the_one_who_changes_it_without_keeping_them_from_finishing(
    app: Flask, council: Council, database_url: str
) -> None:
    make_phone(app, council).push(report_op())
    drain(app)
    failures: list[Exception] = []

    def show_anew(case_id: uuid.UUID) -> None:
        try:
            with app.app_context(), transaction(council.id) as session:
                touch(session, session.get_one(Case, (council.id, case_id)))
        except Exception as error:
            failures.append(error)

    with app.app_context():
        with transaction(council.id) as session:
            case: Any = session.scalars(sa.select(Case)).one()
            before = case.rev
            case.label = "Changed"
            session.flush()
            other = threading.Thread(target=show_anew, args=[case.id], daemon=True)
            other.start()
            if database_url.startswith("postgresql"):
                wait_for("the other writer to wait", lambda: session.scalar(BLOCKED), 10)
        other.join(30)
        with transaction(council.id) as session:
            after = session.scalars(sa.select(Case)).one()
            assert failures == []
            assert (after.label, after.rev) == ("Changed", before + 2)
