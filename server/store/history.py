"""Which history an authority's revisions belong to: a new one begins when a backup is restored.

After a restore the same revision numbers are given out a second time. A phone that followed the first history must
not go on from its cursor in the second, or it would miss what it never saw.
"""

from __future__ import annotations

import secrets
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.store.transaction import Counter, next_value

NAME = "history"


def history_of(session: Session) -> int:
    """The open authority's history; 0 until a backup was first restored."""
    mine = sa.select(Counter.value).where(
        Counter.authority_id == session.info["authority_id"], Counter.name == NAME
    )
    return session.scalar(mine) or 0


def begin_another(session: Session, authority_id: uuid.UUID) -> int:
    """Begin another history, which no copy made so far belongs to; returns it."""
    return next_value(session, authority_id, NAME, step=1 + secrets.randbelow(2**31))
