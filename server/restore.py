"""`tipwatch restore`: bring a backup back, on SQLite or PostgreSQL, whichever it was taken from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from server import datafolder
from server.access.models import Authority
from server.archive import Kinds, Reader, WrongArchive
from server.backup import Progress, terminal_progress
from server.config import Settings, load_settings
from server.datalock import DataFolderInUse, data_folder_lock
from server.migrate import alembic_config, downgrade, upgrade
from server.output import application, as_json_option, say
from server.places.vintages import folders_in_use
from server.store.clock import now, system_clock
from server.store.database import WRITING, UtcDateTime
from server.store.events import SYSTEM, append_event
from server.store.files import FileStore
from server.store.history import begin_another
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction

ROWS_AT_A_TIME = 500
NAMELESS = (
    "The names that all councils share were not in the backup and are not here: {}. Import their files again. Until "
    "then new reports are placed by each council's own names and areas; the import has them placed anew."
)
OTHER_KEY = (
    "The secret key here is not the one of the installation that was backed up. Before you start, put that one into "
    "TIPWATCH_SECRET_KEY, or into the file secret-key of the data folder. Without it a report that a resident's phone "
    "sends once more gets a new link, and the one they had ends; all other links go on working."
)


class CannotRestore(Exception):
    """Nothing was changed; the message says why and what to do."""


class _JsonText(sa.types.TypeDecorator[str]):
    """JSON as the text it is, for a column that holds JSON."""

    impl = sa.Text
    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> Any:
        return sa.cast(sa.type_coerce(bindvalue, sa.Text()), sa.JSON)


_TYPES: dict[str, Any] = {
    "uuid": sa.Uuid(), "time": UtcDateTime(), "bytes": sa.LargeBinary(), "bool": sa.Boolean(),
    "date": sa.Date(), "int": sa.BigInteger(), "real": sa.Double(), "text": sa.Text(),
}  # fmt: skip


def restore_backup(reader: Reader, settings: Settings, progress: Progress, *, force: bool) -> list[str]:
    """Put tables and files where they were. All of the backup is read and compared with its hashes before.

    Returns the files of councils' words that differed from the backup's and lie beside them now. Raises WrongArchive
    or CannotRestore, with nothing changed.
    """
    entries = reader.entries()
    for number, entry in enumerate(entries, 1):
        reader.check([entry])
        progress("checked", number, len(entries))
    if outside := [each["name"] for each in reader.beside if not datafolder.may_be_restored(each["name"])]:
        raise WrongArchive(f"the backup is damaged: it names a file that is none of ours: {outside[0]}")
    migration = reader.manifest["migration"]
    known = {
        script.revision for script in ScriptDirectory.from_config(alembic_config(settings)).walk_revisions()
    }
    if migration not in known:
        raise CannotRestore(
            f"The backup is of a newer Tipwatch (migration {migration}). Install that one first."
        )
    _make_room(settings, force=force)
    # Files first: a row never names a file that is not there.
    _put_files(reader, settings, progress)
    replaced = _put_beside(reader, settings, progress)
    upgrade(settings, migration)
    _load_tables(reader, settings, progress)
    upgrade(settings)
    return replaced


def begin_new_history(made_at: str) -> list[str]:
    """Let every phone's copy start afresh, and say in each council's history that it was brought back.

    Returns the councils' names.
    """
    with reading(None) as session:
        councils = session.execute(
            sa.select(Authority.id, Authority.slug).order_by(Authority.slug),
            execution_options=ACROSS_AUTHORITIES,
        ).all()
    for authority_id, _ in councils:
        with transaction(authority_id) as session:
            begin_another(session, authority_id)
            facts = {"backup_made_at": made_at}
            append_event(session, ("authority", authority_id), "backup.restored", facts, by=SYSTEM, at=now())
    return [slug for _, slug in councils]


def _make_room(settings: Settings, *, force: bool) -> None:
    engine = sa.create_engine(settings.database_url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        full = [
            name
            for name in tables
            if name != "alembic_version"
            and connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
        ]
        others = _others(connection)
    engine.dispose()
    if others:
        raise CannotRestore(f"{others} others work with this database. Stop the web and the workers first.")
    if full and not force:
        raise CannotRestore(
            f"This database is not empty ({', '.join(sorted(full)[:3])} …). Restore into an empty one, or say --force "
            "to throw away what it holds."
        )
    if tables:
        downgrade(settings, "base")


def _others(connection: sa.Connection) -> int:
    """How many other connections there are to a PostgreSQL database. On SQLite the data folder's lock tells."""
    if connection.dialect.name != "postgresql":
        return 0
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return int(connection.scalar(sa.text(query)) or 0)


