"""Cases, the jobs given to crews, and what came of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from server.cases.need import hazard_codes_of, need_of
from server.cases.outcome import outcome_of
from server.intake.models import KINDS
from server.store.database import Base, Decided, OfAuthority, Revised, by_revision, within_authority

CASE_STATES = ("new", "accepted", "closed")
CLOSED_BECAUSE = ("duplicate", "not_ours", "no_evidence", "close")
JOB_KINDS = ("clear", "inspect", "sign", "camera")
JOB_STATES = ("open", "done", "not_there", "cannot")


class Case(OfAuthority, Decided, Base):
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
    # A person gave the label: no later position changes it.
    labelled: Mapped[bool] = mapped_column(default=False)
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
    # Where its first report came from, and that report's first waste code: what figures are counted by.
    source: Mapped[str | None] = mapped_column(sa.String(20))
    waste: Mapped[str | None] = mapped_column(sa.String(40))
    # The hotspot it is a member of by the newest run.
    hotspot_id: Mapped[uuid.UUID | None]
    # Derived from the columns above whenever the row is written (`_derive`), because lists are ordered and
    # filtered by them: how much it needs an officer (need.py), its hazards as one text, and what became of it
    # (outcome.py).
    need: Mapped[int] = mapped_column(default=0)
    hazard_codes: Mapped[str] = mapped_column(sa.String(200), default="")
    outcome: Mapped[int]


# What a list filters by stands in the index it walks, so that a filter few cases meet reads no whole rows.
_FILTERED = (Case.kind, Case.ward_code, Case.hazard_codes, Case.source, Case.waste, Case.closed_because)
sa.Index(
    "ix_case_need", Case.authority_id, Case.state, Case.need.desc(), Case.opened_at, Case.id, *_FILTERED
)  # fmt: skip
sa.Index("ix_case_opened", Case.authority_id, Case.state, Case.opened_at, Case.id, Case.need, *_FILTERED)
sa.Index(
    "ix_case_figures", Case.authority_id, Case.opened_at, Case.outcome, Case.ward_code, Case.kind, Case.source,
    Case.waste,
)  # fmt: skip


@event.listens_for(Case, "before_insert")
@event.listens_for(Case, "before_update")
def _derive(_mapper: Any, _connection: Any, case: Case) -> None:
    hazards = case.hazards or []
    case.need = need_of(hazards, bool(case.witnessed), case.hotspot_id is not None, bool(case.flags))
    case.hazard_codes = hazard_codes_of(hazards)
    case.outcome = outcome_of(case.closed_because, case.opened_at, case.closed_at)


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
        sa.Index("ix_job_state", "authority_id", "state", "given_at", "id"),
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
        sa.Index("ix_job_result_job", "authority_id", "job_id"),
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
