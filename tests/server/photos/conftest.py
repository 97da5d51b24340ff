"""Fixtures of the photos' tests."""

from __future__ import annotations

import pytest
from flask import Flask

from server.photos.service import file_store
from server.store.files import FileStore
from tests.server.photos.council import Council, found_council


@pytest.fixture
def council(app: Flask) -> Council:
    """The council the tests are about."""
    return found_council(app, "northwold")


@pytest.fixture
def neighbour(app: Flask) -> Council:
    """Another council on the same server."""
    return found_council(app, "eastbury")


@pytest.fixture
def files(app: Flask) -> FileStore:
    """The application's files."""
    with app.app_context():
        return file_store()
