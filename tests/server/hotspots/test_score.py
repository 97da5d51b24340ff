"""What orders the places of a council's list: the worst hazard of each case, and where there are many, their age."""

from __future__ import annotations

import math
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.cases.models import Case
from server.store.transaction import reading
from tests.builders import drain
from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import START, hit, listed
from tests.server.hotspots.many import fill


def test_of_places_hit_as_often_the_one_with_the_worse_hazards_stands_above(office: Office) -> None:
    hazards = office.officer.get("/api/v1/reference").get_json()["hazards"]
    severity = {hazard["code"]: hazard["severity"] for hazard in hazards}
    assert severity["asbestos"] > severity["road_danger"] > severity["animal"] > 1
    # The worse, the longer ago: nothing but the hazards puts it above.
    hit(office, 6_000, 6_000, hazards=["road_danger", "asbestos"])
    hit(office, 4_000, 4_000, hazards=["road_danger"])
    hit(office, 2_000, 2_000, hazards=["animal"])
    hit(office, 0, 0)
    assert [(row["rank"], row["count"], row["score"]) for row in listed(office)] == [
        (rank, 2, 2 * score)
        for rank, score in enumerate(
            (severity["asbestos"], severity["road_danger"], severity["animal"], 1), 1
        )
    ]
    best = listed(office)[0]["id"]
    # Another report of the last thing seen at the last place says what is in it.
    hit(office, 0, apart=timedelta(days=1), hazards=["asbestos"])
    assert [row["score"] for row in listed(office)] == [10, 6, 6, 4]
    hit(office, 0, apart=timedelta(days=1), hazards=["animal"])
    assert [row["score"] for row in listed(office)] == [10, 6, 6, 4], (
        "it is as bad as the worst that was seen"
    )
    assert listed(office)[0]["id"] == best


@pytest.mark.parametrize(("villages", "half_life_days"), [(1_200, None), (1_400, 180)])
def test_a_councils_many_cases_count_for_half_when_they_are_half_a_year_old(
    office: Office, villages: int, half_life_days: int | None
) -> None:
    """Below 1,500 cases a year each counts for as much as it is bad, however old."""
    with office.app.app_context():
        fill(office.council.id, seed=1, until=START, cases=villages)
    assert office.officer.post("/api/v1/hotspots/runs").status_code == 202
    drain(office.app)
    page = office.officer.get("/api/v1/hotspots?limit=20").get_json()
    assert page["run"]["half_life_days"] == half_life_days
    assert [row["score"] for row in page["items"]] == [
        pytest.approx(_score(office, row, half_life_days), abs=0.001) for row in page["items"]
    ]


def _score(office: Office, row: dict[str, Any], half_life_days: int | None) -> float:
    """What the members of a place come to: how bad each is, by its age."""
    members = sa.select(Case).where(Case.id.in_([uuid.UUID(member) for member in row["members"]]))
    with office.app.app_context(), reading(office.council.id) as session:
        rows = [
            (case.severity, (START.date() - case.first_seen_at.date()).days)
            for case in session.scalars(members)
        ]
    return sum(severity * math.pow(0.5, age / (half_life_days or math.inf)) for severity, age in rows)
