"""PostgreSQL ends in the middle of a push: the phone is told to try again, and nothing is there twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Town, found_town
from tests.faults.counts import count_everything, wait_until_done
from tests.faults.paused import paused_at
from tests.faults.phone import NotNow, Phone
from tests.services.postgres_server import PostgresDatabases, PostgresServer, running_postgres
from tests.services.redis_server import running_redis
from tests.services.stack import stack_on

pytestmark = pytest.mark.proof


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own that keeps what it was told over a kill."""
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture
def own_town(tmp_path: Path, postgres: PostgresServer) -> Iterator[Town]:
    """A town on that PostgreSQL."""
    databases = PostgresDatabases(postgres.url)
    database_url = databases.url_of(databases.create())
    with running_redis(tmp_path) as redis, stack_on(tmp_path, database_url, redis.url) as stack:
        yield found_town(stack, tmp_path, redis)


@pytest.mark.fault(42)
@pytest.mark.parametrize("moment", ["before its commit", "after its commit"])
def test_database_killed_in_the_middle_of_a_push(
    own_town: Town, postgres: PostgresServer, moment: str
) -> None:
    """The phone is told to try again, or that it is in; either way the report is there once in the end."""
    where = "server.intake.routes:receive_together:after" if moment == "before its commit" else (
        "server.store.deferred:Sender.send:before"
    )  # fmt: skip
    with paused_at(own_town.stack, "web", where) as pause:
        phone = own_town.signed_in_phone()
        phone.save_report()
        answers: list[str] = []
        pushing = threading.Thread(target=lambda: answers.append(_push(phone)), daemon=True)
        pushing.start()
        pause.wait()
        postgres.kill()
        pause.end()
        pushing.join()
    assert answers[0].startswith("503") if moment == "before its commit" else answers == ["applied"]
    postgres.start()
    own_town.stack.start("worker", "long-worker", "beat")
    phone.send_all()
    wait_until_done(own_town.stack, own_town.council)
    count_everything(own_town.stack, own_town.council, [phone])


@pytest.mark.fault(42)
def test_database_restarted_under_running_processes(own_town: Town, postgres: PostgresServer) -> None:
    """Web and workers find the database again by themselves, and nothing that was on its way is lost or doubled."""
    own_town.stack.start()
    phone = own_town.signed_in_phone()
    for _ in range(3):
        for _ in range(5):
            phone.save_report()
        sending = threading.Thread(target=phone.send_all, daemon=True)
        sending.start()
        postgres.kill()
        postgres.start()
        sending.join()
    wait_until_done(own_town.stack, own_town.council)
    count_everything(own_town.stack, own_town.council, [phone])


def _push(phone: Phone) -> str:
    """The verdict on the phone's one op, or why there was none."""
    try:
        return phone.push(phone.unsent)[0]
    except NotNow as error:
        return str(error)
