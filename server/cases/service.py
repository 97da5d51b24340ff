"""What officers do with a case: decide, note, give a crew a job."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import User
from server.cases.changes import as_it_is, changes_since
from server.cases.models import Case, Job
from server.cases.timeline import names_of, words_for
from server.cases.words import add_words, words_in
from server.errors import Problem, invalid
from server.intake.models import ReportStanding
from server.store.clock import rfc3339
from server.store.events import Actor, Content, Event, append_event
from server.store.notes import Note, add_note
from server.store.transaction import locked_row, savepoint, stamp_revisions, touch


@dataclass(frozen=True, slots=True)
class Step:
    """A decision: the states it can be taken in, the state it leads to, whether it must say why."""

    decision: str
    from_states: tuple[str, ...]
    to_state: str
    needs_reason: bool = False


STEPS = {
    step.decision: step
    for step in (
        Step("accept", ("new",), "accepted"),
        Step("duplicate", ("new", "accepted"), "closed"),
        Step("not_ours", ("new", "accepted"), "closed", needs_reason=True),
        Step("no_evidence", ("new", "accepted"), "closed", needs_reason=True),
        Step("close", ("new", "accepted"), "closed"),
        Step("reopen", ("closed",), "accepted", needs_reason=True),
    )
}


# In the history, for who looked counts; but it changed nothing.
ONLY_LOOKS = ("photo.original_viewed", "report.contact_viewed")


def next_steps(case: Case) -> list[dict[str, str]]:
    """The decisions that can be taken now."""
    return [{"decision": step.decision} for step in STEPS.values() if case.state in step.from_states]


def case_for_change(session: Session, case_id: uuid.UUID, if_match: str | None) -> Case:
    """The case, locked.

    Raises Problem not_found, or changed_meanwhile when it changed since the revision that `if_match` names; that a run
    made it a member of another hotspot is no such change.
    """
    case = locked_row(session, Case, case_id)
    if case is None:
        raise Problem("not_found", "There is no such case in your council")
    if if_match is not None and not case.is_as_seen(if_match):
        raise _changed_meanwhile(session, case)
    return case


def _changed_meanwhile(session: Session, case: Case) -> Problem:
    """Who changed the case or one of its reports last, and what they did, as far as the history says."""
    reports = sa.select(ReportStanding.id).where(ReportStanding.case_id == case.id)
    of_case = Event.stream_id == case.id
    last = session.scalars(
        sa.select(Event)
        .where(sa.or_(of_case, Event.stream_id.in_(reports)), Event.kind.not_in(ONLY_LOOKS))
        .order_by(Event.at.desc(), of_case.desc(), Event.seq.desc())
        .limit(1)
    ).one()
    who, what = names_of(session, [last.by])[last.by], words_for(last)
    detail = f"{who} changed {case.reference} after you opened it ({what}). Look at it again."
    told = {"rev": case.rev, "changed_by": who, "changed_at": rfc3339(last.at), "changed_what": what}
    return Problem("changed_meanwhile", detail, extra=told)


def decide(
    session: Session,
    case: Case,
    decision: str,
    reason: str,
    duplicate_of: uuid.UUID | None,
    by: Actor,
    at: datetime,
) -> Event:
    """Take a decision on a case. Raises Problem not_a_next_step or invalid_request naming the field."""
    step = STEPS[decision]
    if case.state not in step.from_states:
        raise Problem("not_a_next_step", f"A case that is {case.state} cannot be decided as {decision}")
    refuse_without_reason(decision, reason)
    other = _other_case(session, case, duplicate_of) if decision == "duplicate" else None
    before = as_it_is(case)
    case.state = step.to_state
    case.closed_because = decision if step.to_state == "closed" else None
    case.closed_at = at if step.to_state == "closed" else None
    case.duplicate_of = other.id if other else None
    facts = {
        "decision": decision, "from": before["state"], "to": case.state, "duplicate_of": case.duplicate_of,
        "changes": changes_since(case, before),
    }  # fmt: skip
    facts, contents = with_reason(session, case, facts, reason, by, at)
    event = append_event(session, ("case", case.id), "case.decided", facts, by=by, at=at, contents=contents)
    if case.state == "closed":
        show_jobs_again(session, case)
    return event


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision for many cases at once."""

    decision: str
    reason: str
    duplicate_of: uuid.UUID | None


