"""What the soak found: everything the phones called saved, held against the rows, the record and the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import JobResult
from server.intake.models import AppliedOp, Report, ReportPosition
from server.photos.models import Photo
from server.photos.service import file_store
from server.store.checkpoints import verify
from server.store.events import SYSTEM, Event
from server.store.notes import Note
from server.store.transaction import reading
from tests.faults.conftest import Town
from tests.soak.phone import SoakPhone

# An op takes effect as one event of this kind.
EFFECTS = {
    "report.create": "report.received", "report.locate": "report.located", "report.add": "report.added",
    "case.note": "case.noted", "job.note": "case.job_noted", "job.result": "case.job_result",
}  # fmt: skip


Counted = type[Report] | type[ReportPosition] | type[JobResult] | type[Note]


@dataclass(frozen=True, slots=True)
class Found:
    """How many ops the phones called saved, how many are on the server, lost and doubled; likewise their photos.

    `without_effect`: on the server by their id, but with no event or no row that says what they did.
    """

    saved: int
    on_server: int
    lost: int
    doubled: int
    without_effect: int
    visible: int
    photos: int
    photos_verified: int
    photos_lost: int
    not_converged: int
    record: list[str]

    @property
    def whole(self) -> bool:
        """Whether the promise was kept."""
        return not (
            self.lost or self.doubled or self.without_effect or self.photos_lost or self.not_converged or self.record
        )  # fmt: skip


def count(town: Town, phones: Sequence[SoakPhone]) -> Found:
    """Count, once everything was sent and no task is left."""
    saved = {op_id: op for phone in phones for op_id, op in phone.saved.items()}
    photos = {photo_id: content for phone in phones for photo_id, content in phone.photos.items()}
    visible = {op_id for phone in phones for op_id in phone.needs_you}
    with town.stack.app(), reading(town.council.id) as session:
        hashes = {
            str(op_id): sha256
            for op_id, sha256 in session.execute(sa.select(AppliedOp.id, AppliedOp.payload_sha256))
        }
        there = {op_id for op_id, op in saved.items() if hashes.get(op_id) == op["payload_sha256"]}
        verified = _verified(session, photos)
        beyond, short = _effects(session, [saved[op_id]["type"] for op_id in there])
        return Found(
            saved=len(saved),
            on_server=len(there),
            lost=len(saved.keys() - there - visible),
            doubled=beyond,
            without_effect=short,
            visible=len(visible),
            photos=len(photos),
            photos_verified=verified,
            photos_lost=len(photos) - verified,
            not_converged=_not_converged(phones),
            record=[f"{finding.stream_id}: {finding.what}" for finding in verify(session)],
        )


def _effects(session: Session, types: list[str]) -> tuple[int, int]:
    """How many effects there are beyond one for each op, and how many are missing: in the record, or in the rows."""
    by_type = Counter(types)
    kinds = sa.select(Event.kind, sa.func.count(Event.id)).where(Event.kind.in_(EFFECTS.values()))
    events = {row[0]: row[1] for row in session.execute(kinds.group_by(Event.kind))}
    rows: dict[Counted, int] = {
        Report: by_type["report.create"],
        ReportPosition: by_type["report.create"] + by_type["report.locate"],
        JobResult: by_type["job.result"],
        Note: by_type["report.add"] + by_type["case.note"] + by_type["job.note"],
    }
    in_record = [events.get(kind, 0) - by_type[type_] for type_, kind in EFFECTS.items()]
    in_rows = [_number(session, table) - number for table, number in rows.items()]
    beyond = max(sum(n for n in more if n > 0) for more in (in_record, in_rows))
    short = max(-sum(n for n in more if n < 0) for more in (in_record, in_rows))
    return beyond, short


def _number(session: Session, table: Counted) -> int:
    query = sa.select(sa.func.count(table.id))
    if table is Note:
        # Why Tipwatch itself merged two cases, once a report was located, is a note too, and of no op.
        query = query.where(Note.by != SYSTEM.name)
    return session.scalar(query) or 0


def _verified(session: Session, photos: dict[str, bytes]) -> int:
    """How many photos the server calls verified, whose stored originals are the very bytes the phone had."""
    files = file_store()
    rows = {str(photo.id): photo for photo in session.scalars(sa.select(Photo))}
    good = 0
    for photo_id, content in photos.items():
        row = rows.get(photo_id)
        if row is None or row.state != "verified":
            continue
        good += files.original(row.authority_id, row.sha256).read_bytes() == content
    return good


def _not_converged(phones: Sequence[SoakPhone]) -> int:
    """How many rows of cases, jobs and hotspots differ between the phones, which all have the same scope."""
    shared = ("case", "job", "hotspot")
    first = {key: row for key, row in phones[0].copy.items() if key[0] in shared}
    different = 0
    for phone in phones[1:]:
        theirs = {key: row for key, row in phone.copy.items() if key[0] in shared}
        different += sum(first.get(key) != theirs.get(key) for key in first.keys() | theirs.keys())
    return different
