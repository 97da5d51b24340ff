"""Payloads of older apps, lifted step by step to the shape this server reads. An older app can always push.

The kept payload stays what the phone sent: only what is read from it is lifted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# The schema number that today's app writes. A step from N to N + 1 comes with each change of a payload's shape.
KNOWN_SCHEMA = 1

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


def upcaster(op_type: str, schema: int) -> Callable[[Upcaster], Upcaster]:
    """Register how a payload of `op_type` written with `schema` becomes one of `schema` + 1."""

    def register(step: Upcaster) -> Upcaster:
        UPCASTERS[op_type, schema] = step
        return step

    return register


def lift(op_type: str, schema: int, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as today's schema has it. A schema whose step changed nothing for this type has no step."""
    for number in sorted(number for kind, number in UPCASTERS if kind == op_type and number >= schema):
        payload = UPCASTERS[op_type, number](dict(payload))
    return payload
