"""Fixtures of the intake's tests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import Council, Phone, SetClock, make_phone, sign_in


@pytest.fixture
def clock(app: Flask) -> SetClock:
    """A clock that stands still."""
    return SetClock(app, datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer at the desk."""
    return sign_in(app, council, "officer")
