"""The services as fixtures. A database is migrated once a run and copied for each test that wants one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from server.migrate import upgrade
from tests.services.fresh_postgres import FreshPostgres
from tests.services.guarded import free_port as any_free_port
from tests.services.kept_engines import KeptEngines
from tests.services.postgres_server import PostgresDatabases, running_postgres
from tests.services.redis_server import RedisServer, running_redis
from tests.services.settings import settings_for

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
BOTH_DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def free_port() -> int:
    """A TCP port that nothing listens on."""
    return any_free_port()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's Chromium."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise RuntimeError("Chromium is not on the PATH. On Debian: apt-get install chromium fonts-liberation")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for all tests; those that kill one use `running_redis` for their own."""
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis."""
    redis_server.clear()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """A PostgreSQL cluster: the one of TIPWATCH_TEST_POSTGRES_URL, or a throw-away one."""
    if given := os.environ.get("TIPWATCH_TEST_POSTGRES_URL"):
        yield PostgresDatabases(given)
        return
    with running_postgres() as server:
        yield PostgresDatabases(server.url)


@pytest.fixture(scope="session")
def sqlite_without_waiting() -> Iterator[None]:
    """No power fails during a test: SQLite in this process waits for the disk as little as our PostgreSQL."""

    def hurry(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Engine, "connect", hurry)
    yield
    event.remove(Engine, "connect", hurry)


@pytest.fixture(scope="session")
def migrated_sqlite(sqlite_without_waiting: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    file = folder / "tipwatch.sqlite3"
    upgrade(settings_for(f"sqlite:///{file}", folder))
    return file


@pytest.fixture(scope="session")
def migrated_postgres(
    postgres_databases: PostgresDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a PostgreSQL database at the newest schema, to copy."""
    name = postgres_databases.create()
    upgrade(settings_for(postgres_databases.url_of(name), tmp_path_factory.mktemp("migrated")))
    yield name
    postgres_databases.drop(name)


@pytest.fixture(scope="session")
def kept_engines() -> Iterator[KeptEngines]:
    """The engines of all applications in this process."""
    # Imported here, so that tests of pure functions neither load nor depend on the whole server.
    from server.store.database import db

    kept = KeptEngines(db._make_engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_make_engine", kept.engine)
        yield kept


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, kept_engines: KeptEngines) -> Iterator[str]:
    """A fresh SQLite database at the newest schema, where the one before was."""
    file = migrated_sqlite.with_name("fresh.sqlite3")
    for left in migrated_sqlite.parent.glob("fresh.sqlite3*"):
        left.unlink()
    shutil.copyfile(migrated_sqlite, file)
    yield f"sqlite:///{file}"
    kept_engines.close()


@pytest.fixture(scope="session")
def fresh_postgres(migrated_postgres: str, postgres_databases: PostgresDatabases) -> Iterator[FreshPostgres]:
    """A copy of the migrated database, for one test after the other."""
    fresh = FreshPostgres(postgres_databases, migrated_postgres)
    yield fresh
    fresh.drop()


@pytest.fixture
def postgres_url(fresh_postgres: FreshPostgres, kept_engines: KeptEngines) -> Iterator[str]:
    """A fresh PostgreSQL database at the newest schema, where the one before was."""
    yield fresh_postgres.url()
    kept_engines.close()


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database at the newest schema; the test runs once on each kind."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))
