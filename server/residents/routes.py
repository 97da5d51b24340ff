"""`/api/v1/public/reports`: anyone may report, and follow their own report by its link."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint

from server.access.limits import PUBLIC_READ_LIMIT, PUBLIC_REPORT_LIMIT, limiter
from server.access.rules import ANYONE, BY_TOKEN, allow
from server.access.service import authority_named
from server.errors import Problem
from server.residents.abuse import Sender, address_hash
from server.residents.models import PublicAccess
from server.residents.schemas import PublicReportAnswerSchema, PublicReportSchema, StatusSchema
from server.residents.service import (
    Secrets,
    answer_again,
    find_access,
    status,
    take_public_report,
    taken_in_by,
)
from server.store.clock import now
from server.store.transaction import reading, transaction

blp = Blueprint("residents", __name__, url_prefix="/api/v1/public", description="The public's door")


def answered_again(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a report that is here already before anything of it is checked.

    Its sender lost the answer. That the lists, the form, the boundary or the clock are others by now must not have
    them told to mend it, and send it a second time under another id.
    """

    @wraps(view)
    def answer(*arguments: Any, **named: Any) -> Any:
        report_id, authority_id = _taken_in_before()
        if report_id is None or authority_id is None:
            return view(*arguments, **named)
        return _again(authority_id, report_id)

    return answer


# More often than new reports may come in: refused, a phone only tries again later.
@limiter.limit(PUBLIC_READ_LIMIT)
def _again(authority_id: uuid.UUID, report_id: uuid.UUID) -> Response:
    secrets = Secrets.of(current_app.config["SECRET_KEY"], authority_id, report_id)
    with transaction(authority_id) as session:
        return jsonify(answer_again(session, report_id, secrets, now()))


def _taken_in_before() -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The request's report and the council that has it, as far as there are any."""
    sent: Any = request.get_json(silent=True)
    try:
        report_id = uuid.UUID(sent["id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None, None
    with reading(None) as session:
        return report_id, taken_in_by(session, report_id, _without_contact)


@blp.post("/reports")
@answered_again
@blp.arguments(PublicReportSchema, error_status_code=422)
@blp.response(200, PublicReportAnswerSchema)
@limiter.limit(PUBLIC_REPORT_LIMIT)
@allow(ANYONE)
def report(body: dict[str, Any]) -> Response:
    """One report in; receipt code, status link and upload token out. The same report again gets the same answer."""
    with reading(None) as session:
        authority_id = authority_named(session, body.pop("authority")).id
    secrets = Secrets.of(current_app.config["SECRET_KEY"], authority_id, body["id"])
    with transaction(authority_id) as session:
        answer = take_public_report(session, body, _without_contact(), secrets, sender_of_request(), now())
    return jsonify(answer)


def sender_of_request(begun_at: datetime | None = None, *, trap_filled: bool = False) -> Sender:
    """Who sends the present request, as far as it is known and kept."""
    hashed = address_hash(current_app.config["SECRET_KEY"], request.remote_addr)
    return Sender(hashed, begun_at, trap_filled)


def _without_contact() -> str:
    """The report as it was sent, less the reporter's details, which live apart."""
    sent = request.get_json()
    return json.dumps({key: value for key, value in sent.items() if key != "contact"}, ensure_ascii=True)


@blp.get("/reports/<token>")
@blp.response(200, StatusSchema)
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(BY_TOKEN)
def follow(token: str) -> dict[str, Any]:
    """What became of a report."""
    with reading(None) as session:
        access = find_access(session, PublicAccess.status_token_hash, token)
        if access is None:
            raise Problem("not_found", "There is no report behind this link. Check that you have all of it.")
        authority_id, report_id = access.authority_id, access.id
    with reading(authority_id) as session:
        return status(session, report_id, now())
