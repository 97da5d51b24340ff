"""What each page says when an answer is missing or cannot be used, and that nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.residents.pages.resident import Resident, problems_of, title_of, words_of

LONG = "x" * 5000
SAY_WHERE = "Type a street or postcode, or say in words where it is"
NOT_FOUND = "We cannot find “nowhere lane” in North Borough. Check it, or say in words where it is"
OUTSIDE = "That is outside the area we serve. Move it, or leave it out and say in words where it is"
TOO_LONG = "Use 2,400 characters or less. You have used 5,000"
EMAIL = "Give the email address in full, such as name@example.com"
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("what", {"description": "A heap"}, "category", "Choose what you saw"),
    ("what", {"category": "nonsense"}, "category", "Choose what you saw"),
    ("what", {"category": "other"}, "description", "Say what you saw"),
    ("what", {"category": "fly_tip", "description": LONG}, "description", TOO_LONG),
    ("waste", {"size": "single_item"}, "waste", "Choose what has been dumped, or that you are not sure"),
    ("where", {"typed": "", "words": ""}, "typed", SAY_WHERE),
    ("where", {"find": "1", "typed": ""}, "typed", "Type a street or postcode to find"),
    ("where", {"typed": "nowhere lane"}, "typed", NOT_FOUND),
    ("where", {"typed": "x", "looked_for": "x", "choice": "none"}, "words", "Say in words where it is"),
    ("where", {"words": LONG}, "words", "Use 1,000 characters or less. You have used 5,000"),
    ("where", {"source": "pin", "lat": "51.5", "lon": "-0.1"}, "typed", OUTSIDE),
    ("where", {"source": "gps", "lat": "nan", "lon": "x"}, "typed", SAY_WHERE),
    ("witness", {}, "witnessed", "Choose whether you saw who did it"),
    ("witness", {"witnessed": "yes"}, "seen", "Say what you saw, such as a vehicle or what somebody looked like"),
    ("contact", {}, "contact", "Choose whether we may contact you"),
    ("contact", {"contact": "yes"}, "email", "Give an email address or a phone number"),
    ("contact", {"contact": "yes", "email": "pat"}, "email", EMAIL),
    ("contact", {"contact": "yes", "phone": "12"}, "phone", "Give the phone number in full, such as 01632 960001"),
]  # fmt: skip


@pytest.fixture
def begun(resident: Resident) -> Resident:
    """Somebody who has said what they saw."""
    resident.answer("what")
    return resident


@pytest.mark.parametrize(("name", "sent", "field", "words"), WRONG)
def test_an_answer_that_cannot_be_used_is_named_on_top_and_beside_its_field(
    begun: Resident, name: str, sent: dict[str, Any], field: str, words: str
) -> None:
    page = begun.client.post(f"/report/{name}", data=sent)
    assert page.status_code == 422
    assert title_of(page).startswith("Error: ")
    assert problems_of(page) == {field: words}
    assert f'id="{field}"' in page.text, "the link leads to the field"
    assert f'id="{field}-error"' in page.text
    assert words_of(page).count(words) >= 2


def test_nothing_typed_is_lost_with_an_error(begun: Resident) -> None:
    page = begun.answer("what", description="A heap of <tyres> & more")
    assert "A heap of &lt;tyres&gt; &amp; more" in page.text
    page = begun.answer("what", description="A heap\n   of tyres\n\nand more")
    assert ">A heap\n   of tyres\n\nand more</textarea>" in page.text
    page = begun.answer("contact", contact="yes", name="Pat", email="pat", phone="")
    assert 'value="Pat"' in page.text
    assert 'value="pat"' in page.text
    assert 'value="yes" checked' in page.text
    page = begun.answer("where", typed="nowhere", find="1", words="By the gate")
    assert 'value="nowhere"' in page.text
    assert "By the gate" in page.text


def test_a_wrong_answer_does_not_replace_a_right_one(resident: Resident) -> None:
    resident.answer_all()
    assert resident.answer("what", category="nonsense").status_code == 422
    assert "A fridge on the verge" in words_of(resident.get("/report/check"))


def test_another_site_cannot_fill_in_the_form(resident: Resident) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = resident.client.post("/report/what", data={"category": "fly_tip"}, headers=headers)
    assert response.status_code == 403


def test_a_draft_is_kept_for_a_day_and_no_longer(resident: Resident) -> None:
    resident.answer_all()
    resident.clock.pass_(hours=23)
    assert resident.get("/report/check").status_code == 200
    resident.clock.pass_(hours=2)
    assert resident.get("/report/check").location == "/report?again=1"
    assert resident.send().location == "/report?again=1"


def test_text_that_no_database_can_store_is_mended(resident: Resident) -> None:
    resident.report(what={"category": "fly_tip", "description": "A \x00 heap"})
