"""Officers settle what was kept, each with what was done about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SETTLED_BY = "fk_kept_op_authority_id_settled_by"

note = sa.table("note", sa.column("subject_kind"), sa.column("subject_id"))
kept_op = sa.table("kept_op", sa.column("id"))


def upgrade() -> None:
    with op.batch_alter_table("kept_op") as table:
        table.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("settled_by", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f(SETTLED_BY), "user", ["authority_id", "settled_by"], ["authority_id", "id"]
        )
    _let_subjects_be("'report', 'case', 'job', 'kept'")
    # Those of a database that was here before.
    op.execute(
        sa.update(note).where(note.c.subject_id.in_(sa.select(kept_op.c.id))).values(subject_kind="kept")
    )


def downgrade() -> None:
    # The earlier schema has no word for these notes, and what the history vouches for is not thrown away.
    op.execute(sa.update(note).where(note.c.subject_kind == "kept").values(subject_kind="report"))
    _let_subjects_be("'report', 'case', 'job'")
    with op.batch_alter_table("kept_op") as table:
        table.drop_constraint(op.f(SETTLED_BY), type_="foreignkey")
        table.drop_column("settled_by")
        table.drop_column("settled_at")


def _let_subjects_be(words: str) -> None:
    with op.batch_alter_table("note") as table:
        table.drop_constraint(op.f("ck_note_subject_kind"), type_="check")
        table.create_check_constraint(op.f("ck_note_subject_kind"), f"subject_kind IN ({words})")
