"""Cases, jobs, photos, hotspots; where each report stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hotspot_run",
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=False),
        sa.Column("min_count", sa.Integer(), nullable=False),
        sa.Column("half_life_days", sa.Integer(), nullable=True),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_hotspot_run_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_hotspot_run")),
    )
    op.create_table(
        "hotspot",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("easting", sa.Double(), nullable=False),
        sa.Column("northing", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("extent_m", sa.Double(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("trend", sa.String(length=10), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('listed', 'dormant')", name=op.f("ck_hotspot_state")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_hotspot_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_hotspot")),
    )
    op.create_index("ix_hotspot_rank", "hotspot", ["authority_id", "state", "rank"], unique=False)
    op.create_index("ix_hotspot_revision", "hotspot", ["authority_id", "rev"], unique=False)
    op.create_table(
        "case",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("closed_because", sa.String(length=20), nullable=True),
        sa.Column("duplicate_of", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("easting", sa.Double(), nullable=True),
        sa.Column("northing", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("place", sa.JSON(), nullable=True),
        sa.Column("ward_code", sa.String(length=60), nullable=True),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("witnessed", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("hotspot_id", sa.Uuid(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_because IS NOT NULL)", name=op.f("ck_case_closed")),
        sa.CheckConstraint("kind IN ('fly_tip', 'incident')", name=op.f("ck_case_kind")),
        sa.CheckConstraint("state IN ('new', 'accepted', 'closed')", name=op.f("ck_case_state")),
        sa.ForeignKeyConstraint(
            ["authority_id", "duplicate_of"],
            ["case.authority_id", "case.id"],
            name=op.f("fk_case_authority_id_duplicate_of"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "hotspot_id"],
            ["hotspot.authority_id", "hotspot.id"],
            name=op.f("fk_case_authority_id_hotspot_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_case_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_case")),
        sa.UniqueConstraint("authority_id", "reference", name=op.f("uq_case_authority_id_reference")),
    )
    op.create_index("ix_case_cell", "case", ["authority_id", "cell", "state"], unique=False)
    op.create_index("ix_case_hotspot", "case", ["authority_id", "hotspot_id"], unique=False)
    op.create_index("ix_case_revision", "case", ["authority_id", "rev"], unique=False)
    op.create_index("ix_case_state", "case", ["authority_id", "state", "opened_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('clear', 'inspect', 'sign', 'camera')", name=op.f("ck_job_kind")),
        sa.CheckConstraint("state IN ('open', 'done', 'not_there', 'cannot')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(
            ["authority_id", "case_id"],
            ["case.authority_id", "case.id"],
            name=op.f("fk_job_authority_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "crew_id"],
            ["user.authority_id", "user.id"],
            name=op.f("fk_job_authority_id_crew_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_job_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_case", "job", ["authority_id", "case_id"], unique=False)
    op.create_index("ix_job_revision", "job", ["authority_id", "rev"], unique=False)
    op.create_table(
        "job_result",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("result IN ('done', 'not_there', 'cannot')", name=op.f("ck_job_result_result")),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_job_result_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "job_id"],
            ["job.authority_id", "job.id"],
            name=op.f("fk_job_result_authority_id_job_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_job_result_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_job_result")),
    )
    op.create_table(
        "photo",
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("showable", sa.Boolean(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("sniffed_mime", sa.String(length=100), nullable=True),
        sa.Column("exif", sa.JSON(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('expected', 'received', 'verified')", name=op.f("ck_photo_state")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_photo_sha256")),
        sa.CheckConstraint(
            "report_id IS NOT NULL OR job_id IS NOT NULL OR case_id IS NOT NULL", name=op.f("ck_photo_owner")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "case_id"],
            ["case.authority_id", "case.id"],
            name=op.f("fk_photo_authority_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "device_id"],
            ["device.authority_id", "device.id"],
            name=op.f("fk_photo_authority_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "job_id"],
            ["job.authority_id", "job.id"],
            name=op.f("fk_photo_authority_id_job_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "report_id"],
            ["report.authority_id", "report.id"],
            name=op.f("fk_photo_authority_id_report_id"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_photo_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_case", "photo", ["authority_id", "case_id"], unique=False)
    op.create_index("ix_photo_report", "photo", ["authority_id", "report_id"], unique=False)
    op.create_index("ix_photo_revision", "photo", ["authority_id", "rev"], unique=False)
    op.create_table(
        "report_standing",
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("placed_position_id", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.JSON(), nullable=True),
        sa.Column("suggested_cases", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "case_id"],
            ["case.authority_id", "case.id"],
            name=op.f("fk_report_standing_authority_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "id"], ["report.authority_id", "report.id"], name="fk_report_standing_report"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "position_id"],
            ["report_position.authority_id", "report_position.id"],
            name=op.f("fk_report_standing_authority_id_position_id"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_report_standing_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "id", name=op.f("pk_report_standing")),
    )
    op.create_index("ix_report_standing_case", "report_standing", ["authority_id", "case_id"], unique=False)
    op.create_index("ix_report_standing_revision", "report_standing", ["authority_id", "rev"], unique=False)


def downgrade() -> None:
    op.drop_table("report_standing")
    op.drop_table("photo")
    op.drop_table("job_result")
    op.drop_table("job")
    op.drop_table("case")
    op.drop_table("hotspot")
    op.drop_table("hotspot_run")
