"""How far an import is, as somebody at a terminal sees it, and as a log has it where there is none."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import Result
from flask import Flask

from server.cli import tipwatch
from server.places import commands
from tests.builders import HERE, Council
from tests.workers.geocoding.sources.files import ROAD_LINKS, write_csv, write_open_roads
from workers.geocoding.sources import files

IN = re.compile(r"OS Open Roads \S+: 7 rows are in, 0 were left out\.")
NAMED = [number for number, (name, road, *_) in enumerate(ROAD_LINKS, 1) if name or road]


@pytest.fixture(autouse=True)
def told_of_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports tell how far they are after each row: a file of the tests has few."""
    monkeypatch.setattr(files, "TELL_EVERY_ROWS", 1)


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    """Seven links with a name, and one without, which is last but one."""
    return write_open_roads(tmp_path / "oproad_gb.gpkg")


@pytest.fixture
def terminal(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Type a command at a terminal; returns all that was sent to it, from both outputs, and then the prompt ($)."""
    monkeypatch.setattr("server.app.create_app", lambda: app)
    seen, shown = os.openpty()

    def run(*arguments: str | Path) -> str:
        with os.fdopen(os.dup(shown), "w") as screen, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", screen)
            patch.setattr(sys, "stderr", screen)
            try:
                tipwatch.main([str(argument) for argument in arguments], standalone_mode=False)
            except click.ClickException as error:
                error.show()
            print("$", end="", file=screen)
        sent = b""
        while not sent.endswith(b"$"):
            sent += os.read(seen, 1 << 16)
        return sent.decode()

    yield run
    os.close(shown)
    os.close(seen)


def screens(sent: str) -> Iterator[list[str]]:
    """What the screen shows after each return to the beginning of a line, and at the end."""
    lines, at = [""], 0
    for part in re.split(r"(\r\n|\r|\x1b\[K)", sent):
        if part == "\r\n":
            lines, at = [*lines, ""], 0
        elif part == "\r":
            yield list(lines)
            at = 0
        elif part == "\x1b[K":
            lines[-1] = lines[-1][:at]
        else:
            lines[-1], at = lines[-1][:at] + part + lines[-1][at + len(part) :], at + len(part)
    yield lines


def bar(number: int) -> str:
    """The bar after this feature of eight."""
    return f"[{'#' * round(number / 8 * 30):.<30}] oproad_gb.gpkg, feature {number}"


def test_at_a_terminal_a_bar_grows_and_gives_its_line_to_the_result(
    council: Council, terminal: Callable[..., str], roads: Path
) -> None:
    *moving, last = screens(terminal("import", "open-roads", roads))
    assert [line for (line,) in moving if line] == [bar(number) for number in NAMED]
    assert bar(NAMED[-1]).startswith(f"[{'#' * 30}]"), "it ends full"
    result, prompt = last
    assert IN.fullmatch(result) and prompt == "$", "nothing of the bar is left"


def test_at_a_terminal_what_is_wrong_is_told_below_no_half_of_a_bar(
    council: Council, terminal: Callable[..., str], roads: Path, tmp_path: Path
) -> None:
    """The second file of the folder is no GeoPackage."""
    (tmp_path / "zz.gpkg").write_bytes(b"not a database")
    *moving, last = screens(terminal("import", "open-roads", tmp_path))
    assert [bar(NAMED[0])] in moving
    assert last == ["Error: zz.gpkg: this cannot be read as a GeoPackage or GeoJSON", "$"]


def test_names_of_a_councils_own_are_told_of_too_and_nothing_beside_json(
    council: Council, terminal: Callable[..., str], tmp_path: Path
) -> None:
    """Files as small as these are read at once."""
    for name, place in (("landmarks-of-the-north.csv", "Old Kiln"), ("more.csv", "Quarry")):
        write_csv(
            tmp_path / "own" / name, [("landmark", place, *HERE)], header=("kind", "name", "lat", "lon")
        )
    *moving, last = screens(terminal("import", "gazetteer", tmp_path / "own"))
    full = "#" * 30
    bars = [f"[{full}] landmarks-of-the-north.csv, line 2", f"[{full}] more.csv, line 2"]
    assert [line for (line,) in moving if line] == bars
    assert last == ["2 names are in, 0 rows were left out.", "$"]
    sent = terminal("import", "gazetteer", tmp_path / "own", "--json")
    assert sent == '{"names": 2, "left_out": 0, "problems": []}\r\n$'


def test_without_a_terminal_a_line_is_said_every_ten_seconds(
    council: Council, typed: Callable[..., Result], roads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the clock, one for each feature and one for each line, finds it four seconds later."""
    seconds = count(step=4)
    monkeypatch.setattr(commands, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    done = typed("import", "open-roads", roads)
    assert done.stderr == "oproad_gb.gpkg, feature 3: 38% read\noproad_gb.gpkg, feature 6: 75% read\n"
    assert IN.fullmatch(done.stdout.strip())
    assert typed("import", "open-roads", roads, "--vintage", "2026-10", "--json").stderr == ""


def test_without_a_terminal_what_is_short_is_not_told_of(
    council: Council, typed: Callable[..., Result], roads: Path
) -> None:
    assert typed("import", "open-roads", roads).stderr == ""
