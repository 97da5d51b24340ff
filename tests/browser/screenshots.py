"""The pictures of the README, taken from the demo in a real browser: `python -m tests.browser.screenshots FOLDER`."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from server.demo.pictures import draw_photo
from tests.browser.axe import wear
from tests.browser.desk_pictures import walk_desk, walk_resident
from tests.browser.phone import ARGUMENTS, HARTSHILL, PATIENCE_MS, phone_options
from tests.browser.stacks import embedded
from tests.services.fixtures import CHROMIUM_NAMES
from tests.services.processes import wait_for
from tests.services.stack import QUICK

LARGEST_BYTES = 300_000
# Filling the demo takes half a minute, and longer where much else runs.
DEMO_WITHIN_S = 240
PASSWORD = "tip-us-off"
DESK: ViewportSize = {"width": 1440, "height": 900}
# The system's font of a desktop Linux is far wider than those of phones.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <edit name="family" mode="prepend_first" binding="strong">
      <string>Roboto</string><string>Liberation Sans</string>
    </edit>
  </match>
</fontconfig>
"""


def main(folder: Path) -> None:
    """Start the demo, walk through the crew's app, and write the pictures into `folder`."""
    chromium = next(path for name in CHROMIUM_NAMES if (path := shutil.which(name)))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        demo = {**QUICK, "TIPWATCH_DEMO": "1", "TIPWATCH_DEMO_PASSWORD": PASSWORD}
        with embedded(Path(scratch), demo, within_s=DEMO_WITHIN_S) as running:
            fonts = {"FONTCONFIG_FILE": str(_as_on_phones(Path(scratch)))}
            browser = playwright.chromium.launch(
                executable_path=chromium, args=list(ARGUMENTS), env={**os.environ, **fonts}
            )
            context = browser.new_context(**phone_options(running.url), device_scale_factor=2)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            _walk(page, Path(scratch), lambda name: _keep(page, folder / f"crew-{name}.png"))
            _office(browser, running.url, folder)
            _residents(browser, running.url, folder)
            browser.close()


def _office(browser: Browser, url: str, folder: Path) -> None:
    context = browser.new_context(base_url=url, viewport=DESK, locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    walk_desk(page, PASSWORD, lambda name: _keep(page, folder / f"desk-{name}.png"))
    context.close()


def _residents(browser: Browser, url: str, folder: Path) -> None:
    context = browser.new_context(**phone_options(url), device_scale_factor=2)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    walk_resident(page, lambda name: _keep(page, folder / f"resident-{name}.png"))
    context.close()


def _as_on_phones(folder: Path) -> Path:
    """Font settings that give what a phone's system font looks like, or the nearest there is."""
    path = folder / "fonts.conf"
    path.write_text(FONTS)
    return path


Keep = Callable[[str], None]


def _walk(page: Page, scratch: Path, keep: Keep) -> None:
    _sign_in(page)
    _fix(page)
    _home(page, keep)
    _jobs_and_places(page, keep)
    _report(page, scratch, "tyres", ("Tyres", "Small van"))
    keep("capture")
    wear(page, "sunlight")
    keep("capture-sunlight")
    wear(page, "light")
    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    keep("saved")
    _waiting(page, scratch, keep)


def _sign_in(page: Page) -> None:
    page.goto("/crew")
    page.get_by_label("Email").fill("crew@demo.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("As the council had it")).to_be_visible()
    expect(page.get_by_role("region", name="My jobs").get_by_role("link").nth(1)).to_be_visible()


def _fix(page: Page) -> None:
    """GPS gives a fix of this moment."""
    page.context.set_geolocation(HARTSHILL)  # type: ignore[arg-type]


def _home(page: Page, keep: Keep) -> None:
    expect(page.get_by_text(re.compile(r"^[\d.,]+ (mi|m|miles)")).first).to_be_visible()
    keep("home")
    wear(page, "dark")
    keep("home-dark")
    wear(page, "light")


def _jobs_and_places(page: Page, keep: Keep) -> None:
    page.get_by_role("link", name=re.compile("Clear · ")).first.click()
    expect(page.get_by_role("button", name="Cleared")).to_be_visible()
    keep("job")
    page.goto("/crew#/hotspots")
    expect(page.get_by_role("link", name="Rank 1").first).to_be_visible()
    keep("hotspots")
    _fix(page)
    page.goto("/crew#/map")
    expect(page.locator(".map .road").first).to_be_attached()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".map.leaflet-zoom-anim, .map .leaflet-zoom-anim")).to_have_count(0)
    expect(page.locator(".map .mark-on-map").first).to_be_visible()
    keep("map")


def _report(page: Page, scratch: Path, waste: str, choices: tuple[str, ...]) -> None:
    """A report with a photo of `waste`, filled and not saved."""
    photo = scratch / f"{waste}.jpg"
    photo.write_bytes(draw_photo(Random(4), waste))
    page.goto("/crew#/")
    _fix(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Report a fly-tip").click()
    chooser.value.set_files(photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    expect(page.get_by_text("GPS, 8 m")).to_be_visible()
    for choice in choices:
        page.get_by_label(choice, exact=True).click()


def _waiting(page: Page, scratch: Path, keep: Keep) -> None:
    """One report that is safe, and two saved since the signal went."""
    wait_for("the report to be safe", lambda: _is_safe(page), 60)
    page.context.set_offline(True)
    for waste, choices in (
        ("white_goods", ("White goods", "Item")),
        ("black_bags_household", ("Black bags", "Car boot")),
    ):
        _report(page, scratch, waste, choices)
        page.get_by_role("button", name="Save report").click()
        expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    page.goto("/crew#/waiting")
    expect(page.get_by_role("list", name="Waiting").get_by_role("listitem")).to_have_count(2)
    keep("waiting")


def _is_safe(page: Page) -> bool:
    page.goto("/crew#/waiting")
    page.reload()
    try:
        expect(page.get_by_text("Safe, phone copy can go")).to_be_visible(timeout=4_000)
    except AssertionError:
        return False
    return True


def _keep(page: Page, path: Path) -> None:
    """Write what the phone shows, in as few colours as it takes to stay small."""
    page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    for colours in (256, 128, 64):
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() < LARGEST_BYTES:
            path.write_bytes(file.getvalue())
            return
    raise RuntimeError(f"{path.name} has {file.tell()} bytes even in {colours} colours")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
