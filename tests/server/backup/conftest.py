"""Installations to back up and to restore into."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from server.app import create_app
from server.cli import tipwatch
from server.store.database import db
from tests.services.postgres_server import PostgresDatabases
from tests.services.settings import settings_for


@dataclass(frozen=True, slots=True)
class Installation:
    """A database and a data folder, worked on with commands."""

    database_url: str
    data_dir: Path

    def run(self, *arguments: str) -> Result:
        """Run a command here."""
        environ = {
            "TIPWATCH_DATABASE_URL": self.database_url, "TIPWATCH_DATA_DIR": str(self.data_dir),
            "TIPWATCH_BROKER_URL": "memory://",
        }  # fmt: skip
        return CliRunner().invoke(tipwatch, list(arguments), env=environ)

    def done(self, *arguments: str) -> dict[str, Any]:
        """What a command that ends well prints with --json."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    def app(self) -> Flask:
        """The application here."""
        return create_app(settings_for(self.database_url, self.data_dir))


def of(app: Flask) -> Installation:
    """The installation of an application under test, with no connection left open."""
    settings = app.config["SETTINGS"]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return Installation(settings.database_url, settings.data_dir)


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Installation]]:
    """Makes an empty installation on `sqlite` or `postgresql`."""
    made: list[tuple[PostgresDatabases, str]] = []

    def make(kind: str) -> Installation:
        folder = tmp_path / f"empty-{kind}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if kind == "sqlite":
            return Installation(f"sqlite:///{folder}/tipwatch.sqlite3", folder)
        databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
        made.append((databases, databases.create()))
        return Installation(databases.url_of(made[-1][1]), folder)

    yield make
    for databases, name in made:
        databases.drop(name)


def everything(here: Installation) -> dict[str, list[str]]:
    """Every row of every table, as the models read it."""
    engine = sa.create_engine(here.database_url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        rows = {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for table in db.metadata.sorted_tables
        }
    engine.dispose()
    return rows


def files_of(here: Installation) -> dict[str, bytes]:
    """Every file of the store."""
    root = here.data_dir / "files"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
