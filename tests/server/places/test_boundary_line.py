"""Boundary-Line gives a council its outline, wards and parishes, and the names of those over the border."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from server.places.imports import import_areas
from server.store.transaction import transaction
from tests.builders import Council, case_of, drain, make_phone, position, report_op, sign_in
from tests.workers.geocoding.sources.files import write_layer, zipped
from workers.geocoding.grid import from_grid

OWN, NEIGHBOUR, FAR = "E07000218", "E07000219", "E07000999"
# Metres of the National Grid: the council from 425 to 435 km east, its neighbour from there to 445 km.
BORDER, SOUTH, NORTH = 435_000, 290_000, 300_000
Feature = tuple[str, str, tuple[float, float, float, float]]

AUTHORITIES: tuple[Feature, ...] = (
    ("Nuneaton and Bedworth", NEIGHBOUR, (BORDER, SOUTH, 445_000, NORTH)),
    ("North Warwickshire", OWN, (425_000, SOUTH, BORDER, NORTH)),
    ("Far Away", FAR, (500_000, SOUTH, 510_000, NORTH)),
)
WARDS: tuple[Feature, ...] = (
    ("Hartshill", "E05007465", (430_000, SOUTH, BORDER, NORTH)),
    ("Atherstone Central", "E05007457", (425_000, SOUTH, 430_000, NORTH)),
    ("Weddington", "E05007480", (BORDER, SOUTH, 445_000, NORTH)),
)
PARISHES: tuple[Feature, ...] = (("Mancetter", "E04009660", (430_500, 297_000, 431_500, 298_000)),)


def boundary_line(
    path: Path, wards: tuple[Feature, ...] = WARDS, authorities: tuple[Feature, ...] = AUTHORITIES
) -> Path:
    """A GeoPackage with the layers and columns of Boundary-Line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    layers = {
        "district_borough_unitary": authorities,
        "district_borough_unitary_ward": wards,
        "parish": PARISHES,
    }
    for layer, features in layers.items():
        names, codes, boxes = zip(*features, strict=True)
        shapes = [shapely.MultiPolygon([shapely.box(*box)]) for box in boxes]
        write_layer(path, layer, shapes, {"Name": names, "Area_Code": codes}, kind="MultiPolygon")
    return path


@pytest.fixture
def bring_in(council: Council, typed: Callable[..., Result]) -> Callable[..., Result]:
    """`tipwatch import boundary-line` for the council."""
    return partial(typed, "import", "boundary-line")


def place_at(client: FlaskClient, easting: float, northing: float) -> dict[str, Any]:
    """The place of a grid point."""
    lat, lon = from_grid(easting, northing)
    return dict(client.get("/api/v1/places/reverse", query_string={"lat": lat, "lon": lon}).get_json())


def areas_of(place: dict[str, Any]) -> list[tuple[str, str]]:
    return [(area["kind"], area["name"]) for area in place["areas"]]


def test_it_gives_outline_wards_parishes_and_neighbours(
    app: Flask, council: Council, officer: FlaskClient, bring_in: Callable[..., Result], tmp_path: Path
) -> None:
    path = boundary_line(tmp_path / "Data/bdline_gb.gpkg")
    done = json.loads(bring_in(path.parent, "--code", OWN, "--json").stdout)
    assert (done["areas"], done["left_out"], done["problems"]) == (5, 0, [])
    here = place_at(officer, 430_965, 297_615)
    assert areas_of(here) == [
        ("authority", "North Warwickshire"), ("ward", "Hartshill"), ("parish", "Mancetter"),
    ]  # fmt: skip
    assert here["in_area_served"] and here["note"] is None
    assert areas_of(place_at(officer, 426_000, 297_615)) == [
        ("authority", "North Warwickshire"), ("ward", "Atherstone Central"),
    ]  # fmt: skip
    over = place_at(officer, BORDER + 100, 297_615)
    assert (
        not over["in_area_served"]
        and over["note"] == "Outside the area we serve: this is Nuneaton and Bedworth"
    )
    assert areas_of(over) == [("authority", "Nuneaton and Bedworth")]
    nobodys = place_at(officer, 500_500, 297_615)
    assert nobodys["note"] == "Outside the area we serve" and nobodys["areas"] == []
    west, _, east, _ = sign_in(app, council, "crew").get("/api/v1/session").get_json()["authority"]["bounds"]
    assert from_grid(BORDER, 295_000)[1] == pytest.approx(east, abs=0.002), (
        "the phone's map is of the council alone"
    )
    assert west < -1.6
    drawn = officer.get("/api/v1/places/map").get_json()["features"]
    outlines = [each["properties"]["name"] for each in drawn if each["properties"]["kind"] == "authority"]
    assert outlines == ["North Warwickshire"]


def test_a_report_from_over_the_border_says_whose_land_it_is(
    app: Flask, council: Council, officer: FlaskClient, bring_in: Callable[..., Result], tmp_path: Path
) -> None:
    assert bring_in(boundary_line(tmp_path / "b.gpkg"), "--code", OWN).exit_code == 0
    op = report_op(position=position(*from_grid(BORDER + 50, 297_615)))
    make_phone(app, council).push(op)
    drain(app)
    case = case_of(officer, op["entity_id"])
    assert "outside_area" in case["flags"]
    assert case["place"]["note"] == "Outside the area we serve: this is Nuneaton and Bedworth"


