"""Stacks of real processes with a council in them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.migrate import upgrade
from tests.builders import Council, make_council
from tests.faults.phone import Phone
from tests.services.redis_server import RedisServer, running_redis
from tests.services.stack import Stack, stack_on

SEED = 20260


@dataclass
class Town:
    """A council on a stack of real processes, none of them started yet, and the servers the stack stands on."""

    stack: Stack
    council: Council
    redis: RedisServer | None = None

    def phone(self, number: int = 1) -> Phone:
        """A crew member's phone; what it saves depends on its number only."""
        return Phone(self.stack.url, self.council, random.Random(SEED + number))

    def signed_in_phone(self, number: int = 1) -> Phone:
        """A phone that is signed in and enrolled; the web process must be running."""
        phone = self.phone(number)
        phone.sign_in()
        return phone


def found_town(stack: Stack, folder: Path, redis: RedisServer | None = None) -> Town:
    """A council in the stack's database."""
    upgrade(stack.settings)
    with stack.app() as app:
        return Town(stack, make_council(app, folder), redis)


@pytest.fixture
def embedded_town(tmp_path: Path) -> Iterator[Town]:
    """What runs with nothing else installed: SQLite, and messages as files."""
    database_url = f"sqlite:///{tmp_path}/data/tipwatch.sqlite3"
    with stack_on(tmp_path, database_url, "filesystem://") as stack:
        yield found_town(stack, tmp_path)


@pytest.fixture
def served_town(tmp_path: Path, postgres_url: str) -> Iterator[Town]:
    """What real use runs on: PostgreSQL, and a Redis of its own."""
    with running_redis(tmp_path) as redis, stack_on(tmp_path, postgres_url, redis.url) as stack:
        yield found_town(stack, tmp_path, redis)


@pytest.fixture(params=["embedded_town", "served_town"])
def town(request: pytest.FixtureRequest) -> Town:
    """A town of each kind."""
    found: Town = request.getfixturevalue(request.param)
    return found
