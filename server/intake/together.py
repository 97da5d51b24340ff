"""The common push: nothing but new reports, or ones sent again, written together by a statement for each table.

Verdicts and rows are those of push.py, which takes every op by itself. Whatever is odd about one of them is left to
it: then nothing of the push was written here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.models import AppliedOp, HeldOp
from server.intake.ops import OP_TYPES, REPORT_CREATE, Conflict, Result, submission_of
from server.intake.push import ENVELOPE, Sender, claim, op_of, read_payload, sent_again, took_effect
from server.intake.service import accept_reports
from server.intake.upcasters import KNOWN_SCHEMA
from server.store.clock import rfc3339
from server.store.transaction import insert_new_rows, stamp_revisions


class Odd(Exception):
    """Something about these ops asks for each to be taken by itself; what was written must be undone."""


def receive_together(session: Session, raw_ops: list[Any], sender: Sender, at: datetime) -> dict[str, Any]:
    """Apply ops together and answer one verdict for each. Raises Odd, and the database's errors."""
    envelopes = [_envelope(raw) for raw in raw_ops]
    op_ids = {envelope["op_id"] for envelope in envelopes}
    entities = {envelope["entity_id"] for envelope in envelopes}
    if not len(op_ids) == len(entities) == len(envelopes):
        raise Odd("one op or report is named twice")
    claims = [claim(envelope, sender, at) for envelope in envelopes]
    claimed = insert_new_rows(session, AppliedOp, claims)
    before = _rows(
        session, (op_ids - claimed) | {each["after"] for each in envelopes if each["after"]} - claimed
    )
    _refuse_out_of_order(envelopes, before)
    outcomes = _accept([each for each in envelopes if each["op_id"] in claimed], session, sender, at)
    _refuse_awaited(session, op_ids, entities)
    given = stamp_revisions(session)
    results = []
    for envelope in envelopes:
        op_id = envelope["op_id"]
        if op_id in claimed:
            verdict = took_effect(envelope, Result(duplicate=outcomes[op_id] == "same"))
            results.append(verdict | {"rev": given[AppliedOp, op_id]})
        else:
            results.append(_sent_again(envelope, before[op_id]) | {"rev": before[op_id].rev})
    return {"results": results, "server_time": rfc3339(at)}


def _envelope(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or raw.get("type") != REPORT_CREATE:
        raise Odd("not a new report")
    try:
        envelope: dict[str, Any] = ENVELOPE.load(raw)
    except ma.ValidationError as error:
        raise Odd("not an op") from error
    if envelope["schema"] > KNOWN_SCHEMA:
        raise Odd("of a newer app")
    return envelope


def _rows(session: Session, op_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Any]:
    """What is known of ops that were here before."""
    if not op_ids:
        return {}
    columns = (
        AppliedOp.id, AppliedOp.payload_sha256, AppliedOp.entity_id, AppliedOp.result, AppliedOp.rev,
    )  # fmt: skip
    return {row.id: row for row in session.execute(sa.select(*columns).where(AppliedOp.id.in_(op_ids)))}


def _refuse_out_of_order(envelopes: list[dict[str, Any]], before: Mapping[uuid.UUID, Any]) -> None:
    here = set(before)
    for envelope in envelopes:
        if envelope["after"] is not None and envelope["after"] not in here:
            raise Odd("an op comes before the one it builds on")
        here.add(envelope["op_id"])


def _accept(
    envelopes: list[dict[str, Any]], session: Session, sender: Sender, at: datetime
) -> dict[uuid.UUID, str]:
    """Write the reports; for each op whether its report is new or the same as one before."""
    read = OP_TYPES[REPORT_CREATE].load
    try:
        submissions = [submission_of(op_of(each, sender, at), read(read_payload(each))) for each in envelopes]
        outcomes = accept_reports(session, submissions)
    except ma.ValidationError as error:
        raise Odd("a report or a photo is odd") from error
    if "conflict" in outcomes:
        raise Odd("a report was here with other content")
    return {each["op_id"]: outcome for each, outcome in zip(envelopes, outcomes, strict=True)}


def _refuse_awaited(session: Session, op_ids: Collection[uuid.UUID], entities: Collection[uuid.UUID]) -> None:
    """Raise Odd when one of these ops was held, or others wait for it."""
    awaited = sa.or_(HeldOp.id.in_(op_ids), HeldOp.waits_for.in_({*op_ids, *entities}))
    if session.execute(sa.select(HeldOp.id).where(awaited).limit(1)).first() is not None:
        raise Odd("others wait for it")


def _sent_again(envelope: dict[str, Any], applied: Any) -> dict[str, Any]:
    try:
        return sent_again(envelope, applied)
    except Conflict as conflict:
        raise Odd("an op was here with other content") from conflict
