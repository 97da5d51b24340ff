"""`/api/v1/quarantine`: what residents sent that waits for a person, and how to reach a reporter."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from server.access.rules import allow, principal
from server.residents.quarantine import held_reports, release
from server.residents.schemas import (
    ContactOfReportSchema,
    QuarantineArguments,
    QuarantineListSchema,
    ReleasedSchema,
)
from server.residents.service import contact_for
from server.store.clock import now, rfc3339
from server.store.transaction import reading, transaction

blp = Blueprint(
    "quarantine", __name__, url_prefix="/api/v1", description="Residents' reports held for a person"
)


@blp.get("/quarantine")
@blp.arguments(QuarantineArguments, location="query")
@blp.response(200, QuarantineListSchema)
@allow("case.read")
def list_held(arguments: dict[str, Any]) -> Response:
    """Reports held back, oldest first, each with the reasons in words."""
    with reading(principal().authority_id) as session:
        items, following = held_reports(session, arguments["limit"], arguments["cursor"])
    return jsonify(items=items, next=following)


@blp.post("/quarantine/<uuid:report_id>/release")
@blp.response(200, ReleasedSchema)
@allow("case.decide")
def release_report(report_id: uuid.UUID) -> Response:
    """Let a report go its way to a case, as if it had never been held."""
    who = principal()
    with transaction(who.authority_id) as session:
        held = release(session, report_id, who.actor, who.user_id, now())
        assert held.released_at is not None
        answer = {"report_id": str(report_id), "released_at": rfc3339(held.released_at)}
    return jsonify(answer)


@blp.get("/reports/<uuid:report_id>/contact")
@blp.response(200, ContactOfReportSchema)
@allow("case.decide")
def contact(report_id: uuid.UUID) -> Response:
    """How to reach a reporter, where they allowed it. Every look is written down."""
    who = principal()
    with transaction(who.authority_id) as session:
        details = contact_for(session, report_id, who.actor, now())
    return jsonify(details)
