"""How long it takes to find the places that keep being hit, and how much memory."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from server.cases.models import Case
from server.hotspots.service import build, write
from server.store.transaction import reading, transaction
from tests.bench.figures import Figure, megabytes
from tests.bench.grounds import KINDS, ground
from workers.clustering.baselines import dbscan_clusters
from workers.clustering.places import find_places
from workers.clustering.points import Point, Points

ABOUT = (
    "Cases of one year over 40 by 40 km, three of five at one of many spots, the rest anywhere. Finding places is the "
    "pure function, in processor time as the machine may be shared; beside it on the same points, at 100 m and 5, the "
    "`dbscan` package and, where the memory allows, scikit-learn's DBSCAN. A run reads the cases from the database, "
    "finds places, and writes the list and the members: the first run writes every member, the next only what changed. "
    "Memory is the peak of a process that does nothing else."
)
SIZES = (1_000, 100_000)
FIND_SIZES = (1_000, 100_000, 1_000_000, 5_000_000)
# Above this scikit-learn's neighbour lists take more memory than a machine may have.
SKLEARN_UP_TO = 1_000_000
AIMED_AT, AIM_S, AIM_BYTES = 1_000_000, 3.0, 1e9
SOUTH_WEST = (400_000, 280_000)
ACROSS_M = 40_000
RADIUS_M = 100
HALF_LIFE_DAYS = 180.0
SEED = 20260


def measure() -> list[Figure]:
    """Finding places alone, and whole runs on both databases, each in a fresh process."""
    figures = [figure for size in FIND_SIZES for figure in _places(size)]
    return figures + [figure for kind in KINDS for size in SIZES for figure in _runs(kind, size)]


def _places(size: int) -> list[Figure]:
    ours = _alone("places", size)
    value = f"{ours['seconds']:.2f} s, {megabytes(ours['peak'])}"
    aimed = size == AIMED_AT
    found = [
        Figure(
            f"Finding the places of {size:,} cases", "–", value, "under 3 s and 1 GB" if aimed else "",
            ours["seconds"] < AIM_S and ours["peak"] < AIM_BYTES if aimed else None,
        )
    ]  # fmt: skip
    for what, name in (("dbscan", "the dbscan package"), ("sklearn", "scikit-learn's DBSCAN")):
        if what == "dbscan" or size <= SKLEARN_UP_TO:
            other = _alone(what, size)
            value = f"{other['seconds']:.2f} s, {megabytes(other['peak'])}"
            found.append(Figure(f"Clusters of {size:,} cases by {name}", "–", value))
    return found


def _runs(kind: str, size: int) -> list[Figure]:
    with ground(kind) as here:
        with here.stack.app(), transaction(here.council.id) as session:
            session.execute(
                sa.insert(Case), [case_row(here.council.id, point) for point in drawn_points(size)]
            )
        environ = {**here.stack.environ, "BENCH_AUTHORITY": str(here.council.id)}
        found = _alone("runs", size, environ)
    first, again = found["runs"]
    return [
        Figure(f"First run over {size:,} cases", kind, f"{first:.1f} s, {megabytes(found['peak'])}"),
        Figure(f"Next run over {size:,} cases", kind, f"{again:.1f} s"),
    ]


def drawn_points(size: int) -> list[Point]:
    """Cases of one year, three of five at one of many spots."""
    rng = random.Random(SEED)
    spots = [_anywhere(rng) for _ in range(size // 20)]
    today = datetime.now(UTC).date()
    points = []
    for number in range(size):
        east, north = rng.choice(spots) if rng.random() < 0.6 else _anywhere(rng)
        day = today - timedelta(days=rng.randrange(364))
        point = Point(str(uuid.UUID(int=number)), east + rng.gauss(0, 30), north + rng.gauss(0, 30), day)
        points.append(point._replace(severity=float(rng.choice((1, 1, 1, 2, 5)))))
    return points


def _anywhere(rng: random.Random) -> tuple[float, float]:
    return SOUTH_WEST[0] + rng.uniform(0, ACROSS_M), SOUTH_WEST[1] + rng.uniform(0, ACROSS_M)


def case_row(authority_id: uuid.UUID, point: Point) -> dict[str, Any]:
    """The row of a case at a point."""
    seen = datetime(point.day.year, point.day.month, point.day.day, 12, tzinfo=UTC)
    return {
        "authority_id": authority_id, "id": uuid.UUID(point.id), "reference": point.id[-12:], "kind": "fly_tip",
        "category": "fly_tip", "state": "new", "opened_at": seen, "first_seen_at": seen, "last_seen_at": seen,
        "label": f"Road {int(point.easting) // 500}", "easting": point.easting, "northing": point.northing,
        "accuracy_m": 8.0, "severity": int(point.severity), "report_count": 1, "rev": 0,
    }  # fmt: skip


def _alone(what: str, size: int, environ: dict[str, str] | None = None) -> dict[str, Any]:
    """What this module prints as a program of its own."""
    variables = [f"{key}={value}" for key, value in (environ or {}).items()]
    command = ["env", *variables, sys.executable, "-m", "tests.bench.clustering", what, str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def columns(size: int, seed: int = SEED) -> Points:
    """The same kind of cases as `drawn_points`, drawn as columns."""
    random = np.random.default_rng(seed)
    spots = random.uniform(0, ACROSS_M, (max(1, size // 20), 2))
    at_spot = random.random(size) < 0.6
    where = np.where(
        at_spot[:, None], spots[random.integers(0, len(spots), size)], random.uniform(0, ACROSS_M, (size, 2))
    )
    where += random.normal(0, 30, (size, 2)) + SOUTH_WEST
    return Points(
        ids=[f"{number:07d}" for number in range(size)], easting=where[:, 0], northing=where[:, 1],
        day=np.datetime64(datetime.now(UTC).date()) - random.integers(0, 364, size).astype("timedelta64[D]"),
        severity=random.choice([1.0, 1.0, 1.0, 2.0, 5.0], size), accuracy_m=np.full(size, np.nan),
    )  # fmt: skip


def _run_places(size: int) -> dict[str, Any]:
    points = columns(size)
    began = time.process_time()
    find_places(points, radius_m=RADIUS_M, half_life_days=HALF_LIFE_DAYS, as_of=datetime.now(UTC).date())
    return {"seconds": time.process_time() - began}


def _run_dbscan(size: int, by_sklearn: bool) -> dict[str, Any]:
    points = columns(size)
    where = np.column_stack([points.easting, points.northing])
    if by_sklearn:
        from sklearn.cluster import DBSCAN

        began = time.process_time()
        DBSCAN(eps=RADIUS_M, min_samples=5).fit(where)
    else:
        began = time.process_time()
        dbscan_clusters(where, RADIUS_M, 5)
    return {"seconds": time.process_time() - began}


def _run_runs(authority_id: uuid.UUID) -> dict[str, Any]:
    from server.app import create_app

    taken = []
    with create_app().app_context():
        for _ in range(2):
            began = time.perf_counter()
            with reading(authority_id) as session:
                built = build(session, datetime.now(UTC))
            with transaction(authority_id) as session:
                write(session, built, datetime.now(UTC))
            taken.append(time.perf_counter() - began)
    return {"runs": taken}


def peak_bytes() -> int:
    """The most memory that was in this process's hands at once (Linux: what getrusage says includes its parent's)."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _main(what: str, size: int) -> None:
    if what == "runs":
        found = _run_runs(uuid.UUID(os.environ["BENCH_AUTHORITY"]))
    else:
        found = _run_places(size) if what == "places" else _run_dbscan(size, what == "sklearn")
    found["peak"] = peak_bytes()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
