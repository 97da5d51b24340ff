"""A council whose hotspots are made of what is reported from a known day on."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.server.cases.desk.office import Office, open_office
from tests.server.hotspots.ground import START


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A council whose clock stands at the fourth of March."""
    office = open_office(app, tmp_path)
    office.clock.moment = START
    return office
