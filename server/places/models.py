"""What an authority knows by name: roads, villages, postcodes, and the areas that its land is divided into."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority

NAME_KINDS = ("road", "locality", "postcode")
AREA_KINDS = ("authority", "ward", "parish", "beat", "pspo")


class GazetteerName(OfAuthority, Base):
    """One name on the ground. `geometry` is WKT in OSGB36 metres: a point, or the line of a road."""

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
