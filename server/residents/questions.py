"""The questions of the form: in which order they come, what each takes, and what it says when an answer is missing.

An answer is plain JSON, kept in the draft under the question's name. Which questions there are depends on the
answers so far: only dumped rubbish is asked what it is, and only a place with open cases whether it is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma
from marshmallow import validate
from werkzeug.datastructures import MultiDict

from server.intake.reference import category_kind
from server.residents.wording import CATEGORIES, SIZES, WASTE, worded

Answer = dict[str, Any]
Answers = Mapping[str, Answer]
Errors = dict[str, str]
Form = MultiDict[str, str]

FLY_TIP = "fly_tip"
# Together with what the witness saw they stay under a report's 4,000 characters.
DESCRIPTION_LIMIT = 2400
WITNESS_LIMIT = 1400
WHERE_LIMIT = 1000
# What is said where an answer is missing, by field; the form without signal says it by the same words.
MISSING = {
    "category": "Choose what you saw",
    "description": "Say what you saw",
    "waste": "Choose what has been dumped, or that you are not sure",
    "typed": "Type a street or postcode, or say in words where it is",
    "witnessed": "Choose whether you saw who did it",
    "seen": "Say what you saw, such as a vehicle or what somebody looked like",
    "contact": "Choose whether we may contact you",
    "email": "Give an email address or a phone number",
}
TITLES = {
    "what": "What did you see?",
    "waste": "What has been dumped?",
    "where": "Where is it?",
    "same": "Is it one of these?",
    "photos": "Can you add a photo?",
    "witness": "Did you see who did it?",
    "contact": "May we contact you?",
}


def sequence(answers: Answers, *, near: bool) -> list[str]:
    """The questions that apply, in order. `near`: open cases lie near the place given."""
    asked = dict.fromkeys(TITLES, True)
    asked["waste"] = answers.get("what", {}).get("category") == FLY_TIP
    asked["same"] = near
    return [name for name, applies in asked.items() if applies]


def next_question(answers: Answers, *, near: bool) -> str | None:
    """The first question without an answer; None when all are answered."""
    return next((name for name in sequence(answers, near=near) if name not in answers), None)


def with_answer(answers: Answers, name: str, answer: Answer) -> dict[str, Answer]:
    """The answers with one more or changed; what was answered about something else by now is asked again."""
    changed = {**answers, name: answer}
    if name == "what" and answer["category"] != FLY_TIP:
        changed.pop("waste", None)
    decides = {"what": "category", "where": "position"}.get(name)
    if decides and answers.get(name, {}).get(decides) != answer[decides]:
        changed.pop("same", None)
    return changed


def read_what(form: Form) -> tuple[Answer, Errors]:
    """The category, and words about it; words are needed when the category says nothing."""
    category, description = form.get("category", ""), _text(form, "description")
    errors: Errors = {}
    if category not in worded("categories", CATEGORIES):
        errors["category"] = MISSING["category"]
    elif category == "other" and not description:
        errors["description"] = MISSING["description"]
    errors |= _too_long("description", description, DESCRIPTION_LIMIT)
    return {"category": category, "description": description}, errors


def read_waste(form: Form) -> tuple[Answer, Errors]:
    """Kinds of waste, at least one (there is "not sure"), and roughly how much."""
    known = worded("waste", WASTE)
    waste = [code for code in form.getlist("waste") if code in known]
    size = form.get("size", "")
    errors = {} if waste else {"waste": MISSING["waste"]}
    return {"waste": waste, "size": size if size in worded("sizes", SIZES) else None}, errors


def read_witness(form: Form) -> tuple[Answer, Errors]:
    """Whether the person saw who did it, and what they saw."""
    witnessed, seen = form.get("witnessed", ""), _text(form, "seen")
    errors: Errors = {}
    if witnessed not in ("yes", "no"):
        errors["witnessed"] = MISSING["witnessed"]
    elif witnessed == "yes" and not seen:
        errors["seen"] = MISSING["seen"]
    errors |= _too_long("seen", seen, WITNESS_LIMIT)
    return {"witnessed": witnessed == "yes", "chosen": witnessed, "seen": seen}, errors


def read_contact(form: Form) -> tuple[Answer, Errors]:
    """Whether the council may get in touch, and how. Details typed beside a "no" are not kept."""
    wanted = form.get("contact", "")
    details = {name: form.get(name, "").strip() for name in ("name", "email", "phone")}
    answer: Answer = {"chosen": wanted, **details}
    if wanted == "no":
        return {"chosen": "no", "name": "", "email": "", "phone": ""}, {}
    if wanted != "yes":
        return answer, {"contact": MISSING["contact"]}
    errors: Errors = {}
    if not details["email"] and not details["phone"]:
        errors["email"] = MISSING["email"]
    if details["email"] and not _is_email(details["email"]):
        errors["email"] = "Give the email address in full, such as name@example.com"
    if details["phone"] and sum(letter.isdigit() for letter in details["phone"]) < 7:
        errors["phone"] = "Give the phone number in full, such as 01632 960001"
    for name, label, limit in (("name", "Name", 200), ("phone", "Phone number", 40)):
        if len(details[name]) > limit:
            errors[name] = f"{label} must be {limit} characters or less"
    return answer, errors


READERS: dict[str, Callable[[Form], tuple[Answer, Errors]]] = {
    "what": read_what,
    "waste": read_waste,
    "witness": read_witness,
    "contact": read_contact,
}


def kind_of(answers: Answers) -> str:
    """fly_tip or incident."""
    return category_kind(answers["what"]["category"]) or "incident"


def _text(form: Form, name: str) -> str:
    """What was typed, with one kind of line end."""
    return form.get(name, "").replace("\r\n", "\n").strip()


def _too_long(name: str, text: str, limit: int) -> Errors:
    if len(text) <= limit:
        return {}
    return {name: f"Use {limit:,} characters or less. You have used {len(text):,}"}


def _is_email(text: str) -> bool:
    try:
        validate.And(validate.Email(), validate.Length(max=254))(text)
    except ma.ValidationError:
        return False
    return True
