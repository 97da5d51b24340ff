"""`/api/v1/users`: who works here, in which role, and the links that let them in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import validate
from sqlalchemy.orm import Session

from server.access import service
from server.access.links import hand_out
from server.access.models import LINK_PURPOSES, ROLES, Device, SignIn, User
from server.access.rules import allow, principal
from server.errors import Problem
from server.fields import FreeText, storable
from server.store.clock import now, rfc3339
from server.store.events import Actor, append_event
from server.store.paging import behind, read_cursor, write_cursor
from server.store.transaction import reading, transaction

blp = Blueprint("people", __name__, url_prefix="/api/v1/users", description="The people of a council")


class PeopleArguments(ma.Schema):
    """Whose accounts to list; without `role` everybody's. `q`: part of a name or an email."""

    q = FreeText(load_default="", validate=validate.Length(max=200))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 100))
    cursor = ma.fields.String(load_default=None)
    role = ma.fields.String(load_default=None, validate=validate.OneOf(ROLES))


class NewUserSchema(ma.Schema):
    """Somebody to invite."""

    email = ma.fields.Email(required=True, validate=validate.Length(max=254))
    name = FreeText(required=True, validate=validate.Length(1, 200))
    role = ma.fields.String(required=True, validate=validate.OneOf(ROLES))


class UserChangeSchema(ma.Schema):
    """What to change of an account."""

    name = FreeText(validate=validate.Length(1, 200))
    role = ma.fields.String(validate=validate.OneOf(ROLES))
    disabled = ma.fields.Boolean()


class LinkWantedSchema(ma.Schema):
    """What the link is to be for."""

    purpose = ma.fields.String(required=True, validate=validate.OneOf(LINK_PURPOSES))


class LinkSchema(ma.Schema):
    """A one-time link. `link` is null when it was mailed; for a phone there are the code and its QR code too."""

    purpose = ma.fields.String()
    link = ma.fields.String(allow_none=True)
    mailed = ma.fields.Boolean()
    expires_at = ma.fields.String()
    qr_svg = ma.fields.String(allow_none=True)
    code = ma.fields.String()


class PersonSchema(ma.Schema):
    """An account. `phones`: those that may send; `invite` only in the answer that made it."""

    id = ma.fields.String()
    name = ma.fields.String()
    email = ma.fields.String()
    role = ma.fields.String()
    disabled = ma.fields.Boolean()
    has_password = ma.fields.Boolean()
    created_at = ma.fields.String()
    last_seen_at = ma.fields.String(allow_none=True)
    phones = ma.fields.Integer()
    invite = ma.fields.Nested(LinkSchema)


class PeopleSchema(ma.Schema):
    """The accounts of a council, by name."""

    items = ma.fields.List(ma.fields.Nested(PersonSchema))
    next = ma.fields.String(allow_none=True)


@blp.get("")
@blp.arguments(PeopleArguments, location="query")
@blp.response(200, PeopleSchema)
@allow("user.read")
def list_people(arguments: dict[str, Any]) -> Response:
    """Everybody, by name; those switched off too."""
    order = (sa.func.lower(User.name), User.id)
    query = sa.select(User, order[0]).order_by(*order).limit(arguments["limit"] + 1)
    if arguments["role"]:
        query = query.where(User.role == arguments["role"])
    if text := arguments["q"].strip():
        query = query.where(
            sa.or_(User.name.icontains(text, autoescape=True), User.email.icontains(text, autoescape=True))
        )
    if arguments["cursor"]:
        query = query.where(behind(order, read_cursor(arguments["cursor"], storable, uuid.UUID)))
    with reading(principal().authority_id) as session:
        found = session.execute(query).all()
        page = found[: arguments["limit"]]
        following = write_cursor(page[-1][1], page[-1][0].id) if len(found) > len(page) else None
        return jsonify(items=_rows(session, [user for user, _ in page]), next=following)


@blp.post("")
@blp.arguments(NewUserSchema)
@blp.response(201, PersonSchema)
@allow("user.manage")
def invite(body: dict[str, Any]) -> Response:
    """Add somebody and mail (or show) the link with which they choose a password."""
    who, at = principal(), now()
    with transaction(who.authority_id) as session:
        user = service.add_user(session, **body, by=who.actor, at=at)
        token = service.make_link(session, user, "invite", at, who.actor)
        session.flush()
        (row,) = _rows(session, [user])
    response = jsonify(row | {"invite": hand_out(row["email"], "invite", token, at)})
    response.status_code = 201
    return response


