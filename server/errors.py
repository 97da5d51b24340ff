"""One registry of stable problem codes and one error shape: RFC 9457 problem JSON."""

from __future__ import annotations

import logging
from typing import Any

import marshmallow as ma
from flask import Flask, Response, current_app, jsonify, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

log = logging.getLogger(__name__)

Errors = dict[str, Any]

# code -> (HTTP status, title). Codes are promises: never renamed, retired ones stay as comments.
PROBLEMS: dict[str, tuple[int, str]] = {
    "invalid_payload": (422, "The report is missing something"),
    "invalid_request": (422, "Something in the request needs mending"),
    "malformed_json": (422, "The message could not be read"),
    "body_cut_off": (400, "The message arrived incomplete"),
    "bad_request": (400, "The request could not be understood"),
    "too_large": (413, "The message is too large"),
    "too_many_ops": (413, "Too many items in one message"),
    "signed_out": (401, "Please sign in"),
    "wrong_sign_in": (401, "The email or password is not right"),
    "too_many_requests": (429, "Too many requests"),
    "not_allowed": (403, "Your role cannot do this"),
    "cross_site": (403, "This request did not come from our own pages"),
    "device_not_enrolled": (403, "This phone is not enrolled"),
    "device_revoked": (403, "This phone was switched off"),
    "other_person": (403, "Somebody else is signed in now"),
    "link_used": (410, "This link no longer works"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "This address does not do that"),
    "op_mismatch": (409, "Sent before with other content"),
    "same_id_other_content": (409, "Sent before with other content"),
    "unknown_op_type": (503, "The server does not know this kind of item yet"),
    "unknown_schema": (503, "The phone is newer than the server"),
    "waited_in_vain": (409, "What this builds on never arrived"),
    "no_room": (507, "The server has no room just now"),
    "busy": (503, "The server is busy"),
    "not_ready": (503, "The server is not ready"),
    "changed_meanwhile": (412, "Somebody changed this case meanwhile"),
    "if_match_needed": (428, "Say which version you looked at"),
    "not_a_next_step": (409, "The case cannot take this step now"),
    "outside_area": (422, "Outside the area we serve"),
    "has_position": (409, "It is on the map already"),
    "photo_not_expected": (409, "No report has named this photo yet"),
    "photo_empty": (422, "The photo is empty"),
    "photo_hash_mismatch": (422, "The photo arrived changed"),
    "photo_size_mismatch": (422, "The photo is not the size its report said"),
    "upload_offset": (409, "The upload goes on from another place"),
    "upload_busy": (423, "This photo is just being received"),
    "tus_version": (412, "This server speaks tus 1.0.0"),
    "wrong_media_type": (415, "The message has the wrong type"),
    "cannot_be_shown": (404, "This photo cannot be shown"),
    "not_acceptable": (406, "No answer of the asked-for type"),
    "server_error": (500, "Something went wrong at our end"),
}

_BY_STATUS = {
    400: "bad_request", 401: "signed_out", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 413: "too_large", 415: "wrong_media_type", 422: "invalid_request",
    429: "too_many_requests", 503: "busy",
}  # fmt: skip


class Problem(Exception):
    """Something a caller can understand and often mend: a registered code, what happened, and which fields."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        errors: Errors | None = None,
        *,
        retry_after_s: int | None = None,
        extra: dict[str, Any] | None = None,
    ):
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status, self.title = PROBLEMS[code]
        self.detail = detail or self.title
        self.errors = errors or {}
        self.retry_after_s = retry_after_s
        self.extra = extra or {}

    def as_json(self) -> dict[str, Any]:
        """The problem in the shape of contract/problem.json."""
        return {
            "type": "about:blank", "title": self.title, "status": self.status, "code": self.code,
            "detail": self.detail, "errors": self.errors, **self.extra,
        }  # fmt: skip


class ProblemSchema(ma.Schema):
    """The one error shape, for the API's description."""

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    code = ma.fields.String(metadata={"enum": sorted(PROBLEMS)})
    detail = ma.fields.String()
    errors = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()))


def invalid(code: str, error: ma.ValidationError) -> Problem:
    """A validation failure as a problem whose detail names the first field and what to do."""
    errors = flat_errors(error.messages)
    field, messages = next(iter(errors.items()), ("", ["not valid"]))
    first = messages[0]
    wording = "this field is required" if first == "Missing data for required field." else first
    return Problem(code, f"{field}: {wording}", errors)


def flat_errors(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested marshmallow messages as {"position.lat": [message]}."""
    if isinstance(messages, list):
        return {prefix or "body": [str(message) for message in messages]}
    if not isinstance(messages, dict):
        return {prefix or "body": [str(messages)]}
    flat: dict[str, list[str]] = {}
    for key, value in messages.items():
        # webargs files everything under the part of the request it came from; callers know only fields.
        name = (
            prefix
            if key in ("json", "query", "_schema", "headers") and not prefix
            else f"{prefix}.{key}".strip(".")
        )
        flat.update(flat_errors(value, name))
    return flat


def answer(problem: Problem) -> Response:
    """The HTTP answer of a problem: JSON under /api and for clients that ask for it, else a plain page."""
    wants_page = not request.path.startswith("/api") and request.accept_mimetypes.accept_html
    if wants_page:
        response = current_app.make_response(render_template("problem.html", problem=problem))
    else:
        response = jsonify(problem.as_json())
        response.content_type = "application/problem+json"
    response.status_code = problem.status
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


def register_errors(app: Flask) -> None:
    """Turn every failure into the one shape."""
    # Only JSON nested thousands deep goes so deep here.
    app.register_error_handler(RecursionError, lambda _error: answer(_not_json()))
    app.register_error_handler(Problem, answer)
    app.register_error_handler(ma.ValidationError, lambda error: answer(invalid("invalid_request", error)))
    # The database restarts, or is locked: what was sent is still with the sender, who tries again.
    app.register_error_handler(OperationalError, lambda error: answer(_database_away(error)))
    app.register_error_handler(HTTPException, _answer_http)


def _database_away(error: OperationalError) -> Problem:
    log.warning("the database did not answer: %s", error.orig)
    return Problem("busy", retry_after_s=5)


def _not_json() -> Problem:
    return Problem("malformed_json", "The body is not valid JSON")


def _answer_http(error: HTTPException) -> Response:
    response = answer(_from_http(error))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _from_http(error: HTTPException) -> Problem:
    data = getattr(error, "data", None) or {}
    if "messages" in data:
        if error.code == 400:
            return _not_json()
        return invalid("invalid_request", ma.ValidationError(data["messages"]))
    code = _BY_STATUS.get(error.code or 500, "server_error" if (error.code or 500) >= 500 else "bad_request")
    retry_after = int(getattr(error, "retry_after", 0) or 0) or (60 if error.code == 429 else None)
    return Problem(code, "" if code in ("too_many_requests", "server_error") else (error.description or ""),
                   retry_after_s=retry_after)  # fmt: skip
