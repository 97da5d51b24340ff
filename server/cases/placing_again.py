"""Placing reports anew after names or areas changed: in batches, the newest first, while new reports go on coming in.

Each batch is one short transaction and defers the next, so that a worker takes new reports between two of them. A
report keeps its case; where its place changed, its history says so.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.cases.models import Case
from server.cases.opening import put_on_map
from server.cases.placing import Located, write_place
from server.cases.words import renew_words
from server.intake.models import ReportPosition, ReportStanding
from server.places.service import gazetteers
from server.store import deferred
from server.store.transaction import lock
from workers.geocoding.place import Place

BATCH = 200
# So long a worker is left to what is new before the next batch.
PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Batch:
    """Reports looked up with the names of `changed_at`, each with the position it was looked up for."""

    changed_at: datetime | None
    places: dict[uuid.UUID, tuple[uuid.UUID, Place]]


def find_again(session: Session, authority_id: uuid.UUID) -> Batch:
    """Look up the next reports that were placed before the names changed. Only reads."""
    changed_at = session.get_one(Authority, authority_id).gazetteer_changed_at
    if changed_at is None:
        return Batch(None, {})
    rows = session.execute(_behind(changed_at).with_only_columns(
        ReportStanding.id, ReportPosition.id, ReportPosition.lat, ReportPosition.lon
    )).all()  # fmt: skip
    found = gazetteers.of(session).locate_many([row[2] for row in rows], [row[3] for row in rows])
    return Batch(changed_at, {row[0]: (row[1], place) for row, place in zip(rows, found, strict=True)})


def place_again(session: Session, authority_id: uuid.UUID, batch: Batch, at: datetime) -> None:
    """Write down what was found, and defer the next batch while there is one. Safe to run again."""
    if not batch.places:
        return
    lock(session, "placing")
    wanted = ReportStanding.id.in_(batch.places)
    standings = list(session.scalars(sa.select(ReportStanding).where(wanted)))
    same = [standing.id for standing in standings if not _place_one(session, standing, batch, at)]
    # Not through the rows: a report whose place is the same is not sent to phones again.
    session.execute(
        sa.update(ReportStanding).where(ReportStanding.id.in_(same)).values(placed_at=at),
        execution_options={"synchronize_session": False},
    )
    session.flush()
    assert batch.changed_at is not None
    if session.scalars(_behind(batch.changed_at).with_only_columns(ReportStanding.id)).first() is not None:
        deferred.defer(deferred.PLACE_AGAIN, authority_id, after=PAUSE)


def _behind(changed_at: datetime) -> sa.Select[ReportStanding]:
    """The newest reports with a position that were placed before names changed."""
    here = sa.and_(
        ReportPosition.authority_id == ReportStanding.authority_id,
        ReportPosition.id == ReportStanding.position_id,
        ReportPosition.id == ReportStanding.placed_position_id,
    )
    query = sa.select(ReportStanding).join(ReportPosition, here).where(ReportStanding.placed_at < changed_at)
    return query.order_by(ReportStanding.placed_at.desc(), ReportStanding.id).limit(BATCH)


def _place_one(session: Session, standing: ReportStanding, batch: Batch, at: datetime) -> bool:
    """Whether the report's place changed, and was written down."""
    position_id, place = batch.places[standing.id]
    if standing.position_id != position_id or standing.place == place.as_json():
        return False
    write_place(session, standing, Located(position_id, place), at)
    if standing.case_id is not None:
        case = session.get_one(Case, (standing.authority_id, standing.case_id), with_for_update=True)
        position = session.get_one(ReportPosition, (standing.authority_id, position_id))
        # A case that lies where this report does takes its place's new words; what a person called it stays.
        if (case.lat, case.lon) == (position.lat, position.lon):
            put_on_map(case, position, place.as_json())
            renew_words(session, [case])
    return True
