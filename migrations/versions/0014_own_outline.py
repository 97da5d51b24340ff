"""Which outline is the council's own: those of its neighbours may be loaded too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("authority", sa.Column("area_code", sa.String(length=60), nullable=True))
    # Where there is one outline, it is the council's own.
    op.execute(
        "UPDATE authority SET area_code = (SELECT MIN(code) FROM area"
        " WHERE area.authority_id = authority.id AND area.kind = 'authority') WHERE 1 = (SELECT COUNT(*) FROM area"
        " WHERE area.authority_id = authority.id AND area.kind = 'authority')"
    )


def downgrade() -> None:
    op.drop_column("authority", "area_code")
