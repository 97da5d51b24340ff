"""The file of a backup: a ZIP of tables as JSON lines, of files as they are, and a manifest with the hash of each.

`tables/` holds the tables, `files/` the file store, `data/` what lies beside it in the data folder.

It knows neither SQLite nor PostgreSQL: what was taken from one can be brought back on the other. Each table says of
its columns what kind of value they hold, so that a backup can be read when the tables have moved on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import sqlalchemy as sa

from server.store.database import UtcDateTime
from server.store.files import READ_CHUNK

FORMAT = "tipwatch-backup"
VERSION = 1
MANIFEST = "manifest.json"

Row = dict[str, Any]
Kinds = dict[str, str]


class WrongArchive(Exception):
    """The file is no whole backup; the message says what was expected."""


def kinds_of(table: sa.Table) -> Kinds:
    """Column -> uuid, time, date, json, bytes, bool, int, real or text.

    Raises:
        TypeError: a column is of a type that a backup has no kind for.
    """
    return {column.name: _kind(column.type) for column in table.columns}


def _kind(type_: sa.types.TypeEngine[Any]) -> str:
    known: tuple[tuple[type, str], ...] = (
        (sa.Uuid, "uuid"), (UtcDateTime, "time"), (sa.Date, "date"), (sa.JSON, "json"),
        (sa.LargeBinary, "bytes"), (sa.Boolean, "bool"), (sa.Integer, "int"), (sa.Float, "real"),
        (sa.String, "text"),
    )  # fmt: skip
    kind = next((kind for class_, kind in known if isinstance(type_, class_)), None)
    if kind is None:
        raise TypeError(f"A backup has no kind of value for a column of type {type_!r}.")
    return kind


# How a value of a kind is written where JSON has no word for it, and how it is read again.
_WRITE: dict[str, Callable[[Any], Any]] = {
    "uuid": str, "time": datetime.isoformat, "date": date.isoformat,
    "bytes": lambda value: base64.b64encode(value).decode(),
}  # fmt: skip
_READ: dict[str, Callable[[Any], Any]] = {
    "uuid": uuid.UUID, "time": datetime.fromisoformat, "date": date.fromisoformat,
    "bytes": base64.b64decode,
}  # fmt: skip


def _same(value: Any) -> Any:
    return value


def write_row(row: Row, kinds: Kinds) -> bytes:
    """One line of a table."""
    said = {
        name: None if row[name] is None else _WRITE.get(kind, _same)(row[name])
        for name, kind in kinds.items()
    }
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def read_row(line: bytes, kinds: Kinds) -> Row:
    """The row of a line."""
    said = json.loads(line)
    return {
        name: None if said[name] is None else _READ.get(kind, _same)(said[name])
        for name, kind in kinds.items()
    }


@dataclass
class Writer:
    """A backup being written. It has its name only once it is whole and on the disk."""

    path: Path
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    beside: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Writer:
        self._partial = self.path.with_name(f".{self.path.name}.partial")
        # A backup holds what people told the council: for nobody else on this machine to read.
        self._file = os.fdopen(os.open(self._partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._file, "w")
        return self

    def table(self, name: str, kinds: Kinds, rows: Iterable[Row]) -> int:
        """Write a table; returns how many rows."""
        digest, count, entry = hashlib.sha256(), 0, f"tables/{name}.jsonl"
        with self._entry(entry, zipfile.ZIP_DEFLATED) as out:
            for row in rows:
                line = write_row(row, kinds)
                digest.update(line)
                out.write(line)
                count += 1
        self.tables[name] = {"rows": count, "columns": kinds, "sha256": digest.hexdigest()}
        return count

    def file(self, name: str, source: IO[bytes]) -> str:
        """Write a file of the file store as it is; returns its SHA-256."""
        self.files.append(self._copy("files", name, source, zipfile.ZIP_STORED))
        return str(self.files[-1]["sha256"])

    def data(self, name: str, source: IO[bytes]) -> None:
        """Write a file that lies beside the file store in the data folder."""
        self.beside.append(self._copy("data", name, source, zipfile.ZIP_DEFLATED))

    def finish(self, about: dict[str, Any]) -> dict[str, Any]:
        """Write the manifest; returns it."""
        manifest = {
            "format": FORMAT, "version": VERSION, **about, "tables": self.tables, "files": self.files,
            "data": self.beside,
        }  # fmt: skip
        self._zip.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
        return manifest

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._file:
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
        if kind is None:
            self._partial.replace(self.path)
        else:
            self._partial.unlink()

    def _copy(self, folder: str, name: str, source: IO[bytes], method: int) -> dict[str, Any]:
        digest, size = hashlib.sha256(), 0
        with self._entry(f"{folder}/{name}", method) as out:
            while chunk := source.read(READ_CHUNK):
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
        return {"name": name, "bytes": size, "sha256": digest.hexdigest()}

    def _entry(self, name: str, method: int) -> IO[bytes]:
        about = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        about.compress_type, about.external_attr = method, 0o600 << 16
        return self._zip.open(about, "w", force_zip64=True)


class Reader:
    """A backup to read. Nothing in it is trusted before `check` has read it all."""

    def __init__(self, path: Path):
        try:
            self._zip = zipfile.ZipFile(path)
            manifest = json.loads(self._zip.read(MANIFEST))
        except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
            raise WrongArchive(
                f"{path.name} is not a backup made by `tipwatch backup`, or is cut off"
            ) from error
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise WrongArchive(f"{path.name} is not a backup made by `tipwatch backup`")
        if manifest.get("version") != VERSION:
            raise WrongArchive(
                f"{path.name} has the format {manifest.get('version')}, and this Tipwatch reads {VERSION}"
            )
        self.manifest: dict[str, Any] = manifest

    def check(self, entries: Iterable[tuple[str, str]]) -> None:
        """Read these entries and compare their hashes. Raises WrongArchive naming the first that differs."""
        for name, sha256 in entries:
            digest = hashlib.sha256()
            try:
                with self._zip.open(name) as source:
                    while chunk := source.read(READ_CHUNK):
                        digest.update(chunk)
            except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
                raise WrongArchive(f"the backup is damaged: {name} cannot be read") from error
            if digest.hexdigest() != sha256:
                raise WrongArchive(f"the backup is damaged: {name} is not what was backed up")

    def entries(self) -> list[tuple[str, str]]:
        """Name and SHA-256 of every entry."""
        tables = [
            (f"tables/{name}.jsonl", table["sha256"]) for name, table in self.manifest["tables"].items()
        ]
        return tables + [
            (f"{folder}/{file['name']}", file["sha256"])
            for folder, files in (("files", self.manifest["files"]), ("data", self.beside))
            for file in files
        ]

    @property
    def beside(self) -> list[dict[str, Any]]:
        """The files that lay beside the file store; backups of older versions have none."""
        return list(self.manifest.get("data", []))

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table."""
        kinds = self.manifest["tables"][table]["columns"]
        with self._zip.open(f"tables/{table}.jsonl") as lines:
            for line in lines:
                yield read_row(line, kinds)

    @contextmanager
    def file(self, name: str, folder: str = "files") -> Iterator[IO[bytes]]:
        """A file's bytes; `folder` is "files" for the file store, "data" for what lay beside it."""
        with self._zip.open(f"{folder}/{name}") as source:
            yield source
