"""What crews send about jobs and cases: results with photos, and notes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from server.cases.models import Case, Job, JobResult
from server.cases.service import write_note
from server.cases.words import add_words, words_in
from server.fields import FreeText
from server.intake.held import OUT_OF_ORDER, out_of_order_flag
from server.intake.ops import Op, Result, UnknownEntity, op_type
from server.intake.schemas import TEXT_LIMIT, Tolerant, settle_position, text
from server.photos.expected import Expected, expect_photos, photo_facts
from server.photos.schemas import photo_list
from server.store.events import SYSTEM, Content, append_event, new_salt
from server.store.notes import add_note
from server.store.transaction import locked_row, touch
from server.store.vouched import vouched_contents


class JobResultSchema(Tolerant):
    """`job.result`: what a crew found and did."""

    result = fields.String(required=True, validate=validate.OneOf(("done", "not_there", "cannot")))
    reason = text()
    position = fields.Raw(load_default=None, allow_none=True)
    photos = photo_list()


class NoteSchema(Tolerant):
    """`job.note` and `case.note`."""

    text = FreeText(required=True, validate=validate.Length(1, TEXT_LIMIT))


@op_type("job.result", JobResultSchema)
def take_job_result(session: Session, op: Op, data: dict[str, Any]) -> Result:
    """Every visit is kept. One that came too late, or from another crew, is flagged for an officer, never refused."""
    job, case = _job_and_case(session, op)
    flags = settle_position(data) + _odd_about(job, case, op)
    position = data["position"]
    if position and position["fixed_at"]:
        position = position | {"fixed_at": position["fixed_at"].isoformat()}
    visit = JobResult(
        id=uuid.uuid4(), job_id=job.id, result=data["result"], reason=data["reason"], position=position,
        device_id=op.origin.device_id, device_time=op.origin.device_time, received_at=op.origin.received_at,
        payload=op.payload, salt=new_salt(), flags=flags,
    )  # fmt: skip
    session.add(visit)
    session.flush()
    expected = Expected(data["photos"], job_id=job.id, case_id=case.id, device_id=op.origin.device_id)
    (photos,) = expect_photos(session, expected)
    if job.state == "open":
        job.state, job.done_at = data["result"], op.origin.received_at
    case.flags = sorted({*case.flags, *flags})
    facts = {
        "job_id": job.id,
        "job_kind": job.kind,
        "result": visit.result,
        "flags": flags,
        "op_id": op.op_id,
        "photos": photo_facts(photos),
    }
    append_event(
        session, ("case", case.id), "case.job_result", facts, by=op.origin.by, at=op.origin.received_at,
        contents={"payload": Content(visit.salt, visit.payload)},
    )  # fmt: skip
    touch(session, job)
    touch(session, case)
    return Result(case_id=case.id)


def _odd_about(job: Job, case: Case, op: Op) -> list[str]:
    flags = []
    if job.state != "open":
        flags.append("job_done_twice")
    if job.crew_id is not None and job.crew_id != op.origin.user_id:
        flags.append("job_of_another_crew")
    if case.state == "closed":
        flags.append("job_of_closed_case")
    return flags


@op_type("job.note", NoteSchema)
def note_on_job(session: Session, op: Op, data: dict[str, Any]) -> Result:
    """Words about a job."""
    job, case = _job_and_case(session, op)
    note = add_note(session, ("job", job.id), data["text"], op.origin.by, op.origin.received_at)
    append_event(
        session, ("case", case.id), "case.job_noted", {"job_id": job.id, "note_id": note.id, "op_id": op.op_id},
        by=op.origin.by, at=op.origin.received_at, contents={"text": Content(note.salt, note.text)},
    )  # fmt: skip
    add_words(session, case, words_in(note.text))
    touch(session, job)
    touch(session, case)
    return Result(case_id=case.id)


@op_type("case.note", NoteSchema)
def note_on_case(session: Session, op: Op, data: dict[str, Any]) -> Result:
    """Words about a case."""
    case = _case(session, op.entity_id)
    write_note(session, case, data["text"], op.origin.by, op.origin.received_at)
    return Result(case_id=case.id)


def _job_and_case(session: Session, op: Op) -> tuple[Job, Case]:
    job = locked_row(session, Job, op.entity_id)
    if job is None:
        raise UnknownEntity
    return job, _case(session, job.case_id)


def _case(session: Session, case_id: uuid.UUID) -> Case:
    case = locked_row(session, Case, case_id)
    if case is None:
        raise UnknownEntity
    return case


@out_of_order_flag("job")
def flag_job(session: Session, job_id: uuid.UUID, facts: dict[str, str], at: datetime) -> None:
    """Something a crew sent about a job before this is missing: its case's officer sees it."""
    flag_case(session, session.get_one(Job, (session.info["authority_id"], job_id)).case_id, facts, at)


@out_of_order_flag("case")
def flag_case(session: Session, case_id: uuid.UUID, facts: dict[str, str], at: datetime) -> None:
    """Something a crew sent about a case before this is missing: its officer sees it."""
    case = _case(session, case_id)
    case.flags = sorted({*case.flags, OUT_OF_ORDER})
    append_event(session, ("case", case_id), "case.taken_out_of_order", facts, by=SYSTEM, at=at)


@vouched_contents()
def visits_on_record(session: Session) -> Iterator[tuple[uuid.UUID, str, Content]]:
    """Every visit's payload, as it was received."""
    for visit in session.scalars(sa.select(JobResult).execution_options(yield_per=1000)):
        yield visit.job_id, "the payload of a visit to this job", Content(visit.salt, visit.payload)