def decide_each(
    session: Session, cases: Sequence[tuple[uuid.UUID, int]], decision: Decision, by: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Take one decision on each of `cases` (id, the revision the officer saw); what became of each, in order.

    One that cannot take it fails alone. Raises Problem invalid_request when the decision itself lacks something.
    """
    refuse_without_reason(decision.decision, decision.reason)
    results: dict[uuid.UUID, dict[str, Any]] = {}
    # Always in the same order, so that two officers with overlapping selections do not block each other.
    for case_id, rev in sorted(cases):
        results[case_id] = {"id": str(case_id), "outcome": "done", "rev": None, "seq": None, "detail": ""}
        try:
            with savepoint(session):
                case = case_for_change(session, case_id, str(rev))
                event = decide(
                    session, case, decision.decision, decision.reason, decision.duplicate_of, by, at
                )
                results[case_id]["seq"] = event.seq
        except Problem as problem:
            if problem.code == "invalid_request":
                raise
            results[case_id] |= {"outcome": problem.code, "detail": problem.detail}
    stamp_revisions(session)
    ids = list(results)
    for case in session.scalars(sa.select(Case).where(Case.id.in_(ids))):
        results[case.id]["rev"] = case.rev
    return [results[case_id] for case_id, _ in cases]


def refuse_without_reason(decision: str, reason: str) -> None:
    """Raise Problem invalid_request when this decision must say why and does not."""
    if STEPS[decision].needs_reason and not reason.strip():
        raise _field("reason", "Say why, in a few words: it stays with the case")


def with_reason(
    session: Session, case: Case, facts: dict[str, Any], reason: str, by: Actor, at: datetime
) -> tuple[dict[str, Any], dict[str, Content]]:
    """The facts and contents of a step's event, with the reason, if one was given, kept as a note."""
    if not reason.strip():
        return facts, {}
    note = add_note(session, ("case", case.id), reason, by, at)
    add_words(session, case, words_in(note.text))
    return facts | {"note_id": note.id}, {"reason": Content(note.salt, note.text)}


def show_jobs_again(session: Session, case: Case) -> None:
    """Open jobs come into the crews' lists and leave them with their case."""
    for job in session.scalars(sa.select(Job).where(Job.case_id == case.id, Job.state == "open")):
        touch(session, job)


def _other_case(session: Session, case: Case, duplicate_of: uuid.UUID | None) -> Case:
    if duplicate_of is None:
        raise _field("duplicate_of", "Name the case that this one repeats")
    other = session.get(Case, (case.authority_id, duplicate_of))
    if other is None or other.id == case.id:
        raise _field("duplicate_of", "Name another case of your council")
    return other


def write_note(session: Session, case: Case, text: str, by: Actor, at: datetime) -> Note:
    """Add a note to a case."""
    note = add_note(session, ("case", case.id), text, by, at)
    contents = {"text": Content(note.salt, note.text)}
    append_event(
        session, ("case", case.id), "case.noted", {"note_id": note.id}, by=by, at=at, contents=contents
    )
    add_words(session, case, words_in(note.text))
    touch(session, case)
    return note


def give_job(
    session: Session, case: Case, kind: str, text: str, crew_id: uuid.UUID | None, due_at: datetime | None,
    by: Actor, at: datetime,
) -> Job:  # fmt: skip
    """Give a crew (or, without `crew_id`, any crew) a piece of field work. Raises Problem invalid_request."""
    if case.state == "closed":
        raise Problem("not_a_next_step", "Reopen the case first: it is closed")
    if crew_id is not None:
        crew = session.get(User, (case.authority_id, crew_id))
        if crew is None or crew.role != "crew" or crew.disabled_at is not None:
            raise _field("crew_id", "Choose a crew of your council that is not switched off")
    job = Job(
        id=uuid.uuid4(),
        case_id=case.id,
        crew_id=crew_id,
        kind=kind,
        state="open",
        text=text,
        given_at=at,
        due_at=due_at,
    )
    session.add(job)
    session.flush()
    facts = {"job_id": job.id, "kind": kind, "crew_id": crew_id, "due_at": due_at and rfc3339(due_at)}
    append_event(session, ("case", case.id), "case.job_given", facts, by=by, at=at)
    touch(session, case)
    return job


def _field(name: str, message: str) -> Problem:
    return invalid("invalid_request", ma.ValidationError({name: [message]}))
