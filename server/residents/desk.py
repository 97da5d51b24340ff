"""`/api/v1/quarantine`: what residents sent that waits for a person, and how to reach a reporter."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from server.access.rules import allow, principal
from server.residents.quarantine import counts, held_reports, refuse, release
from server.residents.schemas import (
    ContactOfReportSchema,
    QuarantineArguments,
    QuarantineListSchema,
    RefusalSchema,
    RefusedSchema,
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
        items, following = held_reports(session, arguments["state"], arguments["limit"], arguments["cursor"])
        return jsonify(items=items, next=following, counts=counts(session))


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


@blp.post("/quarantine/<uuid:report_id>/refuse")
@blp.arguments(RefusalSchema)
@blp.response(200, RefusedSchema)
@allow("case.decide")
def refuse_report(body: dict[str, Any], report_id: uuid.UUID) -> Response:
    """Decide that a held report gets no case, and say why. It is kept, and can still be released."""
    who = principal()
    with transaction(who.authority_id) as session:
        held = refuse(session, report_id, body["reason"], who.actor, who.user_id, now())
        assert held.refused_at is not None
        answer = {"report_id": str(report_id), "refused_at": rfc3339(held.refused_at)}
    return jsonify(answer)


@blp.get("/reports/<uuid:report_id>/contact")
@blp.response(200, ContactOfReportSchema)
@allow("contact.read")
def contact(report_id: uuid.UUID) -> Response:
    """How to reach a reporter, where they allowed it. Every look is written down."""
    who = principal()
    with transaction(who.authority_id) as session:
        details = contact_for(session, report_id, who.actor, now())
    response = jsonify(details)
    # Nobody looks a second time without its being written down: not from a cache either.
    response.headers["Cache-Control"] = "no-store"
    return response
