"""Fixtures of the cases' tests."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import Council, Phone, make_phone, sign_in


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer at the desk."""
    return sign_in(app, council, "officer")
