"""The opaque cursor: which authority, which scope, up to which revision."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass

from server.errors import Problem


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a phone's copy stands: `rev` has been looked at.

    What changed up to `blank_until` was never on the phone before this copy was begun, so what is out of scope
    there need not be told.
    """

    scope: str
    rev: int
    blank_until: int

    def __str__(self) -> str:
        return (
            base64.urlsafe_b64encode(json.dumps([self.scope, self.rev, self.blank_until]).encode())
            .decode()
            .rstrip("=")
        )


def scope_hash(authority_id: uuid.UUID, scope_name: str) -> str:
    """A short name for an authority and a scope."""
    return hashlib.sha256(f"{authority_id}:{scope_name}".encode()).hexdigest()[:16]


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor a phone sent, None when it has none. Raises Problem invalid_request."""
    if not text:
        return None
    try:
        scope, rev, blank_until = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(str(scope), int(rev), int(blank_until))
    except (ValueError, TypeError) as error:
        message = "This cursor was not made here; leave it out to start afresh"
        raise Problem("invalid_request", message, {"cursor": [message]}) from error
