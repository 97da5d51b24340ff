"""What a hotspot's count is held against, and whether a person named it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FIGURES = ("expected", "p", "q")


def upgrade() -> None:
    for name in FIGURES:
        op.add_column("hotspot", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("hotspot", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("hotspot_run", sa.Column("background", sa.Text(), nullable=True))
    op.add_column("hotspot_run", sa.Column("by_chance", sa.JSON(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("hotspot", "named", server_default=None)


def downgrade() -> None:
    op.drop_column("hotspot_run", "by_chance")
    op.drop_column("hotspot_run", "background")
    for name in ("named", *FIGURES[::-1]):
        op.drop_column("hotspot", name)
