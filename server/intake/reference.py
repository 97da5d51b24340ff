"""The lists a report chooses from: categories, waste, sizes, land, hazards. Read once from reference.json."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

LISTS = ("categories", "waste", "sizes", "land", "hazards")
# What an unknown code becomes, list by list; a hazard that is not known is never made a milder one.
OTHER = {"waste": "other_unidentified", "land": "other_unidentified", "sizes": None, "categories": "other"}


@cache
def reference() -> dict[str, Any]:
    """All lists with their version, as the wire shows them."""
    lists: dict[str, Any] = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
    return lists


@cache
def lists_version() -> str:
    """A short name for all lists as they are, whether or not somebody thought of their `version`."""
    return hashlib.sha256(json.dumps(reference(), sort_keys=True).encode()).hexdigest()[:12]


@cache
def codes(name: str) -> frozenset[str]:
    """The known codes of a list."""
    return frozenset(entry["code"] for entry in reference()[name])


@cache
def category_kind(code: str) -> str | None:
    """The kind a category belongs to, or None when it is not known."""
    return next((entry["kind"] for entry in reference()["categories"] if entry["code"] == code), None)


def severity(hazards: list[str]) -> int:
    """How bad the worst of these hazards is, 1 (none) to 5."""
    table = {entry["code"]: int(entry["severity"]) for entry in reference()["hazards"]}
    return max((table.get(code, 1) for code in hazards), default=1)
