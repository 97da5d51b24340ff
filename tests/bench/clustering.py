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

import sqlalchemy as sa

from server.cases.models import Case
from server.hotspots.service import build, write
from server.store.transaction import reading, transaction
from tests.bench.figures import Figure, megabytes
from tests.bench.grounds import KINDS, ground
from workers.clustering.places import find_places
from workers.clustering.points import Point, Points

ABOUT = (
    "Cases of one year over 40 by 40 km, three of five at one of many spots, the rest anywhere. Finding places is the "
    "pure function; a run reads the cases from the database, finds places, and writes the list and the members: the "
    "first run writes every member, the next only what changed. Memory is the peak of a process that does nothing else."
)
SIZES = (1_000, 100_000)
SOUTH_WEST = (400_000, 280_000)
ACROSS_M = 40_000
RADIUS_M = 100


def measure() -> list[Figure]:
    """Finding places alone, and whole runs on both databases, each in a fresh process."""
    figures = [figure for size in SIZES for figure in _places(size)]
    return figures + [figure for kind in KINDS for size in SIZES for figure in _runs(kind, size)]


def _places(size: int) -> list[Figure]:
    found = _alone("places", size)
    value = f"{found['seconds']:.2f} s, {megabytes(found['peak'])}"
    return [Figure(f"Finding the places of {size:,} cases", "–", value)]


def _runs(kind: str, size: int) -> list[Figure]:
    with ground(kind) as here:
        with here.stack.app(), transaction(here.council.id) as session:
            session.execute(sa.insert(Case), [_case(here.council.id, point) for point in _points(size)])
        environ = {**here.stack.environ, "BENCH_AUTHORITY": str(here.council.id)}
        found = _alone("runs", size, environ)
    first, again = found["runs"]
    return [
        Figure(f"First run over {size:,} cases", kind, f"{first:.1f} s, {megabytes(found['peak'])}"),
        Figure(f"Next run over {size:,} cases", kind, f"{again:.1f} s"),
    ]


def _points(size: int) -> list[Point]:
    rng = random.Random(20260)
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


def _case(authority_id: uuid.UUID, point: Point) -> dict[str, Any]:
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


def _run_places(size: int) -> dict[str, Any]:
    points = Points.of(_points(size))
    began = time.perf_counter()
    find_places(points, radius_m=RADIUS_M, half_life_days=180.0, as_of=datetime.now(UTC).date())
    return {"seconds": time.perf_counter() - began}


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


def _peak_bytes() -> int:
    """The most memory that was in this process's hands at once (Linux: what getrusage says includes its parent's)."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _main(what: str, size: int) -> None:
    found = _run_places(size) if what == "places" else _run_runs(uuid.UUID(os.environ["BENCH_AUTHORITY"]))
    found["peak"] = _peak_bytes()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
