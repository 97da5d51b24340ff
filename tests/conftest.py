"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from tests.services.settings import settings_for

if TYPE_CHECKING:
    from tests.builders import Council

# How long an example takes says more of the machine than of the code; and the same examples are tried on every
# machine, so that a change is what makes a test fail.
settings.register_profile("any machine", deadline=None, derandomize=True)
settings.load_profile("any machine")

pytest_plugins = ["tests.services.fixtures", "tests.browser.fixtures"]


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The web application on a fresh database of each kind."""
    # Imported here, so that tests of pure functions neither load nor depend on the whole server.
    from server.app import create_app
    from server.store.database import db

    data_dir = tmp_path / "data"
    data_dir.mkdir()
    application = create_app(settings_for(database_url, data_dir))
    yield application
    with application.app_context():
        db.session.remove()


@pytest.fixture
def council(app: Flask, tmp_path: Path) -> Council:
    """A council with a user of each role, roads and an outline."""
    from tests.builders import make_council

    return make_council(app, tmp_path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def typed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Type a command of `tipwatch` where the application under test is installed."""
    from server.cli import tipwatch

    monkeypatch.setattr("server.app.create_app", lambda: app)

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(tipwatch, [str(argument) for argument in arguments])

    return run
