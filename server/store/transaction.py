"""One unit of work: scoped to one authority, stamped with revisions last, its deferred tasks sent after commit."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria

from server.store.database import WRITING, Base, OfAuthority, Revised, db

ACROSS_AUTHORITIES = {"across_authorities": True}


class NotScoped(Exception):
    """Code touched an authority's rows without saying whose: a programming error, never a user's."""


class Counter(Base):
    """A number per authority that only grows: revisions, case references, and the row that placing locks."""

    __tablename__ = "counter"
    authority_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("authority.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger, default=0)


@contextmanager
def reading(authority_id: uuid.UUID | None) -> Iterator[Session]:
    """A read-only unit of work in `authority_id` (None: only statements that say ACROSS_AUTHORITIES)."""
    session = _fresh(authority_id)
    if session.get_bind().dialect.name == "postgresql":
        # Every statement sees the same moment, as on SQLite: a page of changes must not mix two.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield session
    finally:
        session.rollback()
        _leave(session)


@contextmanager
def transaction(authority_id: uuid.UUID | None) -> Iterator[Session]:
    """One unit of work in `authority_id`: all or nothing.

    Revisions are stamped as the last statement before commit, because the counter's lock is what makes
    their order the order of commits. Deferred tasks are sent to the broker only after the commit.
    """
    from server.store import deferred

    session = _fresh(authority_id)
    session.connection(execution_options={WRITING: True})
    session.info["writing"] = True
    try:
        yield session
        stamp_revisions(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    else:
        deferred.send(session.info["deferred"])
    finally:
        _leave(session)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part that fails alone: undone with what it deferred and touched, while the rest of the transaction goes on."""
    deferred_before, touched_before = len(session.info["deferred"]), dict(session.info["touched"])
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del session.info["deferred"][deferred_before:]
        session.info["touched"] = touched_before
        raise


def touch(session: Session, row: Revised, *, locked: bool = False) -> None:
    """Let `row` get a new revision though none of its own columns changed: what is shown with it did.

    `locked`: this transaction holds the row's lock already.
    """
    session.info["touched"].setdefault(row, locked)


def lock(session: Session, name: str) -> None:
    """Let one transaction of the open authority at a time pass here, until it ends."""
    next_value(session, session.info["authority_id"], name, step=0)


def stamp_revisions(session: Session) -> None:
    """Give every changed Revised row its next revision, one each; rows marked `stamped_first` come first."""
    session.flush()
    touched: list[Any] = sorted(session.info["touched"], key=lambda row: not row.stamped_first)
    if not touched:
        return
    # Before the counter: whoever holds the counter must wait for no row, or two transactions could block each other.
    _lock_rows(session, [row for row, locked in session.info["touched"].items() if not locked])
    last = next_value(session, session.info["authority_id"], "rev", step=len(touched))
    session.info["touched"].clear()
    session.info["stamping"] = True
    for row, rev in zip(touched, range(last - len(touched) + 1, last + 1), strict=True):
        row.rev = rev
    session.flush()
    session.info["stamping"] = False


def _lock_rows(session: Session, rows: list[Any]) -> None:
    by_table: dict[Any, list[uuid.UUID]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row.id)
    for table in sorted(by_table, key=lambda table: str(table.__tablename__)):
        locked = sa.select(table.id).where(table.id.in_(by_table[table])).order_by(table.id).with_for_update()
        session.execute(locked)


def next_value(session: Session, authority_id: uuid.UUID, name: str, step: int = 1) -> int:
    """Advance a counter by `step` and return its new value; its row stays locked until the end of the transaction."""
    update = (
        sa.update(Counter)
        .where(Counter.authority_id == authority_id, Counter.name == name)
        .values(value=Counter.value + step)
        .returning(Counter.value)
        .execution_options(synchronize_session=False)
    )
    value = session.execute(update).scalar()
    if value is None:
        session.execute(
            dialect_insert(session, Counter)
            .values(authority_id=authority_id, name=name, value=0)
            .on_conflict_do_nothing()
        )
        value = session.execute(update).scalar_one()
    return int(value)


def insert_new(session: Session, table: type[OfAuthority], **values: Any) -> bool:
    """Insert a row of the open authority unless its key is taken; whether it was inserted.

    On PostgreSQL this waits for another transaction that is inserting the same key.
    """
    insert = dialect_insert(session, table).values(authority_id=session.info["authority_id"], **values)
    inserted = session.execute(insert.on_conflict_do_nothing().returning(table.id)).first()
    return inserted is not None


def dialect_insert(session: Session, table: type[Base] | type[OfAuthority]) -> Any:
    """An INSERT of the session's own database, which knows ON CONFLICT."""
    return (sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert)(table)


def _fresh(authority_id: uuid.UUID | None) -> Session:
    session: Session = db.session()
    if session.info.get("open"):
        raise NotScoped("a unit of work is already open in this request or task")
    session.rollback()
    session.info.update(
        open=True, authority_id=authority_id, writing=False, stamping=False, touched={}, deferred=[]
    )
    return session


def _leave(session: Session) -> None:
    session.info.clear()


@event.listens_for(Session, "do_orm_execute")
def _keep_inside(state: ORMExecuteState) -> None:
    if state.execution_options.get("across_authorities") or state.is_column_load:
        return
    authority_id = state.session.info.get("authority_id")
    if authority_id is None:
        raise NotScoped("no authority is open; name one, or say ACROSS_AUTHORITIES")
    state.statement = state.statement.options(
        with_loader_criteria(OfAuthority, lambda cls: cls.authority_id == authority_id, include_aliases=True)
    )


@event.listens_for(Session, "before_flush")
def _own_and_touch(session: Session, _context: Any, _instances: Any) -> None:
    changed = [
        row for row in (*session.new, *session.dirty) if session.is_modified(row) or row in session.new
    ]
    if (changed or session.deleted) and not session.info.get("writing"):
        raise NotScoped("rows were changed outside a transaction")
    authority_id = session.info.get("authority_id")
    for row in changed:
        if isinstance(row, OfAuthority) and authority_id is not None:
            if row.authority_id is None:
                row.authority_id = authority_id
            elif row.authority_id != authority_id:
                raise NotScoped(f"a row of another authority was changed: {type(row).__name__}")
        if isinstance(row, Revised) and not session.info["stamping"]:
            session.info["touched"][row] = True
