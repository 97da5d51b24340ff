"""What each operation type does: a registry that the packages further along the road add to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import marshmallow as ma
from sqlalchemy.orm import Session

from server.intake.models import Report
from server.intake.schemas import ReportAddSchema, ReportCreateSchema, ReportLocateSchema, settle
from server.intake.service import Origin, Submission, accept_report, add_to_standing, locate_report
from server.photos.expected import Expected, expect_photos, photo_facts
from server.store.events import Content, append_event
from server.store.notes import add_note

REPORT_CREATE = "report.create"


class Conflict(Exception):
    """The id was here before with other content."""


class UnknownEntity(Exception):
    """The op is about something that has not arrived (yet)."""


@dataclass(frozen=True, slots=True)
class Op:
    """One operation as loaded by OpSchema, and where it came from."""

    op_id: uuid.UUID
    entity_id: uuid.UUID
    payload: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler did. `duplicate`: the same content was here already under another op."""

    case_id: uuid.UUID | None = None
    duplicate: bool = False


Handler = Callable[[Session, Op, dict[str, Any]], Result]


@dataclass(frozen=True, slots=True)
class OpType:
    """How an operation type is read and what it does."""

    schema: type[ma.Schema]
    handle: Handler

    def load(self, payload: dict[str, Any]) -> dict[str, Any]:
        """A payload as its schema reads it. Raises marshmallow.ValidationError."""
        data: dict[str, Any] = _made_once(self.schema).load(payload)
        return data


@cache
def _made_once(schema: type[ma.Schema]) -> ma.Schema:
    return schema()


OP_TYPES: dict[str, OpType] = {}


def op_type(name: str, schema: type[ma.Schema]) -> Callable[[Handler], Handler]:
    """Register the handler of an operation type. It raises Conflict, UnknownEntity or ValidationError."""

    def register(handle: Handler) -> Handler:
        OP_TYPES[name] = OpType(schema, handle)
        return handle

    return register


@op_type(REPORT_CREATE, ReportCreateSchema)
def create_report(session: Session, op: Op, data: dict[str, Any]) -> Result:
    """A report arrives from a phone."""
    outcome = accept_report(session, submission_of(op, data))
    if outcome == "conflict":
        raise Conflict
    return Result(duplicate=outcome == "same")


def submission_of(op: Op, data: dict[str, Any]) -> Submission:
    """The report that an op creates: odd values are settled and flagged, never refused.

    Raises marshmallow.ValidationError when the op says it is about another.
    """
    if data["id"] != op.entity_id:
        raise ma.ValidationError({"id": ["The report's id and the operation's entity_id differ"]})
    return Submission(data, op.payload, op.origin, settle(data, op.origin.received_at))


@op_type("report.locate", ReportLocateSchema)
def place_by_hand(session: Session, op: Op, data: dict[str, Any]) -> Result:
    """A report gets its position, or a better one."""
    locate_report(session, _report(session, op), data["position"], op.origin.by, op.origin.received_at)
    return Result()


@op_type("report.add", ReportAddSchema)
def add_to_report(session: Session, op: Op, data: dict[str, Any]) -> Result:
    """More words or photos for a report; the report itself stays as it was received."""
    report = _report(session, op)
    standing = add_to_standing(session, report.id)
    expected = Expected(
        data["photos"], report_id=report.id, case_id=standing.case_id, device_id=op.origin.device_id
    )
    (photos,) = expect_photos(session, expected)
    facts: dict[str, Any] = {"op_id": op.op_id, "photos": photo_facts(photos)}
    contents = {}
    if data["description"]:
        note = add_note(
            session, ("report", report.id), data["description"], op.origin.by, op.origin.received_at
        )
        facts["note_id"], contents["description"] = note.id, Content(note.salt, note.text)
    append_event(
        session, ("report", report.id), "report.added", facts,
        by=op.origin.by, at=op.origin.received_at, contents=contents,
    )  # fmt: skip
    return Result()


def _report(session: Session, op: Op) -> Report:
    report = session.get(Report, (session.info["authority_id"], op.entity_id))
    if report is None:
        raise UnknownEntity
    return report
