"""What lies in the data folder beside database and photos, and goes with them into a backup.

`councils/`: what each council says about itself. `gazetteer/`: the names that all councils share, of the vintages the
database has in use. `secret-key`: the key links for residents are made with, which goes only where it is asked to.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

COUNCILS = "councils"
GAZETTEER = "gazetteer"
SECRET_KEY = "secret-key"
# A file that was there before a restore put another in its place.
REPLACED = ".replaced"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of it a backup takes."""

    gazetteer: bool = True
    secret_key: bool = False


def councils_files(data_dir: Path) -> list[Path]:
    """The files of the councils' own words, less those that a restore put aside."""
    return sorted((data_dir / COUNCILS).glob("*.toml"))


def gazetteer_files(data_dir: Path, folders: Iterable[str]) -> Iterator[Path]:
    """The files of these vintages."""
    for folder in folders:
        yield from sorted(path for path in (data_dir / GAZETTEER / folder).rglob("*") if path.is_file())


def absent(data_dir: Path, folders: Iterable[str]) -> list[str]:
    """Which of these vintages are not here."""
    return [folder for folder in folders if not (data_dir / GAZETTEER / folder).is_dir()]


def key_mark(secret_key: str) -> str:
    """By which a restore sees whether it has the same key, without telling the key."""
    return hmac.new(secret_key.encode(), b"tipwatch backup", hashlib.sha256).hexdigest()


def may_be_restored(name: str) -> bool:
    """Whether a backup may put a file of this name into the data folder."""
    first, *rest = Path(name).parts
    inside = ".." not in rest and not Path(name).is_absolute()
    return inside and (first in (COUNCILS, GAZETTEER) if rest else first == SECRET_KEY)


def put(data_dir: Path, name: str, source: IO[bytes]) -> bool:
    """Write a file whole; True when another one was there, which lies beside it now under the ending `.replaced`.

    Only a council's own words are put aside: somebody wrote them by hand.
    """
    target = data_dir / name
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    mode = 0o600 if name == SECRET_KEY else 0o644
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
        shutil.copyfileobj(source, out)
    other = target.parent.name == COUNCILS and target.exists() and target.read_bytes() != partial.read_bytes()
    if other:
        target.replace(target.with_name(target.name + REPLACED))
    partial.replace(target)
    return other
