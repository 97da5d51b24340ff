"""How long a phone takes to get everything that concerns it, when all of it is new."""

from __future__ import annotations

import random
import time
from urllib.parse import urlencode

from tests.bench.figures import Figure, milliseconds, percentile
from tests.bench.grounds import KINDS, ground
from tests.bench.lines import Line
from tests.builders import EAST, NORTH, SOUTH, WEST, position, report_op

ABOUT = (
    "A phone that has nothing yet pulls page after page over HTTP from gunicorn: what became of 10,000 reports of its "
    "owner. A page comes with its cursor and its receipts; bytes are those over the line, without TCP and TLS."
)
CHANGES = 10_000
EACH = 50


def measure() -> list[Figure]:
    """Changes a second, pages, and bytes, on both databases."""
    return [figure for kind in KINDS for figure in _measure_on(kind)]


def _measure_on(kind: str) -> list[Figure]:
    with ground(kind) as here:
        here.stack.start("web")
        giving = Line(here.phone(1))
        rng = random.Random(1)
        for first in range(0, CHANGES, EACH):
            ops = [
                report_op(
                    seq=first + seq, position=position(rng.uniform(SOUTH, NORTH), rng.uniform(WEST, EAST))
                )
                for seq in range(EACH)
            ]
            assert set(giving.push(giving.body(ops))) == {"applied"}
        taking = Line(here.phone(2))
        before = taking.carried
        seconds, changes = _pull_all(taking)
    total = sum(seconds)
    return [
        Figure(f"Pull of {changes:,} changes", kind, f"{total:.1f} s ({changes / total:,.0f} a second)"),
        Figure(f"A page of these ({len(seconds)}), p95", kind, milliseconds(percentile(seconds, 0.95))),
        Figure("Bytes for one change", kind, f"{(taking.carried - before) / changes:,.0f}"),
    ]  # fmt: skip


def _pull_all(line: Line) -> tuple[list[float], int]:
    """Pull until there is no more; the seconds of each page, and how many changes came."""
    seconds: list[float] = []
    changes, cursor, more = 0, None, True
    while more:
        asked = {"device_id": str(line.phone.device_id), **({"cursor": cursor} if cursor else {})}
        began = time.perf_counter()
        page = line.get(f"/api/v1/sync/pull?{urlencode(asked)}")
        seconds.append(time.perf_counter() - began)
        changes += len(page["changes"])
        cursor, more = page["cursor"], page["more"]
    assert changes >= CHANGES, changes
    return seconds, changes
