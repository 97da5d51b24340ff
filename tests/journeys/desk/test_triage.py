"""A morning's queue, and two officers at it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.people import Person
from tests.journeys.desk.conftest import Seen


def test_twenty_cases_are_triaged_by_keyboard_alone(
    seen: Seen, new_desk: Callable[..., Desk], colleague: Person
) -> None:
    cases = seen(*(200.0 * number for number in range(20)))
    desk = new_desk()
    page, press = desk.page, desk.page.keyboard.press
    page.reload()
    expect(desk.rows).to_have_count(20)
    clicks = page.evaluate("window.taps")

    press("j")
    expect(desk.rows.first.get_by_role("link")).to_be_focused()
    for left in range(19, 13, -1):
        press("a")
        expect(desk.rows).to_have_count(left)

    for _ in range(3):
        press("x")
        press("j")
    expect(page.get_by_text("3 selected")).to_be_visible()
    _decide_not_ours(page, "The county's verge")
    expect(desk.rows).to_have_count(11)

    press("Enter")
    pane = page.get_by_role("article", name="The open case")
    expect(pane.get_by_role("button", name="Accept")).to_be_visible()
    for left in (10, 9):
        press("a")
        expect(desk.rows).to_have_count(left)
        expect(pane.get_by_role("button", name="Accept")).to_be_visible()
    press("z")
    expect(page.get_by_text("Undone: ").first).to_be_visible()
    expect(desk.rows).to_have_count(10)
    expect(pane.get_by_role("button", name="Accept")).to_be_visible()
    for left in range(9, 0, -1):
        press("a")
        expect(desk.rows).to_have_count(left)
        expect(pane.get_by_role("button", name="Accept")).to_be_visible()
    press("Escape")
    expect(desk.rows.get_by_role("link")).to_be_focused()
    press("a")
    expect(page.get_by_text("Nothing waits for a decision.", exact=False)).to_be_visible()

    assert page.evaluate("window.taps") == clicks, "only keys were used"
    ended = [colleague.get(f"cases/{case['id']}") for case in cases]
    states = [case["state"] for case in ended]
    assert (states.count("accepted"), states.count("closed")) == (17, 3)
    for case in ended:
        if case["state"] == "closed":
            assert case["closed_because"] == "not_ours"
            assert "The county's verge" in [entry["text"] for entry in case["timeline"]]


def _decide_not_ours(page: Page, why: str) -> None:
    """The three that are selected are not ours."""
    page.keyboard.press("d")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="Decide on 3 cases")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for _ in range(8):
        if sheet.get_by_role("radio", name="Not ours").is_checked():
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(sheet.get_by_label("Why", exact=True)).to_be_focused()
    page.keyboard.type(why)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(sheet).to_be_hidden()


def test_of_two_officers_at_one_case_the_second_is_told_and_nothing_is_overwritten(
    seen: Seen, new_desk: Callable[..., Desk], colleague: Person
) -> None:
    [case] = seen(0)
    first, second = new_desk("officer"), new_desk("manager")
    second.complaints.forgive("status of 412")
    for desk in (first, second):
        desk.open_case(case)
    first.page.get_by_role("button", name="Accept").click()
    expect(first.page.get_by_text(f"Accepted: {case['reference']}").first).to_be_visible()

    page = second.page
    page.get_by_role("button", name="Decide…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("radio", name="No evidence").check()
    sheet.get_by_label("Why").fill("Nothing found on two visits")
    sheet.get_by_role("button", name="No evidence").click()
    told = sheet.get_by_role("alert")
    expect(told).to_contain_text("Officer of")
    expect(told).to_contain_text("Nothing of theirs was overwritten and nothing of yours was saved.")
    now = colleague.get(f"cases/{case['id']}")
    assert (now["state"], now["closed_because"]) == ("accepted", None)

    sheet.get_by_role("button", name="Look again").click()
    expect(told).to_be_hidden()
    expect(sheet.get_by_label("Why")).to_have_value("Nothing found on two visits")
    sheet.get_by_role("button", name="No evidence").click()
    expect(sheet).to_be_hidden()
    now = colleague.get(f"cases/{case['id']}")
    assert (now["state"], now["closed_because"]) == ("closed", "no_evidence")
    decided = [entry["what"] for entry in now["timeline"] if entry["kind"] == "case.decided"]
    assert decided == ["Accepted", "Closed: no evidence"]
