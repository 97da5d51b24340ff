""" "Is it one of these?": asked only where something was reported near, and a "me too" joins as a report of its own."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.builders import HERE, Council, drain, sign_in
from tests.server.residents.pages.resident import Resident, problems_of, words_of

PIN = {"source": "pin", "lat": str(HERE[0]), "lon": str(HERE[1]), "words": ""}


def cases(app: Flask, council: Council) -> list[dict[str, Any]]:
    return list(sign_in(app, council, "officer").get("/api/v1/cases").json["items"])


def reported_once(app: Flask, council: Council, resident: Resident) -> str:
    resident.report(where=PIN)
    drain(app)
    [case] = cases(app, council)
    return str(case["id"])


def test_me_too_adds_its_own_report_to_the_case(app: Flask, council: Council, resident: Resident) -> None:
    case_id = reported_once(app, council, resident)
    other = Resident(app, resident.clock)
    for name in ("what", "waste"):
        other.answer(name)
    assert other.answer("where", **PIN).location == "/report/same"
    page = other.get("/report/same")
    assert (
        "Rubbish that somebody has dumped, Oldbury Road, Hartshill, at that place, reported today"
        in words_of(page)
    )
    assert other.answer("same", same=case_id).location == "/report/photos"
    other.answer_all(where=PIN, same={"same": case_id})
    assert "It is one that was reported already" in words_of(other.get("/report/check"))
    other.send()
    drain(app)
    [case] = cases(app, council)
    assert (case["id"], case["reports"]) == (case_id, 2)


def test_something_else_at_the_same_place_is_not_joined_by_hand(
    app: Flask, council: Council, resident: Resident
) -> None:
    reported_once(app, council, resident)
    other = Resident(app, resident.clock)
    other.answer_all(where=PIN, same={"same": "none"})
    assert "No, it is something else" in words_of(other.get("/report/check"))


def test_only_what_was_shown_can_be_chosen(app: Flask, council: Council, resident: Resident) -> None:
    reported_once(app, council, resident)
    other = Resident(app, resident.clock)
    for name, answer in (("what", {}), ("waste", {}), ("where", PIN)):
        other.answer(name, **answer)
    page = other.answer("same", same="5ad4f8f0-0000-4000-8000-000000000000")
    assert problems_of(page) == {"same": "Choose one of these, or that it is something else"}


def test_it_is_not_asked_elsewhere_or_about_another_kind(
    app: Flask, council: Council, resident: Resident
) -> None:
    reported_once(app, council, resident)
    other = Resident(app, resident.clock)
    other.answer("what", category="graffiti")
    assert other.answer("where", **PIN).location == "/report/photos"
    assert other.get("/report/same").location == "/report/photos"
    other.answer("what", category="fly_tip")
    other.answer("waste")
    assert other.answer("where", **PIN | {"lat": "52.60", "lon": "-1.645"}).location == "/report/photos"


def test_a_new_place_asks_again(app: Flask, council: Council, resident: Resident) -> None:
    reported_once(app, council, resident)
    other = Resident(app, resident.clock)
    other.answer_all(where=PIN, same={"same": "none"})
    moved = PIN | {"lat": str(HERE[0] + 0.0002)}
    assert other.answer("where", **moved).location == "/report/same"
