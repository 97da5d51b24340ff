"""Lists of any window, as JSON, GeoJSON and CSV; one place with its figures; the patrol sheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.hotspots.figures import busiest
from server.hotspots.view import as_csv
from server.store.clock import rfc3339
from tests.builders import drain, make_op
from tests.server.cases.desk.office import Office, open_office

START = datetime(2026, 3, 4, 18, 30, tzinfo=UTC)  # a Wednesday, before the clocks go forward


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """Two places: one hit three times in spring and twice in autumn, one twice in autumn."""
    office = open_office(app, tmp_path)
    office.clock.moment = START
    for days, metres in ((0, 0), (14, 40), (28, 0), (200, 0), (201, 2000), (214, 40), (215, 2040)):
        office.clock.moment = START + timedelta(days=days)
        office.report(metres_north=metres, seen_at=rfc3339(office.clock.moment), waste=["tyres"])
    drain(app)
    return office


def hotspots(office: Office, **query: Any) -> dict[str, Any]:
    """A list."""
    response = office.officer.get("/api/v1/hotspots", query_string=query)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def counts(page: dict[str, Any]) -> list[tuple[int, int]]:
    """Rank and count of each place."""
    return [(row["rank"], row["count"]) for row in page["items"]]


def test_the_stored_list_unless_another_window_is_asked_for(office: Office) -> None:
    stored = hotspots(office)
    assert counts(stored) == [(1, 5), (2, 2)]
    assert stored["run"]["stored"] is True
    assert hotspots(office, window_days=365) == stored
    autumn = hotspots(office, window_days=30)
    assert counts(autumn) == [(1, 2), (1, 2)]
    assert (autumn["run"]["stored"], autumn["run"]["id"], autumn["run"]["cases"]) == (False, None, 4)
    spring = hotspots(office, window_days=60, as_of=rfc3339(START + timedelta(days=40)))
    assert counts(spring) == [(1, 3)]
    assert counts(hotspots(office, window_days=60, as_of=rfc3339(START + timedelta(days=20)))) == [(1, 2)]
    assert hotspots(office, window_days=60, min=3, as_of=rfc3339(START + timedelta(days=20)))["items"] == []
    # The places are those on record, so their pages can be opened.
    assert {row["id"] for row in autumn["items"]} == {row["id"] for row in stored["items"]}
    assert spring["items"][0]["id"] == stored["items"][0]["id"]
    later = hotspots(office, as_of="2099-01-01T00:00:00Z")
    assert (later["run"]["as_of"], counts(later)) == (rfc3339(office.clock.moment), counts(stored))


def test_csv_and_geojson_tell_the_same(office: Office) -> None:
    stored = hotspots(office)
    answer = office.officer.get("/api/v1/hotspots?format=csv&window_days=30")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["rank"], row["count"], row["window_days"]) for row in rows] == [("1", "2", "30")] * 2
    by_accept = office.officer.get("/api/v1/hotspots", headers={"Accept": "text/csv"})
    assert len(list(csv.DictReader(io.StringIO(by_accept.text)))) == 2
    shapes = office.officer.get("/api/v1/hotspots?format=geojson").get_json()["features"]
    assert [shape["id"] for shape in shapes] == [row["id"] for row in stored["items"]]
    assert office.officer.get("/api/v1/hotspots?format=xml").status_code == 422


def test_a_long_list_comes_in_pages(office: Office) -> None:
    whole = hotspots(office)
    first = hotspots(office, limit=1)
    assert (first["items"], first["next"]) == (whole["items"][:1], "1")
    second = hotspots(office, limit=1, cursor=first["next"])
    assert (second["items"], second["next"], second["run"]) == (whole["items"][1:], None, whole["run"])
    assert len(hotspots(office, window_days=30, limit=1)["items"]) == 1
    assert office.officer.get("/api/v1/hotspots?cursor=x").status_code == 422


def test_a_cell_is_never_a_formula() -> None:
    areas = [{"kind": "ward", "code": "W1", "name": "@West"}]
    row = {"label": "=1+1", "members": ["a", "b"], "rank": 1, "areas": areas}
    (written,) = csv.DictReader(io.StringIO(as_csv([row], None)))
    assert (written["label"], written["members"], written["ward"]) == ("'=1+1", "a b", "'@West")


def test_a_place_shows_when_it_is_hit_with_what_and_what_was_done(office: Office) -> None:
    row = hotspots(office)["items"][0]
    case = row["members"][0]
    job = office.officer.post(f"/api/v1/cases/{case}/jobs", json={"kind": "clear"}).get_json()["jobs"][0]
    office.phone.push(make_op("job.result", job["id"], {"result": "done"}, seq=99))
    place = office.officer.get(f"/api/v1/hotspots/{row['id']}").get_json()
    assert {month["month"]: month["count"] for month in place["months"] if month["count"]} == {
        "2026-03": 2, "2026-04": 1, "2026-09": 1, "2026-10": 1,
    }  # fmt: skip
    assert [month["month"] for month in place["months"]][::11] == ["2025-11", "2026-10"]
    # 18:30 by the sun is 19:30 by the clock from April on.
    assert {hour: count for hour, count in enumerate(place["hours"]) if count} == {18: 2, 19: 3}
    assert sum(place["weekdays"]) == 5
    assert place["waste"] == [{"code": "tyres", "name": "Tyres", "count": 5}]
    assert place["busiest"].endswith("mostly 16:00 to 20:00")
    assert [member["id"] for member in place["member_rows"]] == row["members"][::-1]
    assert [(done["kind"], done["result"], done["case_id"]) for done in place["done"]] == [
        ("clear", "done", case)
    ]
    assert place["window"]["days"] == 365
    spring = office.officer.get(
        f"/api/v1/hotspots/{row['id']}",
        query_string={"window_days": 60, "as_of": rfc3339(START + timedelta(days=40))},
    ).get_json()
    assert (spring["count"], sum(spring["hours"]), spring["trend"]) == (3, 3, "new")
    before = office.officer.get(f"/api/v1/hotspots/{row['id']}?window_days=1").get_json()
    assert (before["count"], before["trend"], before["first"], before["busiest"]) == (0, "quiet", None, None)


def test_crews_see_the_place_and_not_the_cases(office: Office) -> None:
    row = hotspots(office)["items"][0]
    place = office.phone.client.get(f"/api/v1/hotspots/{row['id']}").get_json()
    assert place["hours"]
    assert not {"member_rows", "done"} & set(place)
    assert office.phone.client.get("/api/v1/hotspots/patrol").status_code == 403


def test_the_patrol_sheet_holds_what_to_look_for(office: Office) -> None:
    sheet = office.officer.get("/api/v1/hotspots/patrol?top=1").get_json()
    assert (sheet["title"], sheet["authority"]) == ("Patrol sheet: fly-tips", "North Borough")
    (place,) = sheet["items"]
    assert place["grid_reference"].startswith("SP ")
    assert len(place["open_cases"]) == place["count"] == 5
    window = office.officer.get("/api/v1/hotspots/patrol?window_days=30").get_json()
    assert [place["count"] for place in window["items"]] == [2, 2]


def test_when_it_is_mostly_seen_is_said_only_when_it_is_so() -> None:
    evening, midnight = [0] * 24, [0] * 24
    evening[18] = evening[20] = 2
    midnight[23] = midnight[1] = 2
    wednesday, spread = [0, 0, 3, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0]
    assert busiest(evening, wednesday) == "Seen mostly Wednesdays; mostly 17:00 to 21:00"
    assert busiest(midnight, spread) == "Seen mostly 22:00 to 02:00"
    assert busiest([1] * 24, [3, 3, 3, 4, 4, 4, 3]) == "Seen any day, any time"
    assert busiest([1, 1, *[0] * 22], [1, 1, 0, 0, 0, 0, 0]) is None
