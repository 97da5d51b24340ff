"""`tipwatch demo` as it is typed: off unless switched on, with progress apart from the result."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import tipwatch
from server.demo import service
from server.demo.seed import planned_cases


@pytest.fixture
def environ(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(service, "planned_cases", lambda now, seed: planned_cases(now, seed)[-90:])
    return {
        "TIPWATCH_DATABASE_URL": sqlite_url,
        "TIPWATCH_DATA_DIR": str(tmp_path),
        "TIPWATCH_BROKER_URL": "memory://",
    }


def test_it_is_refused_where_the_demo_is_off(environ: dict[str, str]) -> None:
    result = CliRunner().invoke(tipwatch, ["demo"], env=environ | {"TIPWATCH_DEMO": "0"})
    assert result.exit_code == 1
    assert "Set TIPWATCH_DEMO=1" in result.stderr


def test_it_tells_progress_in_lines_and_the_result_in_words_or_json(environ: dict[str, str]) -> None:
    environ |= {"TIPWATCH_DEMO": "1"}
    first = CliRunner().invoke(tipwatch, ["demo"], env=environ)
    assert first.exit_code == 0, first.output
    assert first.stderr.splitlines()[-1] == "Demo borough: 90 of 90 cases"
    assert first.stdout.startswith("The demo borough is ready: 90 cases written")
    again = CliRunner().invoke(tipwatch, ["demo", "--json"], env=environ)
    facts = json.loads(again.stdout)
    assert uuid.UUID(facts.pop("authority_id"))
    assert facts == {"already_there": True, "cases": 0, "hotspots": 0}
    assert again.stderr == ""
