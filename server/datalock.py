"""One process tree to one data folder."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypedDict

LOCK_NAME = "running.lock"
# A process that was just killed can look alive for a moment.
DYING_S = 0.5


class DataFolderInUse(Exception):
    """Another process tree works on this data folder; the message says who, since when, and what to do."""


class Holder(TypedDict):
    """The note a holder leaves in the lock file. `since` is RFC 3339."""

    pid: int
    since: str
    address: str


@contextmanager
def data_folder_lock(
    data_dir: Path, *, address: str, now: datetime, patience_s: float = 5.0
) -> Iterator[int]:
    """Hold `data_dir` for the length of the block, leaving a note of who holds it for the next who asks.

    Yields the lock's file descriptor: processes that inherit it hold the lock too, so the folder is free again when the
    last of them has ended and not before. The operating system drops the lock with its holders, however they end; a
    holder that was killed is given `patience_s` seconds for the rest of its tree to follow it.
    Raises DataFolderInUse while others hold it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / LOCK_NAME
    # The file is never removed: two processes could then lock two files of one name.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _lock(descriptor, path, patience_s)
        note: Holder = {"pid": os.getpid(), "since": now.isoformat(timespec="seconds"), "address": address}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path, patience_s: float) -> None:
    began = time.monotonic()
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder, waited_s = _holder(path), time.monotonic() - began
            alive = holder is not None and waited_s > DYING_S and _alive(holder["pid"])
            if alive or waited_s > patience_s:
                raise DataFolderInUse(_refusal(path.parent, holder)) from None
        time.sleep(0.05)


def _holder(path: Path) -> Holder | None:
    try:
        note = json.loads(path.read_text())
        return Holder(pid=int(note["pid"]), since=str(note["since"]), address=str(note["address"]))
    except (ValueError, KeyError, TypeError):  # it has the lock and has not written its note yet
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether the process has ended and its parent has not yet taken note. Where there is no /proc: unknown, so no."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"


def _refusal(data_dir: Path, holder: Holder | None) -> str:
    who = "by a process that is just starting or stopping"
    if holder:
        who = f"at {holder['address']} (process {holder['pid']}, since {holder['since']})"
    return (
        f"Tipwatch already runs on the data folder {data_dir} {who}. Two at once would spoil each other's work. "
        "Use the running one, stop it first (Ctrl-C in its window), or give this one another folder and port: "
        "make run DATA_DIR=data2 PORT=8001"
    )
