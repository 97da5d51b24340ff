"""`tipwatch hotspots surface` and `evaluate` on files."""

from __future__ import annotations

import csv
import io
import json
import math
import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli import tipwatch

SOUTH, WEST, METRE = 39.95, -75.2, 1 / 111_000


def hotspots(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(tipwatch, ["hotspots", *map(str, arguments)])


@pytest.fixture
def town(tmp_path: Path) -> tuple[Path, Path]:
    """A year of points in a square of a kilometre, half of them at one gate, and the square."""
    chance, lines = random.Random(1), []
    for number in range(366):
        north, east = (510, 510) if number % 2 else (chance.uniform(0, 1000), chance.uniform(0, 1000))
        day = date(2024, 1, 1) + timedelta(days=number)
        lines.append(f"{number},{day},{SOUTH + north * METRE:.7f},{WEST + east * METRE / 0.7667:.7f}")
    points, boundary = tmp_path / "points.csv", tmp_path / "boundary.geojson"
    points.write_text("\n".join(["id,date,lat,lon", *lines]))
    side = 1000 * METRE
    ring = [[WEST, SOUTH], [WEST + side / 0.7667, SOUTH], [WEST + side / 0.7667, SOUTH + side], [WEST, SOUTH + side],
            [WEST, SOUTH]]  # fmt: skip
    boundary.write_text(
        json.dumps(
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    )
    return points, boundary


def test_every_cell_inside_best_first(town: tuple[Path, Path]) -> None:
    points, boundary = town
    arguments = ("surface", "--input", points, "--boundary", boundary, "--cell", 50)
    written = hotspots(*arguments)
    assert written.exit_code == 0, written.output
    rows = list(csv.DictReader(io.StringIO(written.stdout)))
    assert list(rows[0]) == ["x", "y", "lat", "lon", "score"]
    help_said = " ".join(hotspots("surface", "--help").output.split())
    assert re.search(r"Columns: x, y \(.*?\), lat, lon, score:", help_said), "as printed"
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0
    assert 380 <= len(rows) <= 420 and len({(row["x"], row["y"]) for row in rows}) == len(rows)
    assert abs(float(rows[0]["lat"]) - SOUTH - 510 * METRE) < 50 * METRE
    assert sum(scores) == pytest.approx(30, abs=2), "one a day, the next thirty days"
    as_json = json.loads(hotspots(*arguments, "--json", "--top", 2).stdout)
    assert [str(row["score"]) for row in as_json["items"]] == [row["score"] for row in rows[:2]]
    assert as_json["run"]["grid"] == "UTM zone 18N" and as_json["run"]["cells"] == len(rows)
    assert sum(part["weight"] for part in as_json["run"]["mixture"]) == pytest.approx(1, abs=1e-3)
    shapes = json.loads(hotspots(*arguments, "--format", "geojson", "--mixture", "fixed").stdout)
    assert len(shapes["features"]) == len(rows)
    assert (as_json["run"]["scored"], as_json["run"]["points"]) == ("points", 366)
    assert written.stderr == "366 points scored.\n"
    fewer = json.loads(hotspots(*arguments, "--json", "--collapse").stdout)
    assert fewer["run"]["scored"] == "incidents" and fewer["run"]["points"] < 250
    foretold = sum(cell["score"] for cell in fewer["items"])
    assert foretold < sum(scores) - 5, "fewer to come, for repeats are no incidents"
    earlier = json.loads(hotspots(*arguments, "--json", "--as-of", "2024-06-30").stdout)
    assert earlier["run"]["points"] == 182, "up to that day"
    assert earlier["run"]["as_of"] == "2024-06-30"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "is not GeoJSON"),
        ("[]", "is not GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "no polygon"),
        ('{"type": "Point", "coordinates": [1, 2]}', "no polygon"),
        (
            '{"type": "Polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 50]]]}',
            "reaches beyond the UTM zone 18N",
        ),
    ],
)
def test_a_boundary_that_cannot_be_used_says_why(
    town: tuple[Path, Path], tmp_path: Path, text: str, said: str
) -> None:
    wrong = tmp_path / "wrong.geojson"
    wrong.write_text(text)
    result = hotspots("surface", "--input", town[0], "--boundary", wrong, "--cell", 5000)
    assert result.exit_code == 1 and said in result.stderr, result.output
    assert hotspots("surface", "--input", town[0]).exit_code == 2


