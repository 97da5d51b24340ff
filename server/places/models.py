"""What an authority knows by name: roads, villages, postcodes, and the areas that its land is divided into."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority
from workers.geocoding.sources.areas import AREA_KINDS

NAME_KINDS = ("road", "locality", "postcode", "landmark")
VINTAGE_STATES = ("current", "replaced")


class GazetteerName(OfAuthority, Base):
    """A name of the council's own. `geometry` is WKT in OSGB36 metres: a point, or the line of a road."""

    __tablename__ = "gazetteer_name"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {NAME_KINDS}", name="kind"),
        sa.Index("ix_gazetteer_name_kind", "authority_id", "kind"),
    )
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(200))
    geometry: Mapped[str]
    source: Mapped[str] = mapped_column(sa.String(60))


class Area(OfAuthority, Base):
    """A polygon with a kind and a code. `geometry` is WKT in WGS84 degrees, longitude first, as it was imported."""

    __tablename__ = "area"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {AREA_KINDS}", name="kind"),
        sa.UniqueConstraint("authority_id", "kind", "code"),
    )
    kind: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[str] = mapped_column(sa.String(200))
    geometry: Mapped[str]


class GazetteerVintage(Base):
    """One vintage of a source that all authorities share. `folder` lies under `gazetteer/` in the data folder."""

    __tablename__ = "gazetteer_vintage"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {VINTAGE_STATES}", name="state"),
        sa.UniqueConstraint("folder"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    source: Mapped[str] = mapped_column(sa.String(40))
    vintage: Mapped[str] = mapped_column(sa.String(40))
    folder: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(10))
    rows: Mapped[int]
    left_out: Mapped[int]
    input_sha256: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[datetime]
