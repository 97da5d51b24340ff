"""`tipwatch backup`: database and files as they belong together, taken while the service runs."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy.orm import Session

from server import datafolder
from server.access.models import Authority
from server.archive import Kinds, Writer, kinds_of
from server.config import Settings
from server.output import application, as_json_option, say
from server.photos.models import Photo
from server.places.vintages import folders_in_use
from server.store.checkpoints import newest_anchor
from server.store.clock import now, rfc3339
from server.store.database import db
from server.store.files import FileStore
from server.store.transaction import ACROSS_AUTHORITIES, reading
from server.tables import import_models

# Told of each step: what, how many of it are done, and of how many.
Progress = Callable[[str, int, int], None]
ROWS_AT_A_TIME = 500


def take_backup(
    path: Path, at: datetime, progress: Progress, wanted: datafolder.Wanted | None = None
) -> dict[str, Any]:
    """Write a backup to `path`; returns its manifest.

    Every table is read in one snapshot, and the files after it: a row is written only once its file is in place, and
    originals never change, so that every file the snapshot names is there. `missing` in the manifest names originals
    that were not, or were not what they should be: the backup is as good as what it was made of.
    """
    import_models()
    with Writer(path) as writer:
        with reading(None) as session:
            about = {"made_at": rfc3339(at), **_about(session)}
            named, vintages = _originals(session), folders_in_use(session)
            _write_tables(session.connection(), writer, progress)
        found = _write_files(writer, progress)
        _write_beside(writer, vintages, wanted or datafolder.Wanted(), progress)
        missing = sorted(name for name, sha256 in named.items() if found.get(name) != sha256)
        return writer.finish({**about, "missing": missing})


def _about(session: Session) -> dict[str, Any]:
    revision = MigrationContext.configure(session.connection()).get_current_revision()
    authorities = session.execute(
        sa.select(Authority.id, Authority.slug).order_by(Authority.slug), execution_options=ACROSS_AUTHORITIES
    )
    anchors = [
        {"authority_id": str(authority_id), "slug": slug, "checkpoint": newest_anchor(session, authority_id)}
        for authority_id, slug in authorities
    ]
    return {
        "database": session.get_bind().dialect.name, "migration": revision, "anchors": anchors,
        "key_mark": datafolder.key_mark(_settings().secret_key),
    }  # fmt: skip


def _originals(session: Session) -> dict[str, str]:
    """The files that rows of the snapshot name, with their hashes."""
    files, root = file_store(), file_store().root
    arrived = sa.select(Photo.authority_id, Photo.sha256).where(Photo.state != "expected").distinct()
    return {
        str(files.original(authority_id, sha256).relative_to(root)): sha256
        for authority_id, sha256 in session.execute(arrived, execution_options=ACROSS_AUTHORITIES)
    }


def _write_tables(connection: sa.Connection, writer: Writer, progress: Progress) -> None:
    tables = db.metadata.sorted_tables
    for number, table in enumerate(sorted(tables, key=lambda each: each.name), 1):
        kinds = kinds_of(table)
        writer.table(table.name, kinds, _rows(connection, table, kinds))
        progress("tables", number, len(tables))


def _rows(connection: sa.Connection, table: sa.Table, kinds: Kinds) -> Iterator[dict[str, Any]]:
    # JSON goes as the text it is: neither database rewrites it, and "no value" and "null" stay two things.
    columns = [
        sa.cast(column, sa.Text).label(column.name) if kinds[column.name] == "json" else column
        for column in table.columns
    ]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    options = {"yield_per": ROWS_AT_A_TIME}
    for row in connection.execute(query, execution_options=options).mappings():
        yield dict(row)


def _write_files(writer: Writer, progress: Progress) -> dict[str, str]:
    """Write every file; name -> SHA-256. Unfinished uploads go with them: phones go on where they were."""
    root, found = file_store().root, {}
    paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    for number, path in enumerate(paths, 1):
        name = str(path.relative_to(root))
        try:
            with path.open("rb") as source:
                found[name] = writer.file(name, source)
        except FileNotFoundError:
            # An upload that was finished meanwhile: its photo is expected in the snapshot, and is asked for again.
            continue
        progress("files", number, len(paths))
    return found


def _write_beside(
    writer: Writer, vintages: tuple[str, ...], wanted: datafolder.Wanted, progress: Progress
) -> None:
    """Write what lies beside the file store. The key is written from the settings: it may be kept elsewhere."""
    data_dir = _settings().data_dir
    paths = datafolder.councils_files(data_dir)
    if wanted.gazetteer:
        paths += datafolder.gazetteer_files(data_dir, vintages)
    for number, path in enumerate(paths, 1):
        with path.open("rb") as source:
            writer.data(path.relative_to(data_dir).as_posix(), source)
        progress("settings and names", number, len(paths))
    if wanted.secret_key:
        writer.data(datafolder.SECRET_KEY, io.BytesIO(_settings().secret_key.encode()))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def file_store() -> FileStore:
    """The running application's files."""
    store: FileStore = current_app.extensions["tipwatch_files"]
    return store


def terminal_progress() -> Progress:
    """A line on a terminal that tells how far it is; nothing anywhere else."""
    if not sys.stderr.isatty():
        return lambda _what, _done, _of: None

    def tell(what: str, done: int, of: int) -> None:
        click.echo(f"\r{what}: {done} of {of}", nl=done == of, err=True)

    return tell


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--without-gazetteer", is_flag=True, help="Leave out the names that all councils share.")
@click.option(
    "--with-secret-key", is_flag=True, help="Put the secret key in too; keep the file as safe as the key."
)
@as_json_option
def backup(target: Path, without_gazetteer: bool, with_secret_key: bool, as_json: bool) -> None:
    """Write a backup of database and data folder to the file TARGET, or into the folder TARGET under the time's name.

    It may be taken while everything runs. Ends with 1 when an original was missing or damaged where it lay.
    """
    with application():
        at = now()
        path = target / f"tipwatch-{at:%Y%m%d-%H%M%S}.zip" if target.is_dir() else target
        if path.exists():
            raise click.ClickException(f"{path} is there already; name another file, or a folder")
        if not path.parent.is_dir():
            raise click.ClickException(f"There is no folder {path.parent}")
        wanted = datafolder.Wanted(gazetteer=not without_gazetteer, secret_key=with_secret_key)
        manifest = take_backup(path, at, terminal_progress(), wanted)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    facts = {
        "file": str(path), "bytes": path.stat().st_size, "rows": rows, "files": len(manifest["files"]),
        "made_at": manifest["made_at"], "anchors": manifest["anchors"], "missing": manifest["missing"],
        "gazetteer": not without_gazetteer, "secret_key": with_secret_key,
    }  # fmt: skip
    lines = [f"{path}: {rows} rows and {len(manifest['files'])} files."]
    lines += ["The names that all councils share are not in it."] if without_gazetteer else []
    lines += ["The secret key is in it: keep this file as safe as the key."] if with_secret_key else []
    lines += [f"MISSING OR DAMAGED here, and so in the backup: {name}" for name in manifest["missing"]]
    say(facts, "\n".join(lines), as_json=as_json)
    if manifest["missing"]:
        raise SystemExit(1)
