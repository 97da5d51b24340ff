"""Deferred tasks: a row written with its cause, sent after commit on a lease, swept up when the lease passes.

The broker is only a hint. Losing it, or a worker in the middle of a task, costs at most one lease of time.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from celery import Celery
from flask import current_app
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.clock import now
from server.store.database import Base, OfAuthority, db
from server.store.transaction import ACROSS_AUTHORITIES, insert_rows, transaction

log = logging.getLogger(__name__)

PARK_AFTER_ATTEMPTS = 12
KEEP_DONE = timedelta(days=14)
SWEEP_LIMIT = 200
BROKER_REST_S = 10.0
# Tasks in one message: they may be done in one transaction, which others should not wait for long.
BUNDLE = 10

# Names are promises to rows already written: a task is renamed only together with a migration.
PLACE_REPORT = "tipwatch.places.place_report"
PLACE_AGAIN = "tipwatch.places.place_again"
VERIFY_PHOTO = "tipwatch.photos.verify_photo"
REBUILD_HOTSPOTS = "tipwatch.hotspots.rebuild"
HOTSPOTS_CHANGED = "tipwatch.hotspots.changed"
HOTSPOTS_ASKED = "tipwatch.hotspots.asked"
FIND_PART = "tipwatch.hotspots.find_part"
JOIN_PARTS = "tipwatch.hotspots.join_parts"
# Each in a message of its own: they take long, and every worker is to have some.
ALONE = frozenset({FIND_PART})


class DeferredTask(OfAuthority, Base):
    """One piece of work for a worker. `subject_id` is what it is about; the task reads everything else anew."""

    __tablename__ = "deferred_task"
    __table_args__ = (
        sa.Index(
            "ix_deferred_task_open", "leased_until",
            sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL"),
        ),
    )  # fmt: skip
    name: Mapped[str] = mapped_column(sa.String(80))
    subject_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the broker: a task's name and the key of its row."""

    name: str
    authority_id: uuid.UUID
    task_id: uuid.UUID


def defer(name: str, subject_id: uuid.UUID, *, after: timedelta = timedelta(0), once: bool = False) -> None:
    """Write a deferred task into the open transaction.

    `after`: how long to wait before it is sent. `once` (with `after`): leave it when the same work already waits
    to be sent, for work that reads the whole state anyway.
    """
    session = db.session()
    if once and _is_waiting(session, name, subject_id, after):
        return
    _write(session, name, [subject_id], after)
    if once:
        session.info["waiting"][name, subject_id, after] = True


def defer_each(name: str, subject_ids: Iterable[uuid.UUID]) -> None:
    """Write a deferred task for each of these subjects into the open transaction."""
    _write(db.session(), name, subject_ids, timedelta(0))


def _write(session: Session, name: str, subject_ids: Iterable[uuid.UUID], after: timedelta) -> None:
    moment = now()
    tasks: list[dict[str, Any]] = [
        {
            "id": uuid.uuid4(), "name": name, "subject_id": subject_id, "leased_until": moment + (after or _lease()),
            # One after the other, so that whoever takes several of them can tell their order.
            "created_at": moment + timedelta(microseconds=place),
        }
        for place, subject_id in enumerate(subject_ids)
    ]  # fmt: skip
    insert_rows(session, DeferredTask, tasks)
    if not after:
        authority_id = session.info["authority_id"]
        session.info["deferred"] += [Message(name, authority_id, task["id"]) for task in tasks]


def done_here(session: Session, name: str, subject_ids: Collection[uuid.UUID]) -> None:
    """The open transaction did itself what it deferred under `name` for these subjects: nothing of it is sent."""
    waiting = sa.select(DeferredTask).where(
        DeferredTask.name == name, DeferredTask.subject_id.in_(subject_ids), DeferredTask.done_at.is_(None)
    )
    tasks = {task.id: task for task in session.scalars(waiting)}
    for task in tasks.values():
        task.done_at = now()
    session.info["deferred"] = [
        message for message in session.info["deferred"] if message.task_id not in tasks
    ]


def _lease() -> timedelta:
    """How long a task that was sent is left to the worker it was sent to."""
    return timedelta(seconds=current_app.config["SETTINGS"].task_lease_s)


