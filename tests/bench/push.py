"""How many reports a second the server takes, beside what its database would take with nothing around it."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from server.store.deferred import DeferredTask
from server.store.transaction import ACROSS_AUTHORITIES, reading
from tests.bench.bare import bare_rate, commit_rate, rows_of_a_report, take_statistics
from tests.bench.figures import Figure, milliseconds
from tests.bench.grounds import KINDS, Ground, ground
from tests.bench.lines import Line, Rate, rate
from tests.builders import EAST, NORTH, SOUTH, WEST, manifest, position, report_op
from tests.services.processes import wait_for

ABOUT = (
    "Phones push over HTTP to gunicorn, all at once and each on a connection of its own; they run on the same machine. "
    "Bare is one connection to the same database before they begin: a commit with one row of a report's payload; and, "
    "at the end, the rows of the same reports (report, stream, event, position, standing, applied op, task), committed "
    "report by report and fifty at a time. The share is of the bare commits. Then every phone sends some reports and "
    "photos, and PostgreSQL takes the statistics that it takes by itself within a minute of use, before anything is "
    "measured. ODK Central, measured on a machine like this with PostgreSQL, took 237 new submissions a second at 8 "
    "connections (0.08 of the bare commits, p95 54 ms), 104 with a 300 KB photo (0.036), 310 sent again (0.11), and "
    "about 95 once its background work is counted (0.032). Its database made some 2,960 bare commits a second: between "
    "machines the shares can be compared, and the numbers a second cannot. Counted with the background work means: "
    "until the worker has placed every report."
)
PUSHES_OF_ONE = 400
PUSHES_OF_FIFTY = 20
WITH_PHOTOS = 240
PHOTO_BYTES = 300_000
PHONES = (1, 8, 20)
COMMITS = 1_000
ODK_SHARE, ODK_PHOTO_SHARE, ODK_AGAIN_SHARE, ODK_PLACED_SHARE = 0.08, 0.036, 0.11, 0.032

Op = dict[str, Any]


def measure() -> list[Figure]:
    """Rates on both databases."""
    return [figure for kind in KINDS for figure in _measure_on(kind)]


def _measure_on(kind: str) -> list[Figure]:
    with ground(kind) as here:
        here.stack.start("web")
        lines = [Line(here.phone(seed)) for seed in range(max(PHONES))]
        first = _report()
        assert lines[0].push(lines[0].body([first])) == ["applied"]
        url = here.stack.settings.database_url
        rows = rows_of_a_report(url, uuid.UUID(first["entity_id"]))
        figures = [_same_op_at_once(kind, lines)]
        bare = commit_rate(url, COMMITS)
        _warm_up(url, lines)
        for number in PHONES:
            figures += _at_once(kind, lines[:number], bare)
        overhead = _overhead(lines[0])
        with_background = _with_background(here, lines[:8])
        here.stack.kill()
        by_one, by_fifty = bare_rate(url, rows, 1, COMMITS), bare_rate(url, rows, 50, 20)
    return [
        Figure("Bare commits of one row", kind, _per_second(bare)),
        Figure("Bare rows of reports, one a commit", kind, _per_second(by_one)),
        Figure("Bare rows of reports, fifty a commit", kind, _per_second(by_fifty)),
        *figures,
        _share(
            "New reports of 8 phones, placing counted",
            kind,
            with_background,
            bare,
            ODK_PLACED_SHARE if kind == "PostgreSQL" else None,
        ),
        Figure("Bytes of protocol for one report", kind, f"{overhead:,} beside its payload"),
    ]


def _warm_up(url: str, lines: Sequence[Line]) -> None:
    """Some reports and photos by every phone, and the statistics that a database in use has."""
    _pushing(lines, [[_report(seq)] for seq in range(PUSHES_OF_ONE)])
    _with_photos(lines)
    take_statistics(url)


def _at_once(kind: str, lines: Sequence[Line], bare: float) -> list[Figure]:
    who = "1 phone" if len(lines) == 1 else f"{len(lines)} phones"
    ops = [_report(seq) for seq in range(PUSHES_OF_ONE)]
    ones = _pushing(lines, [[op] for op in ops])
    again = _pushing(lines, [[op] for op in ops])
    fifties = _pushing(lines, [[_report(seq) for seq in range(50)] for _ in range(PUSHES_OF_FIFTY)], each=50)
    photos = _with_photos(lines)
    eight = len(lines) == 8 and kind == "PostgreSQL"
    return [
        _figure(f"New reports, {who}, one at a time", kind, ones, bare, ODK_SHARE if eight else None),
        _figure(f"New reports, {who}, fifty at a time", kind, fifties, bare, 1 / 3),
        _figure(f"New reports with a 300 KB photo, {who}", kind, photos, bare, ODK_PHOTO_SHARE if eight else None),
        _figure(f"Sent again, {who}, one at a time", kind, again, bare, ODK_AGAIN_SHARE if eight else None),
    ]  # fmt: skip


def _figure(what: str, kind: str, measured: Rate, bare: float, aim: float | None) -> Figure:
    return _share(what, kind, measured.per_second, bare, aim, f" · p95 {milliseconds(measured.p95)}")


def _share(what: str, kind: str, rate: float, bare: float, aim: float | None, besides: str = "") -> Figure:
    share = rate / bare
    value = f"{rate:,.0f} a second ({share:.3f}){besides}"
    return Figure(what, kind, value) if aim is None else Figure(
        what, kind, value, f"share over {aim:.3g}", share > aim
    )  # fmt: skip


def _pushing(lines: Sequence[Line], pushes: Sequence[Sequence[Op]], each: int = 1) -> Rate:
    """The pushes dealt out to the phones."""
    return rate(
        [
            [partial(_push, line, line.body(ops)) for ops in pushes[number :: len(lines)]]
            for number, line in enumerate(lines)
        ],
        each,
    )


def _push(line: Line, body: bytes) -> None:
    assert set(line.push(body)) <= {"applied", "duplicate"}


def _with_photos(lines: Sequence[Line]) -> Rate:
    """New reports, each with its photo behind it."""

    def prepared(line: Line, seq: int) -> Any:
        content = random.Random(seq).randbytes(PHOTO_BYTES - 16) + uuid.uuid4().bytes
        photo = manifest(content)
        body = line.body([_report(seq, photos=[photo])])

        def send() -> None:
            _push(line, body)
            line.upload(photo["id"], content)

        return send

    share = -(-WITH_PHOTOS // len(lines))
    return rate([[prepared(line, seq) for seq in range(share)] for line in lines])


def _same_op_at_once(kind: str, lines: Sequence[Line]) -> Figure:
    """Twenty connections with one new op: it is applied once."""
    op = _report()
    verdicts: list[str] = []

    def send(line: Line) -> None:
        verdicts.extend(line.push(line.body([op])))

    rate([[partial(send, line)] for line in lines])
    value = ", ".join(f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts)))
    wanted = f"1 applied, {len(lines) - 1} duplicate"
    return Figure("One new op from twenty connections", kind, value, wanted, value == wanted)


def _with_background(here: Ground, lines: Sequence[Line]) -> float:
    """New reports a second, until the worker has done all that came of them."""
    here.stack.start("worker", "long-worker", "beat")
    with here.stack.app():
        wait_for("what came before to be placed", lambda: not _open_tasks(), 600)
        began = time.perf_counter()
        _pushing(lines, [[_report(seq)] for seq in range(PUSHES_OF_ONE)])
        wait_for("every report to be placed", lambda: not _open_tasks(), 600)
        return PUSHES_OF_ONE / (time.perf_counter() - began)


def _open_tasks() -> int:
    """Tasks that are still to be done, but for those that wait for a while on purpose."""
    with reading(None) as session:
        waiting = sa.select(sa.func.count(DeferredTask.id)).where(
            DeferredTask.done_at.is_(None), DeferredTask.name.like("%place_report")
        )
        return session.execute(waiting.execution_options(**ACROSS_AUTHORITIES)).scalar_one()


def _overhead(line: Line) -> int:
    """Bytes of a push of one report and its answer that are not the report's payload."""
    op, before = _report(), line.carried
    _push(line, line.body([op]))
    return line.carried - before - len(op["payload"])


def _report(seq: int = 1, **changes: Any) -> Op:
    """A report somewhere in the council's area."""
    rng = random.Random(uuid.uuid4().int)
    where = position(rng.uniform(SOUTH, NORTH), rng.uniform(WEST, EAST))
    return report_op(seq=seq, position=where, **changes)


def _per_second(number: float) -> str:
    return f"{number:,.0f} a second"
