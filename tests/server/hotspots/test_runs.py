"""Each run is on record with what it was made with, what it was made from, and what it changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from server.hotspots.models import HotspotRun
from server.hotspots.service import newest_run
from server.store.events import SYSTEM, Event
from server.store.transaction import reading
from tests.builders import case_of, drain
from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import BETWEEN, LARGE, SMALL, hit, hit_two_places, listed


def stored_run(office: Office) -> HotspotRun:
    """The newest run as it is kept, with what it changed."""
    with office.app.app_context(), reading(office.council.id) as session:
        run = newest_run(session)
        assert run is not None and run.changes is not None
        session.expunge_all()
        return run


def changes(office: Office) -> list[dict[str, Any]]:
    """What the newest run changed, as the API tells it."""
    return list(office.officer.get("/api/v1/hotspots/runs").get_json()["items"][0]["changes"])


def run_again(office: Office) -> HotspotRun:
    """An officer has the list built anew, an hour later."""
    office.clock.forward(timedelta(hours=1))
    assert office.officer.post("/api/v1/hotspots/runs").status_code == 202
    drain(office.app)
    return stored_run(office)


def test_a_run_is_kept_with_what_it_was_made_with(office: Office) -> None:
    hit(office, *SMALL)
    run = stored_run(office)
    assert (run.window_days, run.radius_m, run.min_count, run.half_life_days) == (365, 100, 2, None)
    assert (run.as_of, run.finished_at, run.cases) == (office.clock.moment, office.clock.moment, 3)
    shown = office.officer.get("/api/v1/hotspots").get_json()["run"]
    assert (shown["radius_m"], shown["min"], shown["window_days"]) == (100, 2, 365)
    (place,) = listed(office)
    assert place["extent_m"] <= 2 * shown["radius_m"]


def test_the_hash_of_its_cases_tells_whether_two_runs_saw_the_same(office: Office) -> None:
    reports = hit(office, *SMALL)
    first = stored_run(office)
    again = run_again(office)
    assert again.id != first.id and again.as_of > first.as_of
    assert again.input_sha256 == first.input_sha256 and len(first.input_sha256) == 64
    seen = {first.input_sha256}
    hit(office, 5_000)
    seen.add(stored_run(office).input_sha256)
    # The same thing seen again, now with a hazard: as many cases, one of them worse than it was.
    hit(office, 5_000, apart=timedelta(days=1), hazards=["asbestos"])
    assert stored_run(office).cases == 4
    seen.add(stored_run(office).input_sha256)
    office.decide(case_of(office.officer, reports[0]), "not_ours", reason="On the railway's land")
    seen.add(run_again(office).input_sha256)
    assert len(seen) == 4, "each of these changed what the list is made from"


def test_what_a_run_changed_is_kept_with_it_and_said_in_an_event(office: Office) -> None:
    between = hit(office, *BETWEEN)
    hit_two_places(office)
    (whole,) = listed(office)
    for report_id in between:
        office.decide(case_of(office.officer, report_id), "not_ours", reason="On the railway's land")
    run_again(office)
    large, small = listed(office)
    assert large["id"] == whole["id"]
    assert changes(office) == [{"kind": "split", "old": large["id"], "new": small["id"]}]
    hit(office, *BETWEEN)
    assert changes(office) == [{"kind": "merged", "old": small["id"], "new": large["id"]}]
    office.clock.forward(timedelta(days=400))
    hit(office, 5_000, 5_000)
    (other,) = listed(office)
    assert changes(office) == [
        {"kind": "created", "old": None, "new": other["id"]},
        {"kind": "dormant", "old": large["id"], "new": None},
    ]
    hit(office, *LARGE)
    assert changes(office) == [{"kind": "revived", "old": large["id"], "new": large["id"]}]
    with office.app.app_context(), reading(office.council.id) as session:
        runs = session.scalars(sa.select(HotspotRun).order_by(HotspotRun.finished_at)).all()
        events = sa.select(Event).where(Event.kind == "hotspots.listed").order_by(Event.seq)
        said = session.scalars(events).all()
        assert [event.facts for event in said] == [
            {
                "run_id": str(run.id),
                "cases": run.cases,
                "input_sha256": run.input_sha256,
                "changes": run.changes,
            }
            for run in runs
        ]
        assert {(event.stream_id, event.by) for event in said} == {(office.council.id, SYSTEM.name)}
