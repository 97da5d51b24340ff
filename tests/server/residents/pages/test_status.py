"""Following a report by its link, and adding to it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from server.cases.models import Job
from server.photos.models import Photo
from server.residents.progress import NOT_OURS, WORDS
from server.residents.sending import MOST_DETAILS_OF_REPORT
from server.store.transaction import reading, transaction
from tests.builders import Council, drain, sign_in
from tests.server.residents.pages.resident import Resident, files, picture, problems_of, title_of, words_of


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer at the desk."""
    return sign_in(app, council, "officer")


@pytest.fixture
def path(app: Flask, resident: Resident) -> str:
    """The link of a report that has its case."""
    resident.report()
    drain(app)
    return resident.status_path()


def the_case(officer: FlaskClient) -> dict[str, Any]:
    [row] = officer.get("/api/v1/cases").json["items"]
    whole: dict[str, Any] = officer.get(f"/api/v1/cases/{row['id']}").json or {}
    return whole


def decide(officer: FlaskClient, **decision: str) -> None:
    case = the_case(officer)
    headers = {"If-Match": f'"{case["rev"]}"'}
    answer = officer.post(f"/api/v1/cases/{case['id']}/decisions", json=decision, headers=headers)
    assert answer.status_code == 200, answer.text


def test_it_says_in_plain_words_where_the_report_stands(
    app: Flask, council: Council, resident: Resident, path: str, officer: FlaskClient
) -> None:
    assert WORDS["Received"] in words_of(resident.get(path))
    decide(officer, decision="accept")
    assert WORDS["Looked at"] in words_of(resident.get(path))
    given = officer.post(f"/api/v1/cases/{the_case(officer)['id']}/jobs", json={"kind": "clear"})
    assert given.status_code == 201, given.text
    with app.app_context(), transaction(council.id) as session:
        session.scalars(sa.select(Job)).one().state = "done"
    assert WORDS["Dealt with"] in words_of(resident.get(path))
    decide(officer, decision="close")
    page = resident.get(path)
    assert WORDS["Closed"] in words_of(page)
    assert "Add to your report" not in words_of(page)


def test_not_ours_is_said_kindly(resident: Resident, path: str, officer: FlaskClient) -> None:
    decide(officer, decision="not_ours", reason="Private land of a known firm")
    page = words_of(resident.get(path))
    assert NOT_OURS in page
    assert "known firm" not in page


def test_it_shows_nothing_of_enforcement_or_of_other_people(
    resident: Resident, path: str, officer: FlaskClient
) -> None:
    case = the_case(officer)
    officer.post(f"/api/v1/cases/{case['id']}/notes", json={"text": "Suspect drives FX12 ABC"})
    page = words_of(resident.get(path))
    for hidden in ("FX12", case["reference"], "officer", "evidence"):
        assert hidden not in page


def test_a_wrong_link_says_so(resident: Resident) -> None:
    page = resident.get("/status/" + "0" * 64)
    assert page.status_code == 404
    assert "There is no report behind this link" in words_of(page)


def test_a_detail_and_a_photo_are_added_as_events(
    app: Flask, council: Council, resident: Resident, path: str, officer: FlaskClient
) -> None:
    sent = resident.client.post(path, **files(("more.jpg", picture()), detail="It has grown"))
    assert sent.location == f"{path}?added=1"
    assert "We have added this to your report" in words_of(resident.get(sent.location))
    drain(app)
    case = the_case(officer)
    assert case["photos"] == {"expected": 1, "verified": 1}
    with app.app_context(), reading(council.id) as session:
        photo = session.scalars(sa.select(Photo)).one()
        assert str(photo.case_id) == case["id"]
    assert "1, all with us" in words_of(resident.get(path))


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"detail": ""}, "detail", "Write what you want to add, or choose a photo"),
        ({"detail": "x" * 2001}, "detail", "Use 2,000 characters or less. You have used 2,001"),
    ],
)
def test_an_addition_that_cannot_be_used_is_named(
    resident: Resident, path: str, sent: dict[str, str], field: str, words: str
) -> None:
    page = resident.client.post(path, data=sent | {"form": "status"})
    assert page.status_code == 422
    assert title_of(page).startswith("Error: ")
    assert problems_of(page) == {field: words}


def test_with_a_file_that_is_no_photo_nothing_is_added_and_the_words_stay(
    app: Flask, council: Council, resident: Resident, path: str
) -> None:
    page = resident.client.post(
        path, **files(("ok.jpg", picture()), ("a.pdf", b"%PDF"), detail="It has grown")
    )
    assert problems_of(page) == {"photos": "a.pdf is not a photo. Choose a JPG, PNG, HEIC or WebP file"}
    assert "It has grown" in page.text
    with app.app_context(), reading(council.id) as session:
        assert session.scalars(sa.select(Photo)).all() == []
    assert list((app.config["SETTINGS"].data_dir / "files" / "uploads").glob("*/*")) == []


def test_a_report_does_not_grow_without_end(resident: Resident, path: str) -> None:
    for number in range(MOST_DETAILS_OF_REPORT):
        assert resident.client.post(path, data={"form": "x", "detail": f"More {number}"}).status_code == 303
    page = resident.client.post(path, data={"form": "x", "detail": "And more"})
    assert problems_of(page) == {
        "detail": "This report has had as many additions as it can take. Send a new one"
    }


def test_a_closed_report_takes_nothing_more(resident: Resident, path: str, officer: FlaskClient) -> None:
    decide(officer, decision="close")
    page = resident.client.post(path, data={"form": "x", "detail": "It is back"})
    assert problems_of(page) == {
        "detail": "We have finished with this report. If it is there again, send a new one"
    }
