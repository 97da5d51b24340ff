"""Pages of a list: the cursor that goes on where a page ended, and the condition for what lies behind it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.errors import Problem

_NOT_OURS = "This cursor was not made for this list; leave it out to start at the first page"


def write_cursor(*values: Any) -> str:
    """A cursor that `read_cursor` reads again, for the values by which the last row of a page is ordered."""
    written = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(written, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *readers: Callable[[Any], Any]) -> list[Any]:
    """The values of a cursor, each by its reader. Raises Problem invalid_request for one made elsewhere."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [read(value) for read, value in zip(readers, values, strict=True)]
    except (ValueError, TypeError, AttributeError) as error:
        raise Problem("invalid_request", _NOT_OURS, {"cursor": [_NOT_OURS]}) from error


def moment(text: str) -> datetime:
    """Reads a moment of a cursor. Raises ValueError for one without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


def behind(columns: Sequence[Any], key: Sequence[Any]) -> sa.ColumnElement[bool]:
    """That a row comes after the one with `key` where rows are ordered by `columns`, all upwards."""
    condition: sa.ColumnElement[bool] = sa.false()
    for column, value in reversed(list(zip(columns, key, strict=True))):
        condition = sa.or_(column > value, sa.and_(column == value, condition))
    return condition