def _is_waiting(session: Session, name: str, subject_id: uuid.UUID, after: timedelta) -> bool:
    """Whether the same work waits to be sent: it will see what the open transaction writes.

    A task that was sent has a new lease, and may have read before now. The lock keeps the sweep from sending one
    until this transaction has ended.
    """
    known: dict[Any, bool] = session.info["waiting"]
    if (name, subject_id, after) not in known:
        waiting = sa.select(DeferredTask).where(
            DeferredTask.name == name,
            DeferredTask.subject_id == subject_id,
            DeferredTask.done_at.is_(None),
            DeferredTask.attempts == 0,
        )
        tasks = session.scalars(waiting.with_for_update())
        known[name, subject_id, after] = any(task.leased_until == task.created_at + after for task in tasks)
    return known[name, subject_id, after]


class Sender:
    """Hands messages to Celery, and leaves a broker that does not answer alone for a while."""

    def __init__(self, celery: Celery):
        self._celery = celery
        self._resting_until = 0.0
        self._lock = threading.Lock()

    def send(self, messages: list[Message]) -> None:
        """Send each message; what cannot be sent is left to the sweep."""
        with self._lock:
            if time.monotonic() < self._resting_until:
                return
        try:
            for name, authority_id, task_ids in _bundled(messages):
                arguments = [str(authority_id), [str(task_id) for task_id in task_ids]]
                self._celery.send_task(name, args=arguments, retry=False, ignore_result=True)
        except Exception as error:  # the broker is outside our control, and the rows are safe
            log.warning("the broker did not take a task (%s); the sweep will", type(error).__name__)
            with self._lock:
                self._resting_until = time.monotonic() + BROKER_REST_S


def _bundled(messages: list[Message]) -> Iterator[tuple[str, uuid.UUID, tuple[uuid.UUID, ...]]]:
    """Messages about the same kind of work, so many tasks in each: one costs the broker as much as ten."""
    kinds: dict[tuple[str, uuid.UUID], list[uuid.UUID]] = {}
    for message in messages:
        kinds.setdefault((message.name, message.authority_id), []).append(message.task_id)
    for (name, authority_id), task_ids in kinds.items():
        size = 1 if name in ALONE else BUNDLE
        for start in range(0, len(task_ids), size):
            yield name, authority_id, tuple(task_ids[start : start + size])


def send(messages: list[Message]) -> None:
    """Send `messages` through the running application's broker."""
    if messages:
        current_app.extensions["tipwatch_sender"].send(messages)


def claim_overdue() -> list[Message]:
    """Take a new lease on tasks whose lease has passed, and return them for sending."""
    moment = now()
    with transaction(None) as session:
        overdue = (
            sa.select(DeferredTask)
            .where(
                DeferredTask.done_at.is_(None),
                DeferredTask.parked_at.is_(None),
                DeferredTask.leased_until <= moment,
            )
            .order_by(DeferredTask.leased_until)
            .limit(SWEEP_LIMIT)
            .with_for_update(skip_locked=True)
            .execution_options(**ACROSS_AUTHORITIES)
        )
        tasks = list(session.scalars(overdue))
        for task in tasks:
            task.leased_until = moment + _lease()
        return [Message(task.name, task.authority_id, task.id) for task in tasks]


def take(session: Session, task_id: uuid.UUID) -> DeferredTask | None:
    """The row of a task that is still to be done, locked until the end of the transaction; else None."""
    wanted = sa.select(DeferredTask).where(DeferredTask.id == task_id).with_for_update()
    task = session.scalars(wanted).first()
    return None if task is None or task.done_at is not None else task


