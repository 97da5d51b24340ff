"""The common push: everything in it takes effect or was here before, so that no op needs a savepoint of its own.

New reports are written first, by a statement for each table; the others follow in their order. Verdicts and rows are
those of push.py, which takes every op by itself. Whatever is odd about one of them is left to it: then nothing of the
push was written here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Problem
from server.intake.models import AppliedOp, HeldOp
from server.intake.ops import OP_TYPES, REPORT_CREATE, Conflict, Result, UnknownEntity, submission_of
from server.intake.push import (
    ENVELOPE,
    Sender,
    claim,
    op_of,
    read_payload,
    sent_again,
    stored,
    took_effect,
)
from server.intake.service import accept_reports
from server.intake.upcasters import KNOWN_SCHEMA
from server.store.clock import rfc3339
from server.store.transaction import insert_new_rows, stamp_revisions

_applied: Any = AppliedOp.__table__
_NOTE_RESULT = (
    sa.update(_applied)
    .where(_applied.c.authority_id == sa.bindparam("of"), _applied.c.id == sa.bindparam("op_id"))
    .values(result=sa.bindparam("found"))
)
_ops: Any = sa.bindparam("ops", expanding=True)
_entities: Any = sa.bindparam("entities", expanding=True)
_held: Any = HeldOp.__table__
_AWAITED = (
    sa.select(_held.c.id)
    .where(
        _held.c.authority_id == sa.bindparam("of"),
        sa.or_(_held.c.id.in_(_ops), _held.c.waits_for.in_(_ops), _held.c.waits_for.in_(_entities)),
    )
    .limit(1)
)


class Odd(Exception):
    """Something about these ops asks for each to be taken by itself; what was written must be undone."""


def receive_together(session: Session, raw_ops: list[Any], sender: Sender, at: datetime) -> dict[str, Any]:
    """Apply ops together and answer one verdict for each. Raises Odd, and the database's errors."""
    envelopes = [_envelope(raw) for raw in raw_ops]
    op_ids = {envelope["op_id"] for envelope in envelopes}
    if len(op_ids) < len(envelopes):
        raise Odd("one op is named twice")
    claimed = insert_new_rows(session, AppliedOp, [claim(envelope, sender, at) for envelope in envelopes])
    before = _rows(
        session, (op_ids - claimed) | {each["after"] for each in envelopes if each["after"]} - claimed
    )
    _refuse_out_of_order(envelopes, before)
    results = _done(session, [each for each in envelopes if each["op_id"] in claimed], sender, at)
    _refuse_awaited(session, op_ids, {envelope["entity_id"] for envelope in envelopes})
    given = stamp_revisions(session)
    verdicts = []
    for envelope in envelopes:
        op_id = envelope["op_id"]
        if op_id in claimed:
            verdicts.append(took_effect(envelope, results[op_id]) | {"rev": given[AppliedOp, op_id]})
        else:
            verdicts.append(_sent_again(envelope, before[op_id]) | {"rev": before[op_id].rev})
    return {"results": verdicts, "server_time": rfc3339(at)}


def _envelope(raw: Any) -> dict[str, Any]:
    try:
        envelope: dict[str, Any] = ENVELOPE.load(raw if isinstance(raw, dict) else {})
    except ma.ValidationError as error:
        raise Odd("not an op") from error
    if envelope["type"] not in OP_TYPES or envelope["schema"] > KNOWN_SCHEMA:
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
    reports_to_come = {each["entity_id"] for each in envelopes if each["type"] == REPORT_CREATE}
    for envelope in envelopes:
        if envelope["type"] == REPORT_CREATE:
            reports_to_come.discard(envelope["entity_id"])
        if envelope["entity_id"] in reports_to_come:
            raise Odd("an op comes before its report")
        if envelope["after"] is not None and envelope["after"] not in here:
            raise Odd("an op comes before the one it builds on")
        here.add(envelope["op_id"])


def _done(
    session: Session, envelopes: list[dict[str, Any]], sender: Sender, at: datetime
) -> dict[uuid.UUID, Result]:
    """What each op did, once all are done. Raises Odd for what push.py has another verdict for."""
    reports = [each for each in envelopes if each["type"] == REPORT_CREATE]
    if len({each["entity_id"] for each in reports}) < len(reports):
        raise Odd("one report is named twice")
    others = [each for each in envelopes if each["type"] != REPORT_CREATE]
    try:
        results = dict(_accepted(session, reports, sender, at))
        for each in others:
            data = OP_TYPES[each["type"]].load(read_payload(each))
            results[each["op_id"]] = OP_TYPES[each["type"]].handle(session, op_of(each, sender, at), data)
    except (ma.ValidationError, Conflict, UnknownEntity, Problem) as error:
        raise Odd("one of them does not take effect") from error
    _note_results(session, results)
    return results


def _accepted(
    session: Session, envelopes: list[dict[str, Any]], sender: Sender, at: datetime
) -> Iterator[tuple[uuid.UUID, Result]]:
    """Write the reports; what each op did."""
    read = OP_TYPES[REPORT_CREATE].load
    submissions = [submission_of(op_of(each, sender, at), read(read_payload(each))) for each in envelopes]
    for each, outcome in zip(envelopes, accept_reports(session, submissions), strict=True):
        if outcome == "conflict":
            raise Conflict
        yield each["op_id"], Result(duplicate=outcome == "same")


def _note_results(session: Session, results: Mapping[uuid.UUID, Result]) -> None:
    """Write down what is not as every op was claimed with."""
    of = session.info["authority_id"]
    found = [
        {"of": of, "op_id": op_id, "found": stored(result)}
        for op_id, result in results.items()
        if stored(result) != stored(Result())
    ]
    if found:
        session.connection().execute(_NOTE_RESULT, found)


def _refuse_awaited(session: Session, op_ids: Collection[uuid.UUID], entities: Collection[uuid.UUID]) -> None:
    """Raise Odd when one of these ops was held, or others wait for it."""
    asked = {"of": session.info["authority_id"], "ops": [*op_ids], "entities": [*entities]}
    if session.connection().execute(_AWAITED, asked).first() is not None:
        raise Odd("others wait for it")


def _sent_again(envelope: dict[str, Any], applied: Any) -> dict[str, Any]:
    try:
        return sent_again(envelope, applied)
    except Conflict as conflict:
        raise Odd("an op was here with other content") from conflict
