"""Fixtures of the tests of the resident's pages."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.builders import Council
from tests.server.residents.pages.resident import Resident, SetClock


@pytest.fixture
def clock(app: Flask) -> SetClock:
    """The application's clock, which stands still unless it is moved."""
    set_clock = SetClock()
    app.config["CLOCK"] = set_clock
    return set_clock


@pytest.fixture
def resident(app: Flask, council: Council, clock: SetClock) -> Resident:
    """Somebody who has just found the form."""
    return Resident(app, clock)
