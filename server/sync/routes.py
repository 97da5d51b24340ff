"""`GET /api/v1/sync/pull`, `POST /api/v1/sync/reconcile` and `GET /api/v1/sync/ping`."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint

from server.access.rules import ANYONE, allow, principal
from server.access.service import usable_device
from server.access.told import is_news, note_told, readable
from server.store.clock import now, rfc3339
from server.store.transaction import reading, transaction
from server.sync.cursor import read_cursor
from server.sync.feed import Scope
from server.sync.reconcile import reconcile
from server.sync.schemas import (
    PingArguments,
    PingSchema,
    PullArguments,
    PullSchema,
    ReconciledSchema,
    ReconcileSchema,
)
from server.sync.service import pull

blp = Blueprint("sync", __name__, url_prefix="/api/v1/sync", description="What phones follow")


@blp.get("/pull")
@blp.arguments(PullArguments, location="query")
@blp.response(200, PullSchema)
@allow("sync.pull")
def pull_changes(arguments: dict[str, Any]) -> Response:
    """Changes after a cursor, in the order they were committed."""
    who = principal()
    device_id, told, news = arguments["device_id"] or who.device_id, readable(request.args), False
    with reading(who.authority_id) as session:
        if device_id is not None:
            news = is_news(usable_device(session, device_id), told, now())
        scope = Scope(who.user_id, who.role, device_id)
        page = pull(
            session, scope, read_cursor(arguments["cursor"]), arguments["limit"], now(),
            app_version=told.get("app_version"),
        )  # fmt: skip
    if news and device_id is not None:
        with transaction(who.authority_id) as session:
            note_told(session, device_id, told, now())
    return jsonify(page)


@blp.post("/reconcile")
@blp.arguments(ReconcileSchema)
@blp.response(200, ReconciledSchema)
@allow("sync.pull")
def reconcile_phone(body: dict[str, Any]) -> Response:
    """Which of a phone's operations and photos are here: what is not, the phone sends again."""
    who = principal()
    with reading(who.authority_id) as session:
        usable_device(session, body["device_id"])
        return jsonify(reconcile(session, body["op_ids"], body["photo_ids"], now()))


@blp.get("/ping")
@blp.arguments(PingArguments, location="query")
@blp.response(200, PingSchema)
@allow(ANYONE)
def ping(arguments: dict[str, Any]) -> dict[str, str]:
    """Whether this is really us: the nonce comes back."""
    return {"nonce": arguments["nonce"], "server_time": rfc3339(now())}
