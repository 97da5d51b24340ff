"""`/api/v1/devices` as officers see them: which phones there are, how they do, a code for a new one, switching off."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import Response, jsonify
from flask_smorest import Blueprint

from server.access import service
from server.access.links import hand_out
from server.access.models import Device, User
from server.access.people import LinkSchema, open_account
from server.access.rules import allow, principal
from server.errors import Problem
from server.store.clock import now, rfc3339
from server.store.transaction import reading, transaction

blp = Blueprint("phones", __name__, url_prefix="/api/v1/devices", description="The phones of a council")


class OwnerSchema(ma.Schema):
    """Whose phone it is."""

    id = ma.fields.String()
    name = ma.fields.String()
    email = ma.fields.String()


class PhoneSchema(ma.Schema):
    """A phone, and what it last told of itself (null: nothing yet). `clock_offset_ms`: how far ahead its clock is."""

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
@blp.response(200, PhonesSchema)
@allow("device.manage")
def list_phones() -> Response:
    """Every phone that was ever enrolled."""
    in_use_first = (Device.revoked_at.is_not(None), sa.func.lower(Device.label), Device.id)
    with reading(principal().authority_id) as session:
        rows = session.execute(_WITH_OWNER.order_by(*in_use_first))
        return jsonify(items=[_row(phone, owner) for phone, owner in rows], next=None)


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


def _row(phone: Device, owner: User) -> dict[str, Any]:
    times = ("enrolled_at", "last_seen_at", "revoked_at", "oldest_unsent_at", "told_at")
    moments = {name: getattr(phone, name) for name in times}
    return {
        "id": str(phone.id), "label": phone.label, "unsent": phone.unsent, "app_version": phone.app_version,
        "clock_offset_ms": phone.clock_offset_ms,
        "owner": {"id": str(owner.id), "name": owner.name, "email": owner.email},
        **{name: moment and rfc3339(moment) for name, moment in moments.items()},
    }  # fmt: skip
