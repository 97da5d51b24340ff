"""Daily checkpoints over all streams of an authority, and the check that finds tampering.

A checkpoint's manifest holds the head and count of every stream that grew since the one before, and the totals;
its digest is an event in the authority's own stream. Together the manifests name every stream there ever was,
so that a cut tail or a missing stream is seen.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from server.store.clock import rfc3339
from server.store.database import Base, OfAuthority
from server.store.events import GENESIS, SYSTEM, Event, Stream, append_event, chain_hash
from server.store.transaction import ACROSS_AUTHORITIES
from server.store.vouched import Finding, Vouching


class Checkpoint(OfAuthority, Base):
    """What the streams looked like at one moment: JSON lines `[stream id, count, head]`."""

    __tablename__ = "checkpoint"
    at: Mapped[datetime]
    manifest: Mapped[str]


def checkpoint(session: Session, at: datetime) -> Checkpoint | None:
    """Write a checkpoint of the open authority; None when nothing happened since the last."""
    authority_id: uuid.UUID = session.info["authority_id"]
    grown = sa.select(Stream).where(Stream.head != Stream.checkpointed_head, Stream.id != authority_id)
    streams = list(session.scalars(grown.order_by(Stream.id)))
    if not streams:
        return None
    manifest = "\n".join(json.dumps([str(stream.id), stream.count, stream.head]) for stream in streams)
    for stream in streams:
        stream.checkpointed_head = stream.head
    row = Checkpoint(id=uuid.uuid4(), authority_id=authority_id, at=at, manifest=manifest)
    session.add(row)
    totals = session.execute(sa.select(sa.func.count(Stream.id), sa.func.sum(Stream.count))).one()
    facts = {
        "checkpoint_id": str(row.id), "manifest_sha256": _digest(manifest),
        "streams": int(totals[0]), "events": int(totals[1] or 0),
    }  # fmt: skip
    append_event(session, ("authority", authority_id), "checkpoint", facts, by=SYSTEM, at=at)
    return row


def newest_anchor(session: Session, authority_id: uuid.UUID) -> dict[str, Any] | None:
    """The hash of an authority's newest checkpoint's event, to be kept where nobody who has the database can change it.

    Whoever rewrote the whole record would have to rewrite that too. None before the first checkpoint.
    """
    newest = sa.select(Event).where(Event.authority_id == authority_id, Event.kind == "checkpoint")
    event = session.scalars(
        newest.order_by(Event.seq.desc()).limit(1), execution_options=ACROSS_AUTHORITIES
    ).first()
    return None if event is None else {"seq": event.seq, "at": rfc3339(event.at), "hash": event.hash}


def against_anchor(session: Session, anchor: dict[str, Any] | None) -> list[Finding]:
    """Hold the open authority's record against an anchor that was kept elsewhere."""
    if anchor is None:
        return []
    authority_id = session.info["authority_id"]
    there = sa.select(Event.hash).where(Event.stream_id == authority_id, Event.seq == anchor["seq"])
    if session.scalar(there) == anchor["hash"]:
        return []
    return [Finding(authority_id, f"the record up to {anchor['at']} is not the one that was backed up")]


def verify(session: Session) -> list[Finding]:
    """Recompute every chain of the open authority, and hold it against its checkpoints and against the contents it
    vouches for; empty when all is whole."""
    findings: list[Finding] = []
    vouching = Vouching()
    hashes: dict[uuid.UUID, list[str]] = {}
    for event, previous in _chained(session):
        if (
            event.hash != chain_hash(previous, event.body)
            or event.seq != len(hashes.get(event.stream_id, ())) + 1
        ):
            findings.append(
                Finding(event.stream_id, f"event {event.seq} does not follow from the one before")
            )
        body = _body_as_shown(event)
        if body is not None:
            vouching.hear(event.stream_id, body)
        else:
            findings.append(
                Finding(event.stream_id, f"event {event.seq} shows something else than was hashed")
            )
        hashes.setdefault(event.stream_id, []).append(event.hash)
    for stream in session.scalars(sa.select(Stream)):
        chain = hashes.get(stream.id, [])
        if len(chain) != stream.count or (chain[-1] if chain else GENESIS) != stream.head:
            findings.append(Finding(stream.id, "the last events of this stream are missing or were added"))
    findings += _against_checkpoints(session, hashes)
    findings += vouching.findings(session)
    return findings


def _chained(session: Session) -> Iterator[tuple[Event, str]]:
    stream_id, previous = None, GENESIS
    for event in session.scalars(
        sa.select(Event).order_by(Event.stream_id, Event.seq).execution_options(yield_per=1000)
    ):
        if event.stream_id != stream_id:
            stream_id, previous = event.stream_id, GENESIS
        yield event, previous
        previous = event.hash


def _body_as_shown(event: Event) -> dict[str, Any] | None:
    """What the hash covers, or None when the columns that people see say something else."""
    try:
        body: dict[str, Any] = json.loads(event.body)
        hashed = [body[name] for name in ("seq", "at", "kind", "by")] + body["stream"][1:]
    except (ValueError, KeyError, TypeError):
        return None
    shown = [event.seq, rfc3339(event.at), event.kind, event.by, str(event.stream_id)]
    return body if hashed == shown else None


def _against_checkpoints(session: Session, hashes: dict[uuid.UUID, list[str]]) -> Iterator[Finding]:
    told = dict(_told_of_checkpoints(session))
    for row in session.scalars(sa.select(Checkpoint)):
        if told.pop(str(row.id), None) != _digest(row.manifest):
            yield Finding(None, f"the checkpoint of {row.at:%Y-%m-%d} was altered")
            continue
        for line in row.manifest.splitlines():
            stream_id, count, head = json.loads(line)
            chain = hashes.get(uuid.UUID(stream_id), [])
            if len(chain) < count or chain[count - 1] != head:
                yield Finding(
                    uuid.UUID(stream_id), f"events up to {row.at:%Y-%m-%d} are missing or were altered"
                )
    for missing in told:
        yield Finding(None, f"the manifest of checkpoint {missing} is missing")


def _told_of_checkpoints(session: Session) -> Iterator[tuple[str, str]]:
    """The id of each checkpoint and the digest of its manifest, as the history has them."""
    for event in session.scalars(sa.select(Event).where(Event.kind == "checkpoint")):
        # One that cannot be read was altered, which its chain shows.
        with suppress(ValueError, KeyError, TypeError):
            yield event.facts["checkpoint_id"], event.facts["manifest_sha256"]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
