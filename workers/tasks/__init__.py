"""Thin Celery tasks: an id in, the row's state checked, a service called, one transaction.

A deferred task is written as two functions: `prepare` reads and computes without holding a lock, `apply`
writes in the transaction that also marks the task's row done. Either may run twice; the effect is there once.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from celery import Celery
from flask import Flask
from sqlalchemy.orm import Session

from server.store.clock import now
from server.store.deferred import (
    DeferredTask,
    begin_again,
    begin_together,
    is_another_try,
    record_failure,
    take,
    take_together,
    waiting_with,
)
from server.store.transaction import reading, transaction

log = logging.getLogger(__name__)

Prepare = Callable[[Session, uuid.UUID], Any]
Apply = Callable[[Session, uuid.UUID, Any, datetime], None]


@dataclass(frozen=True, slots=True)
class Together:
    """How several tasks share a transaction: what each would prepare, and what each would lock, at once for all."""

    prepare: Callable[[Session, Sequence[uuid.UUID]], Sequence[Any]]
    hold: Callable[[Session, Sequence[uuid.UUID]], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """What a deferred task does with its subject."""

    prepare: Prepare
    apply: Apply
    together: Together | None = None


# Importing them registers what they do.
MODULES = (
    "workers.tasks.reports",
    "workers.tasks.places",
    "workers.tasks.photos",
    "workers.tasks.hotspots",
    "workers.tasks.periodic",
    "workers.tasks.residents",
    "workers.tasks.held",
)

HANDLERS: dict[str, Handler] = {}
PERIODIC: dict[str, Callable[[], object]] = {}


def handles(name: str, prepare: Prepare, *, together: Together | None = None) -> Callable[[Apply], Apply]:
    """Register the function that applies what `prepare` found, under the task's name."""

    def register(apply: Apply) -> Apply:
        HANDLERS[name] = Handler(prepare, apply, together)
        return apply

    return register


def scheduled(name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a task that beat starts, or a person by the same name."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        PERIODIC[name] = function
        return function

    return register


def run(name: str, authority_id: uuid.UUID, task_id: uuid.UUID) -> bool:
    """Do one deferred task; whether there was anything left to do. A failure is noted for a later attempt."""
    handler = HANDLERS[name]
    with reading(authority_id) as session:
        waiting = session.get(DeferredTask, (authority_id, task_id))
        if waiting is None or waiting.done_at is not None:
            return False
        subject_id, again = waiting.subject_id, is_another_try(waiting)
    if again and not begin_again(authority_id, task_id):
        return False
    try:
        with reading(authority_id) as session:
            prepared = handler.prepare(session, subject_id)
        with transaction(authority_id) as session:
            task = take(session, task_id)
            if task is None:
                return False
            handler.apply(session, subject_id, prepared, now())
            task.done_at = now()
    except Exception as error:
        log.exception("%s failed", name)
        record_failure(authority_id, task_id, error, counted=again)
    return True


def run_all(name: str, authority_id: uuid.UUID, task_ids: Sequence[uuid.UUID]) -> None:
    """Do the deferred tasks of one message: in one transaction where they may share it, else each by itself."""
    alone, handler = task_ids, HANDLERS[name]
    if handler.together is not None:
        try:
            alone = _run_together(name, handler.apply, handler.together, authority_id, task_ids)
        except (
            Exception
        ) as error:  # one of them fails, or somebody is in the way: that is found out one by one
            log.warning("%d tasks of %s are done one by one: %r", len(task_ids), name, error)
    for task_id in alone:
        run(name, authority_id, task_id)


def _run_together(
    name: str, apply: Apply, together: Together, authority_id: uuid.UUID, task_ids: Sequence[uuid.UUID]
) -> list[uuid.UUID]:
    """Do those that were never tried, and others like them that wait; the tried ones are left to be done alone."""
    with reading(authority_id) as session:
        tasks = waiting_with(session, name, task_ids)
    fresh = sorted((task for task in tasks if task.attempts == 0), key=lambda task: task.created_at)
    tried = {task.id for task in tasks if task.attempts > 0}
    overdue = {task.id for task in fresh if is_another_try(task)}
    begun = begin_together(authority_id, overdue) if overdue else set()
    # In the order they were sent in: the oldest report opens a case, as it would alone.
    todo = {task.id: task.subject_id for task in fresh if task.id in begun or task.id not in overdue}
    if todo:
        _do_together(apply, together, authority_id, todo)
    return [id_ for id_ in task_ids if id_ in tried]


def _do_together(
    apply: Apply, together: Together, authority_id: uuid.UUID, todo: Mapping[uuid.UUID, uuid.UUID]
) -> None:
    """Do these tasks, each with its subject, in their order and in one transaction."""
    with reading(authority_id) as session:
        prepared = dict(zip(todo, together.prepare(session, list(todo.values())), strict=True))
    with transaction(authority_id) as session:
        taken = take_together(session, todo)
        together.hold(session, [subject for id_, subject in todo.items() if id_ in taken])
        for id_, subject in todo.items():
            if id_ in taken:
                apply(session, subject, prepared[id_], now())


def bind(celery: Celery, app: Flask) -> None:
    """Make Celery tasks of everything registered, run inside the application's context."""
    for module in MODULES:
        import_module(module)
    for name in HANDLERS:
        celery.task(name=name)(_deferred_runner(app, name))
    for name, function in PERIODIC.items():
        celery.task(name=name)(_periodic_runner(app, function))


def _deferred_runner(app: Flask, name: str) -> Callable[[str, str | list[str]], None]:
    def task(authority_id: str, task_ids: str | list[str]) -> None:
        # A message of an older version names one task.
        named = [task_ids] if isinstance(task_ids, str) else task_ids
        with app.app_context():
            run_all(name, uuid.UUID(authority_id), [uuid.UUID(task_id) for task_id in named])

    return task


def _periodic_runner(app: Flask, function: Callable[[], object]) -> Callable[[], None]:
    def task() -> None:
        with app.app_context():
            function()

    return task
