"""`tipwatch import` for what is a council's own: its names, its areas, and its reports placed anew by them."""

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

from tests.builders import (
    Council,
    case_of,
    drain,
    make_council,
    make_phone,
    position,
    report_op,
    sign_in,
)
from tests.workers.geocoding.sources.files import write_csv, write_layer, zipped
from workers.geocoding.grid import from_grid

NAMES = ("kind", "name", "lat", "lon")
# A round point of the National Grid a mile from every road of the council.
EASTING, NORTHING = 432_000, 299_000
LAT, LON = from_grid(EASTING, NORTHING)
AROUND = shapely.box(EASTING - 500, NORTHING - 500, EASTING + 500, NORTHING + 500)


def place_at(client: FlaskClient, lat: float = LAT, lon: float = LON) -> dict[str, Any]:
    """The place of a position."""
    return dict(client.get("/api/v1/places/reverse", query_string={"lat": lat, "lon": lon}).get_json())


def own_areas(client: FlaskClient) -> list[tuple[str, str, str]]:
    """Of the areas around the point those that the council did not begin with."""
    areas = place_at(client)["areas"]
    return [
        (area["kind"], area["code"], area["name"]) for area in areas if not area["code"].startswith("X01")
    ]


def geojson(path: Path, *properties: dict[str, str]) -> Path:
    """Squares of 0.02 degrees around the point, one for each of the properties."""
    square = shapely.geometry.mapping(shapely.box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01))
    features = [{"type": "Feature", "properties": each, "geometry": square} for each in properties]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def names_file(folder: Path) -> Path:
    return write_csv(folder / "own.csv", [("road", "Quarry Track", LAT, LON)], header=NAMES)


def areas_file(folder: Path) -> Path:
    return geojson(folder / "beats.geojson", {"kind": "beat", "code": "B7", "name": "Rural North"})


@pytest.mark.parametrize(
    ("word", "file", "new"),
    [("gazetteer", names_file, "Quarry Track"), ("areas", areas_file, "Rural North")],
)
def test_every_report_is_placed_anew_by_what_came_in(
    app: Flask, council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path,
    word: str, file: Callable[[Path], Path], new: str,
) -> None:  # fmt: skip
    op = report_op(position=position(LAT, LON))
    make_phone(app, council).push(op)
    drain(app)
    before = case_of(officer, op["entity_id"])["place"]
    assert before["label"] == "near Hartshill" and new not in json.dumps(before)
    done = typed("import", word, file(tmp_path))
    assert done.exit_code == 0, done.output
    drain(app)
    assert new in json.dumps(case_of(officer, op["entity_id"])["place"])


