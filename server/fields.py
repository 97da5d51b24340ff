"""Marshmallow fields that every package's schemas share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Text with U+FFFD in place of what no database can store: NUL, and half of a surrogate pair."""
    return _NOT_STORABLE.sub("\ufffd", text)


class FreeText(ma.fields.String):
    """Text as people send it, made storable."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return storable(str(super()._deserialize(value, attr, data, **kwargs)))


class UtcTime(ma.fields.AwareDateTime):
    """An RFC 3339 time, loaded as UTC; one without a zone is taken as UTC."""

    def __init__(self, **options: Any):
        super().__init__(format="iso", default_timezone=UTC, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError as error:  # the first or last day of the calendar, in another zone
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class Tolerated(ma.fields.Field[Any]):
    """What another field makes of a value, or None: never a reason to refuse what it comes with."""

    def __init__(self, inner: ma.fields.Field[Any]):
        super().__init__(load_default=None, allow_none=True)
        self._inner = inner

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self._inner.deserialize(value, attr, data)
        except ma.ValidationError:
            return None
