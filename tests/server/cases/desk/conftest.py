"""Fixtures of the desk's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.server.cases.desk.office import Office, open_office


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A council at work."""
    return open_office(app, tmp_path)