def test_own_names_from_all_files_of_a_folder(
    council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    write_csv(tmp_path / "own/lanes.csv", [("road", "Quarry Track", LAT, LON)], header=NAMES)
    write_csv(
        tmp_path / "own/more/spots.csv",
        [("landmark", "Old Kiln", LAT, LON), ("landmark", "Nowhere", "?", LON)],
        header=NAMES,
    )
    for path in (tmp_path / "own", zipped(tmp_path / "own", tmp_path / "own.zip")):
        done = typed("import", "gazetteer", path)
        assert "2 names are in, 1 rows were left out." in done.stdout, done.output
        assert done.stderr.strip() == "more/spots.csv, line 3: lat and lon must be numbers in degrees"
        place = place_at(officer)
        assert (place["road"]["name"], place["road"]["source"]) == ("Quarry Track", "lanes")
        assert (place["landmark"]["name"], place["landmark"]["source"]) == ("Old Kiln", "spots")


def test_a_name_of_several_files_is_found_once_and_stays_while_one_source_has_it(
    council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    """Files of one source are replaced together, those of other sources left as they are."""
    survey = partial(write_csv, header=(*NAMES, "source"))
    survey(tmp_path / "own/a.csv", [("road", "Quarry Track", LAT, LON, "survey")])
    survey(tmp_path / "own/b.csv", [("road", "quarry track", LAT, LON, "survey")])
    survey(tmp_path / "own/c.csv", [("landmark", "Old Kiln", LAT, LON, "survey")])
    write_csv(tmp_path / "own/d.csv", [("road", "Quarry Track", LAT, LON)], header=NAMES)

    def found(words: str) -> list[str]:
        answer = officer.get("/api/v1/places/search", query_string={"q": words}).get_json()
        return [item["name"].title() for item in answer["items"]]

    for _ in range(2):
        done = typed("import", "gazetteer", tmp_path / "own")
        assert "4 names are in, 0 rows were left out." in done.output
        assert (found("quarry track"), found("old kiln")) == (["Quarry Track"], ["Old Kiln"])
        drawn = officer.get("/api/v1/places/map").get_json()["features"]
        assert sum(each["properties"]["name"].title() == "Quarry Track" for each in drawn) == 3
    survey(tmp_path / "newer.csv", [("road", "Kiln Lane", LAT, LON, "survey")])
    assert typed("import", "gazetteer", tmp_path / "newer.csv").exit_code == 0
    assert (found("quarry track"), found("kiln")) == (["Quarry Track"], ["Kiln Lane"])


def test_areas_are_taken_by_the_kind_and_columns_that_are_named(
    council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    """The file has columns of the usual names too, which hold something else."""
    file = geojson(
        tmp_path / "orders.geojson",
        {"kind": "ward", "code": "row 1", "name": "see title", "Order_No": "P12", "Title": "Dogs on leads"},
    )
    named = ("--kind", "pspo", "--code", "order_no", "--name", "title")
    done = typed("import", "areas", file, *named, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"areas": 1, "left_out": 0, "problems": []}
    assert own_areas(officer) == [("pspo", "P12", "Dogs on leads")]
    refused = typed("import", "areas", file, "--code", "order", "--kind", "beat")
    assert refused.exit_code == 1 and "there is no column order; expected: " in refused.output
    refused = typed("import", "areas", file, "--name", "heading", "--kind", "beat")
    assert refused.exit_code == 1 and "there is no column heading; expected: " in refused.output
    assert typed("import", "areas", file, "--kind", "castle").exit_code == 2
    assert own_areas(officer) == [("pspo", "P12", "Dogs on leads")]


def test_areas_of_every_kind_come_from_one_file_by_its_column(
    council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    kinds = ("authority", "ward", "parish", "beat", "pspo")
    file = geojson(tmp_path / "all.geojson", *({"kind": each, "code": "C", "name": each} for each in kinds))
    done = typed("import", "areas", file)
    assert "5 areas are in, 0 rows were left out." in done.output
    assert own_areas(officer) == [(each, "C", each) for each in kinds]


def test_a_file_of_areas_without_a_kind_is_refused_until_it_is_said(
    council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    file = geojson(tmp_path / "beats.geojson", {"code": "B7", "name": "Rural North"})
    refused = typed("import", "areas", file)
    assert refused.exit_code == 1 and "there is no column kind, and no --kind was given" in refused.output
    assert own_areas(officer) == []
    assert typed("import", "areas", file, "--kind", "beat").exit_code == 0
    assert own_areas(officer) == [("beat", "B7", "Rural North")]


def test_areas_from_a_geopackage_in_metres_by_the_columns_of_the_statistics_office(
    council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    far = shapely.box(500_000, 200_000, 501_000, 201_000)
    columns = {"WD24CD": ["E05000001", "E05000002"], "WD24NM": ["Quarry", "Far Away"]}
    write_csv(tmp_path / "wards/read-me.csv", [("about", "wards")])
    write_layer(tmp_path / "wards/wards.gpkg", "wards", [AROUND, far], columns)
    for path in (tmp_path / "wards", zipped(tmp_path / "wards", tmp_path / "wards.zip")):
        done = typed("import", "areas", path)
        assert "2 areas are in, 0 rows were left out." in done.output
        assert own_areas(officer) == [("ward", "E05000001", "Quarry")]
        over_the_edge = from_grid(EASTING + 502, NORTHING)
        assert "Quarry" not in json.dumps(place_at(officer, *over_the_edge)["areas"])
        assert "Quarry" in json.dumps(place_at(officer, *from_grid(EASTING + 498, NORTHING))["areas"])


def test_with_several_councils_it_is_said_whose_they_are(
    app: Flask, council: Council, officer: FlaskClient, typed: Callable[..., Result], tmp_path: Path
) -> None:
    other = sign_in(app, make_council(app, tmp_path, "south", "SW"), "officer")
    file = names_file(tmp_path)
    refused = typed("import", "gazetteer", file)
    assert refused.exit_code == 1 and "Say which council" in refused.output
    assert typed("import", "gazetteer", file, "--authority", "south").exit_code == 0
    assert place_at(officer)["label"] == "near Hartshill"
    assert place_at(other)["label"] == "Quarry Track, Hartshill"
