"""A photo: first expected, then received, then verified. Its original bytes never change."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority, Revised, by_revision, within_authority

PHOTO_STATES = ("expected", "received", "verified")


class Photo(OfAuthority, Revised, Base):
    """Bytes promised by a report or a job's result.

    expected: named in a manifest, bytes not all here · received: all bytes here and their hash matches ·
    verified: a worker read the stored original again, and made what can be shown of it.
    """

    __tablename__ = "photo"
    __table_args__ = (
        by_revision("photo"),
        within_authority("report_id", "report"),
        within_authority("job_id", "job"),
        within_authority("case_id", "case"),
        within_authority("device_id", "device"),
        sa.CheckConstraint(f"state IN {PHOTO_STATES}", name="state"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256"),
        sa.CheckConstraint(
            "report_id IS NOT NULL OR job_id IS NOT NULL OR case_id IS NOT NULL", name="owner"
        ),
        sa.Index("ix_photo_report", "authority_id", "report_id"),
        sa.Index("ix_photo_case", "authority_id", "case_id"),
    )
    report_id: Mapped[uuid.UUID | None]
    job_id: Mapped[uuid.UUID | None]
    # The case the photo is seen with; follows its report or job.
    case_id: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    mime: Mapped[str] = mapped_column(sa.String(100))
    taken_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(20), default="expected")
    received_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    # False once a worker has found that the original cannot be decoded; the original is kept all the same.
    showable: Mapped[bool | None]
    problem: Mapped[str | None]
    sniffed_mime: Mapped[str | None] = mapped_column(sa.String(100))
    exif: Mapped[dict[str, Any] | None]
    # What whoever began its upload said of it besides its id, to the letter: tus has it told again.
    upload_metadata: Mapped[str | None] = mapped_column(sa.Text)
