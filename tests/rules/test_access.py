"""Every route has its line in the table of access rules, and answers nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from server.access.rules import ANYONE, BY_TOKEN, rule_of
from server.app import create_app
from tests.services.settings import settings_for

ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, on a database that is never reached."""
    folder: Path = tmp_path_factory.mktemp("rules")
    return create_app(settings_for(f"sqlite:///{folder}/none.sqlite3", folder))


def filled(rule: Rule) -> str:
    """A rule's address with an id in every hole."""
    parts = [ID if part.startswith("<") else part for part in rule.rule.split("/")]
    return "/".join(parts)


def test_every_route_has_a_rule(bare_app: Flask) -> None:
    without = [
        rule.rule for rule in bare_app.url_map.iter_rules() if rule_of(bare_app, rule.endpoint) is None
    ]
    assert without == []


def test_what_needs_a_person_answers_nobody_without_one(bare_app: Flask) -> None:
    client: FlaskClient = bare_app.test_client()
    asked = 0
    for rule in bare_app.url_map.iter_rules():
        if rule_of(bare_app, rule.endpoint) in (ANYONE, BY_TOKEN):
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = client.open(filled(rule), method=method)
            assert answer.status_code in (401, 302, 303), f"{method} {rule.rule}: {answer.status_code}"
            asked += 1
    assert asked > 20


def test_a_route_without_a_rule_answers_nobody(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path))
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/api/v1/forgotten")
    assert answer.status_code == 403 and "secret" not in answer.text


def test_only_what_is_meant_for_everybody_is_open_to_everybody(bare_app: Flask) -> None:
    """A route that is added here is looked at by somebody first."""
    open_to_all = sorted(
        {
            rule.rule
            for rule in bare_app.url_map.iter_rules()
            if rule.rule.startswith("/api/") and rule_of(bare_app, rule.endpoint) in (ANYONE, BY_TOKEN)
        }
    )
    assert open_to_all == [
        "/api/docs",
        "/api/openapi.json",
        "/api/v1/devices",
        "/api/v1/public/reports",
        "/api/v1/public/reports/<token>",
        "/api/v1/reference",
        "/api/v1/session",
        "/api/v1/sync/ping",
        "/api/v1/uploads",
        "/api/v1/uploads/<uuid:photo_id>",
    ]
