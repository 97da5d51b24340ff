"""The answers as "check your answers" shows them, and as a status page may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.residents.questions import Answers, sequence
from server.residents.whereabouts import OpenNearby
from server.residents.wording import CATEGORIES, SIZES, WASTE, worded


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the question's name, what it is called in few words, and the answer's lines."""

    name: str
    key: str
    lines: tuple[str, ...]


KEYS = {
    "what": "What you saw",
    "waste": "What was dumped",
    "where": "Where it is",
    "same": "Already reported",
    "photos": "Photos",
    "witness": "Who did it",
    "contact": "Contacting you",
}


def summary_rows(answers: Answers, photo_names: Sequence[str], near: Sequence[OpenNearby]) -> list[Row]:
    """A row for every question that was asked, in order."""
    lines = {
        "what": _what(answers),
        "waste": _waste(answers),
        "where": _where(answers),
        "same": _same(answers),
        "photos": list(photo_names) or ["No photos"],
        "witness": _witness(answers),
        "contact": _contact(answers),
    }
    return [Row(name, KEYS[name], tuple(lines[name])) for name in sequence(answers, near=bool(near))]


def _what(answers: Answers) -> list[str]:
    what = answers["what"]
    return [worded("categories", CATEGORIES)[what["category"]], *_paragraphs(what["description"])]


def _waste(answers: Answers) -> list[str]:
    waste = answers.get("waste", {"waste": [], "size": None})
    size = worded("sizes", SIZES).get(waste["size"] or "")
    return [worded("waste", WASTE)[code] for code in waste["waste"]] + ([size] if size else [])


def _where(answers: Answers) -> list[str]:
    where = answers["where"]
    told = {"gps": "Your phone’s position", "pin": "The pin on the map", "typed": "The place you chose"}
    position = where["position"]
    place = [f"{where['label']} ({told[position['source']].lower()})"] if position else []
    return place + _paragraphs(where["words"])


def _same(answers: Answers) -> list[str]:
    joins = answers.get("same", {}).get("joins")
    return ["It is one that was reported already"] if joins else ["No, it is something else"]


def _witness(answers: Answers) -> list[str]:
    witness = answers["witness"]
    return ["Yes", *_paragraphs(witness["seen"])] if witness["witnessed"] else ["No, I did not see it happen"]


def _contact(answers: Answers) -> list[str]:
    contact = answers["contact"]
    details = [contact[name] for name in ("name", "email", "phone") if contact[name]]
    return details or ["Do not contact me"]


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]
