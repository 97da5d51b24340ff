"""Cases, the jobs given to crews, and what came of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.intake.models import KINDS
from server.store.database import Base, OfAuthority, Revised, by_revision, within_authority

CASE_STATES = ("new", "accepted", "closed")
CLOSED_BECAUSE = ("duplicate", "not_ours", "no_evidence", "close")
JOB_KINDS = ("clear", "inspect", "sign", "camera")
JOB_STATES = ("open", "done", "not_there", "cannot")


class Case(OfAuthority, Revised, Base):
    """One thing on the ground. Its position is that of the first report that had one; null until then."""

    __tablename__ = "case"
    __table_args__ = (
        by_revision("case"),
        within_authority("duplicate_of", "case"),
        within_authority("hotspot_id", "hotspot"),
        sa.UniqueConstraint("authority_id", "reference"),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
        sa.CheckConstraint(f"state IN {CASE_STATES}", name="state"),
        sa.CheckConstraint("(state = 'closed') = (closed_because IS NOT NULL)", name="closed"),
        sa.Index("ix_case_state", "authority_id", "state", "opened_at"),
        sa.Index("ix_case_cell", "authority_id", "cell", "state"),
        sa.Index("ix_case_hotspot", "authority_id", "hotspot_id"),
    )
    reference: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(20))
    category: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(20), default="new")
    closed_because: Mapped[str | None] = mapped_column(sa.String(20))
    duplicate_of: Mapped[uuid.UUID | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    label: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    easting: Mapped[float | None]
    northing: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    # The 1 km square it lies in, as easting_km * 10000 + northing_km: finds neighbours on either database.
    cell: Mapped[int | None]
    place: Mapped[dict[str, Any] | None]
    ward_code: Mapped[str | None] = mapped_column(sa.String(60))
    report_count: Mapped[int] = mapped_column(default=0)
    hazards: Mapped[list[str]] = mapped_column(default=list)
    severity: Mapped[int] = mapped_column(default=1)
    witnessed: Mapped[bool] = mapped_column(default=False)
    flags: Mapped[list[str]] = mapped_column(default=list)
    # The hotspot it is a member of by the newest run.
    hotspot_id: Mapped[uuid.UUID | None]


class Job(OfAuthority, Revised, Base):
    """A piece of field work on a case. `crew_id` null: any crew may do it."""

    __tablename__ = "job"
    __table_args__ = (
        by_revision("job"),
        within_authority("case_id", "case"),
        within_authority("crew_id", "user"),
        sa.CheckConstraint(f"kind IN {JOB_KINDS}", name="kind"),
        sa.CheckConstraint(f"state IN {JOB_STATES}", name="state"),
        sa.Index("ix_job_case", "authority_id", "case_id"),
    )
    case_id: Mapped[uuid.UUID]
    crew_id: Mapped[uuid.UUID | None]
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20), default="open")
    text: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class JobResult(OfAuthority, Base):
    """One visit's outcome. Two crews may both have gone: both are kept, the later one flagged."""

    __tablename__ = "job_result"
    __table_args__ = (
        within_authority("job_id", "job"),
        within_authority("device_id", "device"),
        sa.CheckConstraint("result IN ('done', 'not_there', 'cannot')", name="result"),
    )
    job_id: Mapped[uuid.UUID]
    result: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str]
    position: Mapped[dict[str, Any] | None]
    device_id: Mapped[uuid.UUID | None]
    device_time: Mapped[datetime | None]
    received_at: Mapped[datetime]
    payload: Mapped[str]
    salt: Mapped[str] = mapped_column(sa.String(32))
    flags: Mapped[list[str]] = mapped_column(default=list)
