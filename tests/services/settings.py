"""Settings of tests."""

from __future__ import annotations

from pathlib import Path

from server.config import Settings


def settings_for(database_url: str, data_dir: Path) -> Settings:
    """What tests run with: nothing but the database and the folder differs from test to test."""
    return Settings(
        data_dir=data_dir,
        secret_key="a-secret-that-only-tests-know",
        database_url=database_url,
        broker_url="memory://",
    )
