"""The append-only history: one hash chain per stream, checked daily against a checkpoint.

An event's `body` is the exact JSON text that was hashed: hash = SHA-256(previous hash, newline, body).
Contents kept elsewhere (a report's payload, a person's details) enter only as a salted digest, with the salt
kept beside the content: erasing both leaves the chain whole and the digest meaningless.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, make_transient_to_detached, mapped_column

from server.store.clock import rfc3339
from server.store.database import Base, OfAuthority
from server.store.transaction import insert_new, insert_rows, locked_row

GENESIS = "0" * 64
STREAM_KINDS = ("report", "case", "device", "authority")

EventFacts = Mapping[str, Any]


class Stream(OfAuthority, Base):
    """The head of one chain. Its row is locked while an event is appended."""

    __tablename__ = "stream"
    __table_args__ = (sa.CheckConstraint(f"kind IN {STREAM_KINDS}", name="kind"),)
    kind: Mapped[str] = mapped_column(sa.String(20))
    count: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(sa.String(64), default=GENESIS)
    checkpointed_head: Mapped[str] = mapped_column(sa.String(64), default=GENESIS)


class Event(OfAuthority, Base):
    """One line of history. The database refuses to alter or delete it."""

    __tablename__ = "event"
    __table_args__ = (
        sa.ForeignKeyConstraint(["authority_id", "stream_id"], ["stream.authority_id", "stream.id"]),
        sa.UniqueConstraint("authority_id", "stream_id", "seq"),
        sa.CheckConstraint("seq > 0", name="seq"),
    )
    stream_id: Mapped[uuid.UUID]
    seq: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(40))
    by: Mapped[str] = mapped_column(sa.String(80))
    body: Mapped[str]
    hash: Mapped[str] = mapped_column(sa.String(64))

    @property
    def facts(self) -> dict[str, Any]:
        """What the event says happened."""
        facts: dict[str, Any] = json.loads(self.body)["facts"]
        return facts


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as events name them: `system`, `public`, `user:<id>` or `device:<id>`."""

    name: str


SYSTEM = Actor("system")
PUBLIC = Actor("public")


@dataclass(frozen=True, slots=True)
class Content:
    """Content stored elsewhere that an event vouches for."""

    salt: str
    text: str

    def digest(self) -> str:
        """SHA-256 of salt, newline and text, in hexadecimal."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """What an event is to say, and in which stream (its kind and id)."""

    stream: tuple[str, uuid.UUID]
    kind: str
    facts: EventFacts
    by: Actor
    at: datetime
    contents: Mapping[str, Content]


def new_salt() -> str:
    """A salt of 128 random bits."""
    return secrets.token_hex(16)


def append_event(
    session: Session,
    stream: tuple[str, uuid.UUID],
    kind: str,
    facts: EventFacts,
    *,
    by: Actor,
    at: datetime,
    contents: Mapping[str, Content] | None = None,
) -> Event:
    """Add an event to the end of `stream` (its kind and id), starting the stream when it is new.

    The caller's transaction holds the stream's head until it ends, so appends queue up and never fork.
    """
    return _append(
        session, _locked_head(session, *stream), Entry(stream, kind, facts, by, at, contents or {})
    )


def begin_stream(
    session: Session, stream: tuple[str, uuid.UUID], kind: str, facts: EventFacts, *, by: Actor, at: datetime
) -> Event:
    """As `append_event`, for the first event of a stream whose id is new: nobody else can be writing it."""
    values = {
        "id": stream[1], "kind": stream[0], "count": 0, "head": GENESIS, "checkpointed_head": GENESIS,
    }  # fmt: skip
    insert_rows(session, Stream, [values])
    head = Stream(authority_id=session.info["authority_id"], **values)
    make_transient_to_detached(head)  # it is as it was written, and need not be read again
    session.add(head)
    session.info["locked"][Stream, head.id] = head
    return _append(session, head, Entry(stream, kind, facts, by, at, {}))


def _append(session: Session, head: Stream, entry: Entry) -> Event:
    event = Event(**_row(head.authority_id, entry, head.count + 1, head.head))
    session.add(event)
    head.count, head.head = event.seq, event.hash
    return event


def begin_streams(session: Session, entries: Sequence[Entry]) -> None:
    """Start the streams of the open authority that these are the first events of; none of them exists."""
    events = [_row(session.info["authority_id"], entry, 1, GENESIS) for entry in entries]
    heads = [
        {
            "id": entry.stream[1], "kind": entry.stream[0], "count": 1, "head": event["hash"],
            "checkpointed_head": GENESIS,
        }
        for entry, event in zip(entries, events, strict=True)
    ]  # fmt: skip
    insert_rows(session, Stream, heads)
    insert_rows(session, Event, events)


def _row(authority_id: uuid.UUID, entry: Entry, seq: int, previous: str) -> dict[str, Any]:
    """The row of an event that comes after the one whose hash is `previous`."""
    kind, stream_id = entry.stream
    body = json.dumps(
        {
            "authority": str(authority_id), "stream": [kind, str(stream_id)], "seq": seq,
            "at": rfc3339(entry.at), "kind": entry.kind, "by": entry.by.name, "facts": dict(entry.facts),
            "digests": {name: content.digest() for name, content in entry.contents.items()},
        },
        sort_keys=True, separators=(",", ":"), default=str,
    )  # fmt: skip
    return {
        "id": uuid.uuid4(), "authority_id": authority_id, "stream_id": stream_id, "seq": seq, "at": entry.at,
        "kind": entry.kind, "by": entry.by.name, "body": body, "hash": chain_hash(previous, body),
    }  # fmt: skip


def chain_hash(previous: str, body: str) -> str:
    """SHA-256 of the previous hash, a newline and the body, in hexadecimal."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def head_of(session: Session, stream: tuple[str, uuid.UUID]) -> str:
    """The hash of a stream's last event, which stays the last until the transaction ends or appends another."""
    return _locked_head(session, *stream).head


def events_of(session: Session, stream_id: uuid.UUID) -> list[Event]:
    """Every event of a stream in order."""
    return list(session.scalars(sa.select(Event).where(Event.stream_id == stream_id).order_by(Event.seq)))


def _locked_head(session: Session, kind: str, stream_id: uuid.UUID) -> Stream:
    head = locked_row(session, Stream, stream_id)
    if head is None:
        # Another transaction may be writing this stream's first event just now: then this waits for it.
        insert_new(session, Stream, id=stream_id, kind=kind, count=0, head=GENESIS, checkpointed_head=GENESIS)
        head = locked_row(session, Stream, stream_id)
        assert head is not None
    return head
