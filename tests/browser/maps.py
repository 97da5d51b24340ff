"""What people see on a map."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

FIRST_HOTSPOT = re.compile("^Hotspot 1, ")


def mark_on(page: Page, map_name: str, mark: str | re.Pattern[str]) -> Locator:
    """A mark that can be seen on a map, over the ground that is drawn there."""
    drawn = page.get_by_role("region", name=map_name)
    expect(drawn.locator(".road").first).to_be_attached()
    found = drawn.get_by_title(mark)
    expect(found).to_be_visible()
    return found
