"""One page of the pull."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.models import AppliedOp
from server.intake.reference import lists_version, reference
from server.photos.models import Photo
from server.store.clock import rfc3339
from server.store.history import history_of
from server.store.transaction import Counter
from server.sync.apps import is_too_old
from server.sync.cursor import Cursor, scope_hash
from server.sync.feed import Scope, changes_after


def pull(
    session: Session,
    scope: Scope,
    cursor: Cursor | None,
    limit: int,
    at: datetime,
    *,
    app_version: str | None = None,
) -> dict[str, Any]:
    """The changes after `cursor` in `scope`, and what of this phone's own work has arrived since.

    `reset`: the cursor belongs to another scope, or to another past (the server was restored from a backup); the
    phone rebuilds its copy from the changes that follow and leaves its outbox alone. Changes, acknowledgements and
    verified photos are at most `limit` each; `more` says that the next page brings more of any of them. `reference`
    comes along when the lists are others than those the cursor stands for.
    """
    authority_id = session.info["authority_id"]
    scope_name = scope_hash(authority_id, f"{history_of(session)}:{scope.name}")
    newest = _newest(session)
    reset = cursor is not None and (cursor.scope != scope_name or cursor.rev > newest)
    start, blank_until = (0, newest) if cursor is None or reset else (cursor.rev, cursor.blank_until)
    changes, end, more = changes_after(session, scope, start, blank_until, limit)
    if not more:
        # Revisions of rows that no feed shows (an acknowledgement, a photo) lie past the last change.
        end = max(end, newest)
    own = [_own(session, scope, table, start, end, limit) for table in (AppliedOp, Photo)]
    for rows in own:
        if len(rows) > limit:
            end, more = min(end, rows[limit - 1][0]), True
    return {
        "changes": [change for change in changes if change["rev"] <= end],
        "cursor": str(Cursor(scope_name, end, blank_until, lists_version())),
        "more": more,
        "reset": reset,
        "acked_ops": [row_id for rev, row_id in own[0] if rev <= end],
        "verified_photos": [row_id for rev, row_id in own[1] if rev <= end],
        "server_time": rfc3339(at),
        **({"reference": reference()} if cursor is None or cursor.lists != lists_version() else {}),
        **({"update_needed": True} if is_too_old(app_version) else {}),
    }


def _newest(session: Session) -> int:
    newest = sa.select(Counter.value).where(
        Counter.authority_id == session.info["authority_id"], Counter.name == "rev"
    )
    return session.scalar(newest) or 0


def _own(
    session: Session, scope: Scope, table: type[AppliedOp] | type[Photo], start: int, end: int, limit: int
) -> list[tuple[int, str]]:
    """Revision and id of the asking phone's own rows, one more than `limit` where there are more."""
    if scope.device_id is None:
        return []
    query = sa.select(table.rev, table.id).where(
        table.device_id == scope.device_id, table.rev > start, table.rev <= end
    )
    if table is Photo:
        query = query.where(Photo.state == "verified")
    return [(rev, str(row_id)) for rev, row_id in session.execute(query.order_by(table.rev).limit(limit + 1))]
