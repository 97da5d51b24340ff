"""The officer's desk: where it is, who is sent there, and that no crew's phone carries it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.app import create_app
from server.pwa import DIST
from tests.builders import PASSWORD, Council
from tests.services.settings import settings_for

OWN_PAGES = {"Sec-Fetch-Site": "same-origin"}


def _client(tmp_path: Path, *, demo: bool) -> FlaskClient:
    settings = replace(settings_for("sqlite://", tmp_path), demo=demo)
    return create_app(settings).test_client()


def test_the_page_is_asked_for_anew_and_marked_in_a_demo(tmp_path: Path) -> None:
    page = _client(tmp_path, demo=False).get("/desk", buffered=True)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-cache")
    assert b"data-demo" not in page.data
    assert b"<html data-demo " in _client(tmp_path, demo=True).get("/desk").data


def test_the_page_has_neither_inline_script_nor_inline_style() -> None:
    page = (DIST / "desk.html").read_text()
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count('<script type="module" crossorigin src=')


def test_the_crews_worker_keeps_nothing_of_the_desk() -> None:
    kept = (DIST / "sw.js").read_text()
    names = [path.name for path in (DIST / "assets").glob("desk-*")]
    assert names
    assert [name for name in ["desk.html", *names] if name in kept] == []


@pytest.mark.parametrize("role", ["officer", "manager", "admin"])
def test_officers_land_on_the_desk_after_signing_in(app: Flask, council: Council, role: str) -> None:
    form = {"email": council.email(role), "password": PASSWORD, "next": ""}
    answer = app.test_client().post("/sign-in", data=form, headers=OWN_PAGES)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")


def test_the_front_door_leads_to_the_desk(app: Flask) -> None:
    assert b'href="/desk"' in app.test_client().get("/").data
