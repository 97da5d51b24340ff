"""Cases in numbers, written down without their reports: what a list is built from, and no more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from server.cases.models import Case
from server.cases.opening import cell_of
from server.store.transaction import transaction


def case_row(case_id: uuid.UUID, east: float, north: float, seen: datetime, **changes: Any) -> dict[str, Any]:
    """One case at a point of the grid, as the table has it."""
    return {
        "id": case_id, "reference": case_id.hex[:12], "kind": "fly_tip", "category": "fly_tip", "state": "new",
        "opened_at": seen, "first_seen_at": seen, "last_seen_at": seen, "label": f"Road {int(east) // 400}",
        "easting": east, "northing": north, "cell": cell_of(east, north), "accuracy_m": 5.0, "severity": 1,
        "report_count": 1, "rev": 0,
    } | changes  # fmt: skip


def add_cases(authority_id: uuid.UUID, rows: Iterable[dict[str, Any]]) -> None:
    """Write these down as a council's."""
    with transaction(authority_id) as session:
        session.execute(sa.insert(Case), [row | {"authority_id": authority_id} for row in rows])


def fill(authority_id: uuid.UUID, seed: int, until: datetime, cases: int = 300) -> None:
    """Cases of the year up to a moment: villages, a lane that is hit all along and crosses tiles, and anywhere."""
    random = np.random.default_rng(seed)
    lane = [(metres, 9_000.0) for metres in np.arange(0, 23_000, 180.0)]
    lane += [(metres, 9_030.0) for metres in np.arange(60, 23_000, 540.0)]
    villages = random.uniform(0, 40_000, (12, 2))[random.integers(0, 12, cases)]
    villages += random.normal(0, 60, villages.shape)
    where = np.vstack([np.array(lane), villages, random.uniform(0, 40_000, (40, 2))]).round(2)
    where += np.array([400_000, 280_000])
    add_cases(authority_id, [_case(random, until, east, north) for east, north in where.tolist()])


def _case(random: np.random.Generator, until: datetime, east: float, north: float) -> dict[str, Any]:
    case_id = uuid.UUID(bytes=random.bytes(16))
    seen = until - timedelta(days=int(random.integers(0, 360)), hours=3)
    accuracy_m = float(random.choice([5.0, 30.0, 400.0]))
    return case_row(case_id, east, north, seen, accuracy_m=accuracy_m, severity=int(random.integers(1, 4)))
