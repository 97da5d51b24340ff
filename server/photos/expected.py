"""Writing down which photos are to come, from the manifest of the report or job result that names them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.photos.models import Photo


def expect_photos(
    session: Session,
    manifest: Iterable[Mapping[str, Any]],
    *,
    report_id: uuid.UUID | None = None,
    job_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
    device_id: uuid.UUID | None = None,
) -> list[Photo]:
    """Add a row for every photo of `manifest` (loaded by ManifestSchema) and return the rows.

    Raises marshmallow.ValidationError when an id is taken by other bytes: two photos must not share one id.
    """
    photos = []
    for index, entry in enumerate(manifest):
        existing = session.get(Photo, (session.info["authority_id"], entry["id"]))
        if existing is not None:
            if existing.sha256 != entry["sha256"] or existing.report_id != report_id:
                raise ma.ValidationError({"photos": {index: {"id": ["Another photo has this id already"]}}})
            continue
        photo = Photo(
            id=entry["id"], report_id=report_id, job_id=job_id, case_id=case_id, device_id=device_id,
            sha256=entry["sha256"], bytes=entry["bytes"], mime=entry["mime"], taken_at=entry["taken_at"],
        )  # fmt: skip
        session.add(photo)
        photos.append(photo)
    session.flush()
    return photos


def photo_facts(photos: Iterable[Photo]) -> list[dict[str, Any]]:
    """The photos as an event names them."""
    return [{"id": str(photo.id), "sha256": photo.sha256, "bytes": photo.bytes} for photo in photos]


def show_with_case(session: Session, case_id: uuid.UUID | None, *, report_id: uuid.UUID) -> None:
    """Let a report's photos follow it to another case."""
    for photo in session.scalars(sa.select(Photo).where(Photo.report_id == report_id)):
        photo.case_id = case_id
