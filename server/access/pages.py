"""The pages of signing in: `/`, `/sign-in`, and the one-time link that lets a person choose a password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from server.access import service
from server.access.limits import SIGN_IN_LIMIT, limiter
from server.access.request import require_own_pages, set_cookie
from server.access.routes import sign_in_with_password
from server.access.rules import ANYONE, BY_TOKEN, allow
from server.errors import Problem
from server.store.clock import now
from server.store.transaction import reading, transaction

pages = Blueprint("access_pages", __name__)

# Where each role's work is.
HOME = {"crew": "/crew", "officer": "/desk", "manager": "/desk", "admin": "/desk"}


@pages.get("/")
@allow(ANYONE)
def chooser() -> str:
    """The front door: who are you, and where do you go."""
    return render_template("chooser.html")


@pages.get("/sign-in")
@allow(ANYONE)
def sign_in_page() -> str:
    """The sign-in form."""
    return render_template(
        "sign_in.html", next=_own_path(request.args.get("next", "")), problem=None, email=""
    )


@pages.post("/sign-in")
@limiter.limit(SIGN_IN_LIMIT)
@allow(ANYONE)
def sign_in_form() -> BaseResponse:
    """Sign in without script."""
    require_own_pages()
    email, next_path = request.form.get("email", ""), _own_path(request.form.get("next", ""))
    try:
        about, token = sign_in_with_password(email, request.form.get("password", ""))
    except Problem as problem:
        page = render_template("sign_in.html", next=next_path, problem=problem, email=email)
        return make_response(page, problem.status)
    response = redirect(next_path or HOME[about["user"]["role"]], 303)
    assert isinstance(response, Response)
    set_cookie(response, token)
    return response


@pages.get("/sign-in/<token>")
@allow(BY_TOKEN)
def choose_password_page(token: str) -> str:
    """The form behind an invitation or reset link."""
    with reading(None) as session:
        service.find_link(session, token, ("invite", "reset"), now())
    return render_template("choose_password.html", problem=None)


@pages.post("/sign-in/<token>")
@limiter.limit(SIGN_IN_LIMIT)
@allow(BY_TOKEN)
def choose_password_form(token: str) -> BaseResponse:
    """Set the password and sign in."""
    require_own_pages()
    with reading(None) as session:
        known = service.find_link(session, token, ("invite", "reset"), now())
    try:
        with transaction(known.authority_id) as session:
            user = service.choose_password(session, token, request.form.get("password", ""), now())
            cookie = service.open_sign_in(session, user, now())
            home = HOME[user.role]
    except Problem as problem:
        return make_response(render_template("choose_password.html", problem=problem), problem.status)
    response = redirect(home, 303)
    assert isinstance(response, Response)
    set_cookie(response, cookie)
    return response


def _own_path(text: str) -> str:
    """`text` when it is a path on this site, else nothing: a link must not lead people elsewhere after signing in."""
    parts = urlsplit(text)
    inside = (
        text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    )
    return text if inside else ""
