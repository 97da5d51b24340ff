"""`tipwatch hotspots rank` on files: formats, frames, bad rows, and what chance gives."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli import tipwatch

# A borough's own list: eleven places, 33 fly-tips.
PAPER = (5, 5, 4, 3, 3, 3, 2, 2, 2, 2, 2)
RANKS = [1, 1, 3, 4, 4, 4, 7, 7, 7, 7, 7]


def hotspots(*arguments: object) -> Result:
    """Run the command; its output."""
    return CliRunner().invoke(tipwatch, ["hotspots", *map(str, arguments)])


def whole(*arguments: object) -> dict[str, Any]:
    """What the command says as JSON."""
    result = hotspots(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def write(path: Path, heading: str, *lines: str) -> Path:
    """A CSV file."""
    path.write_text("\n".join([heading, *lines]) + "\n")
    return path


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """The eleven places as points on the National Grid."""
    chance = random.Random(4)
    lines = [
        f"{place}-{hit},2018-{7 + hit % 5:02d}-{10 + place},{430_000 + place * 700 + chance.uniform(-30, 30):.1f},"
        f"{297_000 + chance.uniform(-30, 30):.1f}"
        for place, hits in enumerate(PAPER) for hit in range(hits)
    ]  # fmt: skip
    chance.shuffle(lines)
    return write(tmp_path / "paper.csv", "id,date,easting,northing", *lines)


def test_eleven_places_with_their_ties(paper: Path) -> None:
    found = whole("rank", "--input", paper, "--min", 2)
    assert [place["rank"] for place in found["items"]] == RANKS
    assert tuple(place["count"] for place in found["items"]) == PAPER
    assert found["run"]["half_life_days"] is None and found["run"]["points"] == 33
    assert len(whole("rank", "--input", paper)["items"]) == 6
    first = found["items"][0]
    assert 52.5 < first["lat"] < 52.6 and -1.6 < first["lon"] < -1.4
    assert re.fullmatch(r"SP [23]\d{4} 9[67]\d{3}", first["label"]), (
        "a grid reference where no row has a label"
    )
    assert len(first["members"]) == 5 and first["id"] in first["members"]
    assert 0 < first["p"] <= first["q"] <= 1 and first["expected"] > 0


def test_every_format_tells_the_same(paper: Path) -> None:
    items = whole("rank", "--input", paper, "--min", 2, "--top", 3)["items"]
    assert len(items) == 3
    lines = hotspots("rank", "--input", paper, "--min", 2, "--top", 3, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert list(rows[0]) == list(items[0]), "the columns, in their order"
    assert [row["members"].split() for row in rows] == [item["members"] for item in items]
    shapes = json.loads(hotspots("rank", "--input", paper, "--min", 2, "--format", "geojson").stdout)
    assert shapes["features"][0]["geometry"]["coordinates"] == [items[0]["lon"], items[0]["lat"]]
    table = hotspots("rank", "--input", paper, "--min", 2).stdout.splitlines()
    assert table[0] == "Places (33 points scored), best first:"
    assert table[1].split() == ["rank", "count", "score", "expected", "q", "trend", "last", "label"]
    assert len(table) == 13


def test_bad_rows_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = write(
        tmp_path / "odd.csv", "id,date,lat,lon,severity",
        "a,2024-05-01,52.5755,-1.5445,2", "b,2024-05-02,52.5755,-1.5445,",
        "c,2024-05-03T08:00:00Z,52.5756,-1.5445,1", "d,yesterday,52.5755,-1.5445,1", "e,2024-05-03,north,-1.5445,1",
        "f,2024-05-03,52.5755,-1.5445,0", "a,2024-05-03,52.5755,-1.5445,1", "g,2024-05-03,152.5,-1.5445,1",
        "h,2024-05-03,48.85,2.35,1", "i,2024-05-03,,-1.5,1",
    )  # fmt: skip
    found = whole("rank", "--input", path)
    assert found["items"][0]["members"] == ["a", "b", "c"] and found["items"][0]["score"] == 4
    reasons = {row["line"]: row["reason"] for row in found["bad_rows"]}
    assert sorted(reasons) == [5, 6, 7, 8, 9, 10, 11]
    for line, word in (
        (5, "date"),
        (6, "lat"),
        (7, "severity"),
        (8, "line 2"),
        (9, "swapped"),
        (10, "outside"),
        (11, "empty"),
    ):
        assert word in reasons[line]
    assert "Line 5 left out: date" in hotspots("rank", "--input", path).stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Columns: id, date"),
        ("id,when,lat,lon\n1,2024-01-01,52,-1\n", "Columns: id, date"),
        ("id,date,lat,lon\n", "no row that can be used"),
        ("id,date,lat,lon\n1,x,52,-1\n", "line 2, date is “x”"),
        ("id,date,lat,lon\n1,2024-01-01,52.5,-1.5\n", None),
    ],
)
def test_a_file_that_cannot_be_used_says_what_was_expected(
    tmp_path: Path, text: str, said: str | None
) -> None:
    path = tmp_path / "given.csv"
    path.write_text(text)
    result = hotspots("rank", "--input", path)
    assert result.exit_code == (1 if said else 0)
    assert said is None or said in result.stderr


def test_outside_britain_distances_are_those_of_the_local_zone(tmp_path: Path) -> None:
    metre = 1 / 110_900
    lines = [f"{n},2024-03-0{n + 1},{-33.8568 - n * 90 * metre:.7f},151.2153" for n in range(3)]
    found = whole("rank", "--input", write(tmp_path / "sydney.csv", "id,date,latitude,longitude", *lines))
    assert found["run"]["grid"] == "UTM zone 56S"
    (place,) = found["items"]
    assert place["extent_m"] == pytest.approx(180, abs=0.5)
    assert (place["lat"], place["lon"]) == pytest.approx((-33.8568 - 90 * metre, 151.2153), abs=1e-6)
    assert place["label"] == f"{place['lat']:.5f}, {place['lon']:.5f}"


def test_metres_of_another_grid_are_taken_as_they_are(tmp_path: Path) -> None:
    lines = [f"{n},2024-03-01,{480_000 + n},4427000" for n in range(3)]
    (place,) = whole("rank", "--input", write(tmp_path / "p.csv", "id,date,easting,northing", *lines))[
        "items"
    ]
    assert (place["easting"], place["lat"], place["label"]) == (480_001, None, "480001, 4427000")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A gate of which one tip is told of three times, and another a month later."""
    told = (("a", "03-01", 0), ("b", "03-02", 10), ("c", "03-06", 0), ("d", "04-10", 5))
    return write(
        tmp_path / "gate.csv", "id,date,easting,northing,label",
        *(f"{name},2024-{day},{430_000 + metres},297000,Gate {name}" for name, day, metres in told),
    )  # fmt: skip


