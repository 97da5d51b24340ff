"""Stacks of real processes with a council in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from server.migrate import upgrade
from tests.browser.people import Person
from tests.browser.pictures import camera_photo
from tests.builders import Council, drain, make_council
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import Crossing
from tests.faults.phone import Phone
from tests.faults.proxy import Proxy
from tests.services.guarded import free_port
from tests.services.postgres_server import PostgresDatabases
from tests.services.redis_server import RedisServer, running_redis
from tests.services.stack import QUICK, Stack, stack_on

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
        council = make_council(app, folder)
        # New names have every report placed anew: that is over before a pause waits for other work.
        drain(app)
        return Town(stack, council, redis)


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


@pytest.fixture(scope="session")
def standing_crossing(
    postgres_databases: PostgresDatabases, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crossing]:
    """One running council behind a proxy, for all tests that leave it whole."""
    name = postgres_databases.create(template=migrated_postgres)
    folder, port = tmp_path_factory.mktemp("crossing"), free_port()
    environ = {**QUICK, "TIPWATCH_BASE_URL": f"http://127.0.0.1:{port}"}
    with (
        running_redis(folder) as redis,
        stack_on(folder, postgres_databases.url_of(name), redis.url, environ) as stack,
        Proxy(stack.port, port) as proxy,
    ):
        stack.start()
        with stack.app() as app:
            council = make_council(app, folder)
            officer = Person(app, council, "officer", stack.url)
            yield Crossing(stack, proxy, council, app, officer, redis)
    postgres_databases.drop(name)


@pytest.fixture
def crossing(standing_crossing: Crossing) -> Iterator[Crossing]:
    """The running council, with a network that is good until the test says otherwise; every process runs."""
    yield standing_crossing
    standing_crossing.proxy.heal()
    standing_crossing.find_server()


@pytest.fixture
def new_phone(crossing: Crossing, browser: Browser) -> Iterator[Callable[..., ChromiumPhone]]:
    """Signed-in phones with the app open; at the end none of them has complained of anything but the network."""
    phones: list[ChromiumPhone] = []

    def make(role: str | None = "crew", clock: datetime | None = None, **options: Any) -> ChromiumPhone:
        cookie = crossing.cookie(role) if role else None
        phone = ChromiumPhone(browser, crossing.proxy.url, cookie, options)
        phones.append(phone)
        if clock:
            phone.context.clock.install(time=clock)
        if role:
            phone.ready()
        return phone

    yield make
    for phone in phones:
        phone.close()
    assert [said for phone in phones for said in phone.complaints.left] == []


@pytest.fixture
def phone(new_phone: Callable[..., ChromiumPhone]) -> ChromiumPhone:
    """A signed-in phone with the app open."""
    return new_phone()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a camera writes it, unlike every other test's; it goes in one piece."""
    return camera_photo(tmp_path, seed=hash(tmp_path))


@pytest.fixture
def large_photo(tmp_path: Path) -> Path:
    """A photo of several pieces."""
    return camera_photo(tmp_path, "large.jpg", seed=hash(tmp_path), grain=1_200)
