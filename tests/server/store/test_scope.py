"""Nothing reaches across councils: not a statement that forgets to say whose, not a foreign key."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.access.models import Device, SignIn, User
from server.cases.models import Case, Job
from server.store.database import Base, OfAuthority, db
from server.store.transaction import ACROSS_AUTHORITIES, NotScoped, reading, savepoint, transaction
from server.tables import import_models
from tests.builders import Council, drain, make_council, make_phone, report_op

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def other(app: Flask, council: Council, tmp_path: Path) -> Council:
    """Another council on the same server."""
    return make_council(app, tmp_path, "south", "SW")


@pytest.fixture
def case_of_other(app: Flask, other: Council) -> uuid.UUID:
    """A case of the other council."""
    make_phone(app, other).push(report_op())
    drain(app)
    with app.app_context(), reading(other.id) as session:
        return session.scalars(sa.select(Case.id)).one()


def test_a_statement_that_does_not_say_whose_is_refused(app: Flask) -> None:
    with app.app_context(), reading(None) as session:
        for statement in (sa.select(User), sa.select(sa.func.count()).select_from(Case), sa.select(Case.id)):
            with pytest.raises(NotScoped):
                session.execute(statement)
        with pytest.raises(NotScoped):
            session.get(User, (uuid.uuid4(), uuid.uuid4()))
        assert session.scalars(sa.select(User), execution_options=ACROSS_AUTHORITIES).all() == []


def test_every_kind_of_statement_keeps_inside_the_open_council(
    app: Flask, council: Council, case_of_other: uuid.UUID
) -> None:
    with app.app_context(), reading(council.id) as session:
        joined = sa.select(Job.id, Case.id).outerjoin(Case, Case.id == Job.case_id)
        for statement in (
            sa.select(Case), sa.select(Case.id), sa.select(Case).where(Case.id == case_of_other),
            sa.select(sa.func.count()).select_from(Case).having(sa.func.count() > 0),
            sa.select(sa.orm.aliased(Case)), sa.select(User).where(sa.exists().where(Case.id == case_of_other)), joined,
            sa.select(User.id).where(User.id.in_(sa.select(Case.id))),
        ):  # fmt: skip
            assert session.execute(statement).all() == [], statement
    with app.app_context(), transaction(council.id) as session:
        changed: Any = session.execute(sa.update(Case).values(label="ours now"))
        deleted: Any = session.execute(sa.delete(Case).where(Case.id == case_of_other))
        assert (changed.rowcount, deleted.rowcount) == (0, 0)


def test_writing_outside_a_transaction_is_refused(app: Flask, council: Council) -> None:
    def write() -> None:
        with reading(council.id) as session:
            session.scalars(sa.select(User)).first().name = "Somebody"  # type: ignore[union-attr]
            session.flush()

    with app.app_context(), pytest.raises(NotScoped):
        write()


def test_units_of_work_do_not_nest(app: Flask, council: Council) -> None:
    with app.app_context(), transaction(council.id), pytest.raises(NotScoped), reading(council.id):
        pass


def test_changing_a_row_of_another_council_is_refused(app: Flask, council: Council, other: Council) -> None:
    def change() -> None:
        with transaction(council.id) as session:
            query = sa.select(User).where(User.authority_id == other.id)
            session.scalars(query, execution_options=ACROSS_AUTHORITIES).first().name = "Ours"  # type: ignore[union-attr]
            session.flush()

    def add() -> None:
        with transaction(council.id) as session:
            session.add(Device(authority_id=other.id, user_id=uuid.uuid4(), label="x", enrolled_at=AT))

    for attempt in (change, add):
        with app.app_context(), pytest.raises(NotScoped):
            attempt()


def test_the_database_refuses_a_row_that_points_at_another_council(
    app: Flask, council: Council, other: Council, case_of_other: uuid.UUID
) -> None:
    pointing: list[OfAuthority] = [
        Device(id=uuid.uuid4(), user_id=other.users["crew"], label="x", enrolled_at=AT),
        SignIn(id=uuid.uuid4(), user_id=other.users["crew"], token_hash="x", created_at=AT, last_seen_at=AT),
        Job(id=uuid.uuid4(), case_id=case_of_other, kind="clear", text="", given_at=AT),
    ]  # fmt: skip
    for row in pointing:
        with app.app_context(), pytest.raises(sa.exc.IntegrityError), transaction(council.id) as session:
            session.add(row)


def test_every_foreign_key_between_a_councils_tables_holds_the_council() -> None:
    import_models()
    loose = [
        f"{table.name}: {key.column_keys}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if "authority_id" in key.referred_table.columns and "authority_id" not in key.column_keys
    ]
    assert loose == []
    without = {table.name for table in Base.metadata.sorted_tables if "authority_id" not in table.columns}
    # The names of the whole country are nobody's in particular: every council reads the same files. Nor is how a
    # service outside behaves: all processes ask it in turn.
    assert without <= {"authority", "gazetteer_vintage", "outside_service"}


def test_a_part_that_fails_is_undone_with_its_tasks_and_revisions(app: Flask, council: Council) -> None:
    def fail(session: Any) -> None:
        with savepoint(session):
            session.get_one(User, (council.id, council.users["crew"])).name = "Half"
            session.flush()
            raise ZeroDivisionError

    with app.app_context(), transaction(council.id) as session:
        with pytest.raises(ZeroDivisionError):
            fail(session)
        session.get_one(User, (council.id, council.users["officer"])).name = "Whole"
    with app.app_context(), reading(council.id) as session:
        assert session.get_one(User, (council.id, council.users["crew"])).name == "Crew of north"
        assert session.get_one(User, (council.id, council.users["officer"])).name == "Whole"


def test_a_time_without_a_zone_is_never_stored(app: Flask, council: Council) -> None:
    def store() -> None:
        with transaction(council.id) as session:
            user = session.get_one(User, (council.id, council.users["crew"]))
            user.locked_until = datetime(2026, 11, 20)  # noqa: DTZ001 - what must not be

    with app.app_context(), pytest.raises(sa.exc.StatementError):
        store()


def test_a_unit_of_work_leaves_nothing_behind(app: Flask, council: Council) -> None:
    with app.app_context():
        with reading(council.id) as session:
            assert session.scalars(sa.select(User)).all()
        assert db.session().info == {}
        with pytest.raises(NotScoped):
            db.session().scalars(sa.select(User))
