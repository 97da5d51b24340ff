"""The resident's form: drafts with their photos, who sent lately, and what is held back for a person to see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trap_filled", sa.Boolean(), nullable=False),
        *_key("draft"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_draft_token_hash")),
    )
    op.create_index("ix_draft_touched", "draft", ["touched_at"])
    op.create_table(
        "draft_photo",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("thumb", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "draft_id"],
            ["draft.authority_id", "draft.id"],
            name=op.f("fk_draft_photo_authority_id_draft_id"),
        ),
        *_key("draft_photo"),
    )
    op.create_index("ix_draft_photo_draft", "draft_photo", ["authority_id", "draft_id"])
    op.create_table(
        "sending",
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("easting", sa.Double(), nullable=True),
        sa.Column("northing", sa.Double(), nullable=True),
        _of_report("sending"),
        *_key("sending"),
    )
    op.create_index("ix_sending_sent", "sending", ["authority_id", "sent_at"])
    op.create_table(
        "quarantined",
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        _of_report("quarantined"),
        sa.ForeignKeyConstraint(
            ["authority_id", "released_by"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_quarantined_authority_id_released_by"),
        ),
        *_key("quarantined"),
    )
    op.create_index("ix_quarantined_held", "quarantined", ["authority_id", "released_at", "held_at"])


def _key(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint | sa.PrimaryKeyConstraint, ...]:
    return (
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f(f"fk_{table}_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f(f"pk_{table}")),
    )


def _of_report(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["authority_id", "id"], ["report.authority_id", "report.id"], name=f"fk_{table}_report"
    )


def downgrade() -> None:
    for table in ("quarantined", "sending", "draft_photo", "draft"):
        op.drop_table(table)
