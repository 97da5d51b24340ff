"""`/api/v1/jobs`: the field work of all cases, by crew and age."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import validate
from sqlalchemy.orm import Session

from server.access.rules import allow, principal
from server.cases.models import JOB_STATES, Case, Job, JobResult
from server.cases.timeline import names_of
from server.errors import Problem
from server.store.clock import now, rfc3339
from server.store.paging import behind, moment, read_cursor, write_cursor
from server.store.transaction import reading

blp = Blueprint("jobs", __name__, url_prefix="/api/v1/jobs", description="Field work")

LIMIT = 200
ANY_CREW = "any"


class JobArguments(ma.Schema):
    """Which jobs. `crew_id=any`: those that any crew may do. `open` only by default."""

    state = ma.fields.String(load_default="open", validate=validate.OneOf((*JOB_STATES, "all")))
    crew_id = ma.fields.String(load_default=None)
    older_than_days = ma.fields.Integer(load_default=None, validate=validate.Range(0, 3650))
    limit = ma.fields.Integer(load_default=100, validate=validate.Range(1, LIMIT))
    cursor = ma.fields.String(load_default=None)


class JobRowSchema(ma.Schema):
    """A job with its case. `crew` null: any crew may do it; `late`: still open after its due time."""

    id = ma.fields.String()
    kind = ma.fields.String()
    state = ma.fields.String()
    text = ma.fields.String()
    crew = ma.fields.Dict(allow_none=True)
    case = ma.fields.Dict()
    given_at = ma.fields.String()
    due_at = ma.fields.String(allow_none=True)
    done_at = ma.fields.String(allow_none=True)
    age_days = ma.fields.Integer()
    late = ma.fields.Boolean()
    result = ma.fields.Dict(allow_none=True)
    rev = ma.fields.Integer()


class JobListSchema(ma.Schema):
    """Jobs, longest given first, and how many each crew has open, whatever was asked for."""

    items = ma.fields.List(ma.fields.Nested(JobRowSchema))
    next = ma.fields.String(allow_none=True)
    crews = ma.fields.List(ma.fields.Dict())


@blp.get("")
@blp.arguments(JobArguments, location="query")
@blp.response(200, JobListSchema)
@allow("case.read")
def list_jobs(arguments: dict[str, Any]) -> Response:
    """Jobs, longest given first. Open jobs of closed cases are no crew's any more and are left out."""
    at = now()
    with reading(principal().authority_id) as session:
        found = session.execute(_wanted(arguments, at).limit(arguments["limit"] + 1)).all()
        page = [(job, case) for job, case in found[: arguments["limit"]]]
        cursor = write_cursor(page[-1][0].given_at, page[-1][0].id) if len(found) > len(page) else None
        return jsonify(items=_rows(session, page, at), next=cursor, crews=_crews(session, at))


_WITH_CASE = sa.and_(Case.authority_id == Job.authority_id, Case.id == Job.case_id)
_NOT_GONE = sa.or_(Job.state != "open", Case.state != "closed")


def _wanted(arguments: dict[str, Any], at: datetime) -> sa.Select[Job, Case]:
    query = sa.select(Job, Case).join(Case, _WITH_CASE).where(_NOT_GONE).order_by(Job.given_at, Job.id)
    if arguments["state"] != "all":
        query = query.where(Job.state == arguments["state"])
    if arguments["crew_id"] is not None:
        query = query.where(Job.crew_id == _crew(arguments["crew_id"]))
    if arguments["older_than_days"] is not None:
        query = query.where(Job.given_at < at - timedelta(days=arguments["older_than_days"]))
    if arguments["cursor"]:
        place = read_cursor(arguments["cursor"], moment, uuid.UUID)
        query = query.where(Job.given_at >= place[0], behind((Job.given_at, Job.id), place))
    return query


def _crew(text: str) -> uuid.UUID | None:
    if text == ANY_CREW:
        return None
    try:
        return uuid.UUID(text)
    except ValueError as error:
        message = "Give a crew's id, or any"
        raise Problem("invalid_request", message, {"crew_id": [message]}) from error


def _rows(session: Session, page: Sequence[tuple[Job, Case]], at: datetime) -> list[dict[str, Any]]:
    names = names_of(session, {f"user:{job.crew_id}" for job, _ in page if job.crew_id})
    visits = sa.select(JobResult).where(JobResult.job_id.in_([job.id for job, _ in page]))
    last = {visit.job_id: visit for visit in session.scalars(visits.order_by(JobResult.received_at))}
    return [
        {
            "id": str(job.id), "kind": job.kind, "state": job.state, "text": job.text, "rev": job.rev,
            "crew": {"id": str(job.crew_id), "name": names[f"user:{job.crew_id}"]} if job.crew_id else None,
            "case": {
                "id": str(case.id), "reference": case.reference, "state": case.state, "label": case.label,
                "lat": case.lat, "lon": case.lon, "hazards": case.hazards,
            },
            "given_at": rfc3339(job.given_at), "due_at": job.due_at and rfc3339(job.due_at),
            "done_at": job.done_at and rfc3339(job.done_at), "age_days": (at - job.given_at).days,
            "late": job.state == "open" and job.due_at is not None and job.due_at < at,
            "result": _result(last.get(job.id)),
        }
        for job, case in page
    ]  # fmt: skip


def _result(visit: JobResult | None) -> dict[str, Any] | None:
    if visit is None:
        return None
    told = {"result": visit.result, "reason": visit.reason, "flags": visit.flags}
    return told | {"received_at": rfc3339(visit.received_at)}


def _crews(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Every crew with open jobs: how many, how many late, since when; the most first."""
    late = sa.func.count(sa.case((Job.due_at < at, 1)))
    query = sa.select(Job.crew_id, sa.func.count(), late, sa.func.min(Job.given_at)).join(Case, _WITH_CASE)
    rows = session.execute(query.where(Job.state == "open", _NOT_GONE).group_by(Job.crew_id)).all()
    names = names_of(session, {f"user:{row[0]}" for row in rows if row[0]})
    crews = [
        {
            "id": str(crew_id) if crew_id else None,
            "name": names[f"user:{crew_id}"] if crew_id else "Any crew",
            "open": count, "late": late_count, "oldest_given_at": rfc3339(oldest),
        }
        for crew_id, count, late_count, oldest in rows
    ]  # fmt: skip
    return sorted(crews, key=lambda crew: (-crew["open"], crew["name"]))
