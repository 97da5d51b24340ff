"""A list as a file: the columns that were promised, each as the list has it, and nothing of who told of what."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.store.clock import rfc3339
from tests.builders import browser, case_of, drain, position
from tests.server.cases.desk.office import Office, open_office
from tests.server.hotspots.ground import APART, START, hit

COLUMNS = [
    "rank", "id", "kind", "label", "easting", "northing", "lat", "lon", "extent_m", "count", "score", "expected",
    "p", "q", "trend", "first", "last", "members", "window_days", "as_of", "ward", "parish", "beat",
]  # fmt: skip
# What people wrote, and who they are.
PRIVATE = (
    "Pat Neighbour",
    "pat@home.example",
    "07700 900123",
    "behind my house",
    "looked like my cousin",
    "crew@north",
)


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """Two places, one of them told of by a crew, by an officer's note and by a resident who can be reached."""
    office = open_office(app, tmp_path)
    office.clock.moment = START
    (report_id, *_) = hit(
        office, 0, 10, 3_000, 3_010, description="It looked like my cousin, crew@north says"
    )
    note = {"text": "Pat Neighbour saw it from behind my house"}
    case = case_of(office.officer, report_id)
    assert office.officer.post(f"/api/v1/cases/{case['id']}/notes", json=note).status_code == 201
    office.clock.forward(APART)
    by_resident = {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": rfc3339(office.clock.moment),
        "position": position(accuracy_m=None, source="pin"), "where": "behind my house",
        "contact": {"name": "Pat Neighbour", "email": "pat@home.example", "phone": "07700 900123"},
    }  # fmt: skip
    assert browser(app).post("/api/v1/public/reports", json=by_resident).status_code == 200
    drain(app)
    return office


def as_text(value: Any) -> str:
    """A value of the list as a cell has it."""
    return " ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("query", [{}, {"window_days": 300}, {"min": 3}])
def test_files_hold_what_the_list_holds_and_no_more(office: Office, query: dict[str, int]) -> None:
    def get(written: str) -> Any:
        return office.officer.get("/api/v1/hotspots", query_string=query | {"format": written})

    page = get("json").get_json()
    rows, run = page["items"], page["run"]
    assert [row["count"] for row in rows] == ([3] if query.get("min") else [3, 2])
    answer = get("csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hotspots-fly_tip-2026-05-13.csv"'
    heading, *lines = csv.reader(io.StringIO(answer.text, newline=""))
    assert heading == COLUMNS and answer.text.count("\r\n") == len(rows) + 1
    about = {
        "window_days": run["window_days"],
        "as_of": run["as_of"],
        "ward": "Hartshill Ward",
        "parish": "",
        "beat": "",
    }
    assert lines == [[as_text((row | about)[name]) for name in COLUMNS] for row in rows]
    shapes = get("geojson")
    assert shapes.get_json() == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row["id"],
                "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
                "properties": {name: row[name] for name in row if name not in ("lat", "lon")},
            }
            for row in rows
        ],
    }
    assert set(rows[0]) == {*COLUMNS[:18], "areas"}
    for text in (answer.text, shapes.text):
        assert [word for word in PRIVATE if word in text] == []


def test_a_file_of_an_empty_list_has_its_heading(office: Office) -> None:
    answer = office.officer.get("/api/v1/hotspots?format=csv&kind=incident")
    assert answer.text == ",".join(COLUMNS) + "\r\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hotspots-incident-2026-05-13.csv"'
    shapes = office.officer.get("/api/v1/hotspots?format=geojson&kind=incident").get_json()
    assert shapes == {"type": "FeatureCollection", "features": []}


def test_a_file_is_for_who_is_signed_in(office: Office) -> None:
    for written in ("json", "csv", "geojson"):
        asked = f"/api/v1/hotspots?format={written}"
        assert browser(office.app).get(asked).status_code == 401
        assert office.phone.client.get(asked).status_code == 200
