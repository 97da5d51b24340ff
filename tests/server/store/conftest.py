"""Fixtures of what is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.builders import Council, SetClock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock(app: Flask, council: Council) -> SetClock:
    """Noon, until it is moved."""
    return SetClock(app, NOON)
