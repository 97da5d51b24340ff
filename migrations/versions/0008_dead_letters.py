"""Keep what a phone gave up on beside conflicts and rejections, and find kept operations by their id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

kept_op = sa.table("kept_op", sa.column("why"))


def upgrade() -> None:
    _let_why_be("'conflict', 'rejected', 'dead_letter'")
    op.create_index("ix_kept_op_op", "kept_op", ["authority_id", "op_id"])
    op.create_index("ix_kept_op_received", "kept_op", ["authority_id", "received_at"])


def downgrade() -> None:
    op.drop_index("ix_kept_op_received", "kept_op")
    op.drop_index("ix_kept_op_op", "kept_op")
    # The earlier schema has no word for them, and what was kept is not thrown away.
    op.execute(sa.update(kept_op).where(kept_op.c.why == "dead_letter").values(why="rejected"))
    _let_why_be("'conflict', 'rejected'")


def _let_why_be(words: str) -> None:
    with op.batch_alter_table("kept_op") as table:
        table.drop_constraint(op.f("ck_kept_op_why"), type_="check")
        table.create_check_constraint(op.f("ck_kept_op_why"), sa.text(f"why IN ({words})"))
