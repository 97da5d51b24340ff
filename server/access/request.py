"""Each request's principal, and the refusal of writes that other sites send with our cookie."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request

from server.access import service
from server.access.models import SignIn
from server.access.rules import Principal
from server.config import Settings
from server.errors import Problem
from server.store.clock import now
from server.store.transaction import looking, transaction

COOKIE = "tipwatch_session"
COOKIE_LIFE_S = 400 * 24 * 3600
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def identify(app: Flask) -> None:
    """Before each request: find who asks, and refuse cross-site writes."""

    @app.before_request
    def find_principal() -> None:
        g.principal, g.phone_switched_off = None, False
        authorization = request.headers.get("Authorization", "")
        if authorization.startswith("Bearer ") and not request.path.startswith("/api/v1/uploads"):
            with looking() as connection:
                g.principal = service.principal_of_key(connection, authorization.removeprefix("Bearer "))
            return
        refuse_cross_site()
        if token := request.cookies.get(COOKIE):
            with looking() as connection:
                found = service.principal_of_cookie(connection, token)
                g.phone_switched_off = found is None and service.ended_with_its_phone(connection, token)
            if found is not None:
                g.principal = found[0]
                _note_seen(*found)


def refuse_cross_site() -> None:
    """Refuse a write that carries our cookie unless the browser says it comes from our own pages."""
    if request.method not in SAFE_METHODS and COOKIE in request.cookies and not _from_own_pages():
        raise Problem("cross_site", "Open Tipwatch itself and try again there")


def require_own_pages() -> None:
    """Refuse a browser's write from another site even without our cookie: it could sign a person in as another.

    Clients that are not browsers send neither header and are let in.
    """
    told = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    if told and not _from_own_pages():
        raise Problem("cross_site", "Open Tipwatch itself and try again there")


def _from_own_pages() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    settings: Settings = current_app.config["SETTINGS"]
    ours = (settings.origin, request.host_url.rstrip("/"))
    return site == "same-origin" if site is not None else request.headers.get("Origin") in ours


def _note_seen(who: Principal, last_seen: datetime) -> None:
    moment = now()
    if moment - last_seen < service.SEEN_EVERY or request.method in SAFE_METHODS:
        return
    with transaction(who.authority_id) as session:
        session.execute(sa.update(SignIn).where(SignIn.id == who.sign_in_id).values(last_seen_at=moment))


def set_cookie(response: Response, token: str) -> None:
    """Give the browser its session."""
    settings: Settings = current_app.config["SETTINGS"]
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_LIFE_S, httponly=True, secure=settings.secure, samesite="Lax", path="/"
    )  # fmt: skip


def clear_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax")
