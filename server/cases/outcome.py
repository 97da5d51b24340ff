"""What became of a case, as one number that figures are counted by."""

from __future__ import annotations

from datetime import datetime, timedelta

OPEN, NOT_CLEARED = -2, -1
TENTH = timedelta(days=1) / 10


def outcome_of(closed_because: str | None, opened_at: datetime, closed_at: datetime | None) -> int:
    """OPEN, NOT_CLEARED (closed for another reason), or the tenths of a day from opening to closing as cleared."""
    if closed_because is None or closed_at is None:
        return OPEN
    return max(0, round((closed_at - opened_at) / TENTH)) if closed_because == "close" else NOT_CLEARED
