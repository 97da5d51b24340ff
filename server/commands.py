"""`tipwatch migrate` and `tipwatch doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from server.access.models import Authority
from server.archive import Reader, WrongArchive
from server.config import load_settings
from server.migrate import upgrade
from server.output import application, as_json_option, say
from server.store.checkpoints import against_anchor, verify
from server.store.deferred import DeferredTask, unpark
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction


@click.command()
@as_json_option
def migrate(as_json: bool) -> None:
    """Bring the database to the newest schema."""
    settings = load_settings()
    upgrade(settings)
    say({"migrated": True}, "The database is at the newest schema.", as_json=as_json)


@click.command()
@click.option("--retry", is_flag=True, help="Give tasks that failed too often another round.")
@click.option(
    "--backup",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Hold the record against this backup's newest checkpoints too: it shows a record that was rewritten whole.",
)
@as_json_option
def doctor(retry: bool, backup: Path | None, as_json: bool) -> None:
    """Check the record for tampering and the deferred tasks for trouble. Ends with 1 when something is wrong."""
    anchors = _anchors(backup)
    with application():
        with reading(None) as session:
            query = sa.select(Authority.id, Authority.slug).execution_options(**ACROSS_AUTHORITIES)
            authorities = [(authority_id, slug) for authority_id, slug in session.execute(query)]
        reports = [
            _examine(authority_id, slug, retry, anchors.get(str(authority_id)))
            for authority_id, slug in authorities
        ]
    lines = [line for report in reports for line in _lines(report)]
    say({"authorities": reports}, "\n".join(lines) or "There is no authority yet.", as_json=as_json)
    if any(report["record"] or report["parked"] for report in reports):
        raise SystemExit(1)


def _anchors(backup: Path | None) -> dict[str, dict[str, Any]]:
    """The newest checkpoint of each council that a backup names."""
    if backup is None:
        return {}
    try:
        manifest = Reader(backup).manifest
    except WrongArchive as error:
        raise click.ClickException(str(error)) from error
    return {each["authority_id"]: each["checkpoint"] for each in manifest["anchors"]}


def _examine(authority_id: Any, slug: str, retry: bool, anchor: dict[str, Any] | None) -> dict[str, Any]:
    retried = 0
    if retry:
        with transaction(authority_id) as session:
            retried = unpark(session)
    with reading(authority_id) as session:
        found = verify(session) + against_anchor(session, anchor)
        findings = [{"stream": finding.stream_id, "what": finding.what} for finding in found]
        parked = session.scalars(sa.select(DeferredTask).where(DeferredTask.parked_at.is_not(None)))
        tasks = [{"name": task.name, "subject": task.subject_id, "error": task.last_error} for task in parked]
        waiting = session.scalar(
            sa.select(sa.func.count(DeferredTask.id)).where(DeferredTask.done_at.is_(None))
        )
    return {"authority": slug, "record": findings, "parked": tasks, "waiting": waiting, "retried": retried}


def _lines(report: dict[str, Any]) -> list[str]:
    name = report["authority"]
    lines = [f"{name}: the record is whole."] if not report["record"] else []
    lines += [f"{name}: stream {finding['stream']}: {finding['what']}" for finding in report["record"]]
    lines += [
        f"{name}: parked {task['name']} of {task['subject']}: {task['error']}" for task in report["parked"]
    ]
    lines.append(f"{name}: {report['waiting']} tasks wait.")
    return lines
