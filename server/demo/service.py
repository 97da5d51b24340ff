"""Filling the demo borough: once only, in batches, going on where it was killed.

Two events in the authority's own history are the markers: `demo.began` holds what the plan is made from, so that a
later start makes the same plan, and `demo.seeded` says that it is all there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.cases.opening import LOCAL
from server.demo import borough
from server.demo.people import CREW, SECOND_CREW, found_council, members
from server.demo.replay import Extras, JobToGive, photo_id, received_at, replay
from server.demo.seed import PlannedCase, nine_months_before, planned_cases
from server.hotspots import service as hotspots
from server.intake.models import Report
from server.store import deferred
from server.store.events import SYSTEM, append_event, events_of
from server.store.transaction import ACROSS_AUTHORITIES, lock, reading, transaction

BATCH = 70
PHOTOS = 12
_RECENT = timedelta(days=14)
# Kind, what to do, for which crew (None: any), due in so many days.
_JOBS = (
    ("clear", "Clear it all. Look for anything with a name or address and bag it.", CREW, 1),
    ("clear", "Clear it. The gate must stay free for the farmer.", CREW, 2),
    ("inspect", "See how much it is and whether the truck is needed.", CREW, 2),
    ("clear", "Clear it with the tail lift.", None, 3),
    ("sign", "Put up a warning sign where drivers see it from both sides.", None, 5),
    ("clear", "Clear it and sweep up.", SECOND_CREW, 1),
)


class NotTheDemo(Exception):
    """A real council has the demo's short name; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Seeding:
    """How far the demo is: its authority, what its plan is made from, whether all of it is there."""

    authority_id: uuid.UUID
    as_of: datetime
    seed: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call of `seed_demo` did. `cases` and `hotspots`: written by this call."""

    authority_id: uuid.UUID
    already_there: bool
    cases: int
    hotspots: int


Progress = Callable[[int, int], None]


def seed_demo(at: datetime, *, seed: int = 1, progress: Progress | None = None) -> Outcome:
    """Make sure that the demo borough is there, whole. However often it is called, it is there once.

    `at`: now, aware; the cases are those of the nine months before the first call's. `progress` is told how many
    cases of how many are there. Raises NotTheDemo.
    """
    seeding = _begun() or _begin(at, seed)
    if seeding.finished:
        return Outcome(seeding.authority_id, already_there=True, cases=0, hotspots=0)
    plan = sorted(planned_cases(seeding.as_of, seeding.seed), key=received_at)
    extras = _extras(plan, seeding.as_of)
    written = 0
    for start in range(0, len(plan), BATCH):
        written += _write_batch(seeding, plan[start : start + BATCH], extras)
        if progress is not None:
            progress(min(start + BATCH, len(plan)), len(plan))
    return Outcome(seeding.authority_id, already_there=False, cases=written, hotspots=_finish(seeding, at))


def _begun() -> Seeding | None:
    query = sa.select(Authority.id, Authority.demo).where(Authority.slug == borough.SLUG)
    with reading(None) as session:
        found = session.execute(query.execution_options(**ACROSS_AUTHORITIES)).first()
    if found is None:
        return None
    if not found.demo:
        raise NotTheDemo(
            f"A council with the short name {borough.SLUG!r} is here already and is not the demo. Set TIPWATCH_DEMO=0."
        )
    with reading(found.id) as session:
        facts = {event.kind: event.facts for event in events_of(session, found.id)}
    began = facts["demo.began"]
    as_of = datetime.fromisoformat(began["as_of"])
    return Seeding(found.id, as_of, began["seed"], finished="demo.seeded" in facts)


def _begin(at: datetime, seed: int) -> Seeding:
    """Found the council and note what the plan is made from, in one transaction."""
    seeding = Seeding(uuid.uuid4(), at, seed, finished=False)
    password = current_app.config["SETTINGS"].demo_password
    with transaction(seeding.authority_id) as session:
        found_council(session, password, nine_months_before(at) - timedelta(days=1))
        facts = {"as_of": at.isoformat(), "seed": seed}
        append_event(session, ("authority", seeding.authority_id), "demo.began", facts, by=SYSTEM, at=at)
    return seeding


def _write_batch(seeding: Seeding, batch: Sequence[PlannedCase], extras: dict[uuid.UUID, Extras]) -> int:
    """Write what is missing of a batch, in one transaction; returns how many cases that were."""
    ids = [planned.report_id for planned in batch]
    with transaction(seeding.authority_id) as session:
        # Another start of the demo may be at it too.
        lock(session, "demo")
        there = set(session.scalars(sa.select(Report.id).where(Report.id.in_(ids))))
        missing = [planned for planned in batch if planned.report_id not in there]
        people = members(session)
        for planned in missing:
            replay(session, planned, extras.get(planned.report_id, Extras()), people, seeding.as_of)
        deferred.done_here(session, deferred.PLACE_REPORT, ids)
        deferred.done_here(session, deferred.VERIFY_PHOTO, [photo_id(planned) for planned in batch])
    return len(missing)


def _finish(seeding: Seeding, at: datetime) -> int:
    """List the hotspots and note that all is there; returns how many places are listed."""
    with transaction(seeding.authority_id) as session:
        lock(session, "demo")
        built = hotspots.build(session, at)
        hotspots.write(session, built, at)
        deferred.done_here(session, deferred.HOTSPOTS_CHANGED, [seeding.authority_id])
        listed = sum(len(places) for places in built.places.values())
        _note_seeded(session, seeding, listed, at)
    return listed


def _note_seeded(session: Session, seeding: Seeding, listed: int, at: datetime) -> None:
    facts = {"hotspots": listed}
    append_event(session, ("authority", seeding.authority_id), "demo.seeded", facts, by=SYSTEM, at=at)


def _extras(plan: Sequence[PlannedCase], as_of: datetime) -> dict[uuid.UUID, Extras]:
    """Which cases have a photo or a job, and whose reports are the first crew's own."""
    recent = [case for case in reversed(plan) if as_of - case.seen_at < _RECENT]
    own = [case for case in recent if case.source == "crew"][::2]
    still_open = [case for case in recent if case.state != "closed" and case.source == "crew"]
    photographed = {case.report_id for case in still_open[:PHOTOS]}
    accepted = [case for case in recent if case.state == "accepted"]
    # The crew should see at least once what a hazard looks like on a job, when there is one.
    accepted.sort(key=lambda case: not case.hazards)
    jobs = {
        case.report_id: JobToGive(kind, text, crew, _end_of_day(as_of + timedelta(days=days)))
        for case, (kind, text, crew, days) in zip(accepted, _JOBS, strict=False)
    }
    mine = {case.report_id for case in own}
    return {
        case.report_id: Extras(
            photo=case.report_id in photographed,
            job=jobs.get(case.report_id),
            own_crew=case.report_id in mine,
        )
        for case in recent
    }


def _end_of_day(moment: datetime) -> datetime:
    """Four in the afternoon of that day, local time, when crews hand in their keys."""
    return moment.astimezone(LOCAL).replace(hour=16, minute=0, second=0, microsecond=0)