@blp.patch("/<uuid:user_id>")
@blp.arguments(UserChangeSchema)
@blp.response(200, PersonSchema)
@allow("user.manage")
def change(body: dict[str, Any], user_id: uuid.UUID) -> Response:
    """Change a name or role, switch an account off or on again."""
    who = principal()
    if user_id == who.user_id and (body.get("disabled") or body.get("role", who.role) != who.role):
        message = "Ask another administrator: nobody takes their own rights away by mistake"
        raise Problem("invalid_request", message, {"role" if "role" in body else "disabled": [message]})
    with transaction(who.authority_id) as session:
        user = _user(session, user_id)
        _rename(session, user, body, who.actor)
        disabled = body.get("disabled", user.disabled_at is not None)
        if disabled and user.disabled_at is None:
            service.disable_user(session, user, who.actor, now())
        elif not disabled and user.disabled_at is not None:
            user.disabled_at = None
            _tell(session, user, "user.enabled", {}, who.actor)
        session.flush()
        return jsonify(_rows(session, [user])[0])


@blp.post("/<uuid:user_id>/links")
@blp.arguments(LinkWantedSchema)
@blp.response(201, LinkSchema)
@allow("user.manage")
def new_link(body: dict[str, Any], user_id: uuid.UUID) -> Response:
    """Make a one-time link: to choose a password, or to set up a phone. Earlier ones stop working."""
    who, at = principal(), now()
    with transaction(who.authority_id) as session:
        user = open_account(session, user_id)
        token, email = service.make_link(session, user, body["purpose"], at, who.actor), user.email
    response = jsonify(hand_out(email, body["purpose"], token, at))
    response.status_code = 201
    return response


def open_account(session: Session, user_id: uuid.UUID) -> User:
    """A user that may sign in. Raises Problem not_found, or invalid_request when switched off."""
    user = _user(session, user_id)
    if user.disabled_at is not None:
        message = "This account is switched off; switch it on first"
        raise Problem("invalid_request", message, {"user_id": [message]})
    return user


def _user(session: Session, user_id: uuid.UUID) -> User:
    user = session.get(User, (session.info["authority_id"], user_id), with_for_update=True)
    if user is None:
        raise Problem("not_found", "There is no such person in your council")
    return user


def _rename(session: Session, user: User, body: dict[str, Any], by: Actor) -> None:
    changed = {
        name: body[name] for name in ("name", "role") if name in body and body[name] != getattr(user, name)
    }
    if changed:
        # A name is a person's detail, so the history says only that it changed.
        facts = {"fields": sorted(changed)} | ({"role": changed["role"]} if "role" in changed else {})
        for name, value in changed.items():
            setattr(user, name, value)
        _tell(session, user, "user.changed", facts, by)


def _tell(session: Session, user: User, kind: str, facts: dict[str, Any], by: Actor) -> None:
    facts = {"user_id": str(user.id), **facts}
    append_event(session, ("authority", user.authority_id), kind, facts, by=by, at=now())


def _rows(session: Session, users: Sequence[User]) -> list[dict[str, Any]]:
    ids = [user.id for user in users]
    phones = (
        sa.select(Device.user_id, sa.func.count())
        .where(Device.revoked_at.is_(None), Device.user_id.in_(ids))
        .group_by(Device.user_id)
    )
    seen = sa.select(SignIn.user_id, sa.func.max(SignIn.last_seen_at)).where(SignIn.user_id.in_(ids))
    seen = seen.group_by(SignIn.user_id)
    phones_of = {user_id: count for user_id, count in session.execute(phones)}  # noqa: C416 - rows are no pairs
    seen_of = {user_id: last for user_id, last in session.execute(seen)}  # noqa: C416 - rows are no pairs
    return [
        {
            "id": str(user.id), "name": user.name, "email": user.email, "role": user.role,
            "disabled": user.disabled_at is not None, "has_password": user.password_hash is not None,
            "created_at": rfc3339(user.created_at),
            "last_seen_at": rfc3339(seen_of[user.id]) if user.id in seen_of else None,
            "phones": phones_of.get(user.id, 0),
        }
        for user in users
    ]  # fmt: skip
