"""What a line of a backup says is read again as it was, whatever a table holds."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.archive import kinds_of, read_row, write_row
from server.store.database import UtcDateTime, db

VALUES: dict[type, Any] = {
    uuid.UUID: uuid.UUID(int=7), datetime: datetime(2026, 3, 29, 0, 59, 59, 1, tzinfo=UTC),
    date: date(2026, 2, 28), bytes: bytes(range(256)), bool: True, int: 2**53, float: 0.1,
    str: "Gr\u00fc\u00dfe\n'\"", object: '{"a": [1, null, 1e-7]}',
}  # fmt: skip


def _value(type_: sa.types.TypeEngine[Any]) -> Any:
    return VALUES[datetime if isinstance(type_, UtcDateTime) else type_.python_type]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_column_of_every_table_can_be_written_and_read_again(app: Flask) -> None:
    for table in db.metadata.sorted_tables:
        row = {column.name: _value(column.type) for column in table.columns}
        kinds = kinds_of(table)
        assert read_row(write_row(row, kinds), kinds) == row, table.name


def test_a_column_no_kind_is_known_for_is_refused_before_anything_is_written() -> None:
    table = sa.Table("later", sa.MetaData(), sa.Column("length", sa.Interval))
    with pytest.raises(TypeError, match="no kind of value"):
        kinds_of(table)
