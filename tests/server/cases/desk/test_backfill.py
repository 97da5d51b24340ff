"""Cases that were here before the desk get from the migration what new ones get when they are written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from server.cases.models import Case
from server.cases.outcome import NOT_CLEARED, OPEN
from server.cases.words import CaseWord
from server.migrate import downgrade, upgrade
from server.store.database import db
from server.store.transaction import reading
from tests.builders import drain, make_op
from tests.server.cases.desk.office import Office

DERIVED = ("need", "hazard_codes", "outcome", "source", "waste", "labelled")


def _state(office: Office) -> tuple[list[Any], list[Any]]:
    with office.app.app_context(), reading(office.council.id) as session:
        cases = session.execute(
            sa.select(Case.id, *(getattr(Case, name) for name in DERIVED)).order_by(Case.id)
        )
        words = session.execute(sa.select(CaseWord.case_id, CaseWord.word))
        return [tuple(row) for row in cases], sorted(tuple(row) for row in words)


def test_a_database_of_before_is_filled_in_as_if_it_had_been_there_always(office: Office) -> None:
    office.report(hazards=["asbestos", "animal"], witnessed=True)
    case = office.report(waste=[])
    office.report(position=None, where="Behind the Café, St Mary's")
    office.clock.forward(timedelta(days=2, hours=8))
    office.decide(case, "close", reason="Cleared on Monday")
    office.decide(office.report(metres_north=6000), "not_ours", reason="A farmer's field")
    repeat = office.report(metres_north=3000)
    office.report(metres_north=3050)
    drain(office.app)
    job = office.officer.post(f"/api/v1/cases/{repeat['id']}/jobs", json={"kind": "clear"}).json["jobs"][0]
    office.phone.push(make_op("job.note", job["id"], {"text": "Mind the dog"}, seq=99))
    before = _state(office)
    assert {row[1] for row in before[0]} > {0, 44}
    assert {row[3] for row in before[0]} == {OPEN, NOT_CLEARED, 23}, "tenths of a day"
    settings = office.app.config["SETTINGS"]
    with office.app.app_context():
        db.session.remove()
        db.engine.dispose()
    downgrade(settings, "0004")
    upgrade(settings)
    assert _state(office) == before
