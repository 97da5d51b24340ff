"""Commands as an operator types them, and who sees what they did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from server.cli import tipwatch
from tests.builders import Council, sign_in


@pytest.fixture
def typed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Type a command of `tipwatch` where the application under test is installed."""
    monkeypatch.setattr("server.app.create_app", lambda: app)

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(tipwatch, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer's browser."""
    return sign_in(app, council, "officer")
