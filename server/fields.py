"""Marshmallow fields that every package's schemas share."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import marshmallow as ma


class FreeText(ma.fields.String):
    """Text as people send it. What no database can store (NUL, half of a surrogate pair) becomes U+FFFD."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class UtcTime(ma.fields.AwareDateTime):
    """An RFC 3339 time; one without a zone is taken as UTC."""

    def __init__(self, **options: Any):
        super().__init__(format="iso", default_timezone=UTC, **options)
