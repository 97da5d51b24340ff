"""Feed sources: each entity type says which rows changed and how a row looks to whom. Packages register their own."""

from __future__ import annotations

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
    changed = sorted(_changed(session, scope, rev, blank_until, limit + 1), key=lambda pair: pair[1].rev)
    page, more = changed[:limit], len(changed) > limit
    shown: dict[int, dict[str, Any] | None] = {}
    for source in SOURCES:
        rows = [row for owner, row in page if owner is source]
        for row, put in zip(rows, source.show(session, scope, rows) if rows else [], strict=True):
            shown[row.rev] = put
    changes = []
    for source, row in page:
        change = {"type": source.name, "id": str(row.id), "rev": row.rev}
        if (put := shown[row.rev]) is not None:
            changes.append(change | {"put": put})
        elif row.rev > blank_until:
            changes.append(change | {"del": True})
    return changes, page[-1][1].rev if page else rev, more


def _changed(
    session: Session, scope: Scope, rev: int, blank_until: int, limit: int
) -> list[tuple[Source, Any]]:
    return [
        (source, row)
        for source in SOURCES
        for row in session.scalars(
            sa.select(source.table)
            .where(source.table.rev > rev, sa.or_(source.table.rev > blank_until, source.within(scope)))
            .order_by(source.table.rev)
            .limit(limit)
        )
    ]
