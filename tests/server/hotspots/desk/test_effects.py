"""What crews put up at a place, and whether it worked: towns in which it did, and in which things moved on."""

from __future__ import annotations

import math
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.store.clock import rfc3339
from tests.builders import HERE, case_of, drain, make_op, position
from tests.server.cases.desk.office import Office, open_office
from tests.server.hotspots.ground import hit, listed
from tests.server.hotspots.many import add_cases, case_row
from workers.geocoding.grid import to_grid

# By the clocks on the wall half past midnight, on the first of June.
PUT_UP = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
EAST, NORTH = to_grid(*HERE) or (math.nan, math.nan)
OTHERS = 6


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A council whose clock stands at the moment in which something is put up."""
    office = open_office(app, tmp_path)
    office.clock.moment = PUT_UP
    return office


def do(office: Office, case_id: str, kind: str, result: str | None = "done") -> str:
    """A crew is given a job, and says what came of it; the job's id."""
    given = office.officer.post(f"/api/v1/cases/{case_id}/jobs", json={"kind": kind})
    assert given.status_code == 201, given.text
    job_id = str(given.get_json()["jobs"][-1]["id"])
    if result is not None:
        office.sent += 1
        body = {"result": result, "reason": "A lorry in the way", "photos": []}
        (verdict,) = office.phone.push(make_op("job.result", job_id, body, seq=office.sent))
        assert verdict["verdict"] == "applied"
    return job_id


def spread(east_m: float, north_m: float, before: int, after: int, **changes: Any) -> list[dict[str, Any]]:
    """Cases so far from HERE, one a night up to the night in which something was put up, and from it on."""
    nights = [-1 - night for night in range(before)] + list(range(after))
    return [
        case_row(uuid.uuid4(), EAST + east_m, NORTH + north_m, PUT_UP + timedelta(days=night), **changes)
        for night in nights
    ]


def town(office: Office, ring_after: int) -> None:
    """A place hit 23 times before and 4 after, another 300 m beside it, six far away; then the list, long after."""
    cases = spread(0, 0, 23, 4) + spread(300, 0, 4, ring_after)
    for number in range(OTHERS):
        cases += spread(-2_000 * number, 5_000, 20, 20)
    # What is of another kind, or was nothing of ours, tells nothing about it.
    cases += spread(0, 0, 9, 30, kind="incident") + spread(0, 5_000, 9, 30, kind="incident")
    cases += spread(0, 0, 0, 30, state="closed", closed_because="duplicate")
    with office.app.app_context():
        add_cases(office.council.id, cases)
    office.clock.moment = LATER
    assert office.officer.post("/api/v1/hotspots/runs").status_code == 202
    drain(office.app)


def at_here(office: Office) -> str:
    """The id of the place at HERE."""
    (found,) = (
        row["id"] for row in listed(office) if abs(row["easting"] - EAST) + abs(row["northing"] - NORTH) < 5
    )
    return str(found)


# Worked out by hand: six places with 20 before and 20 after each, so the ratio of the place is 4.5 / 24.5; the error
# of its logarithm is the root of 1/4.5 + 1/24.5 + 2/120.5. Around it the same, with 4.5 or 24.5 by 4.5.
PLACE = {"before": 24, "after": 4, "ratio": 0.184, "low": 0.065, "high": 0.518}
WORKED_OUT: dict[str, dict[str, Any]] = {
    "fell": {
        "because": "24 before and 4 after in 90 days each, more of a fall than at 6 other places.",
        "ring": {"before": 4, "after": 4, "ratio": 1.0, "low": 0.264, "high": 3.784},
        "displacement": 0,
    },
    "moved nearby": {
        "because": "24 before and 4 after in 90 days each, while around it there were 4 before and 24 after.",
        "ring": {"before": 4, "after": 24, "ratio": 5.444, "low": 1.931, "high": 15.349},
        "displacement": -1,
    },
}


