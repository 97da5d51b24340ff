"""Places: vintages of the sources that all councils share, landmarks among names, and when names last changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS_BEFORE = "kind IN ('road', 'locality', 'postcode')"
KINDS_AFTER = "kind IN ('road', 'locality', 'postcode', 'landmark')"


def upgrade() -> None:
    op.create_table(
        "gazetteer_vintage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("vintage", sa.String(length=40), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('current', 'replaced')", name=op.f("ck_gazetteer_vintage_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gazetteer_vintage")),
        sa.UniqueConstraint("folder", name=op.f("uq_gazetteer_vintage_folder")),
    )
    _allow(KINDS_AFTER)
    op.add_column("authority", sa.Column("gazetteer_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_report_standing_placed", "report_standing", ["authority_id", "placed_at"])


def downgrade() -> None:
    op.drop_index("ix_report_standing_placed", "report_standing")
    op.drop_column("authority", "gazetteer_changed_at")
    op.execute("DELETE FROM gazetteer_name WHERE kind = 'landmark'")
    _allow(KINDS_BEFORE)
    op.drop_table("gazetteer_vintage")


def _allow(kinds: str) -> None:
    with op.batch_alter_table("gazetteer_name") as table:
        table.drop_constraint(op.f("ck_gazetteer_name_kind"), type_="check")
        table.create_check_constraint(op.f("ck_gazetteer_name_kind"), sa.text(kinds))
