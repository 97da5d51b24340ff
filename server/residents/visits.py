"""What the resident's pages have in common: whose council, which draft, and how a page is made."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.access.request import require_own_pages
from server.config import Settings
from server.errors import Problem
from server.residents import drafts
from server.residents.council import council_details
from server.residents.models import Draft
from server.residents.questions import Answer, kind_of, next_question, sequence, with_answer
from server.residents.whereabouts import OpenNearby, open_nearby, read_same
from server.store.clock import now
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction

COOKIE = "tipwatch_draft"
# A field that no person sees or fills in; programs that fill in everything give themselves away.
TRAP = "more_about_you"
MANIFEST = Path(__file__).parents[2] / "pwa" / "dist" / "residents.json"
ENTRIES = {"script": "src/residents/main.ts", "styles": "src/residents/pages.scss"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to the resident's pages, in plain values. `draft_id` None: nothing was answered yet."""

    authority_id: uuid.UUID
    slug: str
    council: str
    only_council: bool
    draft_id: uuid.UUID | None = None
    token: str = ""
    answers: dict[str, Answer] | None = None
    begun_at: datetime | None = None
    sent: bool = False
    trap_filled: bool = False

    @property
    def given(self) -> dict[str, Answer]:
        """The answers so far."""
        return self.answers or {}

    def address(self, name: str = "") -> str:
        """The path of a page of the form; it says which council until there is a draft that knows."""
        path = f"/report/{name}" if name else "/report"
        return path if self.draft_id or self.only_council else f"{path}?council={self.slug}"


def visit() -> Visit:
    """Who asks, by the draft's cookie, the council named, or the only council there is.

    Raises Problem not_found where there is no such council.
    """
    moment, token = now(), request.cookies.get(COOKIE, "")
    with reading(None) as session:
        councils = list(session.scalars(sa.select(Authority), execution_options=ACROSS_AUTHORITIES))
        draft = drafts.find_draft(session, token, moment) if token else None
        by_id = {one.id: one for one in councils}
        named = request.args.get("council")
        if draft is not None and (named is None or by_id[draft.authority_id].slug == named):
            return _with_draft(_of(by_id[draft.authority_id], len(councils) == 1), draft, token)
        chosen = [one for one in councils if named in (None, one.slug)]
        if len(chosen) == 1:
            return _of(chosen[0], len(councils) == 1)
        if not chosen:
            raise Problem("not_found", "No council answers here under this name")
        raise WhichCouncil([(one.slug, one.name) for one in sorted(chosen, key=lambda one: one.name)])


class WhichCouncil(Exception):
    """Several councils answer here: `councils` are their slugs and names, to choose from."""

    def __init__(self, councils: list[tuple[str, str]]):
        super().__init__()
        self.councils = councils


def resident_pages(name: str, module: str) -> Blueprint:
    """A blueprint of resident's pages, with what all of them do when they cannot show what was asked for."""
    pages = Blueprint(f"resident_{name}", module)
    pages.register_error_handler(WhichCouncil, _choose_council)
    pages.register_error_handler(429, _too_many)
    return pages


def _choose_council(choice: WhichCouncil) -> Response:
    return make_response(_page("councils.html", councils=choice.councils, target=request.path))


def _too_many(_error: Exception) -> Response:
    return make_response(_page("too_many.html"), 429)


def _of(authority: Authority, only: bool) -> Visit:
    return Visit(authority.id, authority.slug, authority.name, only)


def _with_draft(found: Visit, draft: Draft, token: str) -> Visit:
    return replace(
        found, draft_id=draft.id, token=token, answers=dict(draft.answers), begun_at=draft.begun_at,
        sent=draft.sent_at is not None, trap_filled=draft.trap_filled,
    )  # fmt: skip


def posted() -> Visit:
    """The same for a form that was sent in. Raises Problem cross_site when another site sent it."""
    require_own_pages()
    return visit()


