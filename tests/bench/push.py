"""How long a phone waits for the answer to its push, beside what the database takes for one committed insert."""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa

from server.store.database import WRITING, engine_options
from tests.bench.figures import Figure, milliseconds, percentile
from tests.bench.grounds import KINDS, Ground, ground
from tests.faults.phone import Phone

ABOUT = (
    "One phone pushes over HTTP to gunicorn while the worker places what came before. Beside it, in the same minute "
    "and on the same database, the bare insert of a row with a report's payload, committed; the last column of the "
    "comparison is how many such inserts one push takes."
)
PUSHES_OF_ONE = 200
PUSHES_OF_FIFTY = 20
INSERTS = 300


def measure() -> list[Figure]:
    """Push latencies on both databases."""
    return [figure for kind in KINDS for figure in _measure_on(kind)]


def _measure_on(kind: str) -> list[Figure]:
    with ground(kind) as here:
        here.stack.start()
        phone = here.phone()
        _seconds(20, lambda: _push(phone, 1))
        ones = _seconds(PUSHES_OF_ONE, lambda: _push(phone, 1))
        fifties = _seconds(PUSHES_OF_FIFTY, lambda: _push(phone, 50))
        insert = percentile(_bare_inserts(here), 0.5)
    one = percentile(ones, 0.5)
    return [
        Figure("Push of one report, p50 and p95", kind, _p50_and_p95(ones)),
        Figure("Push of fifty reports, p50 and p95", kind, _p50_and_p95(fifties)),
        Figure("Bare committed insert, p50", kind, f"{milliseconds(insert)} ({1 / insert:,.0f} a second)"),
        Figure("Push of one report, in bare inserts", kind, f"{one / insert:.0f}"),
    ]


def _push(phone: Phone, reports: int) -> float:
    """Seconds for one push of so many reports without photos; all are applied."""
    for _ in range(reports):
        phone.save_report(photo=False)
    ops = phone.unsent
    began = time.perf_counter()
    verdicts = phone.push(ops)
    took = time.perf_counter() - began
    assert verdicts == ["applied"] * reports
    return took


def _seconds(times: int, measured: Callable[[], float]) -> list[float]:
    return [measured() for _ in range(times)]


def _bare_inserts(here: Ground) -> list[float]:
    """Seconds of each of many inserts of one row, committed one by one as the product commits."""
    url = here.stack.settings.database_url
    engine = sa.create_engine(url, **engine_options(url))
    rows = sa.Table(
        "bare", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("payload", sa.Text)
    )
    rows.create(engine)
    taken = []
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        for _ in range(INSERTS):
            began = time.perf_counter()
            connection.execute(rows.insert().values(payload="x" * 600))
            connection.commit()
            taken.append(time.perf_counter() - began)
    engine.dispose()
    return taken


def _p50_and_p95(seconds: list[float]) -> str:
    return f"{milliseconds(percentile(seconds, 0.5))} · {milliseconds(percentile(seconds, 0.95))}"
