"""What stands behind a rank: chance, counts, measures and their effect; names by people; runs on demand."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.hotspots.models import Hotspot
from server.store.clock import rfc3339
from server.store.deferred import HOTSPOTS_ASKED
from server.store.transaction import changes_quietly, next_value, transaction
from tests.builders import deferred_tasks, drain, make_council, make_op, sign_in
from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import START


@pytest.fixture
def office(office: Office) -> Office:
    """A place hit six times, and another, hit twice."""
    for day, metres in ((0, 0), (14, 40), (28, 0), (42, 2_000), (56, 20), (70, 2_030), (84, 0), (98, 10)):
        office.clock.moment = START + timedelta(days=day)
        office.report(metres_north=metres, seen_at=rfc3339(office.clock.moment), waste=["tyres"])
    drain(office.app)
    return office


def get(office: Office, path: str, **query: Any) -> dict[str, Any]:
    """What an officer gets."""
    response = office.officer.get(f"/api/v1/hotspots{path}", query_string=query)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def test_rows_and_pages_say_what_chance_would_give(office: Office) -> None:
    page = get(office, "")
    first, second = page["items"]
    assert (
        0 < first["expected"] < first["count"]
        and 0 < first["p"] <= first["q"] < 0.1
        and first["p"] < second["p"]
    )
    assert (
        page["run"]["background"].startswith("Other cases around it")
        and "addresses" in page["run"]["background"]
    )
    assert page["run"]["by_chance"] == {"fly_tip": None}, "eight cases are too few to draw"
    whole = get(office, f"/{first['id']}")
    assert [whole[name] for name in ("expected", "p", "q")] == [
        first[name] for name in ("expected", "p", "q")
    ]
    assert (whole["usual"], whole["background"]) == (False, page["run"]["background"])
    assert whole["counts"] == {"30": 2, "90": 5, "365": 6}
    worked_out = get(office, "", window_days=60)["items"][0]
    assert 0 < worked_out["p"] <= worked_out["q"] <= 1
    lines = office.officer.get("/api/v1/hotspots?format=csv").text.splitlines()
    assert "expected,p,q" in lines[0] and str(first["expected"]) in lines[1]
    assert get(office, f"/{first['id']}", window_days=30)["p"] is None, "what chance gives is for whole lists"


def test_a_name_given_by_a_person_stays(office: Office) -> None:
    row = get(office, "")["items"][0]
    path = f"/api/v1/hotspots/{row['id']}"
    rev = get(office, f"/{row['id']}")["rev"]
    assert office.officer.patch(path, json={"label": "The old gate"}).status_code == 428
    for never_seen in (str(rev + 1), "x", ""):
        refused = office.officer.patch(path, json={"label": "The gate"}, headers={"If-Match": never_seen})
        assert (refused.status_code, refused.get_json()["code"]) == (412, "changed_meanwhile")
    for wrong in ({}, {"label": ""}, {"label": "  "}, {"label": "x" * 201}):
        refused = office.officer.patch(path, json=wrong, headers={"If-Match": str(rev)})
        assert refused.status_code == 422 and "label" in refused.get_json()["errors"]
    named = office.officer.patch(path, json={"label": " The old gate "}, headers={"If-Match": f'"{rev}"'})
    assert named.status_code == 200, named.text
    assert (named.get_json()["label"], named.get_json()["named"]) == ("The old gate", True)
    assert named.get_json()["rev"] > rev
    office.clock.forward(timedelta(days=20))
    office.report(metres_north=5, seen_at=rfc3339(office.clock.moment))
    drain(office.app)
    after = get(office, "")["items"][0]
    assert (after["id"], after["label"], after["count"]) == (row["id"], "The old gate", 7)
    changes, _ = office.phone.pull_all()
    assert "The old gate" in str(changes)
    assert office.phone.client.patch(path, json={"label": "x"}, headers={"If-Match": "1"}).status_code == 403


def test_who_names_a_place_has_to_know_of_another_name_and_not_of_a_run(office: Office) -> None:
    def run_with_another_case() -> None:
        office.clock.forward(timedelta(days=20))
        office.report(metres_north=5, seen_at=rfc3339(office.clock.moment))
        drain(office.app)

    row = get(office, "")["items"][0]
    path, seen = f"/api/v1/hotspots/{row['id']}", get(office, f"/{row['id']}")["rev"]
    as_seen = {"If-Match": str(seen)}
    run_with_another_case()
    assert get(office, f"/{row['id']}")["rev"] > seen
    assert office.officer.patch(path, json={"label": "The old gate"}, headers=as_seen).status_code == 200
    run_with_another_case()
    late = office.officer.patch(path, json={"label": "Mill gate"}, headers=as_seen)
    assert late.status_code == 412 and "is called The old gate now" in late.get_json()["detail"]


def test_a_name_given_while_a_run_is_being_written_is_not_hidden_by_it(office: Office) -> None:
    """The run has read the place before it was named; what is quiet goes by the row as it is when it is written."""
    row_id = uuid.UUID(get(office, "")["items"][0]["id"])
    with office.app.app_context(), transaction(office.council.id) as session:
        changes_quietly(session, Hotspot)
        place = session.get_one(Hotspot, (office.council.id, row_id))
        named = next_value(session, office.council.id, "rev")
        row: Any = Hotspot.__table__
        by_another = sa.update(row).where(row.c.id == row_id)
        session.connection().execute(by_another.values(rev=named, quiet_from=None, label="The old gate"))
        place.count += 1
    after = get(office, f"/{row_id}")
    assert after["label"] == "The old gate"
    for seen, status in ((named - 1, 412), (named, 200)):
        path = f"/api/v1/hotspots/{row_id}"
        given = office.officer.patch(path, json={"label": "Mill gate"}, headers={"If-Match": str(seen)})
        assert given.status_code == status, seen


def test_another_council_can_neither_see_nor_name_it(office: Office, tmp_path: Path) -> None:
    row = get(office, "")["items"][0]
    (tmp_path / "south").mkdir()
    stranger = sign_in(
        office.app, make_council(office.app, tmp_path / "south", slug="south", prefix="SO"), "officer"
    )
    path = f"/api/v1/hotspots/{row['id']}"
    assert stranger.patch(path, json={"label": "Ours"}, headers={"If-Match": "1"}).status_code == 404
    assert stranger.get(f"{path}/effect?start=2026-04-01").status_code == 404


def test_a_run_on_demand_is_made_by_a_worker(office: Office) -> None:
    before = get(office, "/runs")["items"]
    asked = office.officer.post("/api/v1/hotspots/runs")
    assert len(deferred_tasks(office.app, HOTSPOTS_ASKED)) == 1, "what goes before the night's"
    assert (asked.status_code, asked.get_json()) == (202, {"queued": True})
    office.clock.forward(timedelta(hours=1))
    drain(office.app)
    runs = get(office, "/runs")["items"]
    assert len(runs) == len(before) + 1 and runs[0]["as_of"] > before[0]["as_of"]
    assert all(run["changes"] is not None for run in runs)
    assert office.phone.client.post("/api/v1/hotspots/runs").status_code == 403


def test_a_camera_put_up_by_a_crew_is_judged_on_the_page(office: Office) -> None:
    row = get(office, "")["items"][0]
    case = row["members"][0]
    given = office.officer.post(f"/api/v1/cases/{case}/jobs", json={"kind": "camera"}).get_json()["jobs"][0]
    done = make_op("job.result", given["id"], {"result": "done", "photos": []}, seq=900)
    assert office.phone.push(done)[0]["verdict"] == "applied"
    whole = get(office, f"/{row['id']}")
    (measure,) = whole["measures"]
    assert (measure["kind"], measure["inside"], measure["case_id"]) == ("camera", True, case)
    assert 0 <= measure["distance_m"] < 100
    (effect,) = whole["effects"]
    assert (effect["kind"], effect["word"]) == ("camera", "no clear change")
    assert effect["because"].startswith("Too early")
    seen = office.phone.client.get(f"/api/v1/hotspots/{row['id']}").get_json()
    assert "effects" not in seen and "measures" not in seen and seen["expected"] == row["expected"]


def test_a_patrol_from_a_day_on(office: Office) -> None:
    row = get(office, "")["items"][0]
    start = (START + timedelta(days=50)).date()
    found = get(office, f"/{row['id']}/effect", start=start, kind="patrol", days=45)
    assert (found["kind"], found["start"], found["days"]) == ("patrol", start.isoformat(), 45)
    assert (found["place"]["before"], found["place"]["after"]) == (2, 2)
    assert found["word"] == "no clear change" and "Too few cases before" in found["because"]
    for wrong in (
        {},
        {"start": "soon"},
        {"start": "2026-04-01", "days": 3},
        {"start": "2026-04-01", "kind": "x"},
    ):
        assert (
            office.officer.get(f"/api/v1/hotspots/{row['id']}/effect", query_string=wrong).status_code == 422
        )
    assert office.phone.client.get(f"/api/v1/hotspots/{row['id']}/effect?start=2026-04-01").status_code == 403