def test_repeats_are_left_out_when_incidents_are_asked_for_and_what_was_scored_is_said(gate: Path) -> None:
    for flags, scored, ids in (([], "points", "a b c d"), (["--collapse"], "incidents", "a d")):
        arguments = ("rank", "--input", gate, "--min", 2, *flags)
        found = whole(*arguments)
        members = ids.split()
        assert [place["members"] for place in found["items"]] == [members]
        assert (found["run"]["scored"], found["run"]["points"]) == (scored, len(members))
        assert hotspots(*arguments).stdout.startswith(f"Places ({len(members)} {scored} scored), best first:")
        for written in ("csv", "geojson"):
            assert hotspots(*arguments, "--format", written).stderr == f"{len(members)} {scored} scored.\n"


def test_a_repeat_is_of_an_incident_that_began_before_the_window(gate: Path) -> None:
    window = ("--as-of", "2024-04-10", "--window-days", 40, "--min", 1, "--draws", 0)
    assert whole("rank", "--input", gate, *window)["run"]["points"] == 3, "all but the first"
    (place,) = whole("rank", "--input", gate, *window, "--collapse")["items"]
    assert (place["members"], place["label"]) == (["d"], "Gate d")


def test_labels_window_and_half_life_are_taken(tmp_path: Path) -> None:
    lines = [
        f"{n},2024-0{1 + n}-01,430000,297000,{'Oldbury Road' if n % 2 else 'Folly Lane'}" for n in range(7)
    ]
    path = write(tmp_path / "p.csv", "id,date,easting,northing,label", *lines)
    (place,) = whole("rank", "--input", path)["items"]
    assert (place["label"], place["count"], place["last"]) == ("Folly Lane", 7, "2024-07-01")
    (place,) = whole("rank", "--input", path, "--as-of", "2024-05-01", "--window-days", 70)["items"]
    assert (place["count"], place["first"], place["last"]) == (3, "2024-03-01", "2024-05-01")
    (place,) = whole("rank", "--input", path, "--as-of", "2024-05-01", "--half-life", 30)["items"]
    assert place["score"] == pytest.approx(sum(0.5 ** (age / 30) for age in (0, 30, 61, 90, 121)), abs=1e-5)
    assert hotspots("rank", "--input", path, "--half-life", "soon").exit_code == 2
    assert "no point in the time" in hotspots("rank", "--input", path, "--as-of", "2020-01-01").stderr


