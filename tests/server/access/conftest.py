"""Fixtures of the tests of who may do what."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from server.access import service


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its cheapest: how slow it is in real use is a constant, and not what these tests are about."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(service, "_hasher", quick)
    monkeypatch.setattr(service, "_NOBODY", quick.hash("nobody's password"))
