"""`/report/offline`: the whole form on one page, kept on the phone for when there is no signal, and run by script."""

from __future__ import annotations

from flask import Response

from server.access.limits import PUBLIC_READ_LIMIT, limiter
from server.access.rules import ANYONE, allow
from server.intake.reference import category_kind
from server.photos.schemas import PHOTOS_PER_REPORT
from server.residents.questions import DESCRIPTION_LIMIT, MISSING, WHERE_LIMIT, WITNESS_LIMIT
from server.residents.visits import resident_pages, show, visit
from server.residents.wording import (
    CATEGORIES,
    HAZARD_OF_CATEGORY,
    HAZARD_OF_WASTE,
    SIZES,
    WASTE,
    worded,
)

pages = resident_pages("offline", __name__)


@pages.get("/report/offline")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def form() -> Response:
    """Every question in the words of its own page, and what the script needs to know to make a report of them."""
    who, categories = visit(), worded("categories", CATEGORIES)
    rules = {
        "council": who.slug,
        "kinds": {code: category_kind(code) for code in categories},
        "hazardOfWaste": HAZARD_OF_WASTE,
        "hazardOfCategory": HAZARD_OF_CATEGORY,
        "missing": MISSING,
        "longest": {"description": DESCRIPTION_LIMIT, "words": WHERE_LIMIT, "seen": WITNESS_LIMIT},
    }
    return show(
        "offline.html", who, rules=rules, categories=categories, waste=worded("waste", WASTE),
        sizes=worded("sizes", SIZES), most=PHOTOS_PER_REPORT, values={},
    )  # fmt: skip
