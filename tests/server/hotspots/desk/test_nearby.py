"""What lies around a case: cases of any state within 250 m and twelve months, hotspots within 500 m."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.builders import drain, position
from tests.server.cases.desk.office import Office, open_office


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """A council at work."""
    return open_office(app, tmp_path)


def nearby(office: Office, case: dict[str, Any]) -> dict[str, Any]:
    """What lies around a case."""
    response = office.officer.get(f"/api/v1/cases/{case['id']}/nearby")
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def test_nearest_first_whatever_became_of_them_for_a_year(office: Office) -> None:
    old = office.report(metres_north=120)
    office.clock.forward(timedelta(days=300))
    case, closed = office.report(metres_north=0), office.decide(office.report(metres_north=200), "close")
    beyond = office.report(metres_north=260)
    drain(office.app)
    around = nearby(office, case)
    assert [(row["reference"], row["state"]) for row in around["items"]] == [
        (old["reference"], "new"), (closed["reference"], "closed"),
    ]  # fmt: skip
    assert [row["distance_m"] for row in around["items"]] == pytest.approx([120, 200], abs=3)
    assert beyond["reference"] in {row["reference"] for row in nearby(office, closed)["items"]}
    (hotspot,) = around["hotspots"]
    assert hotspot["count"] == 3
    assert 150 < hotspot["distance_m"] < 260
    office.clock.forward(timedelta(days=100))
    assert [row["reference"] for row in nearby(office, case)["items"]] == [closed["reference"]]


def test_a_case_without_a_place_has_nothing_around_it(office: Office) -> None:
    for where in (None, position(55.6, 12.6)):
        around = nearby(office, office.report(position=where))
        assert (around["items"], around["hotspots"]) == ([], [])
    assert office.phone.client.get(f"/api/v1/cases/{office.report()['id']}/nearby").status_code == 403
    missing = office.officer.get("/api/v1/cases/00000000-0000-4000-8000-000000000000/nearby")
    assert missing.status_code == 404
