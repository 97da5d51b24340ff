"""A very large authority's list: found part by part by as many workers as there are, and put together at the end.

A round is one run in parts. Its parts are rows that hold their points as they were when it began, so whatever comes
in meanwhile, the list is the one that a single worker would have found then. Each part is a task of its own; the one
that finishes last has the list put together.
"""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.opening import local_day
from server.hotspots.models import HotspotPart
from server.hotspots.service import RADIUS_M, Built, CasesRead, describe
from server.store.deferred import FIND_PART, JOIN_PARTS, defer, defer_each
from server.store.transaction import insert_rows, lock
from workers.clustering.crowding import crowded_from
from workers.clustering.packing import pack_places, pack_points, unpack_places, unpack_points
from workers.clustering.parts import split
from workers.clustering.places import ranked_together
from workers.clustering.points import Points

# A round whose tasks were parked holds up the next no longer than this.
GIVEN_UP_AFTER = timedelta(hours=6)
TRY_AGAIN_AFTER = timedelta(minutes=2)


def begin_round(session: Session, cases: CasesRead, at: datetime, again: str) -> None:
    """Write down the parts of a round, each with its task. While another is on its way, try the task `again` later."""
    lock(session, "hotspots")
    on_its_way = sa.select(HotspotPart.id).where(HotspotPart.begun_at > at - GIVEN_UP_AFTER).limit(1)
    if session.scalars(on_its_way).first() is not None:
        defer(again, session.info["authority_id"], after=TRY_AGAIN_AFTER, once=True)
        return
    session.execute(sa.delete(HotspotPart))
    round_id = uuid.uuid4()
    rows: list[dict[str, Any]] = [
        {
            "id": uuid.uuid4(), "round_id": round_id, "begun_at": at, "kind": kind, "run": run,
            "points": pack_points(part), "labels": [cases.labels[name] for name in part.ids], "found": None,
        }
        for kind, points in cases.points.items()
        for run in [_run(cases, points)]
        for part in split(points, RADIUS_M)
    ]  # fmt: skip
    insert_rows(session, HotspotPart, rows)
    defer_each(FIND_PART, [row["id"] for row in rows])


def _run(cases: CasesRead, points: Points) -> dict[str, Any]:
    """What holds for all parts of these points, in JSON, which has no infinity."""
    names = ("window_days", "half_life_days", "input_sha256", "number")
    crowded = crowded_from(points.easting, points.northing, RADIUS_M)
    return {name: getattr(cases, name) for name in names} | {
        "as_of": cases.as_of.isoformat(), "crowded": crowded if math.isfinite(crowded) else None,
    }  # fmt: skip


def _cases(run: dict[str, Any]) -> CasesRead:
    as_of = datetime.fromisoformat(run["as_of"])
    return CasesRead(**run | {"as_of": as_of}, points={}, labels={})


def find_part(session: Session, part_id: uuid.UUID) -> bytes | None:
    """The places of a part, packed; None where the round has gone on without it. Only reads."""
    part = session.get(HotspotPart, (session.info["authority_id"], part_id))
    if part is None or part.found is not None:
        return None
    return pack_places(_cases(part.run).places_of(unpack_points(part.points)))


def keep_part(session: Session, part_id: uuid.UUID, found: bytes | None) -> None:
    """Write down what was found in a part; after the last of its round, have the list put together."""
    # Two that finish at the same moment would each take the other for the last.
    lock(session, "hotspots")
    part = session.get(HotspotPart, (session.info["authority_id"], part_id))
    if part is None or part.found is not None or found is None:
        return
    part.found = found
    session.flush()
    to_find = sa.select(HotspotPart.id).where(
        HotspotPart.round_id == part.round_id, HotspotPart.found.is_(None)
    )
    if session.scalars(to_find.limit(1)).first() is None:
        defer(JOIN_PARTS, part.round_id)


def join_parts(session: Session, round_id: uuid.UUID) -> Built | None:
    """The list of a round, from what was found in its parts; None where it was written already. Only reads."""
    query = sa.select(HotspotPart).where(HotspotPart.round_id == round_id).order_by(HotspotPart.id)
    parts = list(session.scalars(query))
    if not parts:
        return None
    cases = _cases(parts[0].run)
    places = {}
    for kind in sorted({part.kind for part in parts}):
        mine = [part for part in parts if part.kind == kind]
        points = [unpack_points(part.points) for part in mine]
        for part, its in zip(mine, points, strict=True):
            cases.labels.update(zip(its.ids, part.labels, strict=True))
        cases.points[kind] = _together(points)
        found = [place for part in mine for place in unpack_places(part.found or b"")]
        places[kind] = ranked_together(
            cases.points[kind], found, cases.half_life_days, local_day(cases.as_of)
        )
    return describe(session, cases, places)


def _together(parts: list[Points]) -> Points:
    """The points of all parts, ids ascending."""
    whole = Points(
        ids=[name for part in parts for name in part.ids],
        easting=np.concatenate([part.easting for part in parts]),
        northing=np.concatenate([part.northing for part in parts]),
        day=np.concatenate([part.day for part in parts]),
        severity=np.concatenate([part.severity for part in parts]),
        accuracy_m=np.concatenate([part.accuracy_m for part in parts]),
    )
    return whole.take(np.argsort(np.array(whole.ids), kind="stable"))


def end_round(session: Session, round_id: uuid.UUID) -> None:
    """Forget the parts of a round whose list was written."""
    session.execute(sa.delete(HotspotPart).where(HotspotPart.round_id == round_id))