def test_a_back_test_of_all_in_one_run(town: tuple[Path, Path]) -> None:
    points, boundary = town
    arguments = (
        "evaluate",
        "--input",
        points,
        "--boundary",
        boundary,
        "--train-months",
        6,
        "--folds",
        1,
        "--cell",
        50,
    )
    whole: dict[str, Any] = json.loads(hotspots(*arguments, "--json").stdout)
    surfaces = {row["method"]: row for row in whole["surfaces"]}
    assert {"Tipwatch", "grid 50 m count", "grid 100 m count", "grid 200 m count", "KDE 50 m", "Gi* 100 m",
            "DBSCAN 50 m, min 3"} <= set(surfaces)  # fmt: skip
    assert surfaces["Tipwatch"]["hit_1"] >= 0.45, "half of all come at the gate"
    assert surfaces["Tipwatch"]["pai_1"] == pytest.approx(100 * surfaces["Tipwatch"]["hit_1"], rel=1e-4)
    lists = {row["method"]: row for row in whole["lists"]}
    assert set(lists) == {"Tipwatch", "grid 100 m cells", "grid 200 m cells", "KDE 50 m peaks", "DBSCAN 50 m, min 3",
                          "DBSCAN 100 m, min 5"}  # fmt: skip
    assert lists["Tipwatch"]["precision"] > 0.5 and lists["Tipwatch"]["hit"] > 0.5
    assert whole["run"]["scored"] == "points"
    said = hotspots(*arguments).stdout
    assert said.startswith("Surfaces, the next month (1 months, points), best first:\nmethod")
    assert json.loads(hotspots(*arguments, "--json").stdout) == whole


def test_a_back_test_prints_the_figures_that_it_gives_as_json(town: tuple[Path, Path]) -> None:
    points, boundary = town
    arguments = ("evaluate", "--input", points, "--boundary", boundary, "--train-months", 6, "--folds", 2)
    whole: dict[str, Any] = json.loads(hotspots(*arguments, "--json").stdout)
    first, of_surfaces, second, of_lists = printed(hotspots(*arguments).stdout)
    assert first == "Surfaces, the next month (2 months, points), best first:"
    assert second == "Lists of 20 places, the next three months:"
    assert {"method", "hit_1", "pai_1", "hit_5", "pai_5"} <= set(of_surfaces[0])
    assert {"method", "hit", "pai", "precision", "overlap", "places"} <= set(of_lists[0])
    for rows, given in ((of_surfaces, whole["surfaces"]), (of_lists, whole["lists"])):
        assert [
            {name: text if name == "method" else float(text) for name, text in row.items()} for row in rows
        ] == [
            {name: value if name == "method" else float(f"{value:.4g}") for name, value in row.items()}
            for row in given
        ]


def printed(text: str) -> tuple[str, list[dict[str, str]], str, list[dict[str, str]]]:
    """Two tables, each with the line above it; columns are two blanks or more apart."""
    found: list[tuple[str, list[dict[str, str]]]] = []
    for part in text.strip().split("\n\n"):
        title, *lines = part.splitlines()
        heading, *rows = (re.split(r" {2,}", line.strip()) for line in lines)
        found.append((title, [dict(zip(heading, row, strict=True)) for row in rows]))
    (first, surfaces), (second, lists) = found
    return first, surfaces, second, lists


def test_the_figures_of_a_list_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    """Twenty places lead until June, in July five others overtake; after that the first alone is hit again."""
    usual = [(place, month) for place in range(20) for month in (1, 2, 3, 4)]
    rising = [(place, month) for place in range(20, 25) for month in (1, 2, 3, 7, 7, 7)]
    later = [(0, 5), *((0, month) for month in (8, 8, 8, 9, 9)), (50, 10)]
    lines = [
        f"{number},2024-{month:02d}-29,{430_000 + 400 * place},297000"
        for number, (place, month) in enumerate(usual + rising + later)
    ]
    path = tmp_path / "places.csv"
    path.write_text("\n".join(["id,date,easting,northing", *lines]))
    arguments = ("evaluate", "--input", path, "--train-months", 6, "--folds", 2)
    _, _, _, lists = printed(hotspots(*arguments).stdout)
    ours = next(row for row in lists if row["method"] == "Tipwatch")
    area = json.loads(hotspots(*arguments, "--json").stdout)["run"]["area_m2"]
    # Of July to September 5 of 20 come at a place of the list, of August to October 5 of 6.
    hit = (5 / 20 + 5 / 6) / 2
    assert float(ours["hit"]) == pytest.approx(hit, rel=1e-3)
    assert float(ours["pai"]) == pytest.approx(hit / (20 * math.pi * 100**2 / area), rel=1e-3)
    assert (ours["places"], ours["precision"], ours["overlap"]) == ("20", "0.05", "0.75")


def test_a_back_test_of_fewer_and_of_incidents(town: tuple[Path, Path]) -> None:
    points, _ = town
    arguments = ("evaluate", "--input", points, "--train-months", 10, "--folds", 1, "--cell", 100, "--json")
    thinned = json.loads(hotspots(*arguments, "--thin", 0.5, "--draws", 2).stdout)
    assert (thinned["run"]["thinned_to"], thinned["run"]["draws"]) == (0.5, 2)
    incidents = json.loads(hotspots(*arguments, "--collapse").stdout)
    assert incidents["run"]["scored"] == "incidents" and incidents["run"]["points"] < 250
    short = hotspots("evaluate", "--input", points, "--as-of", "2024-03-01")
    assert short.exit_code == 1 and "too few whole months" in short.stderr
