"""Councils, users, phones; events and deferred tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reference_prefix", sa.String(length=4), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("bounds", sa.JSON(), nullable=True),
        sa.Column("gazetteer_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("slug", name=op.f("uq_authority_slug")),
    )
    op.create_table(
        "counter",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_counter_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "name", name=op.f("pk_counter")),
    )
    op.create_table(
        "user",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("external_identity", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("role IN ('crew', 'officer', 'manager', 'admin')", name=op.f("ck_user_role")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_user_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("external_identity", name=op.f("uq_user_external_identity")),
    )
    op.create_table(
        "device",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "user_id"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_device_authority_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_device_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_device")),
    )
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_sign_in_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "user_id"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_sign_in_authority_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_sign_in_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_table(
        "api_key",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "user_id"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_api_key_authority_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_api_key_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_key_token_hash")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose IN ('invite', 'reset', 'enrol')", name=op.f("ck_one_time_link_purpose")),
        sa.ForeignKeyConstraint(
            ["authority_id", "user_id"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_one_time_link_authority_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_one_time_link_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_table(
        "stream",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("checkpointed_head", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'case', 'device', 'authority')", name=op.f("ck_stream_kind")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_stream_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_stream")),
    )
    op.create_table(
        "event",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_event_seq")),
        sa.ForeignKeyConstraint(
            ["authority_id", "stream_id"],
            ["stream.authority_id", "stream.id"],
            name=op.f("fk_event_authority_id_stream_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_event_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "authority_id", "stream_id", "seq", name=op.f("uq_event_authority_id_stream_id_seq")
        ),
    )
    op.create_table(
        "checkpoint",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_checkpoint_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "deferred_task",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_deferred_task_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_deferred_task")),
    )
    op.create_index(
        "ix_deferred_task_open",
        "deferred_task",
        ["leased_until"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "note",
        sa.Column("subject_kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("subject_kind IN ('report', 'case', 'job')", name=op.f("ck_note_subject_kind")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_note_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_subject", "note", ["authority_id", "subject_id"], unique=False)


def downgrade() -> None:
    op.drop_table("note")
    op.drop_table("deferred_task")
    op.drop_table("checkpoint")
    op.drop_table("event")
    op.drop_table("stream")
    op.drop_table("one_time_link")
    op.drop_table("api_key")
    op.drop_table("sign_in")
    op.drop_table("device")
    op.drop_table("user")
    op.drop_table("counter")
    op.drop_table("authority")
