"""`tipwatch hotspots rebuild` and `list` as they are typed, and what they print."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from server.cli import tipwatch
from tests.builders import Council, make_council
from tests.server.hotspots.many import add_cases, case_row

# Of each place: its kind, its name, and how many days ago something was seen there.
PLACES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("fly_tip", "Quarry Road", (200, 203)),
    ("fly_tip", "Mill Lane", (5, 20, 40)),
    ("fly_tip", "Back Road", (10, 15)),
    ("incident", "Station Square", (3, 4)),
)
Asked = Callable[..., Result]


@pytest.fixture
def asked(app: Flask, council: Council) -> Asked:
    """`tipwatch hotspots` on a council with three places of fly-tips and one of incidents; no list yet."""
    with app.app_context():
        for number, (kind, label, ages) in enumerate(PLACES):
            add_cases(council.id, [case(age, 2_000 * number, kind=kind, label=label) for age in ages])
    settings = app.config["SETTINGS"]
    environ = {
        "TIPWATCH_DATABASE_URL": settings.database_url, "TIPWATCH_DATA_DIR": str(settings.data_dir),
        "TIPWATCH_BROKER_URL": "memory://",
    }  # fmt: skip
    return lambda *typed: CliRunner().invoke(tipwatch, ["hotspots", *map(str, typed)], env=environ)


def case(age: int, east_m: float, **changes: Any) -> dict[str, Any]:
    """Something seen so many days ago, and an hour."""
    seen = datetime.now(UTC) - timedelta(days=age, hours=1)
    return case_row(uuid.uuid4(), 430_000 + east_m, 297_000, seen, **changes)


def printed(result: Result) -> list[str]:
    """The lines of a command that went well."""
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_the_list_is_built_and_printed_best_first(asked: Asked) -> None:
    assert printed(asked("list")) == ["No place is on the list."]
    assert printed(asked("rebuild")) == ["The list was built from 9 cases."]
    best, *equal = printed(asked("list"))
    assert best == "   1     3  new       Mill Lane"
    assert sorted(equal) == ["   2     2  new       Back Road", "   2     2  quiet     Quarry Road"]
    assert printed(asked("list", "--kind", "incident")) == ["   1     2  new       Station Square"]
    assert printed(asked("list", "--min", 3)) == [best]
    assert printed(asked("list", "--min", 4)) == ["No place is on the list."]


def test_a_list_of_other_days_is_printed_without_a_run(asked: Asked) -> None:
    run = json.loads(asked("rebuild", "--json").stdout)
    assert (run["cases"], [change["kind"] for change in run["changes"]]) == (9, ["created"] * 4)
    of_a_month = printed(asked("list", "--window-days", 30))
    assert sorted(of_a_month) == ["   1     2  new       Back Road", "   1     2  new       Mill Lane"]
    assert printed(asked("list", "--window-days", 12)) == ["No place is on the list."]
    then = f"{datetime.now(UTC) - timedelta(days=150):%Y-%m-%d}"
    assert printed(asked("list", "--as-of", then)) == ["   1     2  new       Quarry Road"]
    whole = json.loads(asked("list", "--json").stdout)
    assert (whole["run"]["id"], len(whole["items"])) == (run["id"], 3)
    for wrong in (("--kind", "graffiti"), ("--min", 1), ("--window-days", 0), ("--as-of", "soon")):
        refused = asked("list", *wrong)
        assert refused.exit_code == 2 and wrong[0] in refused.stderr


def test_of_several_councils_one_has_to_be_named(asked: Asked, app: Flask, tmp_path: Path) -> None:
    (tmp_path / "south").mkdir()
    make_council(app, tmp_path / "south", slug="south", prefix="SO")
    for command in ("list", "rebuild"):
        refused = asked(command)
        assert refused.exit_code == 1 and "Say which council" in refused.stderr
    assert printed(asked("rebuild", "--authority", "south")) == ["The list was built from 0 cases."]
    assert printed(asked("rebuild", "--authority", "north")) == ["The list was built from 9 cases."]
    assert printed(asked("list", "--authority", "south")) == ["No place is on the list."]
    assert len(printed(asked("list", "--authority", "north"))) == 3
