"""Lists of a ward, a parish, a beat: the same places with the same ranks, as JSON, CSV, GeoJSON and on paper."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from server.hotspots.commands import hotspots as commands
from server.places.imports import import_areas
from server.store.clock import rfc3339
from server.store.transaction import transaction
from tests.builders import EAST, HERE, NORTH, SOUTH, WEST, drain, make_council, sign_in
from tests.server.cases.desk.office import Office, open_office
from tests.server.hotspots.ground import START

# Halfway between the two places.
MIDDLE = HERE[0] + 1_000 / 111_000


def area(kind: str, code: str, name: str, south: float, north: float) -> dict[str, Any]:
    """A band of the council's land from south to north."""
    ring = [[WEST, south], [EAST, south], [EAST, north], [WEST, north], [WEST, south]]
    about = {"kind": kind, "code": code, "name": name}
    return {
        "type": "Feature",
        "properties": about,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A place hit twice in the south and one hit three times, 2 km north of it, and areas that tell them apart."""
    office = open_office(app, tmp_path)
    areas = [
        area("ward", "W2", "Lower Ward", SOUTH, MIDDLE), area("ward", "W3", "Upper Ward", MIDDLE, NORTH),
        area("parish", "P1", "Twin", SOUTH, MIDDLE), area("parish", "P2", "Twin", MIDDLE, NORTH),
        area("beat", "B/1", "=North Beat", MIDDLE, NORTH),
    ]  # fmt: skip
    path = tmp_path / "more.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": areas}))
    with app.app_context(), transaction(office.council.id) as session:
        import_areas(session, path)
    office.clock.moment = START
    for day, metres in ((0, 0), (20, 10), (0, 2_000), (20, 2_010), (40, 2_020)):
        office.clock.moment = START + timedelta(days=day)
        office.report(metres_north=metres, seen_at=rfc3339(office.clock.moment))
    drain(app)
    return office


def ranked(office: Office, **query: Any) -> list[tuple[int, int]]:
    """Rank and count of each place of a list."""
    response = office.officer.get("/api/v1/hotspots", query_string=query)
    assert response.status_code == 200, response.text
    return [(row["rank"], row["count"]) for row in response.get_json()["items"]]


def test_an_area_has_its_places_with_the_ranks_of_the_whole_list(office: Office) -> None:
    assert ranked(office) == ranked(office, ward="X01W1") == [(1, 3), (2, 2)]
    assert ranked(office, ward="W3") == ranked(office, ward="upper ward") == [(1, 3)]
    assert ranked(office, ward="W2") == ranked(office, parish="P1") == [(2, 2)]
    assert ranked(office, beat="B/1") == [(1, 3)]
    assert ranked(office, ward="W3", beat="B/1", parish="P2") == [(1, 3)]
    assert ranked(office, ward="W2", beat="B/1") == []
    assert ranked(office, ward="W2", kind="incident") == []
    assert ranked(office, ward="X01W1", limit=1, cursor=1) == [(2, 2)]
    for window in ({"window_days": 30}, {"window_days": 60, "as_of": rfc3339(START + timedelta(days=21))}):
        assert len(ranked(office, ward="W3", **window)) == 1
        assert ranked(office, ward="X01W1", **window) == ranked(office, **window)


def test_each_row_and_answer_says_which_areas_it_is_about(office: Office) -> None:
    page = office.officer.get("/api/v1/hotspots?ward=W3").get_json()
    assert page["within"] == [{"kind": "ward", "code": "W3", "name": "Upper Ward"}]
    (row,) = page["items"]
    assert {found["code"] for found in row["areas"]} == {"X01W1", "W3", "P2", "B/1"}
    (worked_out,) = office.officer.get("/api/v1/hotspots?ward=W3&window_days=300").get_json()["items"]
    assert worked_out["areas"] == row["areas"]
    whole = office.officer.get(f"/api/v1/hotspots/{row['id']}").get_json()
    assert whole["areas"] == row["areas"]


def test_files_and_the_patrol_sheet_are_of_the_area_too(office: Office) -> None:
    answer = office.officer.get("/api/v1/hotspots?format=csv&beat=B/1")
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert (line["ward"], line["parish"], line["beat"]) == (
        "Hartshill Ward; Upper Ward",
        "Twin",
        "'=North Beat",
    )
    assert "hotspots-fly_tip-B_1-2026" in answer.headers["Content-Disposition"]
    (shape,) = office.officer.get("/api/v1/hotspots?format=geojson&ward=W2").get_json()["features"]
    assert shape["properties"]["count"] == 2
    sheet = office.officer.get("/api/v1/hotspots/patrol?ward=W2").get_json()
    assert sheet["title"] == "Patrol sheet: fly-tips, Lower Ward"
    assert [place["count"] for place in sheet["items"]] == [2]


def test_an_area_that_is_not_there_is_named_with_what_there_is(office: Office, tmp_path: Path) -> None:
    for path in ("", "/patrol"):
        refused = office.officer.get(f"/api/v1/hotspots{path}?ward=Nowhere")
        assert refused.status_code == 422
        (said,) = refused.get_json()["errors"]["ward"]
        assert "no ward Nowhere" in said and "Upper Ward (W3)" in said
    twins = office.officer.get("/api/v1/hotspots?parish=Twin").get_json()["errors"]["parish"]
    assert "P1, P2" in twins[0]
    assert ranked(office, parish="P2") == [(1, 3)]
    assert office.officer.get("/api/v1/hotspots?ward=").status_code == 422
    (tmp_path / "south").mkdir()
    council = make_council(office.app, tmp_path / "south", slug="south", prefix="SO")
    theirs = sign_in(office.app, council, "officer").get("/api/v1/hotspots?ward=W3")
    assert theirs.status_code == 422 and "Upper" not in theirs.text, "another council's areas are not theirs"
    nothing = sign_in(office.app, council, "officer").get("/api/v1/hotspots?beat=B/1").get_json()
    assert nothing["errors"]["beat"] == ["No beat was imported for your council yet"]


def test_the_command_line_has_the_same_lists(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = office.app.config["SETTINGS"]
    monkeypatch.setenv("TIPWATCH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("TIPWATCH_DATA_DIR", str(settings.data_dir))

    def asked(*options: str) -> str:
        done = CliRunner().invoke(commands, ["list", *options])
        assert done.exit_code == 0, done.output
        return done.output

    last = START + timedelta(days=40)
    to_the_day = ("--as-of", f"{last:%Y-%m-%d}", "--ward", "Upper Ward")
    assert [row["count"] for row in json.loads(asked("--json", *to_the_day))["items"]] == [3]
    assert len(json.loads(asked("--format", "geojson", "--parish", "P1"))["features"]) == 1
    (line,) = csv.DictReader(io.StringIO(asked("--format", "csv", "--beat", "B/1")))
    assert line["count"] == "3"
    wrong = CliRunner().invoke(commands, ["list", "--ward", "Nowhere"])
    assert wrong.exit_code != 0 and "Your council has no ward Nowhere" in wrong.output