def test_reports_that_were_there_before_are_told_by_it_too(
    app: Flask, council: Council, officer: FlaskClient, bring_in: Callable[..., Result], tmp_path: Path
) -> None:
    op = report_op(position=position(*from_grid(430_965, 297_615)))
    make_phone(app, council).push(op)
    drain(app)
    assert ("parish", "Mancetter") not in areas_of(case_of(officer, op["entity_id"])["place"])
    assert bring_in(boundary_line(tmp_path / "b.gpkg"), "--code", OWN).exit_code == 0
    drain(app)
    assert ("parish", "Mancetter") in areas_of(case_of(officer, op["entity_id"])["place"])


def test_it_is_read_from_the_zip_that_it_is_downloaded_as(
    officer: FlaskClient, bring_in: Callable[..., Result], tmp_path: Path
) -> None:
    boundary_line(tmp_path / "unpacked/Data/bdline_gb.gpkg")
    (tmp_path / "unpacked/Doc").mkdir()
    (tmp_path / "unpacked/Doc/licence.txt").write_text("Open Government Licence")
    done = bring_in(zipped(tmp_path / "unpacked", tmp_path / "bdline_gpkg_gb.zip"), "--code", OWN)
    assert "5 areas are in, 0 rows were left out." in done.output
    assert ("parish", "Mancetter") in areas_of(place_at(officer, 430_965, 297_615))


def test_a_new_edition_takes_the_place_of_the_old_and_needs_no_code(
    officer: FlaskClient, bring_in: Callable[..., Result], tmp_path: Path
) -> None:
    bring_in(boundary_line(tmp_path / "a.gpkg"), "--code", OWN)
    first = place_at(officer, 426_000, 297_615)
    again = bring_in(tmp_path / "a.gpkg")
    assert again.exit_code == 0 and place_at(officer, 426_000, 297_615) == first
    merged: tuple[Feature, ...] = (
        ("Hartshill and Atherstone", "E05099999", (425_000, SOUTH, BORDER, NORTH)),
    )
    done = bring_in(boundary_line(tmp_path / "b.gpkg", merged, AUTHORITIES[1:]))
    assert "3 areas are in, 0 rows were left out." in done.output
    assert areas_of(place_at(officer, 426_000, 297_615)) == [
        ("authority", "North Warwickshire"), ("ward", "Hartshill and Atherstone"),
    ]  # fmt: skip
    assert place_at(officer, BORDER + 100, 297_615)["areas"] == [], "nor is the old neighbour kept"


def test_what_cannot_be_read_is_said_and_changes_nothing(
    officer: FlaskClient, bring_in: Callable[..., Result], tmp_path: Path
) -> None:
    before = place_at(officer, 430_965, 297_615)
    whole = boundary_line(tmp_path / "b.gpkg")
    write_layer(
        tmp_path / "parish.gpkg", "parish", [shapely.box(0, 0, 1, 1)], {"Name": ["x"], "Area_Code": ["y"]}
    )
    (tmp_path / "none").mkdir()
    for path, arguments, says in (
        (whole, ["--code", "E07000000"], "no authority has the code E07000000"),
        (tmp_path / "parish.gpkg", ["--code", OWN], "there is no layer district_borough_unitary"),
        (tmp_path / "none", ["--code", OWN], "there is no .gpkg file; expected: the GeoPackage of Boundary-Line"),
    ):  # fmt: skip
        refused = bring_in(path, *arguments)
        assert refused.exit_code == 1 and says in refused.output, refused.output
    assert place_at(officer, 430_965, 297_615) == before
    nameless: tuple[Feature, ...] = (*WARDS, ("", "E05000000", (425_000, SOUTH, 426_000, NORTH)))
    done = bring_in(boundary_line(tmp_path / "c.gpkg", nameless), "--code", OWN)
    assert "5 areas are in, 1 rows were left out." in done.output
    assert "c.gpkg, district_borough_unitary_ward 4: code and name must not be empty" in done.output


def test_neighbours_from_any_file_of_areas_are_not_served_either(
    app: Flask, council: Council, officer: FlaskClient, tmp_path: Path
) -> None:
    """The council's own outline came first; a later one with another code is somebody else's."""
    ring = [[-1.40, 52.45], [-1.30, 52.45], [-1.30, 52.65], [-1.40, 52.65], [-1.40, 52.45]]
    feature = {"type": "Feature", "properties": {"kind": "authority", "code": "X02", "name": "Next Door"},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    file = tmp_path / "next.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with app.app_context(), transaction(council.id) as session:
        import_areas(session, file)
    place = officer.get("/api/v1/places/reverse", query_string={"lat": 52.55, "lon": -1.35}).get_json()
    assert not place["in_area_served"] and place["note"] == "Outside the area we serve: this is Next Door"
    bounds = sign_in(app, council, "crew").get("/api/v1/session").get_json()["authority"]["bounds"]
    assert bounds == [-1.7, 52.45, -1.4, 52.65]
