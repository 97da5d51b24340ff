"""A report that is held back can be refused, with the reason on record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REFUSED_BY = "fk_quarantined_authority_id_refused_by"


def upgrade() -> None:
    with op.batch_alter_table("quarantined") as table:
        table.add_column(sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("refused_by", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f(REFUSED_BY), "user", ["authority_id", "refused_by"], ["authority_id", "id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("quarantined") as table:
        table.drop_constraint(op.f(REFUSED_BY), type_="foreignkey")
        table.drop_column("refused_by")
        table.drop_column("refused_at")
