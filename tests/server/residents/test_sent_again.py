"""A report that was taken in and is sent again, its answer lost, is answered as before, whatever is odd by now."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.access.limits import limiter, start_limits
from server.intake import reference, schemas
from server.places.imports import import_areas
from server.residents.routes import sender_of_request
from server.residents.schemas import PublicReportSchema
from server.residents.service import Secrets, take_public_report
from server.store.clock import now
from server.store.transaction import transaction
from tests.builders import Council, SetClock, browser, case_of, drain, make_council, sign_in
from tests.server.residents.test_odd_reports_from_forms import ADDRESS, public_report

Change = Callable[[Flask, Council, Path, pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def resident(app: Flask, council: Council) -> FlaskClient:
    """A browser that nobody is signed in with."""
    return browser(app)


def clock_set_back(app: Flask, _council: Council, _folder: Path, _patch: pytest.MonkeyPatch) -> None:
    """The server's clock was fast when the report came, and has been put right."""
    SetClock(app, datetime.now(UTC) - timedelta(days=1))


def a_year_goes_by(app: Flask, _council: Council, _folder: Path, _patch: pytest.MonkeyPatch) -> None:
    """A phone that lay in a drawer asks again."""
    SetClock(app, datetime.now(UTC) + timedelta(days=400))


def code_taken_off_the_list(_app: Flask, _council: Council, _folder: Path, patch: pytest.MonkeyPatch) -> None:
    """A later release's list has no such waste any more."""
    whole = reference.codes

    def codes(name: str) -> Any:
        return [code for code in whole(name) if code != "tyres"]

    patch.setattr(schemas, "codes", codes)


def boundary_drawn_anew(app: Flask, council: Council, folder: Path, _patch: pytest.MonkeyPatch) -> None:
    """The report's position is outside the council's area now."""
    far = [[-3, 53], [-2.9, 53], [-2.9, 53.1], [-3, 53.1], [-3, 53]]
    feature = {
        "type": "Feature", "properties": {"kind": "authority", "code": "X01", "name": "North"},
        "geometry": {"type": "Polygon", "coordinates": [far]},
    }  # fmt: skip
    path = folder / "far.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with app.app_context(), transaction(council.id) as session:
        import_areas(session, path)


def another_council(app: Flask, _council: Council, folder: Path, _patch: pytest.MonkeyPatch) -> None:
    """A report that names no council was for the only one there was."""
    make_council(app, folder, "south", "SW")


@pytest.mark.parametrize(
    "change", [clock_set_back, a_year_goes_by, code_taken_off_the_list, boundary_drawn_anew, another_council]
)
def test_a_report_that_was_taken_in_is_answered_as_before_whatever_is_odd_by_now(
    app: Flask,
    council: Council,
    resident: FlaskClient,
    change: Change,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = public_report(waste=["tyres"], contact={"email": "someone@example.org"})
    first = resident.post(ADDRESS, json=report)
    assert first.status_code == 200, first.text
    change(app, council, tmp_path, monkeypatch)
    fresh = resident.post(ADDRESS, json=report | {"id": str(uuid.uuid4())})
    assert fresh.status_code in (404, 422), "a new one would be refused"
    again = resident.post(ADDRESS, json=report)
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    drain(app)
    assert case_of(sign_in(app, council, "officer"), report["id"])["reports"] == 1


def test_a_report_of_an_older_form_is_answered_as_before(
    app: Flask, council: Council, resident: FlaskClient
) -> None:
    """An earlier release took a member that today's door knows nothing of."""
    report = public_report()
    older = report | {"colour": "red"}
    with app.app_context(), app.test_request_context(), transaction(council.id) as session:
        secrets = Secrets.of(app.config["SECRET_KEY"], council.id, uuid.UUID(report["id"]))
        payload = json.dumps({name: value for name, value in older.items() if name != "contact"})
        loaded = PublicReportSchema().load(report)
        loaded.pop("authority")
        first = take_public_report(session, loaded, payload, secrets, sender_of_request(), now())
    # To the letter, as a phone keeps it: the test's client would put the members into another order.
    again = resident.post(ADDRESS, data=json.dumps(older), content_type="application/json")
    assert (again.status_code, again.get_json()) == (200, first)
    assert resident.post(ADDRESS, json=older | {"id": str(uuid.uuid4())}).status_code == 422


def test_other_content_under_the_same_id_is_checked_and_refused_as_ever(
    resident: FlaskClient, council: Council
) -> None:
    report = public_report()
    assert resident.post(ADDRESS, json=report).status_code == 200
    assert resident.post(ADDRESS, json=report | {"description": "Another"}).status_code == 409
    assert resident.post(ADDRESS, json=report | {"category": "spaceship"}).status_code == 422
    for odd in ([report], {"id": report["id"]}, {"id": 7}, {"id": "x"}, "x", None):
        assert resident.post(ADDRESS, json=odd).status_code == 422
    assert resident.post(ADDRESS, data=b"{", content_type="application/json").status_code == 422


def test_whoever_sends_one_report_again_and_again_is_asked_to_wait(
    app: Flask, resident: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    app.config["RATELIMIT_ENABLED"] = True
    start_limits(app, app.config["SETTINGS"])
    report = public_report()
    assert resident.post(ADDRESS, json=report).status_code == 200
    answers = [resident.post(ADDRESS, json=report) for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    assert answers[120].status_code == 429 and int(answers[120].headers["Retry-After"]) <= 60
