"""A phone's push: each op in a savepoint of its own, one verdict for each, nothing refused into the void."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from server.access.models import User
from server.errors import Problem, invalid
from server.intake.kept import keep
from server.intake.models import AppliedOp, HeldOp
from server.intake.ops import OP_TYPES, Conflict, Op, OpType, Result, UnknownEntity
from server.intake.schemas import OpSchema
from server.intake.service import Origin
from server.intake.upcasters import KNOWN_SCHEMA, lift
from server.store.clock import rfc3339
from server.store.events import Actor
from server.store.transaction import insert_new, savepoint, stamp_revisions

log = logging.getLogger(__name__)

OPS_LIMIT = 50
BYTES_LIMIT = 1024 * 1024
RETRY_SOON_S = 5
RETRY_LATER_S = 3600
ENVELOPE = OpSchema()
TOOK_EFFECT = ("applied", "duplicate")


@dataclass(frozen=True, slots=True)
class Sender:
    """The phone and the person a push comes from."""

    device_id: uuid.UUID
    user_id: uuid.UUID
    role: str

    @property
    def source(self) -> str:
        """What reports from this sender say of where they come from."""
        return "crew" if self.role == "crew" else "officer"


def refuse_too_many(raw_ops: list[Any]) -> None:
    """Raise Problem too_many_ops."""
    if len(raw_ops) > OPS_LIMIT:
        raise Problem(
            "too_many_ops", f"At most {OPS_LIMIT} items at a time; send the rest in the next message"
        )


def receive_push(session: Session, raw_ops: list[Any], sender: Sender, at: datetime) -> dict[str, Any]:
    """Apply ops in order, each by itself, and answer one verdict for each."""
    verdicts = [receive_one(session, raw, sender, at) for raw in raw_ops]
    given = stamp_revisions(session)
    for verdict in verdicts:
        if verdict["verdict"] in TOOK_EFFECT:
            op_id = uuid.UUID(verdict["op_id"])
            verdict["rev"] = given.get((AppliedOp, op_id)) or _applied(session, op_id).rev
    return {"results": verdicts, "server_time": rfc3339(at)}


def receive_one(session: Session, raw: Any, sender: Sender, at: datetime) -> dict[str, Any]:
    """The verdict on one op; once it takes effect, so do the ops that waited for it, and those that waited for them."""
    return _with_what_waited(session, _judge(session, raw, sender, at), at)


def receive_held(session: Session, held: HeldOp, raw: Any, at: datetime) -> dict[str, Any]:
    """As `receive_one`, for an op that is held, as `raw` now says it, in the name of whoever saved it.

    What meets an error stays held, as nobody may be left to send it again; so does what still waits.
    """
    return _with_what_waited(session, _judge_held(session, held, raw, at), at)


def _with_what_waited(session: Session, verdict: dict[str, Any], at: datetime) -> dict[str, Any]:
    arrived = deque([verdict])
    while arrived:
        earlier = arrived.popleft()
        if earlier["verdict"] in TOOK_EFFECT:
            for held in _held_for(session, earlier):
                arrived.append(_judge_held(session, held, json.loads(held.raw), at))
    return verdict


def _judge_held(session: Session, held: HeldOp, raw: Any, at: datetime) -> dict[str, Any]:
    op_id, owner = held.id, session.get_one(User, (held.authority_id, held.user_id))
    verdict = _judge(session, raw, Sender(held.device_id, owner.id, owner.role), at)
    if verdict["verdict"] in ("conflict", "rejected"):  # an officer has it now
        _hold_no_more(session, op_id)
    return verdict


def _judge(session: Session, raw: Any, sender: Sender, at: datetime) -> dict[str, Any]:
    op_id = str(raw.get("op_id")) if isinstance(raw, dict) and raw.get("op_id") is not None else None
    try:
        with savepoint(session):
            return _verdict_on(session, raw, op_id, sender, at)
    except Problem as problem:
        return _retry(op_id, problem)
    except (OperationalError, IntegrityError) as error:
        # Another connection was in the way: it holds a lock, or wrote the same rows at the same moment.
        log.warning("an op could not be applied now: %s", error.orig)
        return _retry(op_id, Problem("busy"))
    except Exception:  # an op that this server cannot cope with must not keep the others from arriving
        log.exception("an op could not be applied")
        return _retry(op_id, Problem("server_error", "Kept on the phone", retry_after_s=RETRY_LATER_S))


def _verdict_on(
    session: Session, raw: Any, op_id: str | None, sender: Sender, at: datetime
) -> dict[str, Any]:
    try:
        envelope = ENVELOPE.load(raw if isinstance(raw, dict) else {})
        with savepoint(session):
            return _apply(session, envelope, sender, at)
    except Conflict:
        return _keep_conflict(session, raw, op_id, sender, at)
    except ma.ValidationError as error:
        return _keep(session, raw, op_id, "rejected", invalid("invalid_payload", error), sender, at)
    except UnknownEntity:
        return _hold(session, raw, envelope, envelope["entity_id"], sender, at)
    except _Waits as waits:
        return _hold(session, raw, envelope, waits.for_id, sender, at)


def _retry(op_id: str | None, problem: Problem) -> dict[str, Any]:
    after_s = problem.retry_after_s or RETRY_SOON_S
    return {"op_id": op_id, "verdict": "retry", "after_s": after_s, "problem": problem.as_json()}


class _Waits(Exception):
    def __init__(self, for_id: uuid.UUID):
        super().__init__(str(for_id))
        self.for_id = for_id


def _apply(session: Session, envelope: dict[str, Any], sender: Sender, at: datetime) -> dict[str, Any]:
    operation = _known_type(envelope)
    if not _first_time(session, envelope, sender, at):
        answer = _again(session, envelope)
        # Sent twice at once, one may have begun to wait as the other took effect.
        _hold_no_more(session, envelope["op_id"])
        return answer
    after = envelope["after"]
    if after is not None and session.get(AppliedOp, (session.info["authority_id"], after)) is None:
        raise _Waits(after)
    data = operation.load(read_payload(envelope))
    result = operation.handle(session, op_of(envelope, sender, at), data)
    if stored(result) != stored(Result()):
        _applied(session, envelope["op_id"]).result = stored(result)
    # It may have been held and sent again: what has taken effect waits no longer.
    _hold_no_more(session, envelope["op_id"])
    return took_effect(envelope, result)


def _known_type(envelope: dict[str, Any]) -> OpType:
    operation = OP_TYPES.get(envelope["type"])
    detail = "Kept on the phone until the server has been updated"
    if operation is None:
        raise Problem("unknown_op_type", detail, retry_after_s=RETRY_LATER_S)
    if envelope["schema"] > KNOWN_SCHEMA:
        raise Problem("unknown_schema", detail, retry_after_s=RETRY_LATER_S)
    return operation


def _applied(session: Session, op_id: uuid.UUID) -> AppliedOp:
    return session.get_one(AppliedOp, (session.info["authority_id"], op_id))


def _first_time(session: Session, envelope: dict[str, Any], sender: Sender, at: datetime) -> bool:
    """Claim the op id. Another connection with the same op waits here until the first has finished."""
    return insert_new(session, AppliedOp, **claim(envelope, sender, at))


def claim(envelope: dict[str, Any], sender: Sender, at: datetime) -> dict[str, Any]:
    """The row that says an op took effect; its result is written once it is known."""
    return {
        "id": envelope["op_id"], "device_id": sender.device_id, "user_id": sender.user_id, "seq": envelope["seq"],
        "type": envelope["type"], "entity_id": envelope["entity_id"], "payload_sha256": envelope["payload_sha256"],
        "received_at": at, "result": stored(Result()),
    }  # fmt: skip


def stored(result: Result) -> dict[str, Any]:
    """What is kept of a result, for those who send the op again."""
    return {"case_id": str(result.case_id) if result.case_id else None}


def _again(session: Session, envelope: dict[str, Any]) -> dict[str, Any]:
    return sent_again(envelope, _applied(session, envelope["op_id"]))


def sent_again(envelope: dict[str, Any], applied: Any) -> dict[str, Any]:
    """The verdict on an op that is here already, from its row. Raises Conflict when it was another op."""
    if applied.payload_sha256 != envelope["payload_sha256"] or applied.entity_id != envelope["entity_id"]:
        raise Conflict
    return {
        "op_id": str(applied.id),
        "verdict": "duplicate",
        "entity_id": str(applied.entity_id),
        **applied.result,
    }


def read_payload(envelope: dict[str, Any]) -> dict[str, Any]:
    """The JSON object that an op carries as text, as today's apps write it. Raises marshmallow.ValidationError."""
    text: str = envelope["payload"]
    if hashlib.sha256(text.encode()).hexdigest() != envelope["payload_sha256"]:
        raise ma.ValidationError(
            {"payload_sha256": ["The payload does not match its SHA-256; send it again"]}
        )
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ma.ValidationError({"payload": ["The payload is not JSON"]}) from error
    if not isinstance(payload, dict):
        raise ma.ValidationError({"payload": ["The payload is not a JSON object"]})
    return lift(envelope["type"], envelope["schema"], payload)


