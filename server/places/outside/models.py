"""What was asked outside and what was answered, and how each service has behaved."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority

ANSWER_STATES = ("waiting", "answered", "nothing_near", "given_up")
_WAITING = sa.text("state = 'waiting'")


class OutsideAnswer(OfAuthority, Base):
    """A question about a position, and its answer once there is one: kept, so that it is not asked again.

    The id follows from the service and the position. lat, lon: WGS84 degrees, rounded before anything leaves.
    """

    __tablename__ = "outside_answer"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {ANSWER_STATES}", name="state"),
        sa.Index(
            "ix_outside_answer_waiting", "wanted_at", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
    )  # fmt: skip
    service: Mapped[str] = mapped_column(sa.String(20))
    lat: Mapped[float]
    lon: Mapped[float]
    state: Mapped[str] = mapped_column(sa.String(20))
    tries: Mapped[int]
    wanted_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    label: Mapped[str | None] = mapped_column(sa.String(200))
    distance_m: Mapped[float | None]


class OutsideService(Base):
    """A service as all processes have seen it: when it may be asked again, and its failures in a row.

    `opened_at`: since when its circuit breaker leaves it alone.
    """

    __tablename__ = "outside_service"
    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    free_at: Mapped[datetime]
    failures: Mapped[int]
    opened_at: Mapped[datetime | None]
