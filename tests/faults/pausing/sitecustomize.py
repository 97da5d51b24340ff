"""Makes a real process stop at one exact point, so that a test can kill it there.

Python imports this module by itself in processes whose PYTHONPATH names this folder. TIPWATCH_TEST_PAUSE says where:
`module:function:before` (or `:after`), where the function may be `Class.method`. The first call to get there writes its
process id to the file TIPWATCH_TEST_PAUSED and waits until that file is removed; all others pass.

TIPWATCH_TEST_FULL names a file: while it exists, nothing can be written to an upload, as on a full disk.
"""

from __future__ import annotations

import errno
import functools
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def pause(where: str, paused: Path) -> None:
    """Have the function named by `where` pause."""
    module_name, path, when = where.split(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, import_module(module_name))
    function = getattr(owner, name)

    @functools.wraps(function)
    def pausing(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            _wait_once(paused)
        result = function(*args, **kwargs)
        if when == "after":
            _wait_once(paused)
        return result

    setattr(owner, name, pausing)


def _wait_once(paused: Path) -> None:
    once = paused.with_suffix(".once")
    try:
        once.touch(exist_ok=False)
    except FileExistsError:
        return
    partial = paused.with_suffix(".partial")
    partial.write_text(str(os.getpid()))
    partial.rename(paused)
    while paused.exists():
        time.sleep(0.02)


def fill_disk(flag: Path) -> None:
    """Have writes to uploads fail for want of room while `flag` exists."""
    uploads = vars(import_module("server.photos.uploads"))
    write = uploads["_write"]

    def writing(descriptor: int, chunk: bytes) -> None:
        if flag.exists():
            os.write(descriptor, chunk[: len(chunk) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(descriptor, chunk)

    uploads["_write"] = writing


if "TIPWATCH_TEST_FULL" in os.environ:
    fill_disk(Path(os.environ["TIPWATCH_TEST_FULL"]))
if "TIPWATCH_TEST_PAUSE" in os.environ:
    pause(os.environ["TIPWATCH_TEST_PAUSE"], Path(os.environ["TIPWATCH_TEST_PAUSED"]))
