"""`/api/v1/session` and `/api/v1/devices`."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Response, g, jsonify
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.access import service
from server.access.limits import SIGN_IN_LIMIT, limiter
from server.access.models import Authority, SignIn, User
from server.access.request import clear_cookie, require_own_pages, set_cookie
from server.access.rules import ANYONE, BY_TOKEN, allow, principal
from server.access.schemas import DeviceSchema, EnrolSchema, SessionSchema, SignInSchema
from server.errors import Problem
from server.store.clock import now
from server.store.events import Actor
from server.store.transaction import reading, transaction

blp = Blueprint("access", __name__, url_prefix="/api/v1", description="Signing in, and phones")


@blp.post("/session")
@blp.arguments(SignInSchema)
@blp.response(200, SessionSchema)
@limiter.limit(SIGN_IN_LIMIT)
@allow(ANYONE)
def sign_in(body: dict[str, Any]) -> Response:
    """Sign in with email and password; sets a long-lived, revocable cookie."""
    require_own_pages()
    answer, token = sign_in_with_password(body["email"], body["password"])
    response = jsonify(answer)
    set_cookie(response, token)
    return response


def sign_in_with_password(email: str, password: str) -> tuple[dict[str, Any], str]:
    """The session's description and its token. Raises Problem wrong_sign_in."""
    with reading(None) as session:
        known = service.find_user(session, email)
    with transaction(known.authority_id if known else None) as session:
        user = service.check_password(session, known, password, now())
        if user is not None:
            token = service.open_sign_in(session, user, now())
            return describe(session, user, None), token
    # Raised outside the transaction, so that the count of wrong tries is kept.
    raise Problem(
        "wrong_sign_in",
        "The email or the password is not right. Check both. After five wrong tries wait 15 minutes, or ask for a "
        "new link.",
    )


@blp.get("/session")
@blp.response(200, SessionSchema)
@allow("session.own")
def session_now() -> dict[str, Any]:
    """Who is signed in."""
    who = principal()
    with reading(who.authority_id) as session:
        return describe(session, session.get_one(User, (who.authority_id, who.user_id)), who.device_id)


@blp.delete("/session")
@blp.response(204)
@allow(ANYONE)
def sign_out() -> Response:
    """End this session. Also answers when it had ended already."""
    if g.principal is not None:
        with transaction(g.principal.authority_id) as session:
            session.execute(
                sa.update(SignIn).where(SignIn.id == g.principal.sign_in_id).values(ended_at=now())
            )
    response = Response(status=204)
    clear_cookie(response)
    return response


@blp.post("/devices")
@blp.arguments(EnrolSchema)
@blp.response(200, DeviceSchema)
@limiter.limit(SIGN_IN_LIMIT)
@allow(BY_TOKEN)
def enrol(body: dict[str, Any]) -> Response:
    """Enrol a phone: within a session, or with the one-time code an officer showed as QR or link."""
    if body["enrolment_code"]:
        require_own_pages()
        return _enrol_by_code(body)
    who = principal()
    with transaction(who.authority_id) as session:
        device = service.enrol_device(session, body["id"], body["label"], who.user_id, who.actor, now())
        if who.sign_in_id is not None:
            session.execute(sa.update(SignIn).where(SignIn.id == who.sign_in_id).values(device_id=device.id))
        user = session.get_one(User, (who.authority_id, who.user_id))
        return jsonify(_described(session, device.id, device.label, user))


def _enrol_by_code(body: dict[str, Any]) -> Response:
    with reading(None) as session:
        known = service.find_link(session, body["enrolment_code"], ("enrol",), now())
    with transaction(known.authority_id) as session:
        user = service.use_link(session, body["enrolment_code"], now())
        actor = Actor(f"user:{user.id}")
        device = service.enrol_device(session, body["id"], body["label"], user.id, actor, now(), by_code=True)
        token = service.open_sign_in(session, user, now(), device.id)
        response = jsonify(_described(session, device.id, device.label, user))
    set_cookie(response, token)
    return response


def describe(session: Session, user: User, device_id: uuid.UUID | None) -> dict[str, Any]:
    """A session as the wire shows it."""
    authority = session.get_one(Authority, user.authority_id)
    described: dict[str, Any] = SessionSchema().dump(
        {"user": user, "authority": authority, "device_id": device_id}
    )
    return described


def _described(session: Session, device_id: uuid.UUID, label: str, user: User) -> dict[str, Any]:
    about = describe(session, user, device_id)
    return {"id": str(device_id), "label": label, "user": about["user"], "authority": about["authority"]}
