"""An officer puts a case on the map that no report gave a position for."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.builders import HERE, drain
from tests.server.cases.desk.office import Office

ON_OLDBURY_ROAD = {"lat": HERE[0], "lon": HERE[1]}


def put(office: Office, case: dict[str, Any], rev: int | None = None, **body: Any) -> TestResponse:
    """Put a case on the map, against the revision it was seen with."""
    headers = {"If-Match": f'"{case["rev"] if rev is None else rev}"'}
    path = f"/api/v1/cases/{case['id']}/position"
    return office.officer.post(path, json=ON_OLDBURY_ROAD | body, headers=headers)


def test_a_case_without_a_position_gets_one_and_its_place_at_once(office: Office) -> None:
    case = office.report(position=None)
    assert case["lat"] is None and "no_position" in case["flags"]
    answer = put(office, case, source="typed")
    assert answer.status_code == 200, answer.text
    after = answer.get_json()
    assert (after["lat"], after["lon"]) == HERE and after["label"] == "Oldbury Road, Hartshill"
    assert "no_position" not in after["flags"] and after["rev"] > case["rev"]
    assert after["reports_detail"][0]["position"]["source"] == "typed"
    said = [(entry["what"], entry["by"]) for entry in after["timeline"]]
    assert ("Put on the map by hand", "Officer of north") in said
    assert ("Position given", "Officer of north") in said
    assert ("Placed: Oldbury Road, Hartshill", "Tipwatch") in said
    drain(office.app)
    assert office.case(case["id"])["rev"] == after["rev"], "the task that was deferred has nothing left to do"


def test_a_case_that_lies_near_is_suggested_and_not_joined(office: Office) -> None:
    there = office.report(metres_north=0)
    after = put(office, office.report(position=None)).get_json()
    assert after["state"] == "new" and after["reports_detail"][0]["suggested_cases"] == [there["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lat": 52.5, "lon": 4.9}, "lat"),
        ({"lat": 55.0, "lon": -3.0}, "lat"),
        ({"lat": 91}, "lat"),
        ({"lon": "x"}, "lon"),
    ],
)
def test_where_no_case_of_ours_can_be_is_refused(office: Office, wrong: dict[str, Any], field: str) -> None:
    case = office.report(position=None)
    refused = put(office, case, **wrong)
    assert refused.status_code == 422 and field in refused.get_json()["errors"]
    assert office.case(case["id"])["rev"] == case["rev"]


def test_nothing_is_overwritten(office: Office) -> None:
    case = office.report(position=None)
    path = f"/api/v1/cases/{case['id']}/position"
    assert office.officer.post(path, json=ON_OLDBURY_ROAD).status_code == 428
    assert put(office, case, rev=case["rev"] - 1).get_json()["code"] == "changed_meanwhile"
    after = put(office, case).get_json()
    again = put(office, after)
    assert (again.status_code, again.get_json()["code"]) == (409, "has_position")
    assert office.phone.client.post(path, json=ON_OLDBURY_ROAD, headers={"If-Match": "1"}).status_code == 403
