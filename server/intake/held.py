"""Operations that wait: taken in once what they wait for is here; after a week out of order, or kept for an officer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Problem
from server.intake.kept import keep
from server.intake.models import AppliedOp, HeldOp, Report, ReportStanding
from server.intake.push import TOOK_EFFECT, receive_held
from server.store.events import SYSTEM, append_event

HELD_FOR = timedelta(days=7)
OUT_OF_ORDER = "out_of_order"

# What an operation of one kind is about -> how that is flagged. Packages further along the road add theirs.
Flag = Callable[[Session, uuid.UUID, dict[str, str], datetime], None]
_FLAGS: dict[str, Flag] = {}


@dataclass(frozen=True, slots=True)
class Settled:
    """How many operations took effect out of order, and how many are kept as dead letters."""

    applied: int = 0
    kept: int = 0


def out_of_order_flag(entity: str) -> Callable[[Flag], Flag]:
    """Register how the subject of `<entity>.…` operations is flagged when one took effect out of order."""

    def register(flag: Flag) -> Flag:
        _FLAGS[entity] = flag
        return flag

    return register


def take_in_arrived(session: Session, at: datetime) -> int:
    """Take in what the open authority holds though what it waits for is here; returns how many took effect.

    Its release met an error, or it began to wait at the moment when that arrived, and nobody may send it again. Safe
    to run twice, as `settle_overdue` is.
    """
    arrived = sa.or_(
        sa.exists().where(_here(AppliedOp), AppliedOp.id.in_((HeldOp.waits_for, HeldOp.id))),
        sa.exists().where(_here(Report), Report.id == HeldOp.waits_for),
    )
    taken_in = 0
    for op_id in _in_their_order(session, arrived):
        held = _still_held(session, op_id)
        if held is not None:
            verdict = receive_held(session, held, json.loads(held.raw), at)["verdict"]
            taken_in += verdict in TOOK_EFFECT
    return taken_in


def settle_overdue(session: Session, at: datetime) -> Settled:
    """Settle what the open authority has held for a week. Safe to run twice: what is settled is held no more.

    All are tried in the order their phones made them before any is given up: one may be what another waits for. What
    meets an error is not given up for it, and tried again the next time.
    """
    applied = kept = 0
    overdue = _in_their_order(session, HeldOp.received_at <= at - HELD_FOR)
    in_vain: dict[uuid.UUID, uuid.UUID] = {}
    for op_id in overdue:
        held = _still_held(session, op_id)
        if held is not None:
            waited_for, verdict = held.waits_for, _take_in_alone(session, held, at)
            applied += verdict in TOOK_EFFECT
            kept += verdict in ("conflict", "rejected")
            if verdict == "waiting_for":
                in_vain[op_id] = waited_for
    for op_id, waited_for in in_vain.items():
        held = _still_held(session, op_id)
        if held is not None and not _may_come_yet(session, held, waited_for):
            _give_up(session, held, at)
            kept += 1
    return Settled(applied, kept)


def _here(table: type[AppliedOp] | type[Report]) -> sa.ColumnElement[bool]:
    return table.authority_id == HeldOp.authority_id


def _in_their_order(session: Session, which: sa.ColumnElement[bool]) -> list[uuid.UUID]:
    """The ids of held ops in the order in which their phones made them."""
    return [held.id for held in sorted(session.scalars(sa.select(HeldOp).where(which)), key=_made)]


def _made(held: HeldOp) -> tuple[str, int]:
    return str(held.device_id), int(json.loads(held.raw)["seq"])


def _still_held(session: Session, op_id: uuid.UUID) -> HeldOp | None:
    """What took effect may have released others of the list; another run may have it in hand."""
    held = sa.select(HeldOp).where(HeldOp.id == op_id).with_for_update(skip_locked=True)
    return session.scalars(held).first()


def _take_in_alone(session: Session, held: HeldOp, at: datetime) -> str:
    op_id, raw = held.id, json.loads(held.raw)
    verdict: str = receive_held(session, held, raw | {"after": None}, at)["verdict"]
    if verdict == "applied":
        facts = {"op_id": str(op_id)}
        _FLAGS[raw["type"].partition(".")[0]](session, uuid.UUID(raw["entity_id"]), facts, at)
    return verdict


def _may_come_yet(session: Session, held: HeldOp, waited_for: uuid.UUID) -> bool:
    """Whether what it waits for, or waited for until it was tried alone, is held here too, for less than a week."""
    other = sa.or_(
        HeldOp.id.in_((waited_for, held.waits_for)),
        sa.and_(HeldOp.raw.contains("report.create"), HeldOp.raw.contains(str(held.waits_for))),
    )
    return session.scalars(sa.select(HeldOp.id).where(other, HeldOp.id != held.id)).first() is not None


def _give_up(session: Session, held: HeldOp, at: datetime) -> None:
    problem = Problem("waited_in_vain", "What it builds on never arrived").as_json()
    keep(
        session, held.raw, op_id=str(held.id), why="dead_letter", problem=problem,
        device_id=held.device_id, user_id=held.user_id, at=at,
    )  # fmt: skip
    session.delete(held)


@out_of_order_flag("report")
def flag_report(session: Session, report_id: uuid.UUID, facts: dict[str, str], at: datetime) -> None:
    """Its officer sees that something before it is missing."""
    standing = session.get_one(ReportStanding, (session.info["authority_id"], report_id))
    standing.flags = sorted({*standing.flags, OUT_OF_ORDER})
    append_event(session, ("report", report_id), "report.taken_out_of_order", facts, by=SYSTEM, at=at)
