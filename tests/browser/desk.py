"""An officer at the desk: a window of a real Chromium, signed in."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browser.phone import PATIENCE_MS, Complaints
from tests.builders import PASSWORD, Council

WIDE: ViewportSize = {"width": 1280, "height": 900}


def desk_options(base_url: str) -> dict[str, Any]:
    """How a browser context is to be an office computer."""
    return {"base_url": base_url, "viewport": WIDE, "locale": "en-GB", "timezone_id": "Europe/London"}


class Desk:
    """One officer's window on the desk."""

    def __init__(self, browser: Browser, base_url: str, council: Council, role: str = "officer") -> None:
        self.context: BrowserContext = browser.new_context(**desk_options(base_url))
        self.context.set_default_timeout(PATIENCE_MS)
        self.complaints = Complaints(self.context)
        self.page: Page = self.context.new_page()
        self.page.goto("/sign-in?next=/desk")
        self.page.get_by_label("Email").fill(council.email(role))
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Queue", level=1)).to_be_visible()

    @property
    def rows(self) -> Locator:
        """The rows of the list of cases."""
        return self.page.locator(".case-row")

    def open_case(self, case: dict[str, Any]) -> Page:
        """Go to a case and wait until it shows whole."""
        self.page.goto(f"/desk#/cases/{case['id']}")
        pane = self.page.get_by_role("article", name="The open case")
        expect(pane.get_by_text(case["reference"]).first).to_be_visible()
        return self.page

    def close(self) -> None:
        """Close the window."""
        self.context.close()
