"""`/api/v1/cases`: the officers' side."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.access.rules import allow, principal
from server.cases import service
from server.cases.amend import amend
from server.cases.by_hand import put_on_map
from server.cases.models import Case
from server.cases.regroup import Step, merge, split
from server.cases.schemas import (
    AmendSchema,
    CaseListArguments,
    CaseListSchema,
    CaseSchema,
    DecisionSchema,
    DecisionsSchema,
    JobSchema,
    MergeSchema,
    NoteSchema,
    OutcomesSchema,
    PutOnMapSchema,
    SplitSchema,
    UndoSchema,
)
from server.cases.search import OPEN_STATES, Wanted, find_cases
from server.cases.undo import undo
from server.cases.view import case_rows, case_whole
from server.errors import Problem
from server.store.clock import now
from server.store.transaction import lock, reading, stamp_revisions, transaction

blp = Blueprint("cases", __name__, url_prefix="/api/v1/cases", description="The officers' desk")


@blp.get("")
@blp.arguments(CaseListArguments, location="query")
@blp.response(200, CaseListSchema)
@allow("case.read")
def list_cases(arguments: dict[str, Any]) -> Response:
    """Cases in the order asked for, with counts by state."""
    wanted = _wanted(arguments, now())
    sort = arguments["sort"] or ("need" if arguments["state"] == "new" else "newest")
    with reading(principal().authority_id) as session:
        found = find_cases(session, wanted, sort, arguments["limit"], arguments["cursor"])
        return jsonify(
            items=case_rows(session, found.cases), next=found.next, counts=found.counts.by_state,
            counts_at_least=found.counts.at_least,
        )  # fmt: skip


def _wanted(arguments: dict[str, Any], at: datetime) -> Wanted:
    """The filters of a list."""
    state, older = arguments["state"], arguments["older_than_days"]
    before = [arguments["opened_to"], at - timedelta(days=older) if older is not None else None]
    same = (
        "q",
        "kind",
        "hazard",
        "ward",
        "waste",
        "source",
        "closed_because",
        "witness",
        "repeat",
        "opened_from",
    )
    return Wanted(
        states=OPEN_STATES if state == "open" else (state,) if state else (),
        opened_to=min((moment for moment in before if moment is not None), default=None),
        **{name: arguments[name] for name in same},
    )


@blp.get("/<uuid:case_id>")
@blp.response(200, CaseSchema)
@allow("case.read")
def one_case(case_id: uuid.UUID) -> Response:
    """A case whole: place, reports, photos, jobs, notes, what may come next, history."""
    who = principal()
    with reading(who.authority_id) as session:
        case = session.get(Case, (who.authority_id, case_id))
        if case is None:
            raise Problem("not_found", "There is no such case in your council")
        return _answer(session, case)


@blp.post("/<uuid:case_id>/decisions")
@blp.arguments(DecisionSchema)
@blp.response(200, CaseSchema)
@allow("case.decide")
def decide(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Accept, close or reopen a case. With If-Match, only if nobody changed it meanwhile."""
    who = principal()
    with transaction(who.authority_id) as session:
        case = service.case_for_change(session, case_id, request.headers.get("If-Match"))
        service.decide(
            session, case, body["decision"], body["reason"], body["duplicate_of"], who.actor, now()
        )
        return _answer(session, case)


@blp.post("/decisions")
@blp.arguments(DecisionsSchema)
@blp.response(200, OutcomesSchema)
@allow("case.decide")
def decide_many(body: dict[str, Any]) -> Response:
    """One decision on many cases, each for itself: one that changed meanwhile leaves the others to it."""
    who = principal()
    decision = service.Decision(body["decision"], body["reason"], body["duplicate_of"])
    seen = [(case["id"], case["rev"]) for case in body["cases"]]
    with transaction(who.authority_id) as session:
        return jsonify(results=service.decide_each(session, seen, decision, who.actor, now()))


