"""Filling the demo borough on both databases: whole, once, by way of being killed, and sound as evidence."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from server.access.models import Authority, User
from server.access.service import check_password, find_user
from server.cases.models import Case, Job
from server.demo import borough, replay, service
from server.demo.people import PEOPLE
from server.demo.seed import PlannedCase, planned_cases
from server.hotspots.models import Hotspot
from server.intake.models import Report, ReportStanding
from server.photos.models import Photo
from server.places.map import map_features
from server.store.checkpoints import verify
from server.store.deferred import DeferredTask
from server.store.events import Event
from server.store.files import sha256_of
from server.store.transaction import reading, transaction

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
LABELS = [
    "Oldbury Road, Hartshill", "Packington Lane, Stonebridge", "Blindpit Lane, Wishaw", "Breach Oak Lane, Corley",
    "Arnolds Lane, Maxstoke", "Nuneaton Road, Hoar Park", "Windmill Lane, Astley", "Burrow Hill Lane, Corley",
    "Maxstoke Lane, Maxstoke", "Marsh Lane, Curdworth", "Folly Lane, Bentley",
]  # fmt: skip
RANKS = [1, 1, 3, 4, 4, 4, 7, 7, 7, 7, 7]


# As many as have all the photos and jobs.
NEWEST = 120


class Killed(BaseException):
    """What stands for SIGKILL: nothing catches it."""


@pytest.fixture
def plan(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[PlannedCase]:
    """The repeat places and the newest of the others."""
    cases = planned_cases(NOW)
    cases = [case for case in cases[:-NEWEST] if case.place is not None] + cases[-NEWEST:]
    monkeypatch.setattr(service, "planned_cases", lambda *_: cases)
    return cases


def _count(session: Session, table: type[object]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.mark.proof
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_demo_with_every_case_of_it(app: Flask) -> None:
    _is_filled_once_and_is_sound(app, planned_cases(NOW))


def test_the_demo(app: Flask, plan: list[PlannedCase]) -> None:
    _is_filled_once_and_is_sound(app, plan)


def _is_filled_once_and_is_sound(app: Flask, plan: list[PlannedCase]) -> None:
    told: list[tuple[int, int]] = []
    with app.app_context():
        outcome = service.seed_demo(NOW, progress=lambda done, total: told.append((done, total)))
        assert (outcome.already_there, outcome.cases, outcome.hotspots) == (False, len(plan), 11)
        assert told[-1] == (len(plan), len(plan))
        with reading(outcome.authority_id) as session:
            assert verify(session) == []
            _check_cases(session, plan)
            _check_list(session)
            _check_nothing_waits(session)
            _check_photos_and_jobs(session, Path(app.config["SETTINGS"].data_dir) / "files")
        _check_people(outcome.authority_id)
        again = service.seed_demo(LATER)
        assert again == service.Outcome(outcome.authority_id, already_there=True, cases=0, hotspots=0)


def _check_cases(session: Session, plan: list[PlannedCase]) -> None:
    cases = list(session.scalars(sa.select(Case).order_by(Case.opened_at, Case.reference)))
    assert [case.reference for case in cases] == [f"DB-26-{number:05d}" for number in range(1, len(plan) + 1)]
    case_of = {
        row.id: row.case_id for row in session.execute(sa.select(ReportStanding.id, ReportStanding.case_id))
    }
    by_id = {case.id: case for case in cases}
    for planned in plan:
        case = by_id[case_of[planned.report_id]]
        assert (case.state, case.report_count) == (planned.state, 1)
        assert case.ward_code and planned.seen_at < case.opened_at < NOW
        assert case.closed_at is None or case.opened_at < case.closed_at <= NOW
    assert session.scalar(sa.select(sa.func.max(Event.at))) == NOW


def _check_list(session: Session) -> None:
    rows = list(session.scalars(sa.select(Hotspot).order_by(Hotspot.position)))
    assert [row.rank for row in rows] == RANKS
    counts = [len(place.days_ago) for place in borough.REPEAT_PLACES]
    # Which of those that share a rank is shown first is the surface's choice.
    published = sorted(zip(RANKS, LABELS, counts, strict=True))
    assert sorted((row.rank, row.label, row.count) for row in rows) == published


def _check_nothing_waits(session: Session) -> None:
    waiting = sa.select(DeferredTask.name).where(DeferredTask.done_at.is_(None))
    assert session.scalars(waiting).all() == []


def _check_photos_and_jobs(session: Session, files: Path) -> None:
    photos = list(session.scalars(sa.select(Photo)))
    assert len(photos) == service.PHOTOS
    assert {(photo.state, photo.showable) for photo in photos} == {("verified", True)}
    originals = {path.name: sha256_of(path) for path in (files / "originals").rglob("*") if path.is_file()}
    assert originals == {photo.sha256: photo.sha256 for photo in photos}
    jobs = list(session.scalars(sa.select(Job)))
    assert Counter(job.kind for job in jobs) == {"clear": 4, "inspect": 1, "sign": 1}
    assert all(job.state == "open" and job.given_at < NOW and job.due_at and job.due_at > NOW for job in jobs)
    # Few of the reports are the first crew's own: their phone fetches all of those.
    crew_id = session.scalars(sa.select(User.id).where(User.email == "crew@demo.example")).one()
    own = session.scalar(sa.select(sa.func.count()).select_from(Report).where(Report.user_id == crew_id))
    assert own is not None and 5 <= own <= 40


def _check_people(authority_id: uuid.UUID) -> None:
    with transaction(authority_id) as session:
        authority = session.get_one(Authority, authority_id)
        assert (authority.slug, authority.name, authority.demo) == ("demo", "Demo Borough Council", True)
        assert authority.bounds is not None
        kinds = Counter(feature["properties"]["kind"] for feature in map_features(session)["features"])
        assert kinds == {"authority": 1, "ward": 6, "road": 80, "locality": 49}
        for person in PEOPLE:
            user = check_password(session, find_user(session, person.email), "tip-us-off", NOW)
            assert user is not None and user.role == person.role


@pytest.mark.proof
def test_killed_in_the_middle_it_goes_on_and_writes_nothing_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "planned_cases", lambda now, seed: planned_cases(now, seed)[-NEWEST:])
    with app.app_context():
        for calls in (75, 20, 45):
            with monkeypatch.context() as patch:
                _kill_at_call(patch, calls)
                with pytest.raises(Killed):
                    service.seed_demo(NOW)
        outcome = service.seed_demo(LATER)
        assert not outcome.already_there and outcome.cases < NEWEST
        with reading(outcome.authority_id) as session:
            assert verify(session) == []
            assert _count(session, Report) == _count(session, Case) == NEWEST
            assert _count(session, Photo) == service.PHOTOS
            assert {photo.state for photo in session.scalars(sa.select(Photo))} == {"verified"}
            references = session.scalars(sa.select(Case.reference).order_by(Case.opened_at)).all()
            assert references == [f"DB-26-{number:05d}" for number in range(1, NEWEST + 1)]
            _check_nothing_waits(session)


def _kill_at_call(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """Die after deciding on so many cases, photos being on the disk already; the batch is undone."""
    left = iter(range(calls))
    decide = replay.decide_as_planned

    def dying(*arguments: object) -> None:
        if next(left, None) is None:
            raise Killed
        decide(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(replay, "decide_as_planned", dying)


def test_a_real_council_with_the_demos_short_name_is_left_alone(app: Flask) -> None:
    authority_id = uuid.uuid4()
    with app.app_context():
        with transaction(authority_id) as session:
            session.add(Authority(id=authority_id, slug="demo", name="Demo Parish", reference_prefix="DP"))
        with pytest.raises(service.NotTheDemo, match="TIPWATCH_DEMO=0"):
            service.seed_demo(NOW)
        with reading(authority_id) as session:
            assert _count(session, User) == 0
