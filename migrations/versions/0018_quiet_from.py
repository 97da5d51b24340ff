"""A run over the hotspots that marks a case does not disturb the officer who is deciding on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("quiet_from", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("case", "quiet_from")
