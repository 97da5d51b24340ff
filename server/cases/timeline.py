"""One timeline of everything that happened to a case and its reports, in words ready to show."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Device, User
from server.intake.models import Report
from server.intake.reference import reference
from server.store.clock import rfc3339
from server.store.events import Event
from server.store.notes import Note

_SOURCES = {"crew": "a crew", "officer": "an officer", "resident": "a resident", "open311": "another system"}
_DECIDED = {
    "accept": "Accepted", "duplicate": "Closed as a duplicate", "not_ours": "Closed: not ours",
    "no_evidence": "Closed: no evidence", "close": "Closed as cleared", "reopen": "Reopened",
}  # fmt: skip
_JOBS = {"clear": "Clear it", "inspect": "Inspect it", "sign": "Put up a sign", "camera": "Place a camera"}
_RESULTS = {"done": "done", "not_there": "nothing there", "cannot": "could not be done"}
_UNDONE = {
    "case.decided": "The decision was undone", "case.merged": "The merge was undone",
    "case.merged_into": "The merge was undone", "case.split": "The split was undone",
}  # fmt: skip
_NAMES = {"category": "what it is", "hazards": "hazards", "label": "what the place is called"}

Facts = dict[str, Any]


def _changed(facts: Facts) -> str:
    said = []
    for name, (before, after) in facts["changes"].items():
        if name in _NAMES:
            said.append(f"{_NAMES[name]} from {_value(name, before)} to {_value(name, after)}")
    return f"Changed {'; '.join(said)}" if said else "Changed"


def _value(name: str, value: Any) -> str:
    if name == "label":
        return f"“{value}”"
    entries = reference()["hazards" if name == "hazards" else "categories"]
    known: dict[str, str] = {entry["code"]: entry["name"] for entry in entries}
    codes: list[str] = value if isinstance(value, list) else [value]
    return ", ".join(known.get(code, code) for code in codes) or "none"


def _merged(facts: Facts) -> str:
    return f"{' and '.join(other['reference'] for other in facts['others'])} merged into this case"


_WORDS: dict[str, Callable[[Facts], str]] = {
    "report.received": lambda facts: f"Report {facts['receipt_code']} from {_SOURCES[facts['source']]} received",
    "report.placed": lambda facts: f"Placed: {facts['label'] or 'no position yet'}",
    "report.located": lambda facts: "Position given" + (
        f", accurate to {facts['accuracy_m']:.0f} m" if facts["accuracy_m"] is not None else ""
    ),
    "report.added": lambda facts: "Added to the report" + (
        f": {len(facts['photos'])} photos announced" if facts["photos"] else ""
    ),
    "report.quarantined": lambda _: "Held back until a person has looked",
    "report.released": lambda _: "Released: it goes its way like any other",
    "report.refused": lambda _: "Refused: it gets no case",
    "report.contact_given": lambda _: "The reporter left a way to reach them",
    "report.contact_viewed": lambda _: "How to reach the reporter was looked at",
    "report.contact_erased": lambda _: "How to reach the reporter was erased",
    "photo.received": lambda _: "Photo received",
    "photo.verified": lambda facts: "Photo checked" + ("" if facts["showable"] else "; it cannot be shown"),
    "photo.damaged": lambda _: "Photo damaged on the server; it is asked for again",
    "photo.original_viewed": lambda _: "Original photo looked at",
    "case.opened": lambda facts: f"Case {facts['reference']} opened",
    "case.report_joined": lambda facts: f"Report joined: {facts['because']}",
    "case.decided": lambda facts: _DECIDED[facts["decision"]],
    "case.changed": _changed,
    "case.noted": lambda _: "Note",
    "case.put_on_map": lambda _: "Put on the map by hand",
    "case.job_given": lambda facts: f"Job given: {_JOBS[facts['kind']].lower()}",
    "case.job_noted": lambda _: "Note on a job",
    "case.job_result": lambda facts: f"Job “{_JOBS[facts['job_kind']].lower()}”: {_RESULTS[facts['result']]}",
    "case.merged": _merged,
    "case.merged_into": lambda facts: f"Merged into {facts['into_reference']}",
    "case.split": lambda facts: f"Report {facts['receipt_code']} split off to {facts['to_reference']}",
    "case.undone": lambda facts: _UNDONE[facts["undone"]],
}  # fmt: skip
# Said once by the case they concern.
_SAID_BY_THE_CASE = ("report.joined", "report.moved")


def words_for(event: Event) -> str:
    """What happened, in words."""
    words = _WORDS.get(event.kind)
    return words(event.facts) if words else event.kind.replace(".", " ").replace("_", " ").capitalize()


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Who the actors of events are, in words: a person's name, a phone's label, a resident, Tipwatch itself."""
    told = {"system": "Tipwatch", "public": "A resident"}
    ids: dict[str, list[uuid.UUID]] = {"user": [], "device": []}
    for actor in set(actors) - told.keys():
        kind, _, number = actor.partition(":")
        told[actor] = actor
        if kind in ids:
            ids[kind].append(uuid.UUID(number))
    if ids["user"]:
        people = sa.select(User.id, User.name).where(User.id.in_(ids["user"]))
        told |= {f"user:{number}": name for number, name in session.execute(people)}
    if ids["device"]:
        phones = sa.select(Device.id, Device.label).where(Device.id.in_(ids["device"]))
        told |= {f"device:{number}": label for number, label in session.execute(phones)}
    return told


def timeline(
    session: Session, case_events: Sequence[Event], reports: Sequence[Report], notes: Sequence[Note]
) -> list[dict[str, Any]]:
    """Everything that happened to the case and its reports, oldest first; `text`: what a person wrote with it."""
    of_reports = sa.select(Event).where(
        Event.stream_id.in_([report.id for report in reports]), Event.kind.not_in(_SAID_BY_THE_CASE)
    )
    events = [*session.scalars(of_reports), *case_events]
    undone = {event.facts["seq"] for event in case_events if event.kind == "case.undone"}
    names, texts = (
        names_of(session, {event.by for event in events}),
        {str(note.id): note.text for note in notes},
    )
    mine = {id(event) for event in case_events}
    # Of one moment, what happened to a report comes before what that did to its case.
    events.sort(key=lambda event: (event.at, id(event) in mine, event.seq))
    return [
        {
            "at": rfc3339(event.at), "by": names[event.by], "what": words_for(event),
            "text": texts.get(str(event.facts.get("note_id"))), "kind": event.kind, "seq": event.seq,
            "stream": "case" if id(event) in mine else "report", "subject_id": str(event.stream_id),
            "undone": id(event) in mine and event.seq in undone,
        }
        for event in events
    ]  # fmt: skip
