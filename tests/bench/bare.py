"""The rate the database itself allows: the rows of real reports inserted and committed with nothing around it."""

from __future__ import annotations

import time
import uuid
from typing import Any

import sqlalchemy as sa

from server.intake.models import AppliedOp, Report, ReportPosition, ReportStanding
from server.store.database import WRITING, engine_options
from server.store.deferred import DeferredTask
from server.store.events import Event, Stream

# In the order in which each refers only to those before it.
TABLES: tuple[Any, ...] = (Report, Stream, Event, ReportPosition, ReportStanding, AppliedOp, DeferredTask)
SHARED = ("authority_id", "device_id", "user_id")

Rows = dict[Any, dict[str, Any]]


def rows_of_a_report(url: str, report_id: uuid.UUID) -> Rows:
    """What a push wrote for one report, table by table, if it was not placed yet."""
    engine = sa.create_engine(url, **engine_options(url))
    key = {Report: "id", Stream: "id", Event: "stream_id", ReportPosition: "report_id", ReportStanding: "id",
           AppliedOp: "entity_id", DeferredTask: "subject_id"}  # fmt: skip
    with engine.connect() as connection:
        rows = {
            table: dict(
                connection.execute(
                    sa.select(table.__table__).where(table.__table__.c[key[table]] == report_id)
                )
                .mappings()
                .first()
                or {}
            )
            for table in TABLES
        }
    engine.dispose()
    return rows


def bare_rate(url: str, rows: Rows, reports: int, commits: int) -> float:
    """Reports a second when the `rows` of so many are inserted with each commit."""
    engine = sa.create_engine(url, **engine_options(url))
    batches = [_copies(rows, reports) for _ in range(commits)]
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        began = time.perf_counter()
        for batch in batches:
            for table in TABLES:
                connection.execute(sa.insert(table.__table__), batch[table])
            connection.commit()
        took = time.perf_counter() - began
    engine.dispose()
    return reports * commits / took


def commit_rate(url: str, commits: int) -> float:
    """Commits a second of one row that holds a report's payload: what the disk allows one connection."""
    engine = sa.create_engine(url, **engine_options(url))
    column = sa.Column("id", sa.Integer, primary_key=True)
    table = sa.Table("bare", sa.MetaData(), column, sa.Column("payload", sa.Text))
    table.create(engine)
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        began = time.perf_counter()
        for _ in range(commits):
            connection.execute(table.insert().values(payload="x" * 600))
            connection.commit()
        took = time.perf_counter() - began
    table.drop(engine)
    engine.dispose()
    return commits / took


def take_statistics(url: str) -> None:
    """What PostgreSQL does by itself soon after tables have grown; SQLite never does."""
    engine = sa.create_engine(url, **engine_options(url))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    engine.dispose()


def _copies(rows: Rows, number: int) -> dict[Any, list[dict[str, Any]]]:
    """As many reports, each with ids of its own."""
    copies: dict[Any, list[dict[str, Any]]] = {table: [] for table in TABLES}
    for _ in range(number):
        new: dict[uuid.UUID, uuid.UUID] = {}
        for table, row in rows.items():
            copies[table].append({name: _renamed(name, value, new) for name, value in row.items()})
    return copies


def _renamed(name: str, value: Any, new: dict[uuid.UUID, uuid.UUID]) -> Any:
    if not isinstance(value, uuid.UUID) or name in SHARED:
        return value
    return new.setdefault(value, uuid.uuid4())
