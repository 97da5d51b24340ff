"""Serving the built PWA: its pages, hashed assets, service worker and manifest."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from server.access.rules import ANYONE, allow

pages = Blueprint("pwa", __name__)

DIST = Path(__file__).parent.parent / "pwa" / "dist"
FOR_EVER = 365 * 24 * 3600
COMPRESSED = (".js", ".css", ".svg")


@pages.get("/crew")
@allow(ANYONE)
def crew() -> Response:
    """The crew's app. It opens for anybody; what it shows needs a session."""
    return _page("crew.html")


@pages.get("/desk")
@allow(ANYONE)
def desk() -> Response:
    """The officer's desk. It opens for anybody; what it shows needs an officer's session."""
    return _page("desk.html")


@pages.get("/sw.js")
@allow(ANYONE)
def service_worker() -> Response:
    """The service worker, fresh every time, so that updates are seen."""
    response = _unhashed("sw.js")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@pages.get("/residents-sw.js")
@allow(ANYONE)
def residents_worker() -> Response:
    """The service worker of the resident's pages, which keeps a form for when there is no signal."""
    return _unhashed("residents-sw.js")


@pages.get("/manifest.webmanifest")
@allow(ANYONE)
def manifest() -> Response:
    """What makes the app installable."""
    response = _unhashed("manifest.webmanifest")
    response.content_type = "application/manifest+json"
    return response


@pages.get("/assets/<path:name>")
@allow(ANYONE)
def asset(name: str) -> Response:
    """Scripts, styles and icons: named by their content, so they never change. Text goes compressed, for slow links."""
    text = name.endswith(COMPRESSED)
    if text and request.accept_encodings["gzip"] > 0:
        response = Response(_compressed(name), mimetype=mimetypes.guess_type(name)[0])
        response.content_encoding = "gzip"
    else:
        response = send_from_directory(DIST / "assets", name, max_age=FOR_EVER)
    if text:
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable"
    return response


@pages.get("/icons/<path:name>")
@allow(ANYONE)
def icon(name: str) -> Response:
    """Icons of the installed app, kept for a day."""
    return send_from_directory(DIST / "icons", name, max_age=24 * 3600)


@lru_cache(maxsize=64)
def _compressed(name: str) -> bytes:
    path = safe_join(str(DIST / "assets"), name)
    if path is None or not Path(path).is_file():
        raise NotFound
    return gzip.compress(Path(path).read_bytes(), compresslevel=9, mtime=0)


def _page(name: str) -> Response:
    """A page of the app. In a demo it says so from its first moment, signed in or not."""
    if not current_app.config["SETTINGS"].demo:
        return _unhashed(name)
    html = (DIST / name).read_text(encoding="utf-8").replace("<html ", "<html data-demo ", 1)
    return Response(html, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


def _unhashed(name: str) -> Response:
    response = send_from_directory(DIST, name, max_age=0)
    response.headers["Cache-Control"] = "no-cache"
    return response
