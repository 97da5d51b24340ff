"""What the officers' lists are ordered, filtered and searched by."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 500
# As they were in the reference list when this was written.
SEVERITY = {"asbestos": 5, "sharps": 4, "chemicals": 4, "gas_bottles": 4, "road_danger": 3, "animal": 2}
WORD = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")

case = sa.table(
    "case", sa.column("authority_id", sa.Uuid()), sa.column("id", sa.Uuid()), sa.column("reference"),
    sa.column("label"), sa.column("place", sa.JSON()), sa.column("hazards", sa.JSON()), sa.column("flags", sa.JSON()),
    sa.column("witnessed", sa.Boolean()), sa.column("hotspot_id", sa.Uuid()), sa.column("closed_because"),
    sa.column("opened_at", sa.DateTime(timezone=True)), sa.column("closed_at", sa.DateTime(timezone=True)),
    sa.column("need", sa.Integer()), sa.column("hazard_codes"), sa.column("clear_days", sa.Double()),
    sa.column("source"), sa.column("waste"),
)  # fmt: skip
report = sa.table(
    "report", sa.column("authority_id", sa.Uuid()), sa.column("id", sa.Uuid()), sa.column("receipt_code"),
    sa.column("where"), sa.column("waste", sa.JSON()), sa.column("source"),
    sa.column("received_at", sa.DateTime(timezone=True)),
)  # fmt: skip
standing = sa.table(
    "report_standing", sa.column("authority_id", sa.Uuid()), sa.column("id", sa.Uuid()),
    sa.column("case_id", sa.Uuid()),
)  # fmt: skip
note = sa.table(
    "note", sa.column("authority_id", sa.Uuid()), sa.column("subject_id", sa.Uuid()), sa.column("text")
)
job = sa.table(
    "job", sa.column("authority_id", sa.Uuid()), sa.column("id", sa.Uuid()), sa.column("case_id", sa.Uuid())
)
case_word = sa.table(
    "case_word", sa.column("authority_id", sa.Uuid()), sa.column("case_id", sa.Uuid()), sa.column("word")
)


def upgrade() -> None:
    op.add_column("case", sa.Column("labelled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("case", sa.Column("source", sa.String(length=20), nullable=True))
    op.add_column("case", sa.Column("waste", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("need", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("case", sa.Column("hazard_codes", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("case", sa.Column("clear_days", sa.Double(), nullable=True))
    op.create_table(
        "case_word",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "case_id"],
            ["case.authority_id", "case.id"],
            name=op.f("fk_case_word_authority_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("authority_id", "case_id", "word", name=op.f("pk_case_word")),
        sqlite_with_rowid=False,
    )
    _fill_in()
    op.drop_index("ix_case_state", "case")
    filtered = ["kind", "ward_code", "hazard_codes", "source", "waste", "closed_because"]
    op.create_index(
        "ix_case_need", "case", ["authority_id", "state", sa.text("need DESC"), "opened_at", "id", *filtered]
    )
    op.create_index("ix_case_opened", "case", ["authority_id", "state", "opened_at", "id", "need", *filtered])
    op.create_index(
        "ix_case_figures",
        "case",
        ["authority_id", "opened_at", "state", "clear_days", "ward_code", "kind", "source", "waste"],
    )
    op.create_index("ix_case_word_word", "case_word", ["authority_id", "word", "case_id"])
    op.create_index("ix_job_state", "job", ["authority_id", "state", "given_at", "id"])
    op.create_index("ix_job_result_job", "job_result", ["authority_id", "job_id"])


def downgrade() -> None:
    op.drop_index("ix_job_result_job", "job_result")
    op.drop_index("ix_job_state", "job")
    for name in ("ix_case_figures", "ix_case_opened", "ix_case_need"):
        op.drop_index(name, "case")
    op.drop_table("case_word")
    for column in ("clear_days", "hazard_codes", "need", "waste", "source", "labelled"):
        op.drop_column("case", column)
    op.create_index("ix_case_state", "case", ["authority_id", "state", "opened_at"], unique=False)


def _fill_in() -> None:
    """Give the cases that are here already what new ones get when they are written."""
    connection = op.get_bind()
    keys = connection.execute(sa.select(case.c.authority_id, case.c.id)).all()
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows = connection.execute(sa.select(case).where(case.c.id.in_([key.id for key in batch]))).all()
        words: dict[tuple[Any, Any], set[str]] = {}
        first: dict[tuple[Any, Any], Any] = {}
        for found in _reports(connection, [row.id for row in rows]):
            first.setdefault((found.authority_id, found.case_id), found)
            words.setdefault((found.authority_id, found.case_id), set()).update(
                _words(f"{found.receipt_code} {found.where}")
            )
        for found in _notes(connection, [row.id for row in rows]):
            words.setdefault((found.authority_id, found.case_id), set()).update(_words(found.text))
        for row in rows:
            key = (row.authority_id, row.id)
            _write(connection, row, first.get(key), words.get(key, set()) | _own_words(row))


def _reports(connection: Any, case_ids: list[Any]) -> Iterable[Any]:
    joined = sa.and_(standing.c.authority_id == report.c.authority_id, standing.c.id == report.c.id)
    query = sa.select(standing.c.case_id, report).select_from(report.join(standing, joined))
    found: Iterable[Any] = connection.execute(
        query.where(standing.c.case_id.in_(case_ids)).order_by(report.c.received_at, report.c.id)
    ).all()
    return found


def _notes(connection: Any, case_ids: list[Any]) -> Iterator[Any]:
    on_case = sa.select(note.c.authority_id, note.c.subject_id.label("case_id"), note.c.text)
    yield from connection.execute(on_case.where(note.c.subject_id.in_(case_ids))).all()
    joined = sa.and_(note.c.authority_id == job.c.authority_id, note.c.subject_id == job.c.id)
    on_job = sa.select(note.c.authority_id, job.c.case_id, note.c.text).select_from(note.join(job, joined))
    yield from connection.execute(on_job.where(job.c.case_id.in_(case_ids))).all()


def _write(connection: Any, row: Any, first: Any, words: set[str]) -> None:
    worst = max((SEVERITY.get(code, 1) for code in row.hazards), default=0)
    need = worst * 8 + bool(row.witnessed) * 4 + (row.hotspot_id is not None) * 2 + bool(row.flags) * 1
    wastes = first.waste if first is not None else []
    connection.execute(
        sa.update(case)
        .where(case.c.authority_id == row.authority_id, case.c.id == row.id)
        .values(
            need=need, hazard_codes=f" {' '.join(row.hazards)} " if row.hazards else "", clear_days=_days(row),
            source=first.source if first is not None else None, waste=wastes[0] if wastes else None,
        )
    )  # fmt: skip
    connection.execute(
        sa.insert(case_word),
        [{"authority_id": row.authority_id, "case_id": row.id, "word": word} for word in sorted(words)],
    )


def _days(row: Any) -> float | None:
    if row.closed_because != "close" or row.closed_at is None:
        return None
    opened_at: datetime = row.opened_at
    closed_at: datetime = row.closed_at
    return round((closed_at - opened_at).total_seconds() / 86400, 1)


def _own_words(row: Any) -> set[str]:
    place = json.loads(row.place) if isinstance(row.place, str) else row.place
    postcode = ((place or {}).get("postcode") or {}).get("code") or ""
    *_, year, number = parts = re.findall(r"[^\W_]+", row.reference.casefold())
    own = {"".join(parts), year + number, number, number.lstrip("0")} - {""}
    return own | _words(f"{row.label} {postcode} {postcode.replace(' ', '')}")


def _words(text: str) -> set[str]:
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    found: set[str] = set()
    for chunk in plain.split():
        parts = re.findall(r"[^\W_]+", chunk)
        found.update(part[:40] for part in ("".join(parts), *parts) if part)
    return found
