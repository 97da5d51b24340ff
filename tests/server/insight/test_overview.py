"""The overview: each figure is right, says what it is about, and its query lists just the cases it counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median as plain_median
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.insight.overview import GROUPINGS, median
from server.store.clock import rfc3339
from tests.builders import position
from tests.server.cases.desk.office import Office, open_office

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    """Six cases from the end of January to the end of March: three cleared, one not ours, two open."""
    office = open_office(app, tmp_path)
    plan: tuple[tuple[float, dict[str, Any], str | None, float], ...] = (
        (0, {"waste": ["tyres"]}, "close", 1.0), (1, {"waste": ["tyres", "green"]}, "close", 4.0),
        (2, {"waste": ["green"]}, "not_ours", 1.0), (30, {"waste": ["tyres"]}, "close", 9.5),
        (58, {"kind": "incident", "category": "small_fire", "waste": []}, None, 0),
        # By the local clock this is April already.
        (59.6, {"waste": ["green"], "position": position(50.0, 5.0)}, None, 0),
    )  # fmt: skip
    for after, changes, decision, days in plan:
        office.clock.moment = START + timedelta(days=after)
        case = office.report(seen_at=rfc3339(office.clock.moment), **changes)
        if decision:
            office.clock.forward(timedelta(days=days))
            office.decide(case, decision, reason="So it is")
    office.clock.moment = START + timedelta(days=70)
    return office


def asked(office: Office, **query: Any) -> dict[str, Any]:
    """The overview."""
    response = office.manager.get("/api/v1/insight/overview", query_string=query)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def shown(group: dict[str, Any]) -> tuple[Any, ...]:
    """Just the figures."""
    return tuple(group[name] for name in ("received", "open", "cleared", "median_days_to_clear"))


def test_totals_and_months_by_the_local_clock(office: Office) -> None:
    answer = asked(office)
    assert shown(answer["totals"]) == (6, 2, 3, 4.0)
    assert answer["as_at"] == rfc3339(office.clock.moment)
    months = {group["key"]: shown(group) for group in answer["groups"]}
    assert next(iter(months)) == "2025-05"
    assert len(months) == 12
    assert {key: figures for key, figures in months.items() if figures[0]} == {
        "2026-01": (1, 0, 1, 1.0), "2026-02": (2, 0, 1, 4.0), "2026-03": (2, 1, 1, 9.5), "2026-04": (1, 1, 0, None),
    }  # fmt: skip
    assert answer["groups"][-1]["label"] == "April 2026"
    assert answer["groups"][-1]["window"]["from"] == "2026-03-31T23:00:00Z"


def test_groups_by_what_cases_are(office: Office) -> None:
    def groups(by: str) -> dict[str, Any]:
        return {group["key"]: (group["label"], *shown(group)) for group in asked(office, by=by)["groups"]}

    assert groups("kind") == {
        "fly_tip": ("Fly-tips", 5, 1, 3, 4.0), "incident": ("Incidents", 1, 1, 0, None),
    }  # fmt: skip
    assert groups("waste") == {
        "tyres": ("Tyres", 3, 0, 3, 4.0), "green": ("Green", 2, 1, 0, None), "none": ("Not known", 1, 1, 0, None),
    }  # fmt: skip
    assert groups("ward") == {
        "X01W1": ("Hartshill Ward", 5, 1, 3, 4.0), "none": ("Not known", 1, 1, 0, None),
    }  # fmt: skip
    assert groups("source") == {"crew": ("Crews", 6, 2, 3, 4.0)}


@pytest.mark.parametrize("by", GROUPINGS)
def test_the_rows_behind_a_figure_are_those_it_counted(office: Office, by: str) -> None:
    answer = asked(office, by=by)
    for group in (answer["totals"], *answer["groups"]):
        for figure in ("received", "open", "cleared"):
            query = {name: values[0] for name, values in parse_qs(group["rows"][figure]).items()}
            assert len(office.references(**query)) == group[figure], (by, group, figure)


def test_a_window_begins_and_ends_where_it_says(office: Office) -> None:
    feb = {"from": "2026-02-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
    answer = asked(office, **feb)
    assert answer["window"] == feb
    assert shown(answer["totals"]) == (2, 0, 1, 4.0)
    assert [group["key"] for group in answer["groups"]] == ["2026-02"]
    part = asked(office, **{"from": "2026-01-31T12:00:00Z", "to": "2099-01-01T00:00:00Z"})
    assert (part["groups"][0]["key"], part["groups"][0]["received"]) == ("2026-01", 0)
    assert part["totals"]["received"] == 5


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-03-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
        {"from": "2099-01-01T00:00:00Z"},
        {"from": "1990-01-01T00:00:00Z"},
        {"by": "moon"},
    ],
)
def test_an_odd_window_is_refused(office: Office, query: dict[str, str]) -> None:
    assert office.manager.get("/api/v1/insight/overview", query_string=query).status_code == 422


def test_crews_do_not_see_it(office: Office) -> None:
    assert office.phone.client.get("/api/v1/insight/overview").status_code == 403


@given(st.lists(st.integers(0, 40).map(lambda tenths: tenths / 10)))
def test_the_median_of_counted_values_is_the_plain_one(values: list[float]) -> None:
    counted = {value: values.count(value) for value in values}
    expected = round(plain_median(values), 2) if values else None
    assert median(counted) == expected