def op_of(envelope: dict[str, Any], sender: Sender, at: datetime) -> Op:
    """A loaded op together with where it comes from."""
    origin = Origin(
        source=sender.source, by=Actor(f"user:{sender.user_id}"), received_at=at, user_id=sender.user_id,
        device_id=sender.device_id, op_id=envelope["op_id"], device_time=envelope["device_time"],
        tz_offset_min=envelope["tz_offset_min"], clock_offset_ms=envelope["clock_offset_ms"],
    )  # fmt: skip
    return Op(envelope["op_id"], envelope["entity_id"], envelope["payload"], origin)


def took_effect(envelope: dict[str, Any], result: Result) -> dict[str, Any]:
    """The verdict on an op that was applied just now."""
    return {
        "op_id": str(envelope["op_id"]), "verdict": "duplicate" if result.duplicate else "applied",
        "entity_id": str(envelope["entity_id"]), "case_id": str(result.case_id) if result.case_id else None,
    }  # fmt: skip


def _held_for(session: Session, verdict: dict[str, Any]) -> list[HeldOp]:
    """The ops that are held for this one, in the order their phone made them."""
    arrived = (uuid.UUID(verdict["op_id"]), uuid.UUID(verdict["entity_id"]))
    waiting = sa.select(HeldOp).where(HeldOp.waits_for.in_(arrived)).with_for_update()
    return sorted(session.scalars(waiting), key=lambda held: int(json.loads(held.raw)["seq"]))


