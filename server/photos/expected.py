"""Writing down which photos are to come, from the manifest of the report or job result that names them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.photos.models import Photo
from server.store.transaction import insert_new_rows, written_past

_photos: Any = Photo.__table__
_SHOW_WITH = (
    sa.update(_photos)
    .where(_photos.c.authority_id == sa.bindparam("of"), _photos.c.report_id == sa.bindparam("report"))
    .values(case_id=sa.bindparam("case"))
    .returning(_photos.c.id)
)


@dataclass(frozen=True, slots=True)
class Expected:
    """The photos that a report's or a job result's manifest (loaded by ManifestSchema) names, and whose they are."""

    manifest: Sequence[Mapping[str, Any]]
    report_id: uuid.UUID | None = None
    job_id: uuid.UUID | None = None
    case_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None


def expect_photos(session: Session, *expected: Expected) -> list[list[dict[str, Any]]]:
    """Add a row for every photo that is new; returns the rows, manifest by manifest.

    Raises marshmallow.ValidationError when an id is taken by other bytes: two photos must not share one id.
    """
    rows: dict[uuid.UUID, dict[str, Any]] = {}
    for each in expected:
        for index, entry in enumerate(each.manifest):
            _refuse_taken(rows.setdefault(entry["id"], _row(entry, each)), entry, each, index)
    inserted = insert_new_rows(session, Photo, list(rows.values()))
    if len(inserted) < len(rows):
        _refuse_others(session, rows.keys() - inserted, expected)
    return [
        [rows[id_] for id_ in dict.fromkeys(entry["id"] for entry in each.manifest) if id_ in inserted]
        for each in expected
    ]


def _row(entry: Mapping[str, Any], whose: Expected) -> dict[str, Any]:
    return {
        "id": entry["id"], "report_id": whose.report_id, "job_id": whose.job_id, "case_id": whose.case_id,
        "device_id": whose.device_id, "sha256": entry["sha256"], "bytes": entry["bytes"], "mime": entry["mime"],
        "taken_at": entry["taken_at"],
    }  # fmt: skip


def _refuse_others(session: Session, ids: Iterable[uuid.UUID], expected: Sequence[Expected]) -> None:
    """Raise ValidationError unless the photos that have these ids already are the same ones."""
    columns = (Photo.id, Photo.sha256, Photo.report_id)
    there = {row.id: row._asdict() for row in session.execute(sa.select(*columns).where(Photo.id.in_(ids)))}
    for each in expected:
        for index, entry in enumerate(each.manifest):
            if entry["id"] in there:
                _refuse_taken(there[entry["id"]], entry, each, index)


def _refuse_taken(there: Mapping[str, Any], entry: Mapping[str, Any], whose: Expected, index: int) -> None:
    if there["sha256"] != entry["sha256"] or there["report_id"] != whose.report_id:
        raise ma.ValidationError({"photos": {index: {"id": ["Another photo has this id already"]}}})


def photo_facts(photos: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The photos as an event names them."""
    return [{"id": str(photo["id"]), "sha256": photo["sha256"], "bytes": photo["bytes"]} for photo in photos]


def show_with_case(session: Session, case_id: uuid.UUID | None, *, report_id: uuid.UUID) -> None:
    """Let a report's photos follow it to another case."""
    session.flush()  # the case may not have been written yet
    moved = {"of": session.info["authority_id"], "report": report_id, "case": case_id}
    ids = session.connection().execute(_SHOW_WITH, moved).scalars().all()
    written_past(session, Photo, ids, case_id=case_id)
