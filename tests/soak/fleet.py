"""The fleet: phones that save and send while processes are killed, and an officer who gives them work."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.browser.people import Person
from tests.faults.conftest import Town, found_town
from tests.faults.phone import NotNow
from tests.services.postgres_server import PostgresDatabases, PostgresServer, running_postgres
from tests.services.redis_server import running_redis
from tests.services.stack import stack_on
from tests.soak.phone import SoakPhone

# Under so many reports a task waits its turn longer than the quick tests' lease, and would be sent over and over.
SETTINGS = {"TIPWATCH_TASK_LEASE_S": "20", "TIPWATCH_SWEEP_EVERY_S": "1", "TIPWATCH_HOTSPOT_DELAY_S": "10"}
# How often a phone that has sent something also looks for what is new.
PULLS = 0.3
# Dealt like cards, so that a run of so many kills has met every kind.
VICTIMS = ("web", "web", "worker", "long-worker", "beat", "redis", "postgresql")


@dataclass(frozen=True, slots=True)
class Ground:
    """A council on PostgreSQL and Redis of its own, in separate processes, all durable as in real use."""

    town: Town
    postgres: PostgresServer


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """The ground, with every process running."""
    with running_postgres(durable=True) as postgres, running_redis(folder) as redis:
        databases = PostgresDatabases(postgres.url)
        url = databases.url_of(databases.create())
        with stack_on(folder, url, redis.url, SETTINGS) as stack:
            town = found_town(stack, folder, redis)
            stack.start()
            yield Ground(town, postgres)


class Crew(threading.Thread):
    """Saves so many ops, a few at a time, and sends and pulls in between; at the end sends until nothing is left."""

    def __init__(self, phone: SoakPhone, ops: int) -> None:
        super().__init__(daemon=True)
        self.phone = phone
        self._ops = ops
        self.error: BaseException | None = None

    def run(self) -> None:
        phone = self.phone
        try:
            while len(phone.saved) < self._ops:
                for _ in range(min(phone.network.randint(1, 25), self._ops - len(phone.saved))):
                    phone.save_something()
                phone.send()
                if phone.network.random() < PULLS:
                    with contextlib.suppress(NotNow):
                        phone.pull()
                time.sleep(phone.network.uniform(0.0, 0.3))
        except BaseException as error:  # told to whoever waits for the crew
            self.error = error


class Officer(threading.Thread):
    """Accepts cases and gives crews jobs on them for as long as crews are out."""

    def __init__(self, person: Person, rng: random.Random) -> None:
        super().__init__(daemon=True)
        self._person = person
        self._rng = rng
        self._home = threading.Event()
        self.jobs = 0

    def run(self) -> None:
        while not self._home.wait(1.0):
            # The server is killed under this too; whoever asks again finds out how it stands.
            with contextlib.suppress(requests.RequestException):
                self._work()

    def _work(self) -> None:
        for row in self._person.get("cases?state=new&limit=10")["items"]:
            self._person.post(f"cases/{row['id']}/decisions", {"decision": "accept"})
            if self._rng.random() < 0.5:
                self._person.post(f"cases/{row['id']}/jobs", {"kind": "clear", "text": "Clear it, please"})
                self.jobs += 1

    def go_home(self) -> None:
        self._home.set()
        self.join(60)


def dealt(rng: random.Random) -> Iterator[str]:
    """Whom to kill next, without end: each of `VICTIMS` once in an order of the seed, then again in another."""
    while True:
        yield from rng.sample(VICTIMS, len(VICTIMS))


@dataclass
class Killer(threading.Thread):
    """Kills one process after another as the seed says, and starts each again; all run once it has gone home."""

    ground: Ground
    rng: random.Random
    every_s: tuple[float, float]
    kills: Counter[str] = field(default_factory=Counter)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._home = threading.Event()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            for victim in dealt(self.rng):
                if self._home.wait(self.rng.uniform(*self.every_s)):
                    return
                self._kill(victim)
        except BaseException as error:  # told to whoever waits for the killer
            self.error = error

    def _kill(self, victim: str) -> None:
        self.kills[victim] += 1
        down_s = self.rng.uniform(0.0, 2.0)
        town = self.ground.town
        if victim in ("redis", "postgresql"):
            server = self.ground.postgres if victim == "postgresql" else town.redis
            assert server is not None
            server.kill()
            time.sleep(down_s)
            server.start()
        else:
            town.stack.kill(victim)
            time.sleep(down_s)
            town.stack.start(victim)

    def go_home(self) -> None:
        self._home.set()
        self.join(120)
        if self.error is not None:
            raise self.error
