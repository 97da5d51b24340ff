"""Putting right what a case says of itself: category, hazards, the name of its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import marshmallow as ma
from sqlalchemy.orm import Session

from server.cases.changes import as_it_is, changes_since
from server.cases.models import Case
from server.cases.opening import NO_PLACE
from server.cases.words import renew_words
from server.errors import invalid
from server.intake.reference import category_kind, codes, severity
from server.store.events import Actor, append_event


def amend(session: Session, case: Case, wanted: dict[str, Any], by: Actor, at: datetime) -> None:
    """Set the members of `wanted` (category, hazards, label; a label of None: the place's own again).

    Writes nothing when nothing changes. Raises Problem invalid_request naming the field.
    """
    _refuse_unknown(case, wanted)
    before = as_it_is(case)
    if "category" in wanted:
        case.category = wanted["category"]
    if "hazards" in wanted:
        case.hazards = sorted(set(wanted["hazards"]))
        case.severity = severity(case.hazards)
    if "label" in wanted:
        case.labelled = wanted["label"] is not None
        case.label = wanted["label"] or (case.place or {}).get("label") or NO_PLACE
    changes = changes_since(case, before)
    if not changes:
        return
    if "label" in changes:
        renew_words(session, [case])
    append_event(session, ("case", case.id), "case.changed", {"changes": changes}, by=by, at=at)


def _refuse_unknown(case: Case, wanted: dict[str, Any]) -> None:
    errors = {}
    if "category" in wanted and category_kind(wanted["category"]) != case.kind:
        errors["category"] = ["Choose a category of the same kind from the list at /api/v1/reference"]
    if unknown := set(wanted.get("hazards", ())) - codes("hazards"):
        names = ", ".join(sorted(unknown))
        errors["hazards"] = [f"Not one of the known codes: {names}. The list is at /api/v1/reference"]
    if errors:
        raise invalid("invalid_request", ma.ValidationError(errors))
