"""Contents that events vouch for by a salted digest, held against those digests.

Packages register where their contents are; `Vouching` gathers what the events say and finds what does not agree.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.store.events import Content

# (what it belongs to: a report, a case or a job · what it is, in words · the content) of the open authority.
Contents = Callable[[Session], Iterable[tuple[uuid.UUID, str, Content]]]
_sources: list[Contents] = []
# Name of a digest -> the kind of event that says the content was erased on purpose.
_erased_by: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the record, in words."""

    stream_id: uuid.UUID | None
    what: str


def vouched_contents(*, erased_by: dict[str, str] | None = None) -> Callable[[Contents], Contents]:
    """Register contents that events vouch for. `erased_by`: digest name -> event kind, for those that may be erased."""

    def register(contents: Contents) -> Contents:
        _sources.append(contents)
        _erased_by.update(erased_by or {})
        return contents

    return register


class Vouching:
    """What the events of an authority vouch for, gathered event by event."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[uuid.UUID, int, str]] = {}
        self._erased: set[tuple[uuid.UUID, str]] = set()

    def hear(self, stream_id: uuid.UUID, body: dict[str, Any]) -> None:
        """Take in one event's body."""
        for name, digest in body.get("digests", {}).items():
            self._told[digest] = (stream_id, body["seq"], name)
        if body["kind"] in _erased_by.values():
            self._erased.add((stream_id, body["kind"]))

    def findings(self, session: Session) -> Iterator[Finding]:
        """Contents that are not what was vouched for, and contents that are missing without having been erased."""
        missing = dict(self._told)
        for contents in _sources:
            for belongs_to, what, content in contents(session):
                if missing.pop(content.digest(), None) is None:
                    yield Finding(belongs_to, f"{what} is not what its history vouches for")
        for stream_id, seq, name in missing.values():
            if (stream_id, _erased_by.get(name, "")) not in self._erased:
                yield Finding(stream_id, f"the {name} of event {seq} is missing or was altered")
