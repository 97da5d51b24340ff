"""Feed sources: each entity type says which rows changed and how a row looks to whom. Packages register their own."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.store.database import OfAuthority, Revised


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose phone is asking. Its name is part of the cursor: when it changes, the phone starts its copy afresh."""

    user_id: uuid.UUID
    role: str
    device_id: uuid.UUID | None

    @property
    def name(self) -> str:
        """Everything that decides what is in scope, as text. Grow VERSION when a row's shape changes."""
        return f"{VERSION}:{self.user_id}:{self.role}"


VERSION = 1

# Rows of one type -> for each row what the scope may see of it, or None when it is not (any more) in scope.
Show = Callable[[Session, Scope, Sequence[Any]], list[dict[str, Any] | None]]


# A condition that every row in scope meets: a first copy skips the rest in the database.
Within = Callable[[Scope], sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Source:
    """One entity type of the feed."""

    name: str
    table: Any
    within: Within
    show: Show


SOURCES: list[Source] = []


def feed_source(name: str, table: type[Any], within: Within) -> Callable[[Show], Show]:
    """Register how rows of `table` (OfAuthority and Revised) appear in the feed as `name`."""
    assert issubclass(table, OfAuthority) and issubclass(table, Revised)

    def register(show: Show) -> Show:
        SOURCES.append(Source(name, table, within, show))
        return show

    return register


def changes_after(
    session: Session, scope: Scope, rev: int, blank_until: int, limit: int
) -> tuple[list[dict[str, Any]], int, bool]:
    """At most `limit` changes above `rev`, the last revision looked at, and whether more wait.

    A row out of scope comes down as `del` unless it last changed before the phone's copy was begun.
    """
    changed = {
        source: (
            source.table.rev > rev,
            sa.or_(source.table.rev > blank_until, source.within(scope)),
        )
        for source in SOURCES
    }
    # First only how far the page goes: most rows of most sources belong to later ones.
    revisions = {
        source: _revisions(session, source, *which, limit=limit + 1) for source, which in changed.items()
    }
    merged = sorted(itertools.chain.from_iterable(revisions.values()))
    more, end = len(merged) > limit, merged[:limit][-1] if merged else rev
    changes = []
    for source, which in changed.items():
        if revisions[source] and revisions[source][0] <= end:
            query = sa.select(source.table).where(*which, source.table.rev <= end)
            rows = list(session.scalars(query.order_by(source.table.rev)))
            for row, put in zip(rows, source.show(session, scope, rows), strict=True):
                changes += _change(source, row, put, blank_until)
    return sorted(changes, key=lambda change: int(change["rev"])), end, more


def _revisions(session: Session, source: Source, *which: sa.ColumnElement[bool], limit: int) -> Sequence[int]:
    query = sa.select(source.table.rev).where(*which).order_by(source.table.rev).limit(limit)
    return session.scalars(query).all()


def _change(source: Source, row: Any, put: dict[str, Any] | None, blank_until: int) -> list[dict[str, Any]]:
    """A row as it comes down; nothing when it is out of scope and was so when the phone's copy was begun."""
    change = {"type": source.name, "id": str(row.id), "rev": row.rev}
    if put is not None:
        return [change | {"put": put}]
    return [change | {"del": True}] if row.rev > blank_until else []
