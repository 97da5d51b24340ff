"""What belongs together is merged, and taken apart again when it was not."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.people import Person
from tests.journeys.desk.conftest import Seen


def test_cases_are_merged_and_taken_apart_again(
    seen: Seen, new_desk: Callable[..., Desk], colleague: Person
) -> None:
    here, there = seen(0, 60)
    page = new_desk().open_case(here)
    page.get_by_role("button", name="Merge…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("checkbox", name=re.compile(there["reference"])).check()
    sheet.get_by_label("Why").fill("One heap, seen from two sides")
    sheet.get_by_role("button", name="Merge", exact=True).click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_text(f"{there['reference']} merged into this case").first).to_be_visible()
    expect(page.get_by_role("article", name=re.compile("^Report "))).to_have_count(2)
    merged = colleague.get(f"cases/{there['id']}")
    assert (merged["state"], merged["duplicate_of"]) == ("closed", here["id"])

    page.get_by_role("button", name=re.compile("^Undo ?: .*merged")).click()
    expect(page.get_by_text("The merge was undone")).to_be_visible()
    expect(page.get_by_role("article", name=re.compile("^Report "))).to_have_count(1)
    apart = [colleague.get(f"cases/{case['id']}") for case in (here, there)]
    assert [(case["state"], case["reports"]) for case in apart] == [("new", 1), ("new", 1)]
