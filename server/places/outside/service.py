"""Wanting second opinions, asking for them one at a time, and what came back.

A question is a row written with the place it is about. A worker asks between other work, and never while a report
waits for its place: whoever reported and whoever reads is not kept waiting by anybody outside.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from pybreaker import STATE_CLOSED, STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker, CircuitMemoryStorage
from sqlalchemy.orm import Session

from server.config import OUTSIDE_SERVICES, Settings
from server.places.outside.models import OutsideAnswer, OutsideService
from server.places.outside.services import EVERY_S, NoAnswer, Opinion, ask
from server.store.clock import now, rfc3339
from server.store.deferred import PLACE_REPORT, DeferredTask
from server.store.transaction import ACROSS_AUTHORITIES, dialect_insert, insert_new_rows, transaction

log = logging.getLogger(__name__)

# Of a position so much leaves: about ten metres.
DECIMALS = 4
KEEP = timedelta(days=90)
TRIES = 3
FAILURES_MOST, REST = 3, timedelta(minutes=5)
# So long a question belongs to the worker that asks it; one that dies meanwhile holds the service up no longer.
ASKING = timedelta(seconds=10)
_IDS = uuid.UUID("6a2f0c1e-5c1b-4c0e-9b52-2f8f0f6d7a31")


@dataclass(frozen=True, slots=True)
class Question:
    """A question that this worker is to ask, and how its service has behaved."""

    key: tuple[uuid.UUID, uuid.UUID]
    service: str
    lat: float
    lon: float
    failures: int
    resting: bool


def want_opinions(session: Session, lat: float, lon: float, at: datetime) -> None:
    """Have the services that are switched on asked about a position in degrees, unless their answer is kept."""
    services = _settings().outside_services
    if not services:
        return
    lat, lon = _rounded(lat, lon)
    ids = {name: _id_of(name, lat, lon) for name in services}
    fresh = {"lat": lat, "lon": lon, "state": "waiting", "tries": 0, "wanted_at": at}
    insert_new_rows(
        session, OutsideAnswer, [{"id": ids[name], "service": name, **fresh} for name in services]
    )
    old = sa.update(OutsideAnswer).where(
        OutsideAnswer.id.in_(ids.values()),
        OutsideAnswer.state != "waiting",
        OutsideAnswer.wanted_at < at - KEEP,
    )
    session.execute(
        old.values(state="waiting", tries=0, wanted_at=at), execution_options={"synchronize_session": False}
    )


def opinions_of(session: Session, lat: float | None, lon: float | None) -> list[dict[str, Any]]:
    """What services have answered about a position in degrees, ready for JSON."""
    if lat is None or lon is None:
        return []
    ids = [_id_of(name, *_rounded(lat, lon)) for name in OUTSIDE_SERVICES]
    known = sa.select(OutsideAnswer).where(OutsideAnswer.id.in_(ids), OutsideAnswer.label.is_not(None))
    return [
        {
            "service": row.service, "label": row.label, "distance_m": row.distance_m,
            "answered_at": row.answered_at and rfc3339(row.answered_at),
        }
        for row in session.scalars(known.order_by(OutsideAnswer.service))
    ]  # fmt: skip


def ask_next() -> bool:
    """Ask the newest of the questions least often tried whose service may be asked now; whether there was one."""
    settings = _settings()
    if not settings.outside_services:
        return False
    question = _claim(settings.outside_services)
    if question is None:
        return False
    began, storage = now(), _behaviour(question)
    breaker = CircuitBreaker(
        FAILURES_MOST, REST.total_seconds(), state_storage=storage, throw_new_error_on_trip=False
    )
    answered, opinion = True, None
    try:
        opinion = breaker.call(ask, question.service, settings, question.lat, question.lon)
    except NoAnswer as error:
        answered = False
        log.warning("%s; %d in a row", error, storage.counter)
    _write(question, storage, answered, opinion, began)
    return True


def _behaviour(question: Question) -> CircuitMemoryStorage:
    """What the breaker knew after the last call, whichever process made it; its rest is over when it is asked."""
    storage = CircuitMemoryStorage(STATE_HALF_OPEN if question.resting else STATE_CLOSED)
    for _ in range(question.failures):
        storage.increment_counter()
    return storage


def _claim(services: tuple[str, ...]) -> Question | None:
    at = now()
    with transaction(None) as session:
        fresh = [{"name": name, "free_at": at, "failures": 0} for name in services]
        session.execute(
            dialect_insert(session, OutsideService).values(fresh).on_conflict_do_nothing(),
            execution_options=ACROSS_AUTHORITIES,
        )
        known = sa.select(OutsideService).where(OutsideService.name.in_(services)).with_for_update()
        rows = {row.name: row for row in session.scalars(known, execution_options=ACROSS_AUTHORITIES)}
        free = [name for name, row in rows.items() if row.free_at <= at and not _rests(row, at)]
        if not free or _reports_wait(session):
            return None
        newest = (
            sa.select(OutsideAnswer)
            .where(OutsideAnswer.state == "waiting", OutsideAnswer.service.in_(free))
            .order_by(
                OutsideAnswer.tries, OutsideAnswer.wanted_at.desc(), OutsideAnswer.service, OutsideAnswer.id
            )
            .limit(1)
        )
        answer = session.scalars(newest, execution_options=ACROSS_AUTHORITIES).first()
        if answer is None:
            return None
        row = rows[answer.service]
        row.free_at = at + ASKING
        key = answer.authority_id, answer.id
        return Question(key, answer.service, answer.lat, answer.lon, row.failures, row.opened_at is not None)


def _rests(row: OutsideService, at: datetime) -> bool:
    return row.opened_at is not None and at < row.opened_at + REST


def _reports_wait(session: Session) -> bool:
    """Whether a report of any council waits for its place: that comes first."""
    waiting = sa.select(DeferredTask.id).where(
        DeferredTask.name == PLACE_REPORT, DeferredTask.done_at.is_(None), DeferredTask.attempts == 0
    )
    return session.scalars(waiting.limit(1), execution_options=ACROSS_AUTHORITIES).first() is not None


def _write(
    question: Question,
    storage: CircuitMemoryStorage,
    answered: bool,
    opinion: Opinion | None,
    began: datetime,
) -> None:
    """Write down what came back, and how the service behaves."""
    with transaction(question.key[0]) as session:
        service = session.get_one(OutsideService, question.service, with_for_update=True)
        service.free_at = began + timedelta(seconds=EVERY_S[question.service])
        service.failures = storage.counter
        service.opened_at = now() if storage.state == STATE_OPEN else None
        answer = session.get_one(OutsideAnswer, question.key, with_for_update=True)
        if not answered:
            answer.tries += 1
            answer.state = "given_up" if answer.tries >= TRIES else "waiting"
            return
        answer.state = "answered" if opinion else "nothing_near"
        answer.answered_at = now()
        answer.label = opinion.label if opinion else None
        answer.distance_m = opinion.distance_m if opinion else None


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _rounded(lat: float, lon: float) -> tuple[float, float]:
    # Adding nothing makes a zero of minus zero.
    return round(lat, DECIMALS) + 0.0, round(lon, DECIMALS) + 0.0


def _id_of(service: str, lat: float, lon: float) -> uuid.UUID:
    return uuid.uuid5(_IDS, f"{service} {lat:.{DECIMALS}f} {lon:.{DECIMALS}f}")
