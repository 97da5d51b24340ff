"""`tipwatch geocode` as an operator types it: where a position is, where a name is, and what is wrong with figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from server.places.commands import GEOCODE_LIMIT
from server.places.imports import import_names
from server.store.transaction import transaction
from tests.builders import HERE, Council, make_council

OLDBURY_ROAD = "Oldbury Road, Hartshill  SP"


@pytest.fixture
def told(council: Council, typed: Callable[..., Result]) -> Callable[..., str]:
    """What is printed for words that can be looked up."""

    def run(*words: str) -> str:
        done = typed("geocode", *words)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        return done.stdout

    return run


PRINTED = {
    ("52.5755", "-1.5445"): f"{OLDBURY_ROAD} 30965 97615\n",
    ("52.5755,", "-1.5445"): f"{OLDBURY_ROAD} 30965 97615\n",
    ("52.5755, -1.5445",): f"{OLDBURY_ROAD} 30965 97615\n",
    ("SP", "309", "976"): f"{OLDBURY_ROAD} 30949 97650\n",
    ("9C4WHFG4+66",): f"{OLDBURY_ROAD} 30969 97622\n",
    ("HFG4+66", "Hartshill"): f"{OLDBURY_ROAD} 30969 97622\n",
    ("oldbury", "rd"): f"{OLDBURY_ROAD} 30965 97615\n",
    ("cv100td",): "CV10 0TD, Hartshill  SP 30998 97638\n",
    ("lane",): "Folly Lane, Corley  SP 27928 89310\nMarsh Lane  SK 24479 00415\n",
    ("51.5", "-0.12"): "Nothing named within 5 km  TQ 30589 79570\nOutside the area we serve\n",
    ("48.85", "2.35"): "Outside Great Britain\n",
    ("zzzz",): "Nothing of that name is known.\n",
}


def test_a_line_for_each_place_that_was_found(told: Callable[..., str]) -> None:
    assert {words: told(*words) for words in PRINTED} == PRINTED


def test_three_words_come_back_with_what_to_do(told: Callable[..., str]) -> None:
    name, advice = told("///Filled.Count.Soap").splitlines()
    assert name == "///filled.count.soap" and "add a street or a grid reference" in advice


def test_of_very_many_names_the_best_are_printed(
    app: Flask, council: Council, told: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "spots.csv"
    rows = [f"landmark,Spot {n:02},{52.5 + n / 1000:.3f},-1.5\n" for n in range(GEOCODE_LIMIT + 5)]
    file.write_text("kind,name,lat,lon\n" + "".join(rows))
    with app.app_context(), transaction(council.id) as session:
        import_names(session, file)
    assert len(told("spot").splitlines()) == GEOCODE_LIMIT


def test_as_json_a_position_is_what_the_api_says_and_names_are_a_list(
    officer: FlaskClient, told: Callable[..., str]
) -> None:
    place = officer.get("/api/v1/places/reverse", query_string=dict(zip(("lat", "lon"), HERE, strict=True)))
    assert json.loads(told("52.5755", "-1.5445", "--json")) == place.get_json()
    items = officer.get("/api/v1/places/search", query_string={"q": "lane"}).get_json()["items"]
    assert len(items) == 2 and json.loads(told("--json", "lane")) == {"items": items}
    assert json.loads(told("zzzz", "--json")) == {"items": []}


REFUSED = {
    ("91.0", "0.5"): "Latitude runs from -90 to 90 and longitude from -180 to 180, such as 52.5755, -1.5445.",
    ("SP", "30", "9"): "Give the same number of figures each way, not 2 and 1.",
    ("XX", "309", "976"): "XX is not a square of the National Grid. Check the two letters.",
    ("999999", "9999999"): "That point is not on the British National Grid.",
    ("HFG4+66", "Nowhereby"): "No place called Nowhereby is known here. Give the whole plus code.",
}


def test_figures_that_cannot_be_are_refused_with_what_is_wrong(
    council: Council, typed: Callable[..., Result]
) -> None:
    for words, says in REFUSED.items():
        refused = typed("geocode", *words)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", f"Error: {says}\n")


def test_without_words_it_says_how_it_is_used(council: Council, typed: Callable[..., Result]) -> None:
    refused = typed("geocode")
    assert refused.exit_code == 2 and "Usage: tipwatch geocode [OPTIONS] WHERE..." in refused.stderr


def test_with_several_councils_it_is_said_whose_names_answer(
    app: Flask, council: Council, typed: Callable[..., Result], tmp_path: Path
) -> None:
    other = make_council(app, tmp_path, "south", "SW")
    file = tmp_path / "mine.csv"
    file.write_text("kind,name,lat,lon\nlandmark,Secret Depot,52.5755,-1.5445\n")
    with app.app_context(), transaction(other.id) as session:
        import_names(session, file)
    refused = typed("geocode", "secret", "depot")
    assert refused.exit_code == 1 and "Say which council" in refused.stderr
    assert (
        typed("geocode", "secret", "depot", "--authority", "north").stdout
        == "Nothing of that name is known.\n"
    )
    found = typed("geocode", "--authority", "south", "secret", "depot")
    assert found.stdout == "Secret Depot, Hartshill  SP 30965 97615\n"
