"""Reading a shared source from a path, as an import does."""

from __future__ import annotations

from pathlib import Path

from workers.geocoding.nameset import NameSet
from workers.geocoding.sources.files import Account
from workers.geocoding.sources.registry import SHARED_SOURCES


def read(word: str, path: Path, localities: NameSet | None = None) -> tuple[NameSet, Account]:
    """What a source makes of a path."""
    account = Account()
    source = SHARED_SOURCES[word]
    built = source.build(source.members(path), account, localities)
    return NameSet(dict(built.columns), tuple(built.about["sources"]), built.about), account
