"""Who sees what an operator's commands did."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import Council, sign_in


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer's browser."""
    return sign_in(app, council, "officer")
