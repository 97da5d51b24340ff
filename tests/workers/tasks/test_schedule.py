"""What beat starts by itself: everything there is to start, and every council's list every night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

from celery import Celery
from celery.schedules import crontab
from flask import Flask

from server.cases.opening import LOCAL
from server.hotspots.service import newest_run
from server.store.broker import make_celery
from server.store.transaction import reading
from tests.builders import Council, SetClock, drain, make_council
from tests.services.settings import settings_for
from workers.schedule import schedule
from workers.tasks import MODULES, PERIODIC

START = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)


def starts(times: crontab, celery: Celery, first: datetime, nights: int) -> list[datetime]:
    """When beat starts something in so many nights from a moment on, by the council's clocks."""
    moment, found = first, list[datetime]()
    times.app = celery
    while True:
        times.nowfun = lambda so_far=moment: so_far
        moment += times.remaining_estimate(moment)
        if moment >= first + timedelta(days=nights):
            return found
        found.append(moment.astimezone(LOCAL))


def test_whatever_runs_by_the_clock_is_started_by_beat() -> None:
    for module in MODULES:
        import_module(module)
    assert {entry["task"] for entry in schedule(10.0, asks_outside=True).values()} == set(PERIODIC)


def test_beat_has_lists_built_once_every_night_while_people_sleep(tmp_path: Path) -> None:
    times = schedule(10.0, asks_outside=False)["hotspots"]["schedule"]
    # A year has a night in which the clocks go forward, and one in which they go back.
    celery, nights = make_celery(settings_for("sqlite://", tmp_path)), 365
    found = starts(times, celery, datetime(2026, 1, 1, tzinfo=UTC), nights)
    assert [moment.date() for moment in found] == [
        date(2026, 1, 1) + timedelta(days=night) for night in range(nights)
    ]
    assert {moment.hour for moment in found} <= {1, 2, 3, 4}


def test_what_beat_starts_at_night_is_every_councils_list(
    app: Flask, council: Council, tmp_path: Path
) -> None:
    (tmp_path / "south").mkdir()
    councils = [council, make_council(app, tmp_path / "south", slug="south", prefix="SO")]
    clock = SetClock(app, START)
    drain(app)
    for _ in range(2):
        clock.forward(timedelta(days=1))
        with app.app_context():
            PERIODIC[schedule(10.0, asks_outside=False)["hotspots"]["task"]]()
        drain(app)
        for each in councils:
            with app.app_context(), reading(each.id) as session:
                run = newest_run(session)
                assert run is not None and run.as_of == clock.moment, each.slug
