"""Who may do what, in one table, and the decorator by which every route names its line in it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import Flask, g, request

from server.errors import Problem
from server.store.events import Actor

View = TypeVar("View", bound=Callable[..., object])

CREW = frozenset({"crew"})
OFFICERS = frozenset({"officer", "manager", "admin"})
STAFF = CREW | OFFICERS
ADMINS = frozenset({"admin"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "session.own": STAFF,
    "device.enrol": STAFF,
    "device.manage": OFFICERS,
    "user.read": OFFICERS,
    "user.manage": ADMINS,
    "sync.push": STAFF,
    "sync.pull": STAFF,
    "kept.read": OFFICERS,
    "upload.send": STAFF,
    "case.read": OFFICERS,
    "case.decide": OFFICERS,
    "contact.read": OFFICERS,
    "hotspot.read": STAFF,
    "place.read": STAFF,
    "photo.thumb": STAFF,
    "photo.large": STAFF,
    "photo.original": OFFICERS,
}
ANYONE = "anyone"
# Anyone may ask, and the view itself decides by a token in the request (a resident's upload, a one-time link).
BY_TOKEN = "by token"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is signed in, as plain values: safe to keep while transactions come and go."""

    user_id: uuid.UUID
    authority_id: uuid.UUID
    name: str
    email: str
    role: str
    sign_in_id: uuid.UUID | None
    device_id: uuid.UUID | None
    by_cookie: bool

    @property
    def actor(self) -> Actor:
        """How events name this person."""
        return Actor(f"user:{self.user_id}")

    def may(self, permission: str) -> bool:
        """Whether this person's role has `permission`."""
        return self.role in PERMISSIONS[permission]


def allow(rule: str) -> Callable[[View], View]:
    """Name the rule of a route: a permission of the table, ANYONE, or BY_TOKEN."""
    if rule not in (ANYONE, BY_TOKEN) and rule not in PERMISSIONS:
        raise KeyError(rule)

    def mark(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def rule_of(app: Flask, endpoint: str) -> str | None:
    """The access rule of an endpoint, or None when it has none (such a route answers nobody)."""
    return getattr(app.view_functions.get(endpoint), "access_rule", None)


def principal() -> Principal:
    """Who is signed in. Raises Problem signed_out when nobody is, device_revoked when their phone was switched off."""
    if g.get("principal") is None and g.get("phone_switched_off"):
        raise switched_off()
    if g.get("principal") is None:
        raise Problem("signed_out", "Sign in and try again. Nothing on your phone is lost.")
    return cast(Principal, g.principal)


def switched_off() -> Problem:
    """What a phone is told that an officer switched off."""
    return Problem(
        "device_revoked", "An officer switched this phone off. What is on it stays there: ask the office."
    )


def enforce(app: Flask) -> None:
    """Before each request: find its rule, and refuse whom the rule does not admit."""

    @app.before_request
    def check() -> None:
        if request.endpoint is None:
            return
        rule = rule_of(app, request.endpoint)
        if rule is None:
            raise Problem("not_allowed", "This address has no access rule")
        if rule in (ANYONE, BY_TOKEN):
            return
        if not principal().may(rule):
            raise Problem("not_allowed", f"Your role ({principal().role}) cannot do this")