def test_the_half_life_is_the_one_that_the_help_names_for_so_many_points(tmp_path: Path) -> None:
    said = re.search(
        r"auto: (\d+) from ([\d,]+) points a year on, else none",
        " ".join(hotspots("rank", "--help").output.split()),
    )
    assert said is not None
    usual, some = (int(number.replace(",", "")) for number in said.groups())
    # A fifth of a year, so a fifth of the points.
    for number, days in ((some // 5 - 1, None), (some // 5, usual), (3_000, usual)):
        lines = [f"{n},2024-05-01,{430_000 + n % 9 * 500},297000" for n in range(number)]
        path = write(tmp_path / "p.csv", "id,date,easting,northing", *lines)
        found = whole("rank", "--input", path, "--window-days", 73, "--draws", 0)
        assert found["run"]["half_life_days"] == days, f"{number} points in 73 days"


def test_a_place_reaches_as_far_as_the_radius_that_is_asked_for(tmp_path: Path) -> None:
    lines = [f"{n},2024-05-01,{430_000 + n * 70},297000" for n in range(3)]
    lines += [f"lone{n},2024-05-01,{430_000 + n % 5 * 300},{297_300 + n // 5 * 300}" for n in range(20)]
    path = write(tmp_path / "lane.csv", "id,date,easting,northing", *lines)
    usual, narrow = whole("rank", "--input", path), whole("rank", "--input", path, "--radius", 70)
    ((place,), (same,)) = usual["items"], narrow["items"]
    assert (place["members"], place["extent_m"], usual["run"]["radius_m"]) == (["0", "1", "2"], 140, 100)
    assert (same["members"], narrow["run"]["radius_m"]) == (["0", "1", "2"], 70)
    assert same["expected"] == pytest.approx(0.7**2 * place["expected"], rel=1e-3), (
        "to expect in a smaller disc"
    )
    assert whole("rank", "--input", path, "--radius", 60)["items"] == []
    wide = whole("rank", "--input", path, "--radius", 600)
    assert wide["items"][0]["count"] > 3
    assert wide["run"]["by_chance"]["median"] > usual["run"]["by_chance"]["median"]


def test_chance_and_addresses_are_taken_and_said(paper: Path, tmp_path: Path) -> None:
    homes = write(tmp_path / "homes.csv", "easting,northing", *(f"430000,{297000 + n}" for n in range(50)))
    plain = whole("rank", "--input", paper)
    settled = whole("rank", "--input", paper, "--background", homes)
    assert "addresses" in settled["run"]["background"] and "addresses" not in plain["run"]["background"]

    def at_home(found: dict[str, Any]) -> float:
        return float(next(row["expected"] for row in found["items"] if abs(row["easting"] - 430_000) < 50))

    assert at_home(settled) > 1.5 * at_home(plain), "where people live more is to be expected"
    chance = plain["run"]["by_chance"]
    assert chance["draws"] == 199 and 1 <= chance["median"] <= chance["p95"] < 33
    assert whole("rank", "--input", paper)["run"]["by_chance"] == chance
    assert whole("rank", "--input", paper, "--draws", 0)["run"]["by_chance"] is None


@pytest.mark.parametrize("command", ["rank", "surface", "evaluate", "effect"])
def test_the_help_names_the_columns_that_a_file_may_have(command: str) -> None:
    said = " ".join(hotspots(command, "--help").output.split())
    assert re.search(
        r"Columns: id, date \(.*?\) and either lat, lon \(.*?\) or easting, northing \(metres\)", said
    )
    assert re.search(r"Optional: severity \(.*?\), accuracy_m \(.*?\), label \(.*?\)", said)
