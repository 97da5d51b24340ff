"""`tipwatch hotspots effect` on files: what fell, what moved, and what cannot be told."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli import tipwatch

START = date(2026, 6, 1)
EAST, NORTH = 430_000, 297_000


def asked(*arguments: object) -> Result:
    """The command, as it is typed."""
    return CliRunner().invoke(tipwatch, ["hotspots", "effect", *map(str, arguments)])


def whole(path: Path, *arguments: object) -> dict[str, Any]:
    """What it says as JSON."""
    done = asked("--input", path, "--start", START, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def hits(name: str, east: float, north: float, before: int, after: int) -> list[str]:
    """Points spread over the 80 days before the start and the 80 after."""
    days = [-1 - 79 * n // max(before, 1) for n in range(before)] + [
        80 * n // max(after, 1) for n in range(after)
    ]
    return [
        f"{name}{n},{START + timedelta(days=day)},{east + 30 * math.sin(n):.1f},{north + 30 * math.cos(n):.1f}"
        for n, day in enumerate(days)
    ]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """One place that fell, one that moved 300 m on, one steady, ten others as ever; a last point long after."""
    lines = hits("fell", EAST, NORTH, 20, 2) + hits("moved", EAST, NORTH + 5_000, 20, 1)
    lines += hits("beyond", EAST + 300, NORTH + 5_000, 1, 20) + hits("steady", EAST, NORTH + 9_000, 20, 19)
    for number in range(10):
        lines += hits(f"other{number}-", EAST + 3_000 + 900 * number, NORTH, 18 + number % 5, 19)
    path = tmp_path / "points.csv"
    path.write_text(
        "\n".join(["id,date,easting,northing", *lines, f"last,{START + timedelta(days=200)},{EAST},0"])
    )
    return path


def test_each_of_the_three_words(town: Path) -> None:
    fell = whole(town, "--at-metres", EAST, NORTH, "--kind", "camera")
    assert (fell["word"], fell["kind"], fell["place"]["before"], fell["place"]["after"]) == (
        "fell",
        "camera",
        20,
        2,
    )
    assert fell["place"]["low"] < fell["place"]["ratio"] < fell["place"]["high"] < 1
    moved = whole(town, "--at-metres", EAST, NORTH + 5_000)
    assert (moved["word"], moved["ring"]["before"], moved["ring"]["after"]) == ("moved nearby", 1, 20)
    assert moved["displacement"] < -0.9
    assert whole(town, "--at-metres", EAST, NORTH + 9_000)["word"] == "no clear change"
    too_early = whole(town, "--at-metres", EAST, NORTH, "--as-of", START + timedelta(days=20))
    assert too_early["word"] == "no clear change" and too_early["because"].startswith("Too early")
    said = asked("--input", town, "--start", START, "--at-metres", EAST, NORTH).stdout
    assert said.startswith(f"Patrol since {START}: fell. 20 before and 2 after")


def test_the_place_may_be_given_in_degrees(town: Path) -> None:
    in_metres = whole(town, "--at-metres", EAST, NORTH)
    assert whole(town, "--at", 52.57014, -1.55881)["place"] == in_metres["place"]


def test_what_is_wrong_is_said_plainly(town: Path) -> None:
    for wrong, said in (
        ((), "Say where the place is"),
        (("--at", 52.5, -1.5, "--at-metres", EAST, NORTH), "Say where the place is"),
        (("--at", 10, 10), "is not on the points' grid"),
        (("--at-metres", EAST, NORTH, "--days", 5), "--days"),
        (("--at-metres", EAST, NORTH, "--kind", "magic"), "--kind"),
    ):
        done = asked("--input", town, "--start", START, *wrong)
        assert done.exit_code != 0 and said in done.output
    assert "--start" in asked("--input", town, "--at-metres", EAST, NORTH).output
    assert "moved nearby" in " ".join(asked("--help").output.split())
