"""A photo mostly arrives in the very moment in which its report is being placed."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.cases import placing
from server.photos.expected import show_with_case
from server.photos.service import mark_received
from server.store.clock import now
from server.store.events import SYSTEM
from server.store.transaction import reading, transaction
from tests.builders import Council, make_council, make_phone, manifest, report_op
from tests.services.processes import wait_for

BLOCKED = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


class InThread(threading.Thread):
    """A thread whose failure is the test's."""

    def __init__(self, work: Any) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.error: Exception | None = None

    def run(self) -> None:
        """Do the work, and keep what it raised."""
        try:
            self._work()
        except Exception as error:
            self.error = error


def test_placing_a_report_and_receiving_its_photo_do_not_wait_for_each_other(
    app: Flask, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = make_council(app, tmp_path)
    photo = manifest(b"photo")
    op = report_op(photos=[photo])
    make_phone(app, council).push(op)
    receiving = InThread(lambda: _receive(app, council, uuid.UUID(photo["id"])))

    def begin_to_receive(session: Any, *case: Any, **report: Any) -> None:
        """Between what placing writes first and what it does with photos, the photo is there."""
        receiving.start()
        if database_url.startswith("postgresql"):
            wait_for("the photo's transaction to wait", lambda: session.scalar(BLOCKED), 10)
        show_with_case(session, *case, **report)

    monkeypatch.setattr(placing, "show_with_case", begin_to_receive)
    with app.app_context():
        with reading(council.id) as session:
            located = placing.find_place(session, uuid.UUID(op["entity_id"]))
        with transaction(council.id) as session:
            placing.place_report(session, uuid.UUID(op["entity_id"]), located, now())
    receiving.join(30)
    assert receiving.error is None


def _receive(app: Flask, council: Council, photo_id: uuid.UUID) -> None:
    with app.app_context(), transaction(council.id) as session:
        mark_received(session, photo_id, SYSTEM, now())
