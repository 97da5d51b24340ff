"""Turning a merge, a split or a decision back within a day, exactly, unless something since stands in the way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.changes import Changes, moved_on, turn_back
from server.cases.models import Case, Job
from server.cases.regroup import Step, close_as_duplicate, move_jobs, move_report
from server.cases.service import show_jobs_again
from server.cases.timeline import words_for
from server.cases.words import renew_words
from server.errors import Problem
from server.intake.models import ReportStanding
from server.store.events import Event, append_event, events_of, head_of

UNDO_WITHIN = timedelta(hours=24)
UNDOABLE = ("case.decided", "case.merged", "case.split")
# What a step rests on: a later one of these has to be turned back first.
_STEPS = (*UNDOABLE, "case.merged_into", "case.changed", "case.report_joined")
_IN_WORDS = {"place": "where it is", "label": "what its place is called", "flags": "what there is to check"}


def undoable(events: Sequence[Event], at: datetime) -> list[Event]:
    """The step of a case, if any, that may be turned back now: its last one."""
    return [
        event
        for event in _standing_steps(events)[-1:]
        if event.kind in UNDOABLE and _young(event, at) and "changes" in event.facts
    ]


def undo(session: Session, case: Case, seq: int, step: Step) -> None:
    """Turn back the step that is event `seq` of the case's stream.

    Raises Problem not_found or not_a_next_step, saying what stands in the way. The caller holds the lock
    "placing".
    """
    events = events_of(session, case.id)
    event = next((event for event in events if event.seq == seq), None)
    if event is None:
        raise Problem("not_found", f"{case.reference} has no step {seq}")
    _refuse_unless_last(case, event, events, step.at)
    if event.kind == "case.merged":
        facts = _undo_merge(session, case, event, step)
    elif event.kind == "case.split":
        facts = _undo_split(session, case, event, step)
    else:
        _turn_back(case, event.facts["changes"])
        facts = {}
    show_jobs_again(session, case)
    undone = {"seq": event.seq, "undone": event.kind, **facts}
    append_event(session, ("case", case.id), "case.undone", undone, by=step.by, at=step.at)


def _standing_steps(events: Sequence[Event]) -> list[Event]:
    """The steps that were not turned back."""
    undone = {event.facts["seq"] for event in events if event.kind == "case.undone"}
    return [event for event in events if event.kind in _STEPS and event.seq not in undone]


def _young(event: Event, at: datetime) -> bool:
    return at - event.at <= UNDO_WITHIN


def _refuse_unless_last(case: Case, event: Event, events: Sequence[Event], at: datetime) -> None:
    if event.kind == "case.merged_into":
        raise _in_the_way(f"Undo it at {event.facts['into_reference']}, into which this case was merged")
    if event.kind not in UNDOABLE or "changes" not in event.facts:
        raise _in_the_way("Only merges, splits and decisions can be undone")
    steps = _standing_steps(events)
    if event not in steps:
        raise _in_the_way("It was undone already")
    if not _young(event, at):
        raise _in_the_way("It is more than a day ago. Decide again instead, with a reason")
    _refuse_later(case, event.seq, steps)


def _refuse_later(case: Case, seq: int, steps: list[Event]) -> None:
    later = [event for event in steps if event.seq > seq]
    if later:
        what = words_for(later[-1])
        raise _in_the_way(
            f"Since then, at {case.reference}: {what[:1].lower()}{what[1:]}. Undo that first, if you can"
        )


def _in_the_way(words: str) -> Problem:
    return Problem("not_a_next_step", words)


def _turn_back(case: Case, changes: Changes) -> None:
    if moved := moved_on(case, changes):
        what = ", ".join(_IN_WORDS.get(name, name.replace("_", " ")) for name in moved)
        raise _in_the_way(f"{case.reference} was changed since then ({what})")
    turn_back(case, changes)


def _undo_merge(session: Session, case: Case, event: Event, step: Step) -> dict[str, Any]:
    facts = event.facts
    others = {entry["id"]: _locked(session, entry["id"]) for entry in facts["others"]}
    for entry in facts["others"]:
        _refuse_later(
            others[entry["id"]], entry["seq"], _standing_steps(events_of(session, others[entry["id"]].id))
        )
    _refuse_unless_there(session, case, [entry["id"] for entry in facts["reports"]])
    for other in others.values():
        _turn_back(other, facts["changes"][str(other.id)])
        _give_back_jobs(
            session, case, other, [job["id"] for job in facts["jobs"] if job["from"] == str(other.id)]
        )
    _turn_back(case, facts["changes"][str(case.id)])
    because = "the merge was undone"
    heads = {
        entry["id"]: move_report(session, uuid.UUID(entry["id"]), others[entry["from"]], step, because)
        for entry in facts["reports"]
    }
    case_head = head_of(session, ("case", case.id))
    told = [
        append_event(
            session, ("case", others[entry["id"]].id), "case.undone",
            {"seq": entry["seq"], "undone": "case.merged_into", "into": case.id, "into_head": case_head},
            by=step.by, at=step.at,
        ).hash
        for entry in facts["others"]
    ]  # fmt: skip
    renew_words(session, [case, *others.values()])
    return {"reports": heads, "others": dict(zip(others, told, strict=True))}


def _undo_split(session: Session, case: Case, event: Event, step: Step) -> dict[str, Any]:
    facts = event.facts
    opened = _locked(session, facts["to"])
    _refuse_later(opened, facts["to_seq"], _standing_steps(events_of(session, opened.id)))
    if session.scalar(sa.select(sa.func.count(Job.id)).where(Job.case_id == opened.id)):
        raise _in_the_way(f"{opened.reference} has a job by now")
    _refuse_unless_there(session, opened, [facts["report_id"]])
    _turn_back(case, facts["changes"][str(case.id)])
    head = move_report(session, uuid.UUID(facts["report_id"]), case, step, "the split was undone")
    opened.report_count = 0
    close_as_duplicate(session, opened, case, step.at)
    told = append_event(
        session, ("case", opened.id), "case.merged_into",
        {"into": case.id, "into_reference": case.reference, "into_head": head_of(session, ("case", case.id)),
         "because": "the split was undone"},
        by=step.by, at=step.at,
    )  # fmt: skip
    renew_words(session, [case, opened])
    return {"reports": {facts["report_id"]: head}, "others": {str(opened.id): told.hash}}


def _locked(session: Session, case_id: str) -> Case:
    return session.get_one(Case, (session.info["authority_id"], uuid.UUID(case_id)), with_for_update=True)


def _refuse_unless_there(session: Session, case: Case, report_ids: list[str]) -> None:
    ids = [uuid.UUID(report_id) for report_id in report_ids]
    there = sa.select(sa.func.count(ReportStanding.id)).where(
        ReportStanding.id.in_(ids), ReportStanding.case_id == case.id
    )
    if session.scalar(there) != len(ids):
        raise _in_the_way(f"One of the reports left {case.reference} since then")


def _give_back_jobs(session: Session, case: Case, to: Case, job_ids: list[str]) -> None:
    ids = [uuid.UUID(job_id) for job_id in job_ids]
    if ids and len(move_jobs(session, case, to, only=ids)) != len(ids):
        raise _in_the_way(f"A crew has been at {case.reference} since then")