def take_together(session: Session, task_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these tasks that are still to be done, locked until the end of the transaction and marked done by it."""
    wanted = sa.select(DeferredTask).where(DeferredTask.id.in_(task_ids), DeferredTask.done_at.is_(None))
    tasks = session.scalars(wanted.order_by(DeferredTask.id).with_for_update()).all()
    for task in tasks:
        task.done_at = now()
    return {task.id for task in tasks}


_named: Any = DeferredTask.id.in_(sa.bindparam("ids", expanding=True))
_WAITING = (
    sa.select(DeferredTask.id, DeferredTask.subject_id, DeferredTask.attempts, DeferredTask.created_at)
    .where(
        DeferredTask.authority_id == sa.bindparam("of"),
        DeferredTask.done_at.is_(None),
        sa.or_(
            _named,
            sa.and_(
                DeferredTask.name == sa.bindparam("name"),
                DeferredTask.attempts == 0,
                DeferredTask.created_at > sa.bindparam("since"),
            ),
        ),
    )
    .order_by(sa.case((_named, 0), else_=1), DeferredTask.created_at)
    .limit(sa.bindparam("room"))
)


def waiting_with(session: Session, name: str, task_ids: Collection[uuid.UUID]) -> list[sa.Row[Any]]:
    """Those of these tasks that are still to be done, and the oldest of this name that were sent but not tried yet.

    A bundle at most, unless more are named. Under load messages wait in line: whoever does one task does others with
    it, and their own messages find nothing left to do.
    """
    wanted = {
        "of": session.info["authority_id"], "ids": list(task_ids), "name": name, "since": now() - _lease(),
        "room": max(BUNDLE, len(task_ids)),
    }  # fmt: skip
    found: list[Any] = list(session.connection().execute(_WAITING, wanted))
    return found


def is_another_try(task: DeferredTask | sa.Row[Any]) -> bool:
    """Whether a try before this one failed, or may have been lost together with its worker."""
    return task.attempts > 0 or now() > task.created_at + _lease()


def begin_again(authority_id: uuid.UUID, task_id: uuid.UUID) -> bool:
    """Count another try before it begins, so that a task which takes its worker with it is parked in the end.

    Whether it may begin: not when it is done or parked.
    """
    with transaction(authority_id) as session:
        task = take(session, task_id)
        if task is None or task.parked_at is not None:
            return False
        if task.attempts >= PARK_AFTER_ATTEMPTS:
            _park(task)
            return False
        _count(task, "a worker ended in the middle of it")
        task.leased_until = max(task.leased_until, now() + _lease())
        return True


def begin_together(authority_id: uuid.UUID, task_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Count another try of each of these at once, before they begin again together; those that may begin.

    That may be only what was never tried: it waited longer than its lease, behind much else or for a lost worker.
    What was tried before may be what takes workers with it, and is tried alone.
    """
    with transaction(authority_id) as session:
        wanted = sa.select(DeferredTask).where(
            DeferredTask.id.in_(task_ids), DeferredTask.done_at.is_(None), DeferredTask.attempts == 0
        )
        # One that is locked is in the hands of somebody else.
        tasks = session.scalars(wanted.with_for_update(skip_locked=True)).all()
        for task in tasks:
            _count(task, "a worker ended in the middle of it")
            task.leased_until = max(task.leased_until, now() + _lease())
        return {task.id for task in tasks}


def record_failure(
    authority_id: uuid.UUID, task_id: uuid.UUID, error: BaseException, *, counted: bool
) -> None:
    """Note why a try failed, and when to try again; `counted`: the try was counted when it began."""
    with transaction(authority_id) as session:
        task = take(session, task_id)
        if task is None:
            return
        if counted:
            task.attempts -= 1
        _count(task, f"{type(error).__name__}: {error}")
        if task.attempts >= PARK_AFTER_ATTEMPTS:
            _park(task)


def _count(task: DeferredTask, error: str) -> None:
    """One more try; the next comes after 5 s, doubling to 15 minutes."""
    task.attempts += 1
    task.last_error = error[:500]
    task.leased_until = now() + timedelta(seconds=min(900, 5 * 2 ** (task.attempts - 1)))


def _park(task: DeferredTask) -> None:
    """Leave a task to a person, who finds it with `tipwatch doctor`."""
    task.parked_at = now()
    log.error(
        "task %s of %s is parked after %d tries: %s", task.id, task.name, task.attempts, task.last_error
    )


def unpark(session: Session) -> int:
    """Give every parked task of the open authority another round; returns how many."""
    parked = list(session.scalars(sa.select(DeferredTask).where(DeferredTask.parked_at.is_not(None))))
    for task in parked:
        task.parked_at, task.attempts, task.leased_until = None, 0, now()
    return len(parked)


def forget_done() -> int:
    """Delete tasks done two weeks ago; their effects are in the events. Returns how many."""
    with transaction(None) as session:
        old = sa.delete(DeferredTask).where(DeferredTask.done_at < now() - KEEP_DONE)
        deleted = session.execute(old, execution_options={**ACROSS_AUTHORITIES, "synchronize_session": False})
        return int(deleted.rowcount)  # type: ignore[attr-defined]
