"""Running Tipwatch, its people and their phones as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.people import Person
from tests.browser.phone import ARGUMENTS, Phone
from tests.browser.stacks import Running, embedded, separate
from tests.builders import PASSWORD, Council, make_council
from tests.services.postgres_server import PostgresDatabases
from tests.services.redis_server import running_redis


@dataclass(frozen=True, slots=True)
class Town:
    """A council on a running Tipwatch, the people around the phone under test, and that phone, signed in."""

    running: Running
    council: Council
    officer: Person
    neighbour: Person
    phone: Phone

    def nothing_saved_is_missing(self) -> None:
        """Whatever the phone called saved is at the council, once."""
        assert set(self.phone.saved) <= set(self.officer.reports())


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One browser for all tests that need no storage of their own beyond a context."""
    chromium = playwright.chromium.launch(executable_path=chromium_path, args=list(ARGUMENTS))
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def separate_processes(
    postgres_databases: PostgresDatabases, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Web, worker and beat on PostgreSQL, with a Redis of their own so that no other test's worker takes their work."""
    name = postgres_databases.create(template=migrated_postgres)
    with (
        running_redis(tmp_path_factory.mktemp("redis")) as redis,
        separate(tmp_path_factory.mktemp("stack"), postgres_databases.url_of(name), redis.url) as running,
    ):
        yield running
    postgres_databases.drop(name)


@pytest.fixture
def embedded_default(tmp_path: Path) -> Iterator[Running]:
    """`tipwatch run` as `make run` starts it, without the demo."""
    with embedded(tmp_path) as running:
        yield running


@pytest.fixture
def new_town(
    playwright: Playwright, chromium_path: str, tmp_path: Path
) -> Iterator[Callable[[Running], Town]]:
    """Founds a council on a running Tipwatch; at the end its phone must not have complained about anything."""
    phones: list[Phone] = []

    def found(running: Running) -> Town:
        # A test that failed may have left it without its server.
        running.find_server()
        council = make_council(running.app, tmp_path, slug=tmp_path.name.replace("_", "-"))
        officer, neighbour = (
            Person(running.app, council, role, running.url) for role in ("officer", "manager")
        )
        phone = Phone(playwright, chromium_path, tmp_path / "profile", running.url)
        phones.append(phone)
        phone.open()
        phone.forgive("status of 401")  # asking who is signed in, before anybody is
        phone.sign_in(council.email("crew"), PASSWORD)
        return Town(running, council, officer, neighbour, phone)

    yield found
    for phone in phones:
        phone.close()
    assert [said for phone in phones for said in phone.complaints] == []


@pytest.fixture
def town(separate_processes: Running, new_town: Callable[[Running], Town]) -> Town:
    """A council on the separate processes with a signed-in phone."""
    return new_town(separate_processes)
