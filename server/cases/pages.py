"""The orders a list of cases comes in, and the cursors that go on where a page ended."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.cases.models import Case
from server.errors import Problem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """Columns and, for each, whether it runs downwards. The last one is the id, so that no two keys are equal."""

    name: str
    attributes: tuple[Any, ...]
    downwards: tuple[bool, ...]

    def columns(self) -> list[Any]:
        """For ORDER BY."""
        return [
            column.desc() if down else column.asc()
            for column, down in zip(self.attributes, self.downwards, strict=True)
        ]

    def after(self, key: Key) -> list[sa.ColumnElement[bool]]:
        """The conditions for everything behind `key`; the first alone lets an index begin there."""
        behind: sa.ColumnElement[bool] = sa.false()
        column, down, value = self.attributes[0], self.downwards[0], key[0]
        for index in reversed(range(len(key))):
            column, down, value = self.attributes[index], self.downwards[index], key[index]
            further = column < value if down else column > value
            behind = sa.or_(further, sa.and_(column == value, behind))
        return [column <= value if down else column >= value, behind]

    def position(self, key: Key) -> tuple[int, ...]:
        """The key as numbers that grow along the order."""
        return tuple(
            -_number(value) if down else _number(value)
            for value, down in zip(key, self.downwards, strict=True)
        )


ORDERS = {
    order.name: order
    for order in (
        Order("need", (Case.need, Case.opened_at, Case.id), (True, False, False)),
        Order("newest", (Case.opened_at, Case.id), (True, True)),
        Order("oldest", (Case.opened_at, Case.id), (False, False)),
    )
}


def _number(value: int | datetime | uuid.UUID) -> int:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value.int if isinstance(value, uuid.UUID) else value


def write_cursor(order: Order, key: Key) -> str:
    """A cursor that `read_cursor` reads again."""
    written = [order.name, *(value.isoformat() if isinstance(value, datetime) else value for value in key)]
    return base64.urlsafe_b64encode(json.dumps(written, default=str).encode()).decode().rstrip("=")


def read_cursor(order: Order, cursor: str) -> Key:
    """The key a cursor stands for. Raises Problem invalid_request for one of another order, or made elsewhere."""
    try:
        name, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if name != order.name or len(values) != len(order.attributes):
            raise ValueError(name)
        *need, opened_at, case_id = values
        return (*(int(value) for value in need), datetime.fromisoformat(opened_at), uuid.UUID(case_id))
    except (ValueError, TypeError, AttributeError) as error:
        message = "This cursor was not made for this list; leave it out to start at the first page"
        raise Problem("invalid_request", message, {"cursor": [message]}) from error
