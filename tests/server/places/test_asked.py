"""Places asked for over HTTP: who may ask, what is refused and how it is said, and whose names answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.places.imports import import_names
from server.store.transaction import transaction
from tests.builders import HERE, Council, browser, make_council, sign_in

REVERSE, SEARCH, MAP = "/api/v1/places/reverse", "/api/v1/places/search", "/api/v1/places/map"
HARTSHILL = {"lat": 52.5755, "lon": -1.5445}


@pytest.fixture
def crew(app: Flask, council: Council) -> FlaskClient:
    """A crew's browser."""
    return sign_in(app, council, "crew")


def found(client: FlaskClient, q: str, **more: Any) -> list[dict[str, Any]]:
    """What a search finds."""
    answer = client.get(SEARCH, query_string={"q": q, **more})
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["next"] is None
    return list(answer.get_json()["items"])


def test_only_who_is_signed_in_is_answered(app: Flask, council: Council) -> None:
    asked = {REVERSE: HARTSHILL, SEARCH: {"q": "oldbury"}, MAP: {}}
    for path, query in asked.items():
        refused = browser(app).get(path, query_string=query)
        assert (refused.status_code, refused.get_json()["code"]) == (401, "signed_out"), path
        assert "Oldbury" not in refused.text
        for role in ("crew", "officer", "manager", "admin"):
            assert sign_in(app, council, role).get(path, query_string=query).status_code == 200, (path, role)


@pytest.mark.parametrize(
    ("path", "query", "field", "says"),
    [
        (REVERSE, {"lon": -1.5}, "lat", "Missing"),
        (REVERSE, {"lat": 91, "lon": -1.5}, "lat", "Latitude runs from -90 to 90"),
        (REVERSE, {"lat": 52, "lon": -181}, "lon", "Longitude runs from -180 to 180"),
        (REVERSE, {"lat": "north", "lon": -1.5}, "lat", "number"),
        (REVERSE, {"lat": "nan", "lon": -1.5}, "lat", "nan"),
        (SEARCH, {}, "q", "Missing"),
        (SEARCH, {"q": ""}, "q", "Type 1 to 200 characters"),
        (SEARCH, {"q": "x" * 201}, "q", "Type 1 to 200 characters"),
        (SEARCH, {"q": "a", "limit": 0}, "limit", "Ask for 1 to 50"),
        (SEARCH, {"q": "a", "limit": 51}, "limit", "Ask for 1 to 50"),
        (SEARCH, {"q": "a", "lat": 91, "lon": 0}, "lat", "Latitude runs from -90 to 90"),
        (SEARCH, {"q": "SP 30 9"}, "q", "same number of figures each way"),
        (SEARCH, {"q": "91.0, 0.5"}, "q", "Latitude runs from -90 to 90"),
        (SEARCH, {"q": "HFG4+66 Nowhereby"}, "q", "No place called Nowhereby is known here"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_field_and_the_fix(
    crew: FlaskClient, path: str, query: dict[str, Any], field: str, says: str
) -> None:
    refused = crew.get(path, query_string=query)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")
    assert says in " ".join(refused.get_json()["errors"][field])


def test_a_name_a_postcode_and_figures_find_their_place(crew: FlaskClient) -> None:
    for typed in ("Oldbury Road", "oldbury rd", "olbdury road", "oldb"):
        assert [item["label"] for item in found(crew, typed)] == ["Oldbury Road, Hartshill"] or (
            found(crew, typed)[0]["name"] == "Oldbury Road"
        ), typed
    (unit,) = found(crew, "cv100td")
    assert (unit["kind"], unit["name"]) == ("postcode", "CV10 0TD")
    for typed, kind in (
        ("SP 30965 97615", "grid_reference"), ("52.5755, -1.5445", "lat_lon"), ("9C4WHFG4+66", "plus_code"),
        ("HFG4+66 Hartshill", "plus_code"), ("HFG4+66", "plus_code"),
    ):  # fmt: skip
        (item,) = found(crew, typed)
        assert item["kind"] == kind and item["label"].endswith("Oldbury Road, Hartshill"), typed
        assert abs(item["lat"] - HERE[0]) < 0.0002 and abs(item["lon"] - HERE[1]) < 0.0002, typed
    (words,) = found(crew, "///Filled.Count.Soap")
    assert (words["kind"], words["name"], words["lat"]) == ("three_words", "///filled.count.soap", None)
    assert "kept as they are" in words["note"]
    assert found(crew, "zzzz") == []


def test_what_is_near_the_person_comes_first(crew: FlaskClient) -> None:
    near_corley = {"lat": 52.5, "lon": -1.595}
    assert [item["name"] for item in found(crew, "lane")] != []
    assert found(crew, "lane", **near_corley)[0]["name"] == "Folly Lane"
    assert found(crew, "lane", lat=52.6, lon=-1.645)[0]["name"] == "Marsh Lane"
    assert found(crew, "lane", **near_corley)[0]["distance_m"] < 500
    assert len(found(crew, "lane", limit=1)) == 1


def test_two_councils_never_see_each_others_names(
    app: Flask, council: Council, crew: FlaskClient, tmp_path: Path
) -> None:
    south = sign_in(app, make_council(app, tmp_path, "south", "SW"), "crew")
    file = tmp_path / "mine.csv"
    file.write_text("kind,name,lat,lon,source\nlandmark,Secret Depot,52.5755,-1.5445,own\n")
    with app.app_context(), transaction(council.id) as session:
        import_names(session, file)
    assert [item["name"] for item in found(crew, "secret depot")] == ["Secret Depot"]
    assert found(south, "secret depot") == []
    assert south.get(REVERSE, query_string=HARTSHILL).get_json()["landmark"] is None
    mine, theirs = crew.get(MAP), south.get(MAP)
    assert "Secret Depot" in mine.get_json()["names"]["texts"]
    assert "Secret Depot" not in theirs.text
    assert mine.headers["ETag"] != theirs.headers["ETag"]
    assert "private" in mine.headers["Cache-Control"]


def test_the_names_a_phone_searches_come_with_the_map(crew: FlaskClient) -> None:
    names = crew.get(MAP).get_json()["names"]
    texts = names["texts"].split("\n")
    roads = {texts[text] for kind, text in zip(names["kinds"], names["text"], strict=True) if kind == "r"}
    assert roads == {"Oldbury Road", "Folly Lane", "Marsh Lane"}
    assert names["postcodes"].split("\n") == ["CV100TD"]
    lat = names["south"] + names["postcode_lat"][0] / 100_000
    lon = names["west"] + names["postcode_lon"][0] / 100_000
    assert abs(lat - 52.5757) < 0.00002 and abs(lon + 1.5440) < 0.00002
