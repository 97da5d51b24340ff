"""An empty database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.config import Settings
from tests.services.postgres_server import PostgresDatabases
from tests.services.settings import settings_for


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty database of each kind."""
    if request.param == "sqlite":
        yield settings_for(f"sqlite:///{tmp_path}/empty.sqlite3", tmp_path)
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    name = databases.create()
    yield settings_for(databases.url_of(name), tmp_path)
    databases.drop(name)
