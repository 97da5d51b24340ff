"""`POST /api/v1/sync/push` and `/sync/deadletter`, and `GET /api/v1/reference`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify, request
from flask_smorest import Blueprint

from server.access.models import Device
from server.access.rules import ANYONE, allow, principal
from server.access.service import usable_device
from server.access.told import note_told, offset_of, readable
from server.errors import Problem
from server.intake.kept import keep_dead_letters
from server.intake.push import BYTES_LIMIT, Sender, receive_push
from server.intake.reference import reference
from server.intake.schemas import (
    DeadLettersAnswerSchema,
    DeadLettersSchema,
    PushAnswerSchema,
    PushSchema,
    ReferenceSchema,
)
from server.store.clock import now, rfc3339
from server.store.transaction import transaction

blp = Blueprint("intake", __name__, url_prefix="/api/v1", description="What phones send")


@blp.post("/sync/push")
@blp.arguments(PushSchema)
@blp.response(200, PushAnswerSchema)
@allow("sync.push")
def push(body: dict[str, Any]) -> Response:
    """Up to 50 operations and 1 MiB in, one verdict for each out."""
    _refuse_too_much()
    who = principal()
    with transaction(who.authority_id) as session:
        device = usable_device(session, body["device_id"])
        sender = Sender(device.id, who.user_id, who.role)
        answer = receive_push(session, body["ops"], sender, now())
        session.execute(sa.update(Device).where(Device.id == device.id).values(last_seen_at=now()))
        note_told(session, device.id, readable(body["status"]) | readable(offset_of(body["ops"])), now())
    return jsonify(answer)


@blp.post("/sync/deadletter")
@blp.arguments(DeadLettersSchema)
@blp.response(200, DeadLettersAnswerSchema)
@allow("sync.push")
def take_dead_letters(body: dict[str, Any]) -> Response:
    """Up to 50 items that a phone cannot get rid of otherwise, kept as they are for an officer, each once."""
    _refuse_too_much()
    who, at = principal(), now()
    with transaction(who.authority_id) as session:
        device = usable_device(session, body["device_id"])
        kept = keep_dead_letters(session, body["items"], device.id, who.user_id, at)
    return jsonify(kept=kept, server_time=rfc3339(at))


def _refuse_too_much() -> None:
    if len(request.get_data()) > BYTES_LIMIT:
        raise Problem("too_large", "At most 1 MiB at a time; send fewer items")


@blp.get("/reference")
@blp.response(200, ReferenceSchema)
@allow(ANYONE)
def reference_lists() -> Response:
    """The versioned lists that reports choose from."""
    response = jsonify(reference())
    response.set_etag(reference()["version"])
    response.headers["Cache-Control"] = "public, max-age=300"
    response.make_conditional(request)
    return response
