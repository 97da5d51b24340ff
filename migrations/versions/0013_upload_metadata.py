"""What was said of an upload when it was begun is told again to the letter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("upload_metadata", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("photo", "upload_metadata")