def _hold_no_more(session: Session, op_id: uuid.UUID) -> None:
    session.execute(sa.delete(HeldOp).where(HeldOp.id == op_id))


def _hold(
    session: Session, raw: Any, envelope: dict[str, Any], waits_for: uuid.UUID, sender: Sender, at: datetime
) -> dict[str, Any]:
    new = insert_new(
        session, HeldOp,
        id=envelope["op_id"], device_id=sender.device_id, user_id=sender.user_id, waits_for=waits_for,
        payload_sha256=envelope["payload_sha256"], raw=json.dumps(raw), received_at=at,
    )  # fmt: skip
    if not new:
        query = sa.select(HeldOp).where(HeldOp.id == envelope["op_id"]).with_for_update()
        before = session.scalars(query).first()
        if before is None:  # another connection has just taken it in
            raise Problem("busy")
        if before.payload_sha256 != envelope["payload_sha256"]:
            return _keep_conflict(session, raw, str(envelope["op_id"]), sender, at)
        # One of the two things it waited for is here; its week began when it first came.
        before.waits_for = waits_for
    return {"op_id": str(envelope["op_id"]), "verdict": "waiting_for", "waiting_for": str(waits_for)}


def _keep_conflict(
    session: Session, raw: Any, op_id: str | None, sender: Sender, at: datetime
) -> dict[str, Any]:
    return _keep(session, raw, op_id, "conflict", Problem("op_mismatch", "Kept for an officer"), sender, at)


def _keep(
    session: Session, raw: Any, op_id: str | None, why: str, problem: Problem, sender: Sender, at: datetime
) -> dict[str, Any]:
    """Keep what could not be applied, whole, for an officer; the phone is told why."""
    told, whole = problem.as_json(), json.dumps(raw, sort_keys=True)
    keep(
        session,
        whole,
        op_id=op_id,
        why=why,
        problem=told,
        device_id=sender.device_id,
        user_id=sender.user_id,
        at=at,
    )
    return {"op_id": op_id, "verdict": why, "problem": told}
