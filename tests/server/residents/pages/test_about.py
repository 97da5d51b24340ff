"""Whose pages they are: one council or several, its own words and colour, privacy and accessibility."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from server.intake.reference import reference
from server.residents.council import (
    CouncilDetails,
    CouncilFileSchema,
    CouncilFileWrong,
    contrast_with_white,
    read_council_file,
)
from server.residents.wording import CATEGORIES, SIZES, WASTE
from tests.builders import Council, make_council
from tests.server.residents.pages.resident import Resident, SetClock, words_of

EXAMPLE = Path(__file__).parents[4] / "docs" / "council.toml"
PAGES = ("/report", "/privacy", "/accessibility")


def fill_in(app: Flask, text: str, slug: str = "north") -> Path:
    path = app.config["SETTINGS"].data_dir / "councils" / f"{slug}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return Path(path)


def test_pages_are_whole_before_a_council_filled_in_anything(resident: Resident) -> None:
    for path in PAGES:
        page = resident.get(path)
        assert page.status_code == 200
        assert "None" not in words_of(page)
    assert "has not said here yet how to reach its data protection officer" in words_of(
        resident.get("/privacy")
    )
    assert "has not yet said when it prepared this statement" in words_of(resident.get("/accessibility"))


def test_what_a_council_fills_in_shows_at_once(app: Flask, resident: Resident) -> None:
    resident.get("/report")
    fill_in(app, EXAMPLE.read_text())
    assert "01632 960000" in words_of(resident.get("/report"))
    assert "data.protection@example.gov.uk" in words_of(resident.get("/privacy"))
    assert "prepared on 22 November 2026" in words_of(resident.get("/accessibility"))
    assert resident.get("/council.css").text == ":root { --council: #0b5d3b; }\n"


def test_the_privacy_notice_says_who_outside_is_asked_about_positions(app: Flask, resident: Resident) -> None:
    assert "rounded" not in words_of(resident.get("/privacy"))
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, outside_services=("nominatim", "os_names", "os_places"))
    sentence = "we send its position, rounded to about ten metres and nothing else, to Ordnance Survey and a map server"
    assert sentence in words_of(resident.get("/privacy"))


def test_the_example_names_every_line_there_is() -> None:
    assert (
        set(tomllib.loads(EXAMPLE.read_text()))
        == set(CouncilFileSchema().fields)
        == set(CouncilDetails.__slots__)
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'colour = "#ffff00"',
            "north.toml: colour: White words cannot be read on this colour: choose a darker one",
        ),
        ('colour = "red; }"', "north.toml: colour: Give the colour as # and six figures, such as #0b5d3b"),
        ('website = "javascript:alert(1)"', "north.toml: website: Not a valid URL."),
        ('telephone = "1"', "north.toml: telephone: Unknown field."),
        ("colour =", "north.toml: Invalid value (at end of document)"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_the_form_stays_open(
    app: Flask, resident: Resident, text: str, words: str
) -> None:
    path = fill_in(app, text)
    with pytest.raises(CouncilFileWrong) as wrong:
        read_council_file(path)
    assert str(wrong.value) == words
    assert resident.get("/report").status_code == 200


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_where_several_councils_answer_a_person_chooses_and_stays_there(
    app: Flask, council: Council, clock: SetClock, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_council(app, other, slug="south", prefix="SO")
    resident = Resident(app, clock)
    for path in PAGES:
        page = resident.get(path)
        assert "Which council?" in words_of(page)
        assert f'href="{path}?council=south"' in page.text
    start = resident.get("/report?council=south")
    assert "South Borough" in words_of(start)
    assert 'href="/report/what?council=south"' in start.text
    asked = resident.get("/report/what?council=south")
    assert 'method="post" novalidate' in asked.text, "a form without an action keeps the council"
    response = resident.client.post("/report/what?council=south", data={"category": "graffiti"})
    assert response.location == "/report/where"
    assert "South Borough" in words_of(resident.get("/report/where"))
    assert resident.get("/report?council=nowhere").status_code == 404


def test_every_code_of_the_reference_lists_has_words_for_residents() -> None:
    for name, words in (("categories", CATEGORIES), ("waste", WASTE), ("sizes", SIZES)):
        assert {entry["code"] for entry in reference()[name]} == set(words)


def test_what_script_asks_for_is_there(resident: Resident) -> None:
    place = resident.get("/report/place.json?lat=52.5755&lon=-1.5445").json
    assert (place["label"], place["served"]) == ("Oldbury Road, Hartshill", True)
    assert resident.get("/report/place.json?lat=51.5&lon=-0.1").json["served"] is False
    assert resident.get("/report/place.json?lat=x").json == {"label": None, "served": False}
    drawn = resident.get("/report/map.json")
    kinds = {feature["properties"]["kind"] for feature in drawn.json["features"]}
    assert kinds == {"authority", "road", "locality"}
    again = resident.client.get("/report/map.json", headers={"If-None-Match": drawn.headers["ETag"]})
    assert again.status_code == 304


def test_the_front_door_shows_residents_first(resident: Resident) -> None:
    page = words_of(resident.get("/"))
    assert page.index("I live here") < page.index("I work on a crew")