def nearby(session: Session, answers: dict[str, Answer]) -> list[OpenNearby]:
    """The open cases that this report may be about."""
    if "what" not in answers or "where" not in answers:
        return []
    return open_nearby(session, kind_of(answers), answers["where"]["position"])


def keep_answer(who: Visit, name: str, answer: Answer, *, me_too: str = "") -> Response:
    """Keep an answer, beginning a draft with the first, and go to what comes next.

    me_too: one of the open cases near the place now given, chosen together with it; no later page asks again then.
    """
    token, moment = who.token or drafts.new_token(), now()
    with transaction(who.authority_id) as session:
        draft = drafts.open_for_change(session, who.draft_id) if who.draft_id and not who.sent else None
        if draft is None:
            token = drafts.new_token() if who.sent else token
            draft = drafts.begin(session, token, moment)
        draft.answers = with_answer(draft.answers, name, answer)
        if me_too and (same := read_same(me_too, nearby(session, draft.answers))):
            draft.answers = with_answer(draft.answers, "same", same)
        draft.touched_at = moment
        draft.trap_filled = draft.trap_filled or bool(request.form.get(TRAP))
        following = next_question(draft.answers, near=bool(nearby(session, draft.answers))) or "check"
    response = see_other(f"/report/{following}")
    if token != request.cookies.get(COOKIE):
        set_draft_cookie(response, token)
    return response


def set_draft_cookie(response: Response, token: str) -> None:
    """Give the browser its draft for a day; only these pages see it, and no script."""
    settings: Settings = current_app.config["SETTINGS"]
    response.set_cookie(
        COOKIE, token, max_age=int(drafts.LIFE.total_seconds()), httponly=True, secure=settings.secure,
        samesite="Lax", path="/report",
    )  # fmt: skip


def turned_away(who: Visit, name: str) -> Response | None:
    """Where to go instead, when this question cannot be asked now: nothing begun, or already sent."""
    if name == "what":
        return None
    if who.draft_id is None:
        return see_other(who.address() + ("&" if "?" in who.address() else "?") + "again=1")
    return see_other("/report/sent") if who.sent else None


def show(template: str, who: Visit, *, status: int = 200, **values: Any) -> Response:
    """A page in the council's own name."""
    settings: Settings = current_app.config["SETTINGS"]
    details = council_details(settings.data_dir, who.slug)
    page = _page(
        template, council_name=who.council, council=details, slug=who.slug, who=who, trap=TRAP,
        errors=values.pop("errors", {}), **values,
    )  # fmt: skip
    return make_response(page, status)


def _page(template: str, **values: Any) -> str:
    return render_template(f"residents/{template}", built=_built(), **values)


def show_question(
    name: str, who: Visit, values: Answer, errors: dict[str, str] | None = None, **more: Any
) -> Response:
    """The page of a question with what was typed, and with what is wrong about it."""
    back = _back(who, name, near=bool(more.get("cases")) or "same" in who.given)
    return show(
        f"{name}.html",
        who,
        status=422 if errors else 200,
        values=values,
        errors=errors or {},
        back=back,
        **more,
    )


def _back(who: Visit, name: str, *, near: bool) -> str:
    asked = sequence(who.given, near=near)
    if who.given and next_question(who.given, near=near) is None:
        return "/report/check"
    before = asked[: asked.index(name)] if name in asked else []
    return who.address(before[-1]) if before else who.address()


def see_other(path: str) -> Response:
    """Go on to `path` with a GET."""
    response = redirect(path, 303)
    assert isinstance(response, Response)
    return response


def _built() -> dict[str, str] | None:
    """The built script and styles, by their hashed paths; None where the app was not built, and pages are plain."""
    try:
        return _built_at(MANIFEST.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1)
def _built_at(_changed_at: int) -> dict[str, str]:
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return {name: manifest[entry]["file"] for name, entry in ENTRIES.items()}
