"""The opaque cursor: which authority, which scope, up to which revision."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a phone's copy stands: `rev` has been looked at.

    What changed up to `blank_until` was never on the phone before this copy was begun, so what is out of scope
    there need not be told. `lists` is the version of the lists that it has, empty for none.
    """

    scope: str
    rev: int
    blank_until: int
    lists: str = ""

    def __str__(self) -> str:
        parts = [self.scope, self.rev, self.blank_until, self.lists]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def scope_hash(authority_id: uuid.UUID, scope_name: str) -> str:
    """A short name for an authority and a scope."""
    return hashlib.sha256(f"{authority_id}:{scope_name}".encode()).hexdigest()[:16]


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor a phone sent, None when it has none.

    One that cannot be read, of an older server or damaged on the phone, is of no scope: the phone's copy starts
    afresh, which always helps, where a refusal would leave the phone with what it has for ever.
    """
    if not text:
        return None
    try:
        scope, rev, blank_until, *lists = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(str(scope), int(rev), int(blank_until), str(lists[0]) if lists else "")
    except (ValueError, TypeError, OverflowError, RecursionError):
        return Cursor(scope="", rev=0, blank_until=0)