@pytest.mark.parametrize(("kind", "word"), [("camera", "fell"), ("sign", "moved nearby")])
def test_what_was_put_up_is_judged_by_what_became_of_other_places(
    office: Office, kind: str, word: str
) -> None:
    seen = office.report(metres_north=0, seen_at=rfc3339(PUT_UP - timedelta(days=60)))
    job_id = do(office, seen["id"], kind)
    town(office, ring_after=WORKED_OUT[word]["ring"]["after"])
    path = f"/api/v1/hotspots/{at_here(office)}"
    judged = WORKED_OUT[word] | {
        "word": word, "start": "2026-06-01", "days": 90, "place": PLACE,
        "controls": OTHERS, "controls_before": 120, "controls_after": 120,
    }  # fmt: skip
    assert office.officer.get(path).get_json()["effects"] == [judged | {"kind": kind, "job_id": job_id}]
    for began in ("camera", "sign", "gate", "patrol"):
        asked = office.officer.get(f"{path}/effect", query_string={"start": "2026-06-01", "kind": began})
        assert asked.get_json() == judged | {"kind": began}


@pytest.mark.parametrize(("inside", "beside"), [("camera", "sign"), ("sign", "camera")])
def test_cameras_and_signs_that_are_up_are_shown_with_how_far_away(
    office: Office, inside: str, beside: str
) -> None:
    # The last is 400 m north and 400 m east: within 500 m each way, and 566 m away.
    reports = hit(office, 0, 10, 20, 300) + hit(
        office, 0, position=position(HERE[0] + 410 / 111_250, HERE[1] + 400 / 67_700)
    )
    (row,) = listed(office)
    first, second, third = row["members"]
    near, far = (case_of(office.officer, report_id)["id"] for report_id in reports[3:])
    do(office, far, inside)
    there = do(office, near, beside)
    up = do(office, first, inside)
    for result in ("not_there", "cannot", None):
        do(office, second, inside, result)
    do(office, third, "clear")
    do(office, third, "inspect")
    whole = office.officer.get(f"/api/v1/hotspots/{row['id']}").get_json()
    assert [(it["kind"], it["job_id"], it["case_id"], it["inside"]) for it in whole["measures"]] == [
        (inside, up, first, True),
        (beside, there, near, False),
    ]
    assert [it["distance_m"] for it in whole["measures"]] == pytest.approx([10, 290], abs=1)
    assert {it["since"] for it in whole["measures"]} == {rfc3339(office.clock.moment)}
    assert [(it["kind"], it["job_id"]) for it in whole["effects"]] == [(inside, up)]


def test_neither_a_place_with_a_camera_of_its_own_nor_one_that_came_later_is_compared_with(
    office: Office,
) -> None:
    seen = office.report(metres_north=0, seen_at=rfc3339(PUT_UP - timedelta(days=60)))
    do(office, seen["id"], "camera")
    own = office.report(
        position=position(HERE[0] + 5_000 / 111_250, HERE[1]), seen_at=rfc3339(PUT_UP - timedelta(days=60))
    )
    do(office, own["id"], "sign")
    with office.app.app_context():
        for number in range(4):
            add_cases(office.council.id, spread(-2_000 * number, -5_000, 0, 30))
    town(office, ring_after=4)
    (judged,) = office.officer.get(f"/api/v1/hotspots/{at_here(office)}").get_json()["effects"]
    assert (judged["controls"], judged["controls_before"], judged["controls_after"]) == (OTHERS - 1, 100, 100)
    assert (
        judged["because"] == "24 before and 4 after in 90 days each, more of a fall than at 5 other places."
    )


def test_it_is_held_against_places_nearby_where_enough_are_hit_alike(office: Office) -> None:
    with office.app.app_context():
        for number in range(8):
            add_cases(office.council.id, spread(700 * number - 2_500, 2_500, 22, 11))
            add_cases(office.council.id, spread(700 * number, -9_000, 23, 1))
    town(office, ring_after=4)
    path = f"/api/v1/hotspots/{at_here(office)}/effect"
    judged = office.officer.get(path, query_string={"start": "2026-06-01"}).get_json()
    assert judged["place"]["before"] == 23
    assert (judged["controls"], judged["controls_before"], judged["controls_after"]) == (8, 176, 88)


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nothing_can_be_counted_from_is_refused(office: Office, start: str) -> None:
    town(office, ring_after=4)
    asked = office.officer.get(f"/api/v1/hotspots/{at_here(office)}/effect", query_string={"start": start})
    assert asked.status_code == 422 and "start" in asked.get_json()["errors"]
