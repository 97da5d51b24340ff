"""`tipwatch hotspots surface` and `evaluate` on files."""

from __future__ import annotations

import csv
import io
import json
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
    earlier = json.loads(hotspots(*arguments, "--json", "--as-of", "2024-06-30").stdout)
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
    assert lists["Tipwatch"]["precision"] > 0.5 and lists["Tipwatch"]["hit"] > 0.5
    assert whole["run"]["scored"] == "points"
    said = hotspots(*arguments).stdout
    assert said.startswith("Surfaces, the next month (1 months, points), best first:\nmethod")
    assert json.loads(hotspots(*arguments, "--json").stdout) == whole


def test_a_back_test_of_fewer_and_of_incidents(town: tuple[Path, Path]) -> None:
    points, _ = town
    arguments = ("evaluate", "--input", points, "--train-months", 10, "--folds", 1, "--cell", 100, "--json")
    thinned = json.loads(hotspots(*arguments, "--thin", 0.5, "--draws", 2).stdout)
    assert (thinned["run"]["thinned_to"], thinned["run"]["draws"]) == (0.5, 2)
    incidents = json.loads(hotspots(*arguments, "--collapse").stdout)
    assert incidents["run"]["scored"] == "incidents" and incidents["run"]["points"] < 250
    short = hotspots("evaluate", "--input", points, "--as-of", "2024-03-01")
    assert short.exit_code == 1 and "too few whole months" in short.stderr
