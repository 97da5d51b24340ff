"""A crew member's phone: a real Chromium with a profile of its own, so that closing it and opening it cold is real."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize, expect
from playwright.sync_api import Error as PlaywrightError

from tests.services.processes import wait_for

# This machine may be busy: a condition is waited for this long, in milliseconds, before it counts as missed.
PATIENCE_MS = 30_000
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
)  # fmt: skip
SCREEN: ViewportSize = {"width": 390, "height": 844}
HARTSHILL = {"latitude": 52.5755, "longitude": -1.5445, "accuracy": 8.0}
# What a phone without signal, or with a server that was just killed, prints by itself.
NO_NETWORK = r"net::ERR_"

expect.set_options(timeout=PATIENCE_MS)

# In every page before its own scripts: tell of broken content policies, count what a thumb does, and note each state
# a saved thing shows, however briefly.
WATCH = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`content policy broken: ${event.violatedDirective} by ${event.blockedURI}`));
window.taps = 0;
addEventListener('pointerdown', (event) => { if (event.isTrusted) window.taps += 1; }, { capture: true });
window.statesSeen = [];
new MutationObserver(() => {
  for (const shown of document.querySelectorAll('.state')) {
    const words = shown.textContent.trim();
    if (!window.statesSeen.includes(words)) window.statesSeen.push(words);
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def phone_options(base_url: str, position: dict[str, float] | None = None) -> dict[str, Any]:
    """How a browser context is to be a phone that stands at `position` (default: by Oldbury Road, fix of 8 m)."""
    return {
        "base_url": base_url,
        "viewport": SCREEN,
        "is_mobile": True,
        "has_touch": True,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "geolocation": position or HARTSHILL,
        "permissions": ["geolocation"],
    }


class Complaints:
    """What pages of a context complained about: console errors and warnings, uncaught errors, broken policies."""

    def __init__(self, context: BrowserContext) -> None:
        self._said: list[str] = []
        self._forgiven: list[str] = []
        context.add_init_script(WATCH)
        context.on("weberror", lambda error: self._said.append(f"uncaught: {error.error}"))
        context.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._said.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def forgive(self, pattern: str) -> None:
        """From now on, complaints that match this are part of what is tested."""
        self._forgiven.append(pattern)

    @property
    def left(self) -> list[str]:
        """Those that nobody forgave."""
        return [said for said in self._said if not any(re.search(one, said) for one in self._forgiven)]


class Hands:
    """What a crew member does on a phone, whatever browser it is."""

    position: dict[str, float] | None
    saved: list[str]

    @property
    def context(self) -> BrowserContext:
        """The open browser."""
        raise NotImplementedError

    @property
    def page(self) -> Page:
        """The first tab."""
        return self.context.pages[0]

    def go(self, *parts: str) -> None:
        """Go to a screen by its address, within the open app."""
        self.page.evaluate("hash => { location.hash = hash; }", "#/" + "/".join(parts))

    def fix(self) -> None:
        """Have GPS give a fix of this moment: the emulated one is given once, and is stale after a reload."""
        if self.position is not None:
            self.context.set_geolocation(self.position)  # type: ignore[arg-type]

    def shoot(self, button: str, photo: Path) -> None:
        """Tap what opens the camera, and have the camera hand over `photo`; GPS goes on giving fixes meanwhile."""
        self.fix()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name=button, exact=True).click()
        chooser.value.set_files(photo)

    def save_report(self, *choices: str) -> str:
        """On the form: choose these, save, and return the receipt code that "Saved on this phone" shows."""
        page = self.page
        for choice in choices:
            page.get_by_label(choice, exact=True).click()
        page.get_by_role("button", name="Save report").click()
        return self.read_saved()

    def read_saved(self) -> str:
        """The receipt code on the screen that says "Saved on this phone"."""
        expect(self.page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
        code = self.page.locator(".code").inner_text()
        self.saved.append(code)
        return code


class Phone(Hands):
    """One phone with its storage. `complaints` gathers over all times it was open."""

    def __init__(self, playwright: Playwright, chromium: str, profile: Path, base_url: str) -> None:
        self._playwright = playwright
        self._chromium = chromium
        self._profile = profile
        self._context: BrowserContext | None = None
        self.base_url = base_url
        self.position: dict[str, float] | None = HARTSHILL
        self.forgiven: list[str] = []
        self.complaints: list[str] = []
        self._watch: Complaints | None = None
        # Receipt codes that this phone has called saved.
        self.saved: list[str] = []

    def open(self, path: str = "/crew") -> Page:
        """Start the browser cold and open the app."""
        options = phone_options(self.base_url, self.position)
        if self.position is None:
            options |= {"geolocation": None, "permissions": []}
        self._context = self._playwright.chromium.launch_persistent_context(
            self._profile, executable_path=self._chromium, args=list(ARGUMENTS), **options
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self._watch = Complaints(self._context)
        for pattern in self.forgiven:
            self._watch.forgive(pattern)
        page = self._context.pages[0]
        page.goto(path)
        return page

    @property
    def context(self) -> BrowserContext:
        """The open browser."""
        assert self._context, "the phone is closed"
        return self._context

    def forgive(self, pattern: str) -> None:
        """Complaints that match this are part of what is tested, from now on and after a restart too."""
        self.forgiven.append(pattern)
        if self._watch:
            self._watch.forgive(pattern)

    def close(self) -> None:
        """Close the browser the way a person does."""
        if self._context:
            context, self._context = self._context, None
            self._end()
            context.close()

    def kill(self) -> None:
        """End every process of the browser with SIGKILL: an empty battery."""
        mark = f"--user-data-dir={self._profile}"
        ours = [
            process for process in psutil.process_iter(["cmdline"]) if mark in (process.info["cmdline"] or [])
        ]
        assert ours, "the phone is closed"
        context, self._context = self.context, None
        for process in ours:
            process.kill()
        psutil.wait_procs(ours, timeout=10)
        wait_for("the browser's end", lambda: not any(process.is_running() for process in ours))
        self._end()
        with suppress(PlaywrightError):
            context.close()
        # Left by the killed browser, it would make the next one believe that the profile is in use.
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self._profile / name).unlink(missing_ok=True)

    def _end(self) -> None:
        if self._watch:
            self.complaints += self._watch.left
            self._watch = None

    def sign_in(self, email: str, password: str) -> None:
        """Sign in on the screen that shows, and wait until the lists, the map and the app itself are on the phone."""
        page = self.page
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("As the council had it")).to_be_visible()
        self.go("map")
        # The map comes last of all, so with it everything is here.
        expect(page.get_by_text("The ground of the map is not on this phone yet")).to_have_count(0)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.go()
        expect(page.get_by_role("heading", name="Tipwatch", level=1)).to_be_visible()

    def wait_until_safe(self, count: int = 1) -> None:
        """On the list of what was saved, wait until so many things are safe, looking in again as people do."""

        def look() -> bool:
            page = self.page
            page.goto("/crew#/waiting")
            page.reload()
            safe = page.get_by_text("Safe, phone copy can go")
            try:
                expect(safe).to_have_count(count, timeout=4_000)
            except AssertionError:
                return False
            return True

        wait_for("Safe, phone copy can go", look, 60)
