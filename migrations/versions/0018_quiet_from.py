"""A run over the hotspots does not disturb the officer who decides on a case or names a place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("case", "hotspot")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("quiet_from", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "quiet_from")
