"""Field work by crew and age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.store.clock import rfc3339
from tests.builders import make_op
from tests.server.cases.desk.office import Office, nowhere


def give(office: Office, **changes: Any) -> dict[str, Any]:
    """Give a job on a new case and return it."""
    case = office.report()
    body = {"kind": "clear", "text": "All of it"} | changes
    response = office.officer.post(f"/api/v1/cases/{case['id']}/jobs", json=body)
    assert response.status_code == 201, response.text
    return dict(response.get_json()["jobs"][-1]) | {"case_id": case["id"]}


def listed(office: Office, **query: Any) -> dict[str, Any]:
    """A page of the jobs."""
    response = office.officer.get("/api/v1/jobs", query_string=query)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def test_open_jobs_by_crew_and_age(office: Office) -> None:
    crew = str(office.council.users["crew"])
    due = rfc3339(office.clock.moment + timedelta(days=1))
    old = give(office, crew_id=crew, due_at=due)
    office.clock.forward(timedelta(days=3))
    anyone, young = give(office), give(office, crew_id=crew)
    page = listed(office)
    assert page["items"][0]["id"] == old["id"]
    assert {row["id"] for row in page["items"]} == {old["id"], anyone["id"], young["id"]}
    first = page["items"][0]
    assert (first["age_days"], first["late"], first["crew"]["name"]) == (3, True, "Crew of north")
    assert first["case"]["id"] == old["case_id"]
    assert [(row["name"], row["open"], row["late"]) for row in page["crews"]] == [
        ("Crew of north", 2, 1), ("Any crew", 1, 0),
    ]  # fmt: skip
    assert [row["id"] for row in listed(office, older_than_days=2)["items"]] == [old["id"]]
    assert [row["id"] for row in listed(office, crew_id="any")["items"]] == [anyone["id"]]
    assert len(listed(office, crew_id=crew)["items"]) == 2
    assert listed(office, crew_id=nowhere())["items"] == []
    assert office.officer.get("/api/v1/jobs", query_string={"crew_id": "x"}).status_code == 422


def test_done_jobs_show_their_result_and_those_of_closed_cases_are_gone(office: Office) -> None:
    job, left = give(office), give(office)
    result = {"result": "cannot", "reason": "Gate locked"}
    office.phone.push(make_op("job.result", job["id"], result, seq=90))
    assert [row["id"] for row in listed(office)["items"]] == [left["id"]]
    (done,) = listed(office, state="cannot")["items"]
    assert (done["id"], done["result"]["reason"]) == (job["id"], "Gate locked")
    office.decide({"id": left["case_id"]}, "close")
    assert listed(office)["items"] == []
    assert listed(office)["crews"] == []
    assert [row["id"] for row in listed(office, state="all")["items"]] == [job["id"]]


def test_pages_hold_each_job_once(office: Office) -> None:
    given = [give(office)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = listed(office, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [row["id"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(seen) == sorted(given)
    assert office.officer.get("/api/v1/jobs", query_string={"cursor": "zz"}).status_code == 422
    assert office.phone.client.get("/api/v1/jobs").status_code == 403