def _put_files(reader: Reader, settings: Settings, progress: Progress) -> None:
    root, files = FileStore(settings.data_dir / "files").root, reader.manifest["files"]
    for number, about in enumerate(files, 1):
        target = root / about["name"]
        if not target.resolve().is_relative_to(root):
            raise WrongArchive(
                f"the backup is damaged: it names a file outside the file store: {about['name']}"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        with reader.file(about["name"]) as source, partial.open("wb") as out:
            shutil.copyfileobj(source, out)
        if about["name"].startswith("originals/"):
            partial.chmod(0o444)
        partial.replace(target)
        progress("files", number, len(files))


def _put_beside(reader: Reader, settings: Settings, progress: Progress) -> list[str]:
    replaced = []
    for number, about in enumerate(reader.beside, 1):
        name = about["name"]
        with reader.file(name, "data") as source:
            if datafolder.put(settings.data_dir, name, source):
                replaced.append(name + datafolder.REPLACED)
        progress("settings and names", number, len(reader.beside))
    return replaced


def _load_tables(reader: Reader, settings: Settings, progress: Progress) -> None:
    engine = sa.create_engine(settings.database_url, poolclass=sa.pool.NullPool)
    tables = reader.manifest["tables"]
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        with _without_foreign_keys(connection):
            for number, (name, about) in enumerate(tables.items(), 1):
                into = sa.insert(_table(name, about["columns"], connection.dialect.name))
                rows = reader.rows(name)
                while some := list(islice(rows, ROWS_AT_A_TIME)):
                    connection.execute(into, some)
                progress("tables", number, len(tables))
        if connection.dialect.name == "postgresql":
            # Knowing of no rows it would look each up among all of a council's, until it counts them by itself.
            connection.execute(sa.text("ANALYZE"))
        connection.commit()
    engine.dispose()


def _table(name: str, kinds: Kinds, dialect: str) -> sa.TableClause:
    types = _TYPES | {"json": _JsonText() if dialect == "postgresql" else sa.Text()}
    return sa.table(name, *(sa.column(column, types[kind]) for column, kind in kinds.items()))


@contextmanager
def _without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """Rows come table by table, and some name rows that come later: the keys are checked when all are there."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        yield
        if broken := connection.execute(sa.text("PRAGMA foreign_key_check")).first():
            raise WrongArchive(
                f"the backup does not hold together: a row of {broken[0]} names one that is missing"
            )
        return
    query = (
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    keys = connection.execute(sa.text(query)).all()
    for table, name, _ in keys:
        connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    yield
    for table, name, definition in keys:
        connection.execute(sa.text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Throw away what the database holds.")
@as_json_option
def restore(file: Path, force: bool, as_json: bool) -> None:
    """Bring the backup FILE back into an empty database and the data folder. Web and workers must not run.

    Phones then start their copies afresh, and send again what the backup had not seen.
    """
    settings = load_settings()
    try:
        reader = Reader(file)
        with data_folder_lock(settings.data_dir, address="tipwatch restore", now=system_clock()):
            replaced = restore_backup(reader, settings, terminal_progress(), force=force)
            with application():
                councils = begin_new_history(reader.manifest["made_at"])
                with reading(None) as session:
                    nameless = datafolder.absent(settings.data_dir, folders_in_use(session))
    except (WrongArchive, CannotRestore, DataFolderInUse) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    rows = sum(table["rows"] for table in reader.manifest["tables"].values())
    same_key = _has_the_key(reader)
    facts = {
        "restored": True, "made_at": reader.manifest["made_at"], "rows": rows,
        "files": len(reader.manifest["files"]), "councils": councils, "missing": reader.manifest["missing"],
        "replaced": replaced, "gazetteer_absent": nameless, "same_secret_key": same_key,
    }  # fmt: skip
    words = [
        f"Restored {rows} rows and {len(reader.manifest['files'])} files as of {reader.manifest['made_at']}.",
        "Start Tipwatch again; phones send what this backup had not seen. `tipwatch doctor` checks the record.",
    ]
    words += [
        f"What a council said here is not what the backup says, and lies in {name}." for name in replaced
    ]
    words += [NAMELESS.format(", ".join(nameless))] if nameless else []
    words += [OTHER_KEY] if same_key is False else []
    say(facts, "\n".join(words), as_json=as_json)


def _has_the_key(reader: Reader) -> bool | None:
    """Whether links for residents are made with the same key here; None when the backup is too old to tell."""
    mark = reader.manifest.get("key_mark")
    return None if mark is None else mark == datafolder.key_mark(load_settings().secret_key)
