"""One unit of work: scoped to one authority, stamped with revisions last, its deferred tasks sent after commit."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.orm.util import identity_key

from server.store.database import WRITING, Base, Decided, OfAuthority, Revised, db

ACROSS_AUTHORITIES = {"across_authorities": True}

Row = TypeVar("Row", bound=OfAuthority)
# A row of the open authority: its table and its id.
Key = tuple[type[Any], uuid.UUID]


class NotScoped(Exception):
    """Code touched an authority's rows without saying whose: a programming error, never a user's."""


class Counter(Base):
    """A number per authority that only grows: revisions, case references, and the row that placing locks."""

    __tablename__ = "counter"
    authority_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, sa.ForeignKey("authority.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger, default=0)


_counters: Any = Counter.__table__
_ADVANCE = (
    sa.update(_counters)
    .where(_counters.c.authority_id == sa.bindparam("of"), _counters.c.name == sa.bindparam("counter"))
    .values(value=_counters.c.value + sa.bindparam("step"))
    .returning(_counters.c.value)
)


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
def looking() -> Iterator[sa.Connection]:
    """For one statement that is asked with every request, and says itself whose rows it wants.

    A unit of work costs several.
    """
    alone = {"isolation_level": "AUTOCOMMIT"} if db.engine.dialect.name == "postgresql" else {}
    with db.engine.connect().execution_options(**alone) as connection:
        yield connection


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
    deferred_before = len(session.info["deferred"])
    before = {name: dict(session.info[name]) for name in ("touched", "locked", "waiting")}
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del session.info["deferred"][deferred_before:]
        session.info.update(before)
        raise


def touch(session: Session, row: Revised) -> None:
    """Let `row` get a new revision though none of its own columns changed: what is shown with it did."""
    session.info["touched"].setdefault(_key(row), False)


def _key(row: Any) -> Key:
    return type(row), row.id


def locked_row(session: Session, table: type[Row], row_id: uuid.UUID) -> Row | None:
    """The open authority's row with this id, locked until the transaction ends; what is locked is not locked again."""
    return locked_rows(session, table, [row_id]).get(row_id)


def locked_rows(session: Session, table: type[Row], row_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Row]:
    """As `locked_row`, for many at once, those that are there, by id; locked in the order of their ids."""
    locked: dict[Key, Any] = session.info["locked"]
    missing = [row_id for row_id in row_ids if (table, row_id) not in locked]
    if missing:
        made_for: Any = table
        wanted = {"of": session.info["authority_id"], "ids": missing}
        for row in session.scalars(_locking(made_for), wanted):
            locked[table, row.id] = row
    return {row_id: locked[table, row_id] for row_id in row_ids if (table, row_id) in locked}


@cache
def _locking(table: Any) -> sa.Select[Any]:
    """Made once for each table, with the authority in it: making it takes as long as asking."""
    return (
        sa.select(table)
        .where(table.authority_id == sa.bindparam("of"), table.id.in_(sa.bindparam("ids", expanding=True)))
        .order_by(table.id)
        .with_for_update()
        .execution_options(populate_existing=True, **ACROSS_AUTHORITIES)
    )


def lock(session: Session, name: str) -> None:
    """Let one transaction of the open authority at a time pass here, until it ends."""
    passed: dict[Any, Any] = session.info["locked"]
    if name not in passed:
        next_value(session, session.info["authority_id"], name, step=0)
        passed[name] = None


def stamp_revisions(session: Session) -> dict[Key, int]:
    """Give every changed Revised row its next revision, one each; rows marked `stamped_first` come first.

    Returns what was given.
    """
    session.flush()
    # Whether each was written, so that this transaction holds its lock already.
    touched: dict[Key, bool] = session.info["touched"]
    keys = sorted(touched, key=lambda key: not key[0].stamped_first)
    if not keys:
        return {}
    # Before the counter: whoever holds the counter must wait for no row, or two transactions could block each other.
    locked = session.info["locked"]
    _lock_rows(session, [key for key, written in touched.items() if not written and key not in locked])
    last = next_value(session, session.info["authority_id"], "rev", step=len(keys))
    given = dict(zip(keys, range(last - len(keys) + 1, last + 1), strict=True))
    session.info["touched"] = {}
    _stamp(session, given)
    return given


def _stamp(session: Session, given: Mapping[Key, int]) -> None:
    of = session.info["authority_id"]
    by_table: dict[Any, list[dict[str, Any]]] = {}
    for (table, row_id), rev in given.items():
        by_table.setdefault(table, []).append({"of": of, "row": row_id, "to": rev})
        _show_loaded(session, table, row_id, {"rev": rev})
    for table, revisions in by_table.items():
        session.connection().execute(_stamp_of(table, table in session.info["quiet"]), revisions)


@cache
def _stamp_of(table: Any, quietly: bool) -> sa.Update:
    columns = table.__table__.c
    values: dict[str, Any] = {"rev": sa.bindparam("to")}
    if issubclass(table, Decided):
        values["quiet_from"] = still_quiet_from(table) if quietly else None
    return (
        sa.update(table.__table__)
        .where(columns.authority_id == sa.bindparam("of"), columns.id == sa.bindparam("row"))
        .values(values)
    )


def changes_quietly(session: Session, table: type[Decided]) -> None:
    """What this transaction changes of `table` is nothing that a person who decides on its rows has to know of."""
    session.info["quiet"].add(table)


