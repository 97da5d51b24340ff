"""What phones last told about themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = ("unsent", "oldest_unsent_at", "app_version", "clock_offset_ms", "told_at")


def upgrade() -> None:
    op.add_column("device", sa.Column("unsent", sa.Integer(), nullable=True))
    op.add_column("device", sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("device", sa.Column("app_version", sa.String(length=40), nullable=True))
    op.add_column("device", sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_column("device", column)
