"""Second opinions on places from outside services, and how these have behaved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'answered', 'nothing_near', 'given_up')"
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "outside_answer",
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_outside_answer_state")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_outside_answer_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_outside_answer")),
    )
    op.create_index(
        "ix_outside_answer_waiting", "outside_answer", ["wanted_at"],
        sqlite_where=WAITING, postgresql_where=WAITING,
    )  # fmt: skip
    op.create_table(
        "outside_service",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outside_service")),
    )


def downgrade() -> None:
    op.drop_table("outside_service")
    op.drop_index("ix_outside_answer_waiting", "outside_answer")
    op.drop_table("outside_answer")
