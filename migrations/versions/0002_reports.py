"""Reports, positions and operations; gazetteer and areas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gazetteer_name",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('road', 'locality', 'postcode')", name=op.f("ck_gazetteer_name_kind")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_gazetteer_name_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_gazetteer_name")),
    )
    op.create_index("ix_gazetteer_name_kind", "gazetteer_name", ["authority_id", "kind"], unique=False)
    op.create_table(
        "area",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('authority', 'ward', 'parish', 'beat', 'pspo')", name=op.f("ck_area_kind")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_area_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_area")),
        sa.UniqueConstraint("authority_id", "kind", "code", name=op.f("uq_area_authority_id_kind_code")),
    )
    op.create_table(
        "report",
        sa.Column("receipt_code", sa.String(length=11), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("waste", sa.JSON(), nullable=False),
        sa.Column("size", sa.String(length=40), nullable=True),
        sa.Column("land", sa.String(length=40), nullable=True),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("witnessed", sa.Boolean(), nullable=False),
        sa.Column("joins", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("op_id", sa.Uuid(), nullable=True),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tz_offset_min", sa.Integer(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('fly_tip', 'incident')", name=op.f("ck_report_kind")),
        sa.CheckConstraint(
            "source IN ('crew', 'officer', 'resident', 'open311')", name=op.f("ck_report_source")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_report_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "user_id"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_report_authority_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_report_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_report")),
    )
    op.create_index("ix_report_receipt", "report", ["authority_id", "receipt_code"], unique=False)
    op.create_table(
        "report_position",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("easting", sa.Double(), nullable=True),
        sa.Column("northing", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "source IN ('gps', 'pin', 'typed', 'photo')", name=op.f("ck_report_position_source")
        ),
        sa.CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name=op.f("ck_report_position_accuracy")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_report_position_degrees")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"],
            ["report.authority_id", "report.id"],
            name=op.f("fk_report_position_authority_id_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_report_position_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_report_position")),
    )
    op.create_index(
        "ix_report_position_report", "report_position", ["authority_id", "report_id"], unique=False
    )
    op.create_table(
        "applied_op",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_applied_op_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_applied_op_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_applied_op")),
    )
    op.create_index("ix_applied_op_revision", "applied_op", ["authority_id", "rev"], unique=False)
    op.create_table(
        "held_op",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("waits_for", sa.Uuid(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_held_op_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_held_op_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_held_op")),
    )
    op.create_index("ix_held_op_waits_for", "held_op", ["authority_id", "waits_for"], unique=False)
    op.create_table(
        "kept_op",
        sa.Column("op_id", sa.String(length=100), nullable=True),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("why IN ('conflict', 'rejected')", name=op.f("ck_kept_op_why")),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_kept_op_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_kept_op_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_kept_op")),
        sa.UniqueConstraint("authority_id", "raw_sha256", name=op.f("uq_kept_op_authority_id_raw_sha256")),
    )
    op.create_table(
        "contact",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"],
            ["report.authority_id", "report.id"],
            name=op.f("fk_contact_authority_id_report_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_contact_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_contact")),
        sa.UniqueConstraint("authority_id", "report_id", name=op.f("uq_contact_authority_id_report_id")),
    )
    op.create_table(
        "public_access",
        sa.Column("status_token_hash", sa.String(length=64), nullable=False),
        sa.Column("upload_token_hash", sa.String(length=64), nullable=False),
        sa.Column("upload_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "id"], ["report.authority_id", "report.id"], name="fk_public_access_report"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_public_access_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_public_access")),
        sa.UniqueConstraint("status_token_hash", name=op.f("uq_public_access_status_token_hash")),
        sa.UniqueConstraint("upload_token_hash", name=op.f("uq_public_access_upload_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("public_access")
    op.drop_table("contact")
    op.drop_table("kept_op")
    op.drop_table("held_op")
    op.drop_table("applied_op")
    op.drop_table("report_position")
    op.drop_table("report")
    op.drop_table("area")
    op.drop_table("gazetteer_name")
