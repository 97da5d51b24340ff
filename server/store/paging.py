"""The cursor of lists that are ordered by a moment and then by id."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import datetime

from server.errors import Problem


def write_cursor(moment: datetime, row_id: uuid.UUID) -> str:
    """Where a page ended, as text for the next request."""
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), str(row_id)]).encode()).decode()


def read_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """The moment and id that `write_cursor` wrote down. Raises Problem invalid_request naming the field."""
    try:
        moment, row_id = json.loads(base64.urlsafe_b64decode(text))
        return datetime.fromisoformat(moment), uuid.UUID(row_id)
    except (ValueError, TypeError, AttributeError) as error:
        message = "This cursor was not made for this list; leave it out to start at the first page"
        raise Problem("invalid_request", message, {"cursor": [message]}) from error
