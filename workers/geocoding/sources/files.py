"""What an import is given: a file, a folder or a zip, seen as members; and what it tells while it reads."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

# So many problems are kept word for word; the others are counted.
PROBLEMS_KEPT = 200
TELL_EVERY_ROWS = 20_000


class WrongFile(Exception):
    """The file is not what the import reads; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an input, where it stands, in a folder or inside a zip."""

    name: str
    size: int
    day: date
    path: Path
    archive: Path | None = None

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes as a stream."""
        if self.archive is None:
            with self.path.open("rb") as stream:
                yield stream
        else:
            with zipfile.ZipFile(self.archive) as archive, archive.open(self.name) as stream:
                yield stream

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """A path that other libraries can open: unpacked for as long as that takes."""
        if self.archive is None:
            yield self.path
            return
        with TemporaryDirectory(prefix="tipwatch-import-") as folder, self.opened() as stream:
            unpacked = Path(folder) / Path(self.name).name
            with unpacked.open("wb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
            yield unpacked


@dataclass(slots=True)
class Account:
    """What an import has read so far, and which rows it left out. `told` is called now and then, with words."""

    told: Callable[[str, float], None] = lambda _name, _share: None
    rows: int = 0
    left_out: int = 0
    problems: list[str] = field(default_factory=list)

    def bad(self, where: str, reason: object) -> None:
        """Note a row that was left out: file and line, and why."""
        self.left_out += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(f"{where}: {reason}")

    def took(self, name: str, share: float, rows: int = 1) -> None:
        """Note rows that went in. share: how much of the input is read, 0 to 1."""
        before, self.rows = self.rows, self.rows + rows
        if before // TELL_EVERY_ROWS != self.rows // TELL_EVERY_ROWS:
            self.told(name, share)


def members_of(path: Path, suffixes: Sequence[str]) -> list[Member]:
    """The files with one of these suffixes in `path` (a file, a folder with folders, or a zip), by name."""
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        found = [_on_disk(file, str(file.relative_to(path))) for file in files]
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            found = [
                Member(info.filename, info.file_size, date(*info.date_time[:3]), path, path)
                for info in archive.infolist()
                if not info.is_dir()
            ]
    else:
        found = [_on_disk(path, path.name)]
    return sorted(
        (one for one in found if one.name.lower().endswith(tuple(suffixes))), key=lambda one: one.name
    )


def _on_disk(path: Path, name: str) -> Member:
    status = path.stat()
    return Member(name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC).date(), path)


def newest_day(members: Sequence[Member]) -> str:
    """The day of the newest file: what a vintage is called when nobody says."""
    return max(member.day for member in members).isoformat()


def digest_of(members: Sequence[Member]) -> str:
    """SHA-256 over the files' names and bytes, in their order."""
    digest = sha256()
    for member in members:
        digest.update(f"{member.name}\0{member.size}\0".encode())
        with member.opened() as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


def lists(member: Member, account: Account) -> Iterator[tuple[int, float, list[str]]]:
    """The rows of a CSV: line number, how much of the file is read (0 to 1), cells.

    Bytes that are no UTF-8 become U+FFFD. A row that is not CSV is noted in `account`, and reading goes on after it.
    """
    with member.opened() as stream:
        counted = _Counted(stream)
        text = io.TextIOWrapper(io.BufferedReader(counted, 1 << 16), "utf-8-sig", "replace", newline="")
        reader = csv.reader(text)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                account.bad(f"{member.name}, line {reader.line_num}", error)
                continue
            if cells:
                yield reader.line_num, counted.count / max(1, member.size), cells


def records(
    member: Member, columns: Sequence[str], expected: str, account: Account
) -> Iterator[tuple[int, float, dict[str, str]]]:
    """The rows of a CSV whose first line names its columns, by lower-case name. Raises WrongFile without `columns`."""
    rows = lists(member, account)
    _, _, first = next(rows, (1, 0.0, list[str]()))
    names = [name.strip().lower() for name in first]
    missing = [column for column in columns if column not in names]
    if missing:
        raise WrongFile(
            f"{member.name}: the first line must name the columns {expected}; missing: {', '.join(missing)}"
        )
    for line, share, cells in rows:
        if len(cells) < len(names):
            account.bad(f"{member.name}, line {line}", f"{len(names)} cells were expected, not {len(cells)}")
            continue
        yield line, share, dict(zip(names, cells, strict=False))


class _Counted(io.RawIOBase):
    """A stream that knows how much was read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        self.count += len(piece)
        return len(piece)
