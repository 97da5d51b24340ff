"""The web server's processes: how many there are, and that a phone does not notice which one answers."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
from click.testing import CliRunner

from server.config import UnsafeSettings, load_settings
from server.migrate import upgrade
from server.serve import serve
from server.store.database import CONNECTIONS, engine_options
from tests.builders import Council, make_council, report_op
from tests.faults.counts import wait_until_done
from tests.faults.phone import Phone
from tests.services.redis_server import running_redis
from tests.services.stack import QUICK, Stack, stack_on

REDIS = "redis://127.0.0.1:1/0"
PROCESSES = 3
PHONES = 6


def test_there_is_one_more_than_cores_where_redis_counts_for_all_of_them(tmp_path: Path) -> None:
    def processes(**variables: str) -> int:
        given = {f"TIPWATCH_{name}": value for name, value in variables.items()}
        return load_settings({"TIPWATCH_DATA_DIR": str(tmp_path), **given}).web_processes

    assert processes() == 1
    assert processes(BROKER_URL=REDIS) == min((os.cpu_count() or 1) + 1, 4)
    assert processes(BROKER_URL=REDIS, WEB_PROCESSES="7") == 7
    with pytest.raises(UnsafeSettings, match="TIPWATCH_WEB_PROCESSES must be a whole number from 1 up"):
        processes(WEB_PROCESSES="0")


@pytest.mark.parametrize("processes", [1, 2, 4, 16, 50])
def test_together_they_leave_connections_to_others(processes: int) -> None:
    options = engine_options("postgresql+psycopg://db/tipwatch", processes)
    each = options["pool_size"] + options["max_overflow"]
    assert each >= 1
    assert processes * each <= CONNECTIONS <= 50


@pytest.fixture
def several(tmp_path: Path, postgres_url: str) -> Iterator[tuple[Stack, Council]]:
    """A council behind several web processes, with PostgreSQL and Redis."""
    environ = {**QUICK, "TIPWATCH_WEB_PROCESSES": str(PROCESSES)}
    with running_redis(tmp_path) as redis, stack_on(tmp_path, postgres_url, redis.url, environ) as stack:
        upgrade(stack.settings)
        with stack.app() as app:
            council = make_council(app, tmp_path)
        stack.start("web")
        yield stack, council


def _answering(stack: Stack) -> list[psutil.Process]:
    """The processes that take requests: children of the one that listens."""
    command = ("gunicorn", f"127.0.0.1:{stack.port}")
    found = [
        one for one in psutil.process_iter(["cmdline"]) if set(command) <= set(one.info["cmdline"] or ())
    ]
    return [one for one in found if one.ppid() in {other.pid for other in found}]


@pytest.mark.proof
def test_whichever_answers_every_op_is_applied_once_and_every_photo_is_whole(
    several: tuple[Stack, Council],
) -> None:
    stack, council = several
    assert len(_answering(stack)) == PROCESSES
    phones = [Phone(stack.url, council, random.Random(number)) for number in range(PHONES)]
    for phone in phones:
        phone.sign_in()
        # A connection for each request: no telling which process takes it.
        phone.session.headers["Connection"] = "close"
        for _ in range(5):
            phone.save_report()
    same = report_op()
    with ThreadPoolExecutor(PHONES) as pool:
        verdicts = list(pool.map(lambda phone: phone.push([same]), phones))
        list(pool.map(Phone.send_all, phones))
    assert Counter(verdict for one in verdicts for verdict in one) == {"applied": 1, "duplicate": PHONES - 1}
    stack.start("worker", "long-worker", "beat")
    wait_until_done(stack, council, 60)
    officer = Phone(stack.url, council, random.Random(PHONES))
    officer.sign_in("officer")
    for phone in phones:
        assert {tuple(phone.verdicts[op_id]) for op_id in phone.reports} == {("applied",)}
        assert {photo_id: officer.original(photo_id) for photo_id in phone.photos} == phone.photos


@pytest.mark.proof
def test_an_address_may_not_try_more_often_because_there_are_several(
    several: tuple[Stack, Council],
) -> None:
    stack, _ = several
    address = f"{stack.url}/api/v1/public/reports/nothing"
    answers = [requests.get(address, timeout=10, headers={"Connection": "close"}) for _ in range(125)]
    assert Counter(answer.status_code for answer in answers) == {404: 120, 429: 5}


def test_a_web_process_looks_for_cycles_no_more_in_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As gunicorn itself tells of the command that is run, and as a process does that is told so."""
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, arguments: started.append(arguments))
    assert CliRunner().invoke(serve, []).exit_code == 0
    told = subprocess.run([*started[0], "--print-config"], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^config += python:server.web_process$", told, re.MULTILINE)
    program = (
        "import gc, server.app; from server.web_process import post_worker_init; post_worker_init(None);"
        "print(gc.get_freeze_count(), len(gc.get_objects()))"
    )
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    kept, looked_through = map(int, shown.split())
    assert kept > 50_000 and looked_through < 1_000
