"""One page of the pull."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.models import AppliedOp
from server.photos.models import Photo
from server.store.clock import rfc3339
from server.store.transaction import Counter
from server.sync.cursor import Cursor, scope_hash
from server.sync.feed import Scope, changes_after


def pull(session: Session, scope: Scope, cursor: Cursor | None, limit: int, at: datetime) -> dict[str, Any]:
    """The changes after `cursor` in `scope`, and what of this phone's own work has arrived since.

    `reset`: the cursor belongs to another scope, or to a newer past (the server was restored); the phone
    rebuilds its copy from the changes that follow and leaves its outbox alone.
    """
    authority_id = session.info["authority_id"]
    scope_name = scope_hash(authority_id, scope.name)
    newest = (
        session.scalar(
            sa.select(Counter.value).where(Counter.authority_id == authority_id, Counter.name == "rev")
        )
        or 0
    )
    reset = cursor is not None and (cursor.scope != scope_name or cursor.rev > newest)
    start, blank_until = (0, newest) if cursor is None or reset else (cursor.rev, cursor.blank_until)
    changes, end, more = changes_after(session, scope, start, blank_until, limit)
    if not more:
        # Revisions of rows that no feed shows (an acknowledgement, a photo) lie past the last change.
        end = max(end, newest)
    return {
        "changes": changes,
        "cursor": str(Cursor(scope_name, end, blank_until)),
        "more": more,
        "reset": reset,
        "acked_ops": _own(session, scope, AppliedOp, start, end),
        "verified_photos": _own(session, scope, Photo, start, end),
        "server_time": rfc3339(at),
    }


def _own(
    session: Session, scope: Scope, table: type[AppliedOp] | type[Photo], start: int, end: int
) -> list[str]:
    if scope.device_id is None:
        return []
    query = sa.select(table.id).where(table.device_id == scope.device_id, table.rev > start, table.rev <= end)
    if table is Photo:
        query = query.where(Photo.state == "verified")
    return [str(row_id) for row_id in session.scalars(query.order_by(table.rev))]
