"""`GET /api/v1/sync/pull` and `GET /api/v1/sync/ping`."""

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
from server.sync.schemas import PingArguments, PingSchema, PullArguments, PullSchema
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
        page = pull(session, scope, read_cursor(arguments["cursor"]), arguments["limit"], now())
    if news and device_id is not None:
        with transaction(who.authority_id) as session:
            note_told(session, device_id, told, now())
    return jsonify(page)


@blp.get("/ping")
@blp.arguments(PingArguments, location="query")
@blp.response(200, PingSchema)
@allow(ANYONE)
def ping(arguments: dict[str, Any]) -> dict[str, str]:
    """Whether this is really us: the nonce comes back."""
    return {"nonce": arguments["nonce"], "server_time": rfc3339(now())}
