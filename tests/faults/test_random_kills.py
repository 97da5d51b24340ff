"""Whatever is killed, whenever: all that a phone was told is there is there, once."""

from __future__ import annotations

import os
import random
import threading
import time

import pytest

from tests.faults.conftest import SEED, Town
from tests.faults.counts import count_everything, wait_until_done
from tests.faults.phone import Phone

pytestmark = pytest.mark.proof

PHONES = 3
KILLS = 10


def test_nothing_is_lost_or_doubled_while_processes_are_killed_at_random(town: Town) -> None:
    seed = int(os.environ.get("TIPWATCH_TEST_SEED", SEED))
    _note(f"seed {seed}; TIPWATCH_TEST_SEED chooses another")
    town.stack.start()
    phones = [town.signed_in_phone(number) for number in range(1, PHONES + 1)]
    crews = [Crew(phone) for phone in phones]
    for crew in crews:
        crew.start()
    kill_at_random(town, random.Random(seed))
    for crew in crews:
        crew.go_home()
    for phone in phones:
        phone.send_all()
    wait_until_done(town.stack, town.council)
    count_everything(town.stack, town.council, phones)
    code, findings = town.stack.doctor()
    assert (code, findings["authorities"][0]["record"], findings["authorities"][0]["waiting"]) == (0, [], 0)
    resent = sum("duplicate" in verdicts for phone in phones for verdicts in phone.verdicts.values())
    _note(
        f"{sum(len(phone.reports) for phone in phones)} reports, {resent} of them resent after a lost answer"
    )


class Crew(threading.Thread):
    """Someone who saves reports and lets the phone send them, until told to go home."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(daemon=True)
        self._phone = phone
        self._home = threading.Event()
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._home.wait(self._phone.rng.uniform(0.05, 0.6)):
                for _ in range(self._phone.rng.choice((1, 1, 2, 3))):
                    self._phone.save_report()
                self._phone.send()
        except BaseException as error:
            self._error = error

    def go_home(self) -> None:
        """Stop saving. Raises what went wrong in the meantime."""
        self._home.set()
        self.join(60)
        assert not self.is_alive()
        if self._error is not None:
            raise self._error


def kill_at_random(town: Town, rng: random.Random) -> None:
    """Kill ten times what the seed says, and start each again after a while; all run at the end."""
    victims = ["web", "worker", "web", "long-worker", "beat"] + (["redis"] * 3 if town.redis else [])
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.2, 1.5))
        victim = rng.choice(victims)
        _note(f"killed: {victim}")
        if victim == "redis":
            assert town.redis
            town.redis.kill()
            time.sleep(rng.uniform(0.0, 1.0))
            town.redis.start()
        else:
            town.stack.kill(victim)
            time.sleep(rng.uniform(0.0, 0.5))
            town.stack.start(victim)


def _note(text: str) -> None:
    print(text)  # noqa: T201 (pytest shows it when the test fails)
