"""Many who write to SQLite at once: each gets its turn soon, and none is told that the database is locked."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.store import database
from server.store.database import WRITING
from tests.services.processes import wait_for

WRITE_ON = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
while True:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO line VALUES ('theirs')")
    until = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < until:
        pass
    connection.execute("COMMIT")
    time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def busy_file(tmp_path: Path) -> Iterator[Path]:
    """A database in which somebody else writes nearly all of the time."""
    path = tmp_path / "busy.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE line (text)")
    with _another_writer(path, holds_s=0.006, rests_s=0.0015):
        yield path


def test_a_writer_is_not_overtaken_for_long(busy_file: Path) -> None:
    waited = []
    for _ in range(40):
        began = time.monotonic()
        _write(busy_file)
        waited.append(time.monotonic() - began)
        time.sleep(0.01)
    assert sorted(waited)[-4] < 0.3, waited


def test_of_many_that_wait_in_one_process_one_looks_and_all_have_their_turn(tmp_path: Path) -> None:
    """Twenty that all look take the time of the one that writes."""
    path, looked = tmp_path / "held.sqlite3", set[int]()
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(
            lambda statement: looked.add(threading.get_ident()) if "IMMEDIATE" in statement else None
        )

    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE line (text)")
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(8) as threads:
            written = [threads.submit(_write_by, engine) for _ in range(8)]
            wait_for("one to look", lambda: looked)
            time.sleep(0.2)
            assert len(looked) == 1
            other.execute("COMMIT")
            for one in written:
                one.result(timeout=30)
        assert len(looked) > 1 and _lines(path) == 8
    engine.dispose()


def test_who_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WRITER_WAITS_S", 0.05)
    monkeypatch.setattr(database, "BUSY_MS", 10)
    path = tmp_path / "held.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE line (text)")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            _write(path)
        other.execute("COMMIT")
    _write(path)


def _write(path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    _write_by(engine)
    engine.dispose()


def _write_by(engine: sa.Engine) -> None:
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        connection.execute(sa.text("INSERT INTO line VALUES ('mine')"))
        connection.commit()


@contextmanager
def _another_writer(path: Path, *, holds_s: float, rests_s: float) -> Iterator[None]:
    command = [sys.executable, "-S", "-E", "-c", WRITE_ON, str(path), str(holds_s), str(rests_s)]
    with subprocess.Popen(command) as process:
        try:
            wait_for("the other writer", lambda: _lines(path))
            yield
        finally:
            process.kill()


def _lines(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM line").fetchone()[0])
