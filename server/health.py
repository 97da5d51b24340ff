"""Liveness, readiness with reasons, and figures for an operator."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from server.access.rules import ANYONE, allow
from server.access.told import phones_stuck
from server.migrate import alembic_config
from server.store.clock import now
from server.store.database import db
from server.store.deferred import DeferredTask
from server.store.files import FileStore
from server.store.transaction import ACROSS_AUTHORITIES, reading

pages = Blueprint("health", __name__)

LATE_AFTER = timedelta(minutes=10)


@pages.get("/healthz")
@allow(ANYONE)
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@pages.get("/readyz")
@allow(ANYONE)
def ready() -> tuple[Response, int]:
    """The database, its schema and the file store can be used; `warnings` do not stop service."""
    reasons, warnings = [], []
    try:
        reasons += _schema_reasons()
        if not reasons:
            warnings += _task_warnings()
    except sa.exc.SQLAlchemyError as error:
        reasons.append(f"the database does not answer ({type(error).__name__})")
    files: FileStore = current_app.extensions["tipwatch_files"]
    if not files.writable():
        reasons.append("the file store cannot be written")
    body = {"status": "not ready" if reasons else "ready", "reasons": reasons, "warnings": warnings}
    return jsonify(body), 503 if reasons else 200


def _schema_reasons() -> list[str]:
    head = ScriptDirectory.from_config(alembic_config(current_app.config["SETTINGS"])).get_current_head()
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return (
        []
        if current == head
        else [f"the database is at migration {current}, not {head}: run `tipwatch migrate`"]
    )


def _task_warnings() -> list[str]:
    waiting, parked, oldest = _task_figures()
    warnings = []
    if parked:
        warnings.append(f"{parked} tasks failed too often and wait for a person: run `tipwatch doctor`")
    if waiting and oldest > LATE_AFTER.total_seconds():
        warnings.append(f"{waiting} tasks wait, the oldest for {int(oldest)} s: is a worker running?")
    return warnings


def _task_figures() -> tuple[int, int, float]:
    """Tasks not done, tasks parked, and the age in seconds of the oldest that is not done."""
    open_tasks = DeferredTask.done_at.is_(None)
    query = sa.select(
        sa.func.count(DeferredTask.id),
        sa.func.count(DeferredTask.parked_at),
        sa.func.min(DeferredTask.created_at),
    ).where(open_tasks)
    with reading(None) as session:
        count, parked, oldest = session.execute(query.execution_options(**ACROSS_AUTHORITIES)).one()
    return int(count), int(parked), (now() - oldest).total_seconds() if oldest else 0.0


@pages.get("/metrics")
@allow(ANYONE)
def metrics() -> Response:
    """Prometheus figures: deferred work, and phones that need help. No personal data. Keep it from the public."""
    registry = CollectorRegistry()
    waiting, parked, oldest = _task_figures()
    for name, text, value in (
        ("tipwatch_tasks_open", "Deferred tasks not done", waiting),
        ("tipwatch_tasks_parked", "Deferred tasks that failed too often", parked),
        ("tipwatch_task_oldest_seconds", "Age of the oldest deferred task not done", oldest),
        (
            "tipwatch_phones_stuck",
            "Phones with something saved over a day ago and not sent",
            phones_stuck(now()),
        ),
    ):
        Gauge(name, text, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
