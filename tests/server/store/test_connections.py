"""Connections that the database ended are replaced before they are used; the others are not asked every time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from server.store import database
from server.store.database import engine_options

PID = sa.text("SELECT pg_backend_pid()")
END = sa.text("SELECT pg_terminate_backend(:pid, 5000)")


@pytest.fixture
def engine(postgres_url: str) -> Iterator[sa.Engine]:
    """An engine with the options of the web server's."""
    engine = sa.create_engine(postgres_url, **engine_options(postgres_url))
    yield engine
    engine.dispose()


@pytest.fixture
def ended(engine: sa.Engine) -> int:
    """The process of the connection that rests in the pool, which the database has ended."""
    with engine.connect() as connection:
        pid: int = connection.execute(PID).scalar_one()
    other = sa.create_engine(engine.url, poolclass=sa.NullPool)
    with other.connect() as connection:
        assert connection.execute(END, {"pid": pid}).scalar_one()
    return pid


def test_a_connection_that_was_ended_is_replaced(engine: sa.Engine, ended: int) -> None:
    with engine.connect() as connection:
        assert connection.execute(PID).scalar_one() != ended


def test_one_that_was_lost_without_a_word_is_asked_after_a_rest(
    engine: sa.Engine, ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_is_told_something", lambda _connection: False)
    monkeypatch.setattr(database, "ASKED_AFTER_S", 0.0)
    with engine.connect() as connection:
        assert connection.execute(PID).scalar_one() != ended


def test_one_that_was_used_a_moment_ago_is_not_asked(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.connect() as connection:
        pid = connection.execute(PID).scalar_one()
    monkeypatch.setattr(database, "_answers", lambda _connection: pytest.fail("it was asked"))
    with engine.connect() as connection:
        assert connection.execute(PID).scalar_one() == pid
