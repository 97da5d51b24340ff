"""Who may send a photo's bytes: people of its authority, and whoever holds a token for one report's photos."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import g, request

from server.access.rules import Principal, principal
from server.access.service import principal_of_key
from server.errors import Problem
from server.store.events import Actor
from server.store.transaction import looking


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who sends, in whose authority, and for which report only (None: any of the authority's)."""

    authority_id: uuid.UUID
    by: Actor
    report_id: uuid.UUID | None = None


# Given a bearer token: its holder, or None when the token is not of this kind. Opens its own unit of work.
TokenCheck = Callable[[str], Uploader | None]
_token_checks: list[TokenCheck] = []


def upload_token_holders(check: TokenCheck) -> TokenCheck:
    """Register a kind of upload token. Packages further along the road hand such tokens out."""
    _token_checks.append(check)
    return check


def uploader() -> Uploader:
    """Who sends this request. Raises Problem signed_out or not_allowed."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return _of_person(principal())
    for check in _token_checks:
        if holder := check(token):
            return holder
    with looking() as connection:
        g.principal = principal_of_key(connection, token)
    return _of_person(principal())


def _of_person(who: Principal) -> Uploader:
    if not who.may("upload.send"):
        raise Problem("not_allowed", f"Your role ({who.role}) cannot send photos")
    return Uploader(who.authority_id, who.actor)
