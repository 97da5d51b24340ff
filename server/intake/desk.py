"""`/api/v1/sync/kept` and `/held`: what phones sent that took no effect, for officers."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import validate

from server.access.rules import allow, principal
from server.fields import FreeText
from server.intake.kept import held_page, kept_page, settle
from server.intake.models import KEPT_BECAUSE
from server.store.clock import now, rfc3339
from server.store.transaction import reading, transaction

blp = Blueprint("kept", __name__, url_prefix="/api/v1/sync", description="What took no effect")

LIMIT = 200
NOTE_MOST = 2_000


class KeptArguments(ma.Schema):
    """Which kept operations: those that wait, unless the settled ones are asked for."""

    why = ma.fields.String(load_default=None, validate=validate.OneOf(KEPT_BECAUSE))
    settled = ma.fields.Boolean(load_default=False)
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, LIMIT))
    cursor = ma.fields.String(load_default=None)


class HeldArguments(ma.Schema):
    """Which held operations: those that wait for longer than a day, unless asked otherwise."""

    older_than_days = ma.fields.Integer(load_default=1, validate=validate.Range(0, 3650))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, LIMIT))
    cursor = ma.fields.String(load_default=None)


class KeptSchema(ma.Schema):
    """An operation that took no effect. `raw`: all of it; `type`, `entity_id`: null where it cannot be read.

    `settled_at`, `settled_note`: of a settled one, when and what was done about it.
    """

    id = ma.fields.String()
    op_id = ma.fields.String(allow_none=True)
    type = ma.fields.String(allow_none=True)
    entity_id = ma.fields.String(allow_none=True)
    device = ma.fields.Dict(allow_none=True)
    user = ma.fields.Dict(allow_none=True)
    received_at = ma.fields.String()
    raw = ma.fields.String()
    why = ma.fields.String()
    problem = ma.fields.Dict()
    settled_at = ma.fields.String()
    settled_note = ma.fields.String()


class HeldSchema(KeptSchema):
    """An operation that waits: `waiting_for` is the operation or the thing it builds on."""

    class Meta:
        exclude = ("why", "problem", "settled_at", "settled_note")

    waiting_for = ma.fields.String()


class SettlementSchema(ma.Schema):
    """What was done about a kept operation, for whoever asks later."""

    note = FreeText(required=True, validate=validate.Length(1, NOTE_MOST))


class SettledSchema(ma.Schema):
    """A kept operation that was settled, and when."""

    id = ma.fields.String()
    settled_at = ma.fields.String()


class KeptListSchema(ma.Schema):
    """Kept operations, newest first."""

    items = ma.fields.List(ma.fields.Nested(KeptSchema))
    next = ma.fields.String(allow_none=True)


class HeldListSchema(ma.Schema):
    """Held operations, longest held first."""

    items = ma.fields.List(ma.fields.Nested(HeldSchema))
    next = ma.fields.String(allow_none=True)


@blp.get("/kept")
@blp.arguments(KeptArguments, location="query")
@blp.response(200, KeptListSchema)
@allow("kept.read")
def list_kept(arguments: dict[str, Any]) -> Response:
    """What could not take effect and was kept whole: conflicts, rejections, dead letters."""
    with reading(principal().authority_id) as session:
        why, settled = arguments["why"], arguments["settled"]
        return jsonify(kept_page(session, why, settled, arguments["limit"], arguments["cursor"]))


@blp.post("/kept/<uuid:kept_id>/settle")
@blp.arguments(SettlementSchema)
@blp.response(200, SettledSchema)
@allow("case.decide")
def settle_kept(body: dict[str, Any], kept_id: uuid.UUID) -> Response:
    """Say what was done about a kept operation: it leaves the list, and stays whole. The first note stands."""
    who = principal()
    with transaction(who.authority_id) as session:
        kept = settle(session, kept_id, body["note"], who.actor, who.user_id, now())
        assert kept.settled_at is not None
        return jsonify(id=str(kept.id), settled_at=rfc3339(kept.settled_at))


@blp.get("/held")
@blp.arguments(HeldArguments, location="query")
@blp.response(200, HeldListSchema)
@allow("kept.read")
def list_held(arguments: dict[str, Any]) -> Response:
    """What waits for something that has not arrived."""
    until = now() - timedelta(days=arguments["older_than_days"])
    with reading(principal().authority_id) as session:
        return jsonify(held_page(session, until, arguments["limit"], arguments["cursor"]))
