"""The database handle, column types, and the two mixins every table is made of."""

from __future__ import annotations

import select
import sqlite3
import threading
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.pool import Pool

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

WRITING = "tipwatch_writing"

# On SQLite one writes at a time: how often the others look whether it is their turn, and for how long.
WRITER_LOOKS_S = 0.001
WRITER_WAITS_S = 12.0
BUSY_MS = 3_000

# A connection to PostgreSQL that was not used for so long is asked whether it answers before it is used.
ASKED_AFTER_S = 30.0


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone, so it is put on and taken off here; naive times are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Tables of Tipwatch."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime,
            str: sa.Text,
            list[str]: sa.JSON,
            list[dict[str, Any]]: sa.JSON,
            dict[str, Any]: sa.JSON,
        },
    )


class OfAuthority:
    """A row of one authority. The key is (authority_id, id), so no foreign key can point across authorities."""

    # Its type is said: left to be that of what it points to, it has none until councils are imported.
    authority_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, sa.ForeignKey("authority.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


class Revised:
    """A row that phones and desks follow: `rev` grows with every change, in the order of commits."""

    # Acknowledgements are stamped before what they acknowledge, so that a phone which has pulled an entity up to
    # the revision its push was answered with has seen that push's effect.
    stamped_first: ClassVar[bool] = False

    rev: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class Decided(Revised):
    """A row that people change naming the revision they saw: a change is refused when another came between."""

    # The revision since which nothing has changed that such a person would have to know (`changes_quietly`); None: the
    # last change was one.
    quiet_from: Mapped[int | None] = mapped_column(sa.BigInteger)

    def is_as_seen(self, if_match: str) -> bool:
        """Whether this row is for such a person as it was in the revision that `if_match` names."""
        revision = if_match.strip('W/"')
        since = self.rev if self.quiet_from is None else self.quiet_from
        return revision.isdecimal() and since <= int(revision) <= self.rev


def by_revision(table: str) -> sa.Index:
    """The index along which phones and desks follow a Revised table."""
    return sa.Index(f"ix_{table}_revision", "authority_id", "rev")


def within_authority(column: str, target: str, *, name: str | None = None) -> sa.ForeignKeyConstraint:
    """A foreign key (authority_id, `column`) -> `target`'s (authority_id, id)."""
    return sa.ForeignKeyConstraint(
        ["authority_id", column], [f"{target}.authority_id", f"{target}.id"], name=name
    )


db = SQLAlchemy(model_class=Base)


@event.listens_for(Engine, "connect")
def _prepare_connection(dbapi_connection: Any, _record: Any) -> None:
    if not isinstance(dbapi_connection, sqlite3.Connection):
        return
    # The driver must not open transactions by itself: _begin below decides how.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Pool, "checkout")
def _be_still_there(dbapi_connection: Any, record: Any, _proxy: Any) -> None:
    """Have connections replaced that the database has ended: after its restart no request is to fail.

    A database that ends a connection closes it, so that there is something to read where nothing was asked: then,
    and after a rest, as a firewall may forget a connection without a word, it is asked whether it answers. Asking
    every time would cost a request as much as one of its statements.
    """
    if isinstance(dbapi_connection, sqlite3.Connection):
        return
    rested_s = time.monotonic() - record.info.get("used_at", 0.0)
    if (rested_s >= ASKED_AFTER_S or _is_told_something(dbapi_connection)) and not _answers(dbapi_connection):
        raise InvalidatePoolError


@event.listens_for(Pool, "checkin")
def _note_use(_dbapi_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _is_told_something(connection: Any) -> bool:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _answers(connection: Any) -> bool:
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.Error:
        return False
    return True


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get(WRITING, False)
        # A reader that turns writer fails at once when another has written: writers say so from the start.
        if not writing or not _is_our_turn(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


# Held while looking, never while writing: many that all look take the time of the one that writes.
_looking = threading.Lock()


def _is_our_turn(connection: Connection) -> bool:
    """Begin to write as soon as SQLite lets us; whether it did within a while.

    SQLite itself looks ever more rarely while it waits, in the end every 100 ms: among several writers one that
    waits is overtaken again and again, and a phone's push takes many times as long as the writing before it.
    """
    sqlite: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    until = time.monotonic() + WRITER_WAITS_S
    if not _looking.acquire(timeout=WRITER_WAITS_S):
        return False
    try:
        sqlite.execute("PRAGMA busy_timeout=0")
        while time.monotonic() < until:
            with suppress(sqlite3.OperationalError):
                sqlite.execute("BEGIN IMMEDIATE")
                return True
            time.sleep(WRITER_LOOKS_S)
        return False
    finally:
        _looking.release()
        sqlite.execute(f"PRAGMA busy_timeout={BUSY_MS}")


# PostgreSQL lets 100 in unless told otherwise, workers and people with a console among them.
CONNECTIONS = 50


def engine_options(database_url: str, processes: int = 1) -> dict[str, Any]:
    """SQLAlchemy engine options for `database_url`, of which so many web processes share the connections."""
    if database_url.startswith("sqlite"):
        return {}
    # A writer that waits longer than this is told to try again, rather than holding its own locks. Times come back
    # in UTC whatever the server's zone: the first year of the calendar would have no date in an earlier one.
    settings = {"options": "-c lock_timeout=10s -c timezone=UTC"}
    each = max(1, CONNECTIONS // processes)
    # The connection used last is taken first: the database has this one's statements ready.
    return {"pool_use_lifo": True, "pool_size": each, "max_overflow": 0, "connect_args": settings}
