"""Where is this? Each council by its own names and areas, brought in from plain files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.places.imports import import_areas, import_names
from server.store.transaction import transaction
from tests.builders import HERE, Council, make_council, sign_in
from workers.geocoding.sources.files import Account, WrongFile

REVERSE = "/api/v1/places/reverse"
MAP = "/api/v1/places/map"


@pytest.fixture
def crew(app: Flask, council: Council) -> FlaskClient:
    """A crew's browser."""
    return sign_in(app, council, "crew")


def where(client: FlaskClient, lat: float, lon: float) -> dict[str, Any]:
    """The place of a position."""
    return dict(client.get(REVERSE, query_string={"lat": lat, "lon": lon}).get_json())


def names_in(app: Flask, council: Council, path: Path) -> Account:
    """Import names from a file."""
    with app.app_context(), transaction(council.id) as session:
        return import_names(session, path)


def test_a_position_is_told_by_road_village_postcode_areas_and_grid(crew: FlaskClient) -> None:
    place = where(crew, *HERE)
    assert place["label"] == "Oldbury Road, Hartshill"
    assert (place["road"]["name"], place["locality"]["name"]) == ("Oldbury Road", "Hartshill")
    assert place["postcode"]["code"] == "CV10 0TD"
    assert [(area["kind"], area["code"]) for area in place["areas"]] == [
        ("authority", "X01"),
        ("ward", "X01W1"),
    ]
    # The worked point of the grid: Atherstone.
    assert abs(place["easting"] - 430965.042) < 0.2 and abs(place["northing"] - 297615.603) < 0.2
    assert place["in_area_served"] is True


def test_a_position_outside_is_told_to_be_so(crew: FlaskClient) -> None:
    in_england, in_france = where(crew, 51.5, -0.12), where(crew, 48.85, 2.35)
    assert in_england["in_area_served"] is False and in_england["grid_reference"].startswith("TQ")
    assert in_france["in_area_served"] is False and in_france["grid_reference"] is None
    assert (in_england["label"], in_france["label"]) == ("Nothing named within 5 km", "Outside Great Britain")
    assert in_france["easting"] is None and in_france["plus_code"]


def test_each_council_knows_its_own_names(
    app: Flask, council: Council, crew: FlaskClient, tmp_path: Path
) -> None:
    other = make_council(app, tmp_path, "south", "SW")
    file = tmp_path / "mine.csv"
    file.write_text("kind,name,lat,lon,geometry,source\nlocality,Only Here,52.5755,-1.5445,,own\n")
    assert names_in(app, council, file).rows == 1
    assert where(crew, *HERE)["locality"]["name"] == "Only Here"
    assert where(sign_in(app, other, "crew"), *HERE)["locality"]["name"] == "Hartshill"


def test_the_map_is_sent_again_only_when_it_changed(
    app: Flask, council: Council, crew: FlaskClient, tmp_path: Path
) -> None:
    first = crew.get(MAP)
    kinds = {feature["properties"]["kind"] for feature in first.get_json()["features"]}
    assert kinds == {"authority", "ward", "road", "locality"}
    known = {"If-None-Match": first.headers["ETag"]}
    assert crew.get(MAP, headers=known).status_code == 304
    file = tmp_path / "more.csv"
    file.write_text("kind,name,lat,lon\nlocality,New Arley,52.5,-1.58\n")
    names_in(app, council, file)
    changed = crew.get(MAP, headers=known)
    assert changed.status_code == 200 and "New Arley" in changed.text


def test_bad_rows_are_named_and_the_rest_goes_in(app: Flask, council: Council, tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text(
        "kind,name,lat,lon,geometry\n"
        "road,Good Lane,,,\"LINESTRING(-1.55 52.57, -1.54 52.58)\"\n"
        "castle,Bad Kind,52.5,-1.5,\n"
        "road,,52.5,-1.5,\n"
        "locality,No Numbers,north,west,\n"
        "locality,In France,48.85,2.35,\n"
        "road,Broken Line,,,\"LINESTRING(1 2\"\n"
    )  # fmt: skip
    done = names_in(app, council, file)
    assert done.rows == 1
    assert [problem.split(":")[0] for problem in done.problems] == [
        f"mixed.csv, line {line}" for line in range(3, 8)
    ]


def test_a_wrong_file_is_refused_with_what_was_expected(app: Flask, council: Council, tmp_path: Path) -> None:
    def refused(read: Any, text: str) -> str:
        file = tmp_path / "wrong"
        file.write_text(text)
        with app.app_context(), pytest.raises(WrongFile) as caught, transaction(council.id) as session:
            read(session, file)
        return str(caught.value)

    assert "missing: kind, name" in refused(import_names, "a,b\n1,2\n")
    assert "no row could be read" in refused(import_names, "kind,name,lat,lon\ncastle,x,1,2\n")
    assert "cannot be read as a GeoPackage or GeoJSON" in refused(import_areas, "kind,name\n")
    assert "cannot be read as a GeoPackage or GeoJSON" in refused(import_areas, json.dumps([1]))
    assert "empty" in refused(import_areas, json.dumps({"type": "FeatureCollection", "features": []}))


def test_importing_the_same_again_changes_nothing(
    app: Flask, council: Council, crew: FlaskClient, tmp_path: Path
) -> None:
    before = crew.get(MAP).get_json()
    names_in(app, council, tmp_path / "names.csv")
    with app.app_context(), transaction(council.id) as session:
        import_areas(session, tmp_path / "areas.geojson")
    assert crew.get(MAP).get_json() == before
