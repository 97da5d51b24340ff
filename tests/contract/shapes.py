"""Holding an answer against an example of its shape, and against the API's own description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent / "examples"


def example(name: str) -> Any:
    """An example of a shape of the wire."""
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def lacking(shape: Any, answer: Any, path: str = "") -> list[str]:
    """What `answer` lacks of the members of `shape`, or has with another type.

    Null in the example says nothing about the type. Answers may carry more members, never fewer or renamed.
    Every entry of a list is held against the list's first example.
    """
    if shape is None:
        return []
    if _kind(shape) != _kind(answer):
        return [f"{path or 'answer'}: {_kind(answer)} instead of {_kind(shape)}"]
    if isinstance(shape, dict):
        missing = [f"{path}.{name}: missing" for name in shape if name not in answer]
        there = [name for name in shape if name in answer]
        return missing + [
            line for name in there for line in lacking(shape[name], answer[name], f"{path}.{name}")
        ]
    if isinstance(shape, list) and shape:
        return [
            line for index, one in enumerate(answer) for line in lacking(shape[0], one, f"{path}[{index}]")
        ]
    return []


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    return {dict: "object", list: "list", str: "text", type(None): "null"}[type(value)]


class Description:
    """The OpenAPI document of an application."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def faults(self, path: str, method: str, status: int, answer: Any) -> list[str]:
        """Where `answer` differs from what is described, members that are not described included."""
        operation = self.document["paths"][path][method]
        schema = (
            operation["responses"][str(status)].get("content", {}).get("application/json", {}).get("schema")
        )
        return ["there is no such answer"] if schema is None else list(self._faults(schema, answer, ""))

    def request_faults(self, path: str, method: str, body: Any) -> list[str]:
        """Where a request's `body` differs from what is described."""
        operation = self.document["paths"][path][method]
        return list(self._faults(operation["requestBody"]["content"]["application/json"]["schema"], body, ""))

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def _faults(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
        schema = self._resolved(schema)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                ways = [list(self._faults(way, value, path)) for way in schema[key]]
                if all(ways):
                    yield from min(ways, key=len)
                return
        for part in schema.get("allOf", []):
            yield from self._faults(part, value, path)
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(_is(name, value) for name in types):
            yield f"{path or 'answer'}: {value!r} is no {' or '.join(types)}"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is not one of {schema['enum']}"
        elif isinstance(value, dict):
            yield from self._members(schema, value, path)
        elif isinstance(value, list) and "items" in schema:
            for index, one in enumerate(value):
                yield from self._faults(schema["items"], one, f"{path}[{index}]")

    def _members(self, schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
        described, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}.{name}: missing"
        for name, one in value.items():
            if name in described:
                yield from self._faults(described[name], one, f"{path}.{name}")
            elif isinstance(others, dict) and others:
                yield from self._faults(others, one, f"{path}.{name}")
            elif described:
                yield f"{path}.{name}: not described"


def _is(name: str, value: Any) -> bool:
    return {
        "null": value is None, "boolean": isinstance(value, bool), "string": isinstance(value, str),
        "object": isinstance(value, dict), "array": isinstance(value, list),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }[name]  # fmt: skip