def still_quiet_from(table: type[Decided]) -> sa.ColumnElement[int]:
    """`quiet_from` after a quiet change, worked out of the row as it is when it is written."""
    made_for: Any = table
    columns = made_for.__table__.c
    return sa.func.coalesce(columns.quiet_from, columns.rev)


def _lock_rows(session: Session, keys: list[Key]) -> None:
    by_table: dict[Any, list[uuid.UUID]] = {}
    for table, row_id in keys:
        by_table.setdefault(table, []).append(row_id)
    for table in sorted(by_table, key=lambda table: str(table.__tablename__)):
        locked = sa.select(table.id).where(table.id.in_(by_table[table])).order_by(table.id).with_for_update()
        session.execute(locked)


def next_value(session: Session, authority_id: uuid.UUID, name: str, step: int = 1) -> int:
    """Advance a counter by `step` and return its new value; its row stays locked until the end of the transaction."""
    connection, wanted = session.connection(), {"of": authority_id, "counter": name, "step": step}
    value = connection.execute(_ADVANCE, wanted).scalar()
    if value is None:
        session.flush()  # the authority itself may not have been written yet
        connection.execute(
            dialect_insert(session, Counter)
            .values(authority_id=authority_id, name=name, value=0)
            .on_conflict_do_nothing()
        )
        value = connection.execute(_ADVANCE, wanted).scalar_one()
    return int(value)


def insert_new(session: Session, table: type[OfAuthority], **values: Any) -> bool:
    """Insert a row of the open authority unless its key is taken; whether it was inserted.

    On PostgreSQL this waits for another transaction that is inserting the same key.
    """
    return bool(insert_new_rows(session, table, [values]))


def insert_new_rows(
    session: Session, table: type[OfAuthority], rows: Sequence[Mapping[str, Any]]
) -> set[uuid.UUID]:
    """Insert the rows of the open authority whose keys are not taken; returns the ids of these.

    Every row has the same columns. On PostgreSQL this waits for another transaction that is inserting one of the
    same keys; the rows go in by their ids, so that two who insert the same ones wait and do not block each other.
    """
    if not rows:
        return set()
    made_for: Any = table
    statement = _insert_unless_taken(made_for, session.get_bind().dialect.name)
    ordered = sorted(_owned(session, table, rows), key=lambda row: row["id"])
    inserted = set(session.connection().execute(statement, ordered).scalars())
    written_past(session, table, [row["id"] for row in rows if row["id"] in inserted])
    return inserted


def insert_rows(session: Session, table: type[OfAuthority], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the open authority, all with the same columns, in one statement."""
    if rows:
        made_for: Any = table
        session.connection().execute(_insert_into(made_for), _owned(session, table, rows))
        written_past(session, table, [row["id"] for row in rows])


def _owned(
    session: Session, table: type[OfAuthority], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    if not session.info.get("writing"):
        raise NotScoped("rows were changed outside a transaction")
    made_for: Any = table
    if _refers_to_others(made_for):
        session.flush()  # what the rows refer to may not have been written yet
    return [{"authority_id": session.info["authority_id"], **row} for row in rows]


@cache
def _refers_to_others(table: Any) -> bool:
    return any(key.column.table.name != "authority" for key in table.__table__.foreign_keys)


def written_past(session: Session, table: type[OfAuthority], ids: Iterable[uuid.UUID], **values: Any) -> None:
    """Rows of the open authority were written past the session: what it has loaded of them shows `values` now.

    Like all that is written they get new revisions.
    """
    for row_id in ids:
        if issubclass(table, Revised):
            session.info["touched"][table, row_id] = True
        if values:
            _show_loaded(session, table, row_id, values)


def _show_loaded(session: Session, table: type[Any], row_id: uuid.UUID, values: Mapping[str, Any]) -> None:
    loaded = session.identity_map.get(identity_key(table, (session.info["authority_id"], row_id)))
    if loaded is not None:
        for name, value in values.items():
            set_committed_value(loaded, name, value)


@cache
def _insert_into(table: Any) -> sa.Insert:
    return sa.insert(table.__table__)


@cache
def _insert_unless_taken(table: Any, dialect: str) -> Any:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table.__table__)
    return insert.on_conflict_do_nothing().returning(table.__table__.c.id)


def dialect_insert(session: Session, table: type[Base] | type[OfAuthority]) -> Any:
    """An INSERT of the session's own database, which knows ON CONFLICT."""
    return (sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert)(table)


def _fresh(authority_id: uuid.UUID | None) -> Session:
    session: Session = db.session()
    if session.info.get("open"):
        raise NotScoped("a unit of work is already open in this request or task")
    session.rollback()
    session.info.update(
        open=True,
        authority_id=authority_id,
        writing=False,
        touched={},
        deferred=[],
        locked={},
        waiting={},
        quiet=set(),
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
    state.statement = state.statement.options(_only_of(authority_id))


@lru_cache
def _only_of(authority_id: uuid.UUID) -> ORMOption:
    """What keeps an ORM statement to the rows of one authority."""
    return with_loader_criteria(
        OfAuthority, lambda cls: cls.authority_id == authority_id, include_aliases=True
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
            if row.id is None:
                row.id = uuid.uuid4()
        if isinstance(row, Revised):
            session.info["touched"][_key(row)] = True
