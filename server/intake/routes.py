"""`POST /api/v1/sync/push` and `/sync/deadletter`, and `GET /api/v1/reference`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.access.rules import ANYONE, allow, principal
from server.access.service import usable_device
from server.access.told import note_contact, readable
from server.errors import Problem
from server.intake.kept import keep_dead_letters
from server.intake.push import BYTES_LIMIT, Sender, receive_push, refuse_too_many
from server.intake.reference import lists_version, reference
from server.intake.schemas import (
    DeadLettersAnswerSchema,
    DeadLettersSchema,
    PushAnswerSchema,
    PushSchema,
    ReferenceSchema,
)
from server.intake.together import Odd, receive_together
from server.store.clock import now, rfc3339
from server.store.transaction import transaction

log = logging.getLogger(__name__)

Receive = Callable[[Session, list[Any], Sender, datetime], dict[str, Any]]

blp = Blueprint("intake", __name__, url_prefix="/api/v1", description="What phones send")


@blp.post("/sync/push")
@blp.arguments(PushSchema)
@blp.response(200, PushAnswerSchema)
@allow("sync.push")
def push(body: dict[str, Any]) -> Response:
    """Up to 50 operations and 1 MiB in, one verdict for each out."""
    _refuse_too_much()
    refuse_too_many(body["ops"])
    _refuse_of_another(body)
    try:
        answer = _received(body, receive_together)
    except Problem:
        raise
    except (
        Exception
    ) as error:  # whatever it is about, each op is then taken by itself, and answered for itself
        log.log(logging.DEBUG if isinstance(error, Odd) else logging.WARNING, "op by op, as %r", error)
        answer = _received(body, receive_push)
    return jsonify(answer)


def _received(body: dict[str, Any], receive: Receive) -> dict[str, Any]:
    who = principal()
    with transaction(who.authority_id) as session:
        device, at = usable_device(session, body["device_id"]), now()
        note_contact(session, device, readable(body["status"], body["ops"]), at)
        return receive(session, body["ops"], Sender(device.id, who.user_id, who.role), at)


@blp.post("/sync/deadletter")
@blp.arguments(DeadLettersSchema)
@blp.response(200, DeadLettersAnswerSchema)
@allow("sync.push")
def take_dead_letters(body: dict[str, Any]) -> Response:
    """Up to 50 items that a phone cannot get rid of otherwise, kept as they are for an officer, each once."""
    _refuse_too_much()
    _refuse_of_another(body)
    who, at = principal(), now()
    with transaction(who.authority_id) as session:
        device = usable_device(session, body["device_id"])
        kept = keep_dead_letters(session, body["items"], device.id, who.user_id, at)
    return jsonify(kept=kept, server_time=rfc3339(at))


def _refuse_too_much() -> None:
    if len(request.get_data()) > BYTES_LIMIT:
        raise Problem("too_large", "At most 1 MiB at a time; send fewer items")


def _refuse_of_another(body: dict[str, Any]) -> None:
    """A shared phone may change hands while it sends: nothing is taken in under the wrong name."""
    if body["user_id"] not in (None, principal().user_id):
        raise Problem(
            "other_person",
            "Somebody else is signed in on this phone now. Nothing was taken in; it is kept on the phone for the "
            "person who saved it.",
        )


@blp.get("/reference")
@blp.response(200, ReferenceSchema)
@allow(ANYONE)
def reference_lists() -> Response:
    """The versioned lists that reports choose from."""
    response = jsonify(reference())
    response.set_etag(lists_version())
    response.headers["Cache-Control"] = "public, max-age=300"
    response.make_conditional(request)
    return response
