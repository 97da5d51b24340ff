"""The orders a list of cases comes in, and the cursors that go on where a page ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.cases.models import Case
from server.store import paging

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

    def its_own(self, name: str) -> str:
        """The name of this order. Raises ValueError for that of another."""
        if name != self.name:
            raise ValueError(name)
        return name

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
    return paging.write_cursor(order.name, *key)


def read_cursor(order: Order, cursor: str) -> Key:
    """The key a cursor stands for. Raises Problem invalid_request for one of another order, or made elsewhere."""
    whole = (int,) * (len(order.attributes) - 2)
    return tuple(paging.read_cursor(cursor, order.its_own, *whole, paging.moment, uuid.UUID)[1:])
