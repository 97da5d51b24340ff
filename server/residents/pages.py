"""`/report`: the form, one question on each page, whole without script."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import Response, current_app, request

from server.access.limits import PUBLIC_READ_LIMIT, PUBLIC_REPORT_LIMIT, limiter
from server.access.rules import ANYONE, allow
from server.errors import Problem
from server.intake.receipt import receipt_code
from server.photos.service import file_store
from server.residents import drafts, whereabouts
from server.residents.questions import READERS, Errors, next_question
from server.residents.routes import sender_of_request
from server.residents.sending import send_draft
from server.residents.service import Secrets
from server.residents.summary import summary_rows
from server.residents.visits import (
    COOKIE,
    Visit,
    keep_answer,
    nearby,
    posted,
    resident_pages,
    see_other,
    show,
    show_question,
    turned_away,
    visit,
)
from server.residents.wording import CATEGORIES, KEEP_AWAY_FROM, SIZES, WASTE, hazards_of, worded
from server.store.clock import now
from server.store.transaction import reading, transaction

pages = resident_pages("report", __name__)

PLAIN = "any(what, waste, witness, contact)"


@pages.get("/report")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def start() -> Response:
    """What this is for and what not, and one button."""
    who = visit()
    going_on = who.draft_id is not None and not who.sent and bool(who.given)
    return show("start.html", who, again="again" in request.args, going_on=going_on)


@pages.get(f"/report/<{PLAIN}:name>")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def ask(name: str) -> Response:
    """A question, with the answer given before."""
    who = visit()
    given = {} if who.sent else who.given.get(name, {})
    return turned_away(who, name) or show_question(name, who, given, **_choices(name))


@pages.post(f"/report/<{PLAIN}:name>")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def answer(name: str) -> Response:
    """An answer: kept, or shown again with what is wrong."""
    who = posted()
    given, errors = READERS[name](request.form)
    if errors:
        return turned_away(who, name) or show_question(name, who, given, errors, **_choices(name))
    return turned_away(who, name) or keep_answer(who, name, given)


def _choices(name: str) -> dict[str, Any]:
    if name == "what":
        return {"categories": worded("categories", CATEGORIES)}
    return {"waste": worded("waste", WASTE), "sizes": worded("sizes", SIZES)} if name == "waste" else {}


@pages.get("/report/where")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def ask_where() -> Response:
    """Where it is."""
    who = visit()
    return turned_away(who, "where") or show_question("where", who, who.given.get("where", {}))


@pages.post("/report/where")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def answer_where() -> Response:
    """A place: looked up when asked to, kept when it is enough."""
    who = posted()
    if instead := turned_away(who, "where"):
        return instead
    with reading(who.authority_id) as session:
        given, errors = whereabouts.read_where(session, request.form)
        typed = given["typed"]
        # Choices found for other words than those in the field now are no answer to them.
        looked_for = request.form.get("looked_for", "")
        looking = "find" in request.form or (
            bool(typed) and typed != looked_for and given["position"] is None and not given["words"]
        )
        found = whereabouts.look_up(session, typed) if typed and (looking or errors) else []
    if looking:
        errors = _not_found(who, typed, found)
    if looking or errors:
        return show_question("where", who, given, errors, found=found, looked_for=typed if found else "")
    return keep_answer(who, "where", given, me_too=request.form.get("same", ""))


def _not_found(who: Visit, typed: str, found: list[whereabouts.Choice]) -> Errors:
    if found:
        return {}
    if not typed:
        return {"typed": "Type a street or postcode to find"}
    return {"typed": f"We cannot find “{typed}” in {who.council}. Check it, or say in words where it is"}


@pages.get("/report/same")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def ask_same() -> Response:
    """Whether it is one of the things already reported near there."""
    who = visit()
    return turned_away(who, "same") or _show_same(who, who.given.get("same", {}), {})


@pages.post("/report/same")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def answer_same() -> Response:
    """ "Me too" about one of them, or none."""
    who = posted()
    if instead := turned_away(who, "same"):
        return instead
    with reading(who.authority_id) as session:
        given = whereabouts.read_same(request.form.get("same", ""), nearby(session, who.given))
    if given is None:
        return _show_same(who, {}, {"same": "Choose one of these, or that it is something else"})
    return keep_answer(who, "same", given)


def _show_same(who: Visit, values: dict[str, Any], errors: Errors) -> Response:
    with reading(who.authority_id) as session:
        cases = nearby(session, who.given)
    if not cases:
        return see_other(f"/report/{next_question(who.given, near=False) or 'check'}")
    return show_question("same", who, values, errors, cases=cases, today=now().date())


@pages.post("/report/forget")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def forget() -> Response:
    """Throw the answers so far away, with their photos: on a computer others use too, or once sent another way."""
    who = posted()
    if who.draft_id is not None:
        with transaction(who.authority_id) as session:
            draft = drafts.open_for_change(session, who.draft_id)
            if draft is not None and draft.sent_at is None:
                drafts.throw_away(session, file_store(), draft)
    response = see_other(replace(who, draft_id=None).address())
    response.delete_cookie(COOKIE, path="/report")
    return response


@pages.get("/report/check")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def check() -> Response:
    """All answers, each with a way to change it, before anything is sent."""
    who = visit()
    return turned_away(who, "check") or _unfinished(who) or _show_check(who, {})


@pages.post("/report/check")
@limiter.limit(PUBLIC_REPORT_LIMIT)
@allow(ANYONE)
def send() -> Response:
    """Send it. Pressed twice, it is sent once."""
    who = posted()
    if instead := turned_away(who, "check") or _unfinished(who):
        return instead
    assert who.draft_id is not None
    secrets = _secrets(who, who.draft_id)
    try:
        with transaction(who.authority_id) as session:
            draft = drafts.open_for_change(session, who.draft_id)
            if draft is None:
                return see_other("/report?again=1")
            sender = sender_of_request(draft.begun_at, trap_filled=draft.trap_filled)
            send_draft(session, draft, file_store(), secrets, sender, now())
    except Problem as problem:
        return _show_check(who, {"where" if "position" in problem.errors else "check": problem.detail})
    return see_other("/report/sent")


def _unfinished(who: Visit) -> Response | None:
    with reading(who.authority_id) as session:
        missing = next_question(who.given, near=bool(nearby(session, who.given)))
    return see_other(f"/report/{missing}") if missing else None


def _show_check(who: Visit, errors: Errors) -> Response:
    assert who.draft_id is not None
    with reading(who.authority_id) as session:
        photos = [photo.name for photo in drafts.photos_of(session, who.draft_id)]
        rows = summary_rows(who.given, photos, nearby(session, who.given))
    what, waste = who.given["what"], who.given.get("waste", {"waste": []})
    keep_away = bool(KEEP_AWAY_FROM & set(hazards_of(what["category"], waste["waste"])))
    status = 422 if errors else 200
    return show("check.html", who, status=status, rows=rows, errors=errors, keep_away=keep_away)


@pages.get("/report/sent")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def sent() -> Response:
    """The receipt code, what happens next, and the link to follow it."""
    who = visit()
    if who.draft_id is None or not who.sent:
        return see_other(who.address("check") if who.draft_id else who.address())
    base_url = current_app.config["SETTINGS"].base_url
    link = f"{base_url}/status/{_secrets(who, who.draft_id).status}"
    return show("sent.html", who, receipt_code=receipt_code(who.draft_id), link=link)


def _secrets(who: Visit, draft_id: uuid.UUID) -> Secrets:
    return Secrets.of(current_app.config["SECRET_KEY"], who.authority_id, draft_id)
