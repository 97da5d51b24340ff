"""What became of a case is one whole number, which a hundred thousand of them are counted by in time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FIGURES = "ix_case_figures"
COUNTED_BY = ["ward_code", "kind", "source", "waste"]

case = sa.table(
    "case", sa.column("closed_because"), sa.column("outcome", sa.Integer()),
    sa.column("clear_days", sa.Double()),
)  # fmt: skip


def upgrade() -> None:
    op.drop_index(FIGURES, "case")
    op.add_column("case", sa.Column("outcome", sa.Integer(), nullable=False, server_default="-2"))
    tenths = sa.cast(sa.func.round(case.c.clear_days * 10), sa.Integer())
    op.execute(
        sa.update(case)
        .where(case.c.closed_because.is_not(None))
        .values(outcome=sa.case((tenths > 0, tenths), (tenths <= 0, 0), else_=-1))
    )
    op.drop_column("case", "clear_days")
    op.create_index(FIGURES, "case", ["authority_id", "opened_at", "outcome", *COUNTED_BY])


def downgrade() -> None:
    op.drop_index(FIGURES, "case")
    op.add_column("case", sa.Column("clear_days", sa.Double(), nullable=True))
    days = sa.cast(case.c.outcome, sa.Double()) / 10
    op.execute(sa.update(case).where(case.c.outcome >= 0).values(clear_days=days))
    op.drop_column("case", "outcome")
    op.create_index(FIGURES, "case", ["authority_id", "opened_at", "state", "clear_days", *COUNTED_BY])
