"""The services outside, switched on and standing on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from server.config import OUTSIDE_SERVICES, Settings
from server.store.clock import system_clock
from tests.builders import SetClock
from tests.server.places.outside.outsider import Outsider, running_outsider
from tests.services.settings import settings_for

KEY = "a-key-that-nobody-may-see"


@pytest.fixture(scope="session")
def only_outsider() -> Iterator[Outsider]:
    """One server for all tests."""
    with running_outsider() as outsider:
        yield outsider


@pytest.fixture
def outsider(only_outsider: Outsider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outsider]:
    """The server, behaving."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    only_outsider.behave()
    yield only_outsider
    only_outsider.behave()


def asking(settings: Settings, outsider: Outsider, *services: str) -> Settings:
    """The settings with these services switched on."""
    return replace(
        settings,
        outside_services=services,
        nominatim_url=outsider.url,
        os_api_url=outsider.url,
        os_api_key=KEY,
    )


@pytest.fixture
def settings(outsider: Outsider, tmp_path: Path) -> Settings:
    """Settings with every service on, for what needs no database."""
    return asking(settings_for("sqlite://", tmp_path), outsider, *OUTSIDE_SERVICES)


@pytest.fixture
def clock(app: Flask) -> SetClock:
    """The application's clock, which stands still until it is moved."""
    return SetClock(app, system_clock())