@blp.patch("/<uuid:case_id>")
@blp.arguments(AmendSchema)
@blp.response(200, CaseSchema)
@allow("case.decide")
def change(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Put category, hazards or the place's name right. Needs If-Match."""
    who = principal()
    with transaction(who.authority_id) as session:
        case = service.case_for_change(session, case_id, _seen_rev())
        amend(session, case, body, who.actor, now())
        return _answer(session, case)


@blp.post("/<uuid:case_id>/merge")
@blp.arguments(MergeSchema)
@blp.response(200, CaseSchema)
@allow("case.decide")
def merge_cases(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Make other cases part of this one: their reports and open jobs move here. Needs If-Match."""
    who = principal()
    with transaction(who.authority_id) as session:
        lock(session, "placing")
        case = service.case_for_change(session, case_id, _seen_rev())
        seen = {other_id: str(rev) for other_id, rev in body["revs"].items()}
        others = [
            service.case_for_change(session, other_id, seen.get(other_id))
            for other_id in sorted(set(body["other_ids"]) - {case_id})
        ]
        if not others:
            raise Problem("invalid_request", "Name another case", {"other_ids": ["Name another case"]})
        merge(session, case, others, Step(who.actor, now(), body["reason"]))
        return _answer(session, case)


@blp.post("/<uuid:case_id>/split")
@blp.arguments(SplitSchema)
@blp.response(200, CaseSchema)
@allow("case.decide")
def split_report(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Give one of the reports a case of its own. Needs If-Match."""
    who = principal()
    with transaction(who.authority_id) as session:
        lock(session, "placing")
        case = service.case_for_change(session, case_id, _seen_rev())
        split(session, case, body["report_id"], Step(who.actor, now(), body["reason"]))
        return _answer(session, case)


@blp.post("/<uuid:case_id>/position")
@blp.arguments(PutOnMapSchema)
@blp.response(200, CaseSchema)
@allow("case.decide")
def place_by_hand(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Put a case on the map whose report came without a position. Needs If-Match."""
    who = principal()
    with transaction(who.authority_id) as session:
        lock(session, "placing")
        case = service.case_for_change(session, case_id, _seen_rev())
        put_on_map(session, case, body["lat"], body["lon"], body["source"], who.actor, now())
        return _answer(session, case)


@blp.post("/<uuid:case_id>/undo")
@blp.arguments(UndoSchema)
@blp.response(200, CaseSchema)
@allow("case.decide")
def undo_step(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Turn a merge, a split or a decision back within a day, unless something since stands in the way."""
    who = principal()
    with transaction(who.authority_id) as session:
        lock(session, "placing")
        case = service.case_for_change(session, case_id, request.headers.get("If-Match"))
        undo(session, case, body["seq"], Step(who.actor, now()))
        return _answer(session, case)


def _seen_rev() -> str:
    """The revision the officer saw. Raises Problem if_match_needed."""
    if_match = request.headers.get("If-Match")
    if if_match is None:
        raise Problem("if_match_needed", "Send If-Match with the revision of the case that you looked at")
    return if_match


@blp.post("/<uuid:case_id>/notes")
@blp.arguments(NoteSchema)
@blp.response(201, CaseSchema)
@allow("case.decide")
def note(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Add a note to a case."""
    who = principal()
    with transaction(who.authority_id) as session:
        case = service.case_for_change(session, case_id, None)
        service.write_note(session, case, body["text"], who.actor, now())
        return _answer(session, case, status=201)


@blp.post("/<uuid:case_id>/jobs")
@blp.arguments(JobSchema)
@blp.response(201, CaseSchema)
@allow("case.decide")
def give_job(body: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Give a crew a job on a case."""
    who = principal()
    with transaction(who.authority_id) as session:
        case = service.case_for_change(session, case_id, None)
        service.give_job(
            session, case, body["kind"], body["text"], body["crew_id"], body["due_at"], who.actor, now()
        )
        return _answer(session, case, status=201)


def _answer(session: Session, case: Case, status: int = 200) -> Response:
    """The case as it will be once the transaction commits, with its revision as ETag."""
    if session.info["writing"]:
        stamp_revisions(session)
    response = jsonify(case_whole(session, case))
    response.status_code = status
    response.headers["ETag"] = f'"{case.rev}"'
    return response
