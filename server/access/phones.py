"""`/api/v1/devices` as officers see them: which phones there are, how they do, a code for a new one, switching off."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import validate

from server.access import service
from server.access.links import hand_out
from server.access.models import Device, User
from server.access.people import LinkSchema, open_account
from server.access.rules import allow, principal
from server.errors import Problem
from server.fields import FreeText, storable
from server.store.clock import now, rfc3339
from server.store.paging import behind, read_cursor, write_cursor
from server.store.transaction import reading, transaction

blp = Blueprint("phones", __name__, url_prefix="/api/v1/devices", description="The phones of a council")


class OwnerSchema(ma.Schema):
    """Whose phone it is."""

    id = ma.fields.String()
    name = ma.fields.String()
    email = ma.fields.String()


class PhoneSchema(ma.Schema):
    """A phone, and what it last told of itself (null: nothing yet). `clock_offset_ms`: how far its clock is slow."""

    id = ma.fields.String()
    label = ma.fields.String()
    owner = ma.fields.Nested(OwnerSchema)
    enrolled_at = ma.fields.String()
    last_seen_at = ma.fields.String(allow_none=True)
    revoked_at = ma.fields.String(allow_none=True)
    unsent = ma.fields.Integer(allow_none=True)
    oldest_unsent_at = ma.fields.String(allow_none=True)
    app_version = ma.fields.String(allow_none=True)
    clock_offset_ms = ma.fields.Integer(allow_none=True)
    told_at = ma.fields.String(allow_none=True)


class PhonesArguments(ma.Schema):
    """Which phones: `q` is part of a phone's name, or of its owner's."""

    q = FreeText(load_default="", validate=validate.Length(max=200))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 100))
    cursor = ma.fields.String(load_default=None)


class PhonesSchema(ma.Schema):
    """The phones of a council: those in use first, by name."""

    items = ma.fields.List(ma.fields.Nested(PhoneSchema))
    next = ma.fields.String(allow_none=True)


class CodeWantedSchema(ma.Schema):
    """Who will work with the phone."""

    user_id = ma.fields.UUID(required=True)


_WITH_OWNER = sa.select(Device, User).join(
    User, sa.and_(User.authority_id == Device.authority_id, User.id == Device.user_id)
)


@blp.get("")
@blp.arguments(PhonesArguments, location="query")
@blp.response(200, PhonesSchema)
@allow("device.manage")
def list_phones(arguments: dict[str, Any]) -> Response:
    """Every phone that was ever enrolled."""
    switched_off = sa.case((Device.revoked_at.is_(None), 0), else_=1)
    order = (switched_off, sa.func.lower(Device.label), Device.id)
    query = _WITH_OWNER.add_columns(*order[:2]).order_by(*order).limit(arguments["limit"] + 1)
    if text := arguments["q"].strip():
        query = query.where(
            sa.or_(Device.label.icontains(text, autoescape=True), User.name.icontains(text, autoescape=True))
        )
    if arguments["cursor"]:
        query = query.where(
            behind(order, read_cursor(arguments["cursor"], _one_or_none, storable, uuid.UUID))
        )
    with reading(principal().authority_id) as session:
        found = session.execute(query).all()
        page = found[: arguments["limit"]]
        following = write_cursor(*page[-1][2:], page[-1][0].id) if len(found) > len(page) else None
        return jsonify(items=[_row(phone, owner) for phone, owner, *_ in page], next=following)


@blp.post("/<uuid:device_id>/revoke")
@blp.response(200, PhoneSchema)
@allow("device.manage")
def revoke(device_id: uuid.UUID) -> Response:
    """Switch a phone off: it may no longer send, and nothing is taken from it. Does nothing the second time."""
    who = principal()
    with transaction(who.authority_id) as session:
        found = session.execute(_WITH_OWNER.where(Device.id == device_id).with_for_update(of=Device)).first()
        if found is None:
            raise Problem("not_found", "There is no such phone in your council")
        phone, owner = found
        if phone.revoked_at is None:
            service.revoke_device(session, phone, who.actor, now())
        return jsonify(_row(phone, owner))


@blp.post("/codes")
@blp.arguments(CodeWantedSchema)
@blp.response(201, LinkSchema)
@allow("device.manage")
def new_code(body: dict[str, Any]) -> Response:
    """A one-time code that enrols a phone for somebody, as a link and a QR code. An earlier one stops working."""
    who, at = principal(), now()
    with transaction(who.authority_id) as session:
        user = open_account(session, body["user_id"])
        token, email = service.make_link(session, user, "enrol", at, who.actor), user.email
    response = jsonify(hand_out(email, "enrol", token, at))
    response.status_code = 201
    return response


def _one_or_none(value: object) -> int:
    return 1 if value else 0


def _row(phone: Device, owner: User) -> dict[str, Any]:
    times = ("enrolled_at", "last_seen_at", "revoked_at", "oldest_unsent_at", "told_at")
    moments = {name: getattr(phone, name) for name in times}
    return {
        "id": str(phone.id), "label": phone.label, "unsent": phone.unsent, "app_version": phone.app_version,
        "clock_offset_ms": phone.clock_offset_ms,
        "owner": {"id": str(owner.id), "name": owner.name, "email": owner.email},
        **{name: moment and rfc3339(moment) for name, moment in moments.items()},
    }  # fmt: skip
