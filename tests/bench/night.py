"""A night of the whole country: every council's list built anew by two workers."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from server.cases.models import Case
from server.hotspots.models import HotspotRun
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from tests.bench.clustering import HALF_LIFE_DAYS, RADIUS_M, case_row, columns, drawn_points, peak_bytes
from tests.bench.figures import Figure, megabytes
from tests.bench.grounds import Ground, ground
from tests.builders import make_council
from tests.services.processes import wait_for
from workers.clustering.background import chances
from workers.clustering.places import find_places
from workers.tasks.periodic import rebuild_every_list

AUTHORITIES, CASES_EACH, WORKERS = 300, 40_000, 2
WAIT_S = 3_600
ABOUT = (
    f"{AUTHORITIES * CASES_EACH:,} cases of one year in {AUTHORITIES} authorities, drawn as above. Finding places and "
    f"holding them against chance is the pure part, for all authorities, by {WORKERS} processes. The whole night also "
    f"reads the cases from PostgreSQL and writes the lists: {AUTHORITIES} councils of {CASES_EACH:,} cases each, all "
    f"alike, by {WORKERS} Celery workers over Redis, from what beat starts at night to the last list. The first night "
    "writes every member and tells thousands of places on made-up roads apart, any other what changed. Making the "
    "cases takes some ten minutes more."
)


def measure() -> list[Figure]:
    """The pure part for the whole country, and two whole nights of it."""
    return [_found_everywhere(), *_nights()]


def _found_everywhere() -> Figure:
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS) as pool:
        done = list(pool.map(_find, range(AUTHORITIES)))
    taken = time.perf_counter() - began
    busy, peak = sum(seconds for seconds, _ in done), max(peak for _, peak in done)
    value = f"{taken:.0f} s, {busy / WORKERS:.0f} s of processor time each, {megabytes(peak)} each"
    return Figure(f"Finding the places of {AUTHORITIES * CASES_EACH:,} cases", f"{WORKERS} processes", value)


def _find(number: int) -> tuple[float, int]:
    """Processor time in seconds for one authority, and the process's peak of memory in bytes."""
    points = columns(CASES_EACH, seed=number)
    began = time.process_time()
    places = find_places(
        points, radius_m=RADIUS_M, half_life_days=HALF_LIFE_DAYS, as_of=datetime.now(UTC).date()
    )
    chances(points, places, radius_m=RADIUS_M)
    return time.process_time() - began, peak_bytes()


def _nights() -> list[Figure]:
    with ground("PostgreSQL") as here:
        _fill(here)
        here.stack.start("long-worker", "long-worker-2", "beat")
        first, second = _night(here, AUTHORITIES), _night(here, 2 * AUTHORITIES)
    return [
        Figure(f"The first night for {AUTHORITIES} councils", "PostgreSQL", f"{first / 60:.1f} min"),
        Figure(f"Another night for {AUTHORITIES} councils", "PostgreSQL", f"{second / 60:.1f} min"),
    ]


def _fill(here: Ground) -> None:
    """Cases of one council, and copies of them, as many million rows are sent to no database one by one."""
    with here.stack.app() as app:
        first = here.council.id
        with transaction(first) as session:
            session.execute(sa.insert(Case), [case_row(first, point) for point in drawn_points(CASES_EACH)])
        for number in range(1, AUTHORITIES):
            folder = Path(here.stack.folder) / f"council-{number}"
            folder.mkdir()
            authority_id = make_council(app, folder, slug=f"council-{number}", prefix=f"C{number}").id
            with transaction(authority_id) as session:
                session.execute(_copy_of(first, authority_id))
        with transaction(first) as session:
            session.execute(sa.text("ANALYZE"))


def _copy_of(of: uuid.UUID, to: uuid.UUID) -> sa.Insert:
    cases = sa.table("case", *(sa.column(column.name) for column in Case.__table__.columns))
    own = {"authority_id": sa.literal(to), "id": sa.func.gen_random_uuid()}
    copied = sa.select(*(own.get(column.name, column) for column in cases.columns))
    return sa.insert(cases).from_select(
        [column.name for column in cases.columns], copied.where(cases.c.authority_id == of)
    )


def _night(here: Ground, runs: int) -> float:
    """Seconds from the start of a night until there are so many runs in all."""
    with here.stack.app():
        began = time.perf_counter()
        rebuild_every_list()
        wait_for("every council's list", lambda: _runs() >= runs, WAIT_S)
        return time.perf_counter() - began


def _runs() -> int:
    with reading(None) as session:
        counted = sa.select(sa.func.count()).select_from(HotspotRun)
        return int(session.scalar(counted, execution_options=ACROSS_AUTHORITIES) or 0)
