"""What was taken for one thing and is two is split, and put together again when it was one after all."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.people import Person
from tests.journeys.desk.conftest import Seen


def test_a_report_is_split_off_and_taken_back(
    seen: Seen, new_desk: Callable[..., Desk], colleague: Person
) -> None:
    case, same = seen(0, 8)
    assert case["id"] == same["id"]
    page = new_desk().open_case(case)
    leaving = case["reports_detail"][1]["receipt_code"]
    page.get_by_role("button", name=f"Split off {leaving}").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Split off").click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("article", name=re.compile("^Report "))).to_have_count(1)
    assert len(colleague.cases()) == 2

    page.get_by_role("button", name=re.compile("^Undo ?: .*split off")).click()
    expect(page.get_by_text("The split was undone").first).to_be_visible()
    expect(page.get_by_role("article", name=f"Report {leaving}")).to_be_visible()
    assert colleague.get(f"cases/{case['id']}")["reports"] == 2
