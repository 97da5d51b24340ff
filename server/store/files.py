"""Files by their SHA-256 in a local folder, one folder per authority. Originals are written once and never changed.

The one class through which files are touched, so that an object store can take its place.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VARIANT = re.compile(r"[a-z]{1,20}")
READ_CHUNK = 1 << 20


class FileMissing(Exception):
    """The store does not hold the file that a row names."""


class FileStore:
    """Originals, derivatives and uploads in progress under `root`."""

    def __init__(self, root: Path):
        self._root = root.absolute()

    @property
    def root(self) -> Path:
        """The folder that holds them all."""
        return self._root

    def original(self, authority_id: uuid.UUID, sha256: str) -> Path:
        """Where the original with this hash lies, or will lie."""
        return self._inside("originals", authority_id, sha256)

    def derivative(self, authority_id: uuid.UUID, sha256: str, variant: str) -> Path:
        """Where a derivative (`thumb`, `large`) of the original with this hash lies, or will lie."""
        if not _VARIANT.fullmatch(variant):
            raise ValueError(f"not a variant: {variant!r}")
        return self._inside("derivatives", authority_id, sha256).with_suffix(f".{variant}.jpg")

    def upload(self, authority_id: uuid.UUID, photo_id: uuid.UUID) -> Path:
        """Where the bytes of an upload in progress gather."""
        path = self._root / "uploads" / str(authority_id) / str(photo_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def uploads_idle_since(self, moment: datetime) -> Iterator[Path]:
        """Uploads in progress whose last byte came before `moment`."""
        for path in (self._root / "uploads").glob("*/*"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
                yield path

    def adopt(self, upload: Path, authority_id: uuid.UUID, sha256: str) -> Path:
        """Move a finished upload to its place as an original: durable before this returns, write-protected after.

        Raises FileMissing when neither the upload nor the original is there.
        """
        target = self.original(authority_id, sha256)
        if not upload.exists():
            if target.exists():
                return target
            raise FileMissing(str(upload.name))
        _make_durable(upload)
        _make_folder(target.parent)
        upload.chmod(0o444)
        upload.replace(target)
        _make_durable(target.parent)
        return target

    def put(self, path: Path, content: bytes) -> None:
        """Write a derivative so that a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
        partial.write_bytes(content)
        partial.replace(path)

    def writable(self) -> bool:
        """Whether a file can be made here, for the readiness page."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            probe = self._root / f".probe-{uuid.uuid4().hex}"
            probe.touch()
            probe.unlink()
        except OSError:
            return False
        return True

    def _inside(self, folder: str, authority_id: uuid.UUID, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._root / folder / str(authority_id) / sha256[:2] / sha256


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(READ_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it: a file lasts only as long as each is entered in the one that holds it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _make_durable(folder.parent)


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
