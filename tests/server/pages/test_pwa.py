"""The app's own files: who gets what, how long it may be kept, and the demo's mark."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from server.app import create_app
from server.pwa import DIST
from tests.bench import pwa_bytes
from tests.services.settings import settings_for


def _client(tmp_path: Path, *, demo: bool) -> FlaskClient:
    settings = replace(settings_for("sqlite://", tmp_path), demo=demo)
    return create_app(settings).test_client()


def test_a_demo_marks_the_app_before_anybody_signs_in(tmp_path: Path) -> None:
    assert b"<html data-demo " in _client(tmp_path, demo=True).get("/crew").data
    assert b"data-demo" not in _client(tmp_path, demo=False).get("/crew", buffered=True).data


def test_the_page_and_worker_are_asked_for_anew_and_assets_are_kept(tmp_path: Path) -> None:
    client = _client(tmp_path, demo=False)
    for path in ("/crew", "/sw.js", "/manifest.webmanifest"):
        assert client.get(path, buffered=True).headers["Cache-Control"] == "no-cache"
    script = next((DIST / "assets").glob("*.js")).name
    assert "immutable" in client.get(f"/assets/{script}", buffered=True).headers["Cache-Control"]


def test_scripts_go_compressed_to_whoever_can_read_that_and_are_the_same(tmp_path: Path) -> None:
    client = _client(tmp_path, demo=False)
    # The app itself: some later parts are too small to shrink by half.
    script = next((DIST / "assets").glob("crew-*.js"))
    plain = client.get(f"/assets/{script.name}", buffered=True)
    small = client.get(f"/assets/{script.name}", headers={"Accept-Encoding": "br, gzip"})
    assert plain.content_encoding is None
    assert small.content_encoding == "gzip"
    assert gzip.decompress(small.data) == plain.data == script.read_bytes()
    assert len(small.data) < len(plain.data) / 2
    assert plain.content_type == small.content_type
    assert {plain.headers["Vary"], small.headers["Vary"]} == {"Accept-Encoding"}


def test_what_is_fetched_before_the_first_report_keeps_to_its_budget() -> None:
    together = pwa_bytes.measure()[-1]
    assert together.met, f"{together.what}: {together.value}, of {together.budget}"


def test_nothing_outside_the_build_is_served(tmp_path: Path) -> None:
    client = _client(tmp_path, demo=False)
    assert client.get("/assets/../crew.html").status_code == 404
    assert client.get("/assets/%2e%2e/%2e%2e/package.json").status_code == 404
    packed = {"Accept-Encoding": "gzip"}
    for name in ("../../vite.config.js", "%2e%2e/%2e%2e/eslint.config.js", "none.js"):
        assert client.get(f"/assets/{name}", headers=packed).status_code == 404
