"""How much of a slow link the phone's outbox makes use of when it empties."""

from __future__ import annotations

import random
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from server.access.request import COOKIE
from tests.bench.figures import Figure
from tests.bench.grounds import ground
from tests.browser.phone import ARGUMENTS
from tests.browser.pictures import camera_photo
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.proxy import Link, Proxy
from tests.services.guarded import free_port
from tests.services.processes import wait_for

ABOUT = (
    "The crew's app in Chromium with 20 reports of two 3 MB photos each, saved while the council could not be reached; "
    "then a link of 4 Mbit/s each way with 300 ms of latency each way appears, as our fault proxy shapes it. Measured "
    "is from there until the council has the last byte. The share is of the time that the photos' bytes alone would "
    "fill the link. Carried is all that went up, requests included."
)
REPORTS = 20
PHOTO_BYTES = 3_000_000
LINK = Link(bits_per_s=4_000_000, latency_s=0.3)
AIM = 0.85
PATIENCE_S = 900.0


def measure(chromium: str) -> list[Figure]:
    """Seconds and shares on PostgreSQL."""
    port = free_port()
    environ = {"TIPWATCH_BASE_URL": f"http://127.0.0.1:{port}"}
    with ground("PostgreSQL", environ) as here, sync_playwright() as playwright:
        here.stack.start("web", "worker")
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        with Proxy(here.stack.port, port) as proxy:
            phone = ChromiumPhone(browser, proxy.url, here.phone().session.cookies.get(COOKIE))
            phone.ready()
            proxy.lose()
            _save(phone, here.stack.folder)
            proxy.link = LINK
            proxy.up.carried = 0
            seconds = _drain(phone, proxy)
            carried = proxy.up.carried
        browser.close()
    content = REPORTS * 2 * PHOTO_BYTES
    share = content * 8 / LINK.bits_per_s / seconds if LINK.bits_per_s else 0.0
    return [
        Figure(
            f"{REPORTS} reports with two 3 MB photos", "4 Mbit/s, 300 ms", f"{seconds:.0f} s, {share:.0%} of the link",
            f"{AIM:.0%}", share >= AIM,
        ),
        Figure("Carried up for each byte of a photo", "4 Mbit/s, 300 ms", f"{carried / content:.3f}"),
    ]  # fmt: skip


def _save(phone: ChromiumPhone, folder: Path) -> None:
    for number in range(REPORTS):
        first, second = (_three_megabytes(folder, 2 * number + one) for one in range(2))
        phone.shoot("Report a fly-tip", first)
        phone.from_album(second)
        phone.page.get_by_role("img", name="Photo 2").wait_for()
        phone.save_report("Tyres", "Item")
        phone.page.get_by_role("button", name="Done").click()
    phone.waiting(REPORTS)


def _three_megabytes(folder: Path, seed: int) -> Path:
    """A photo as a camera writes it; what lies behind its end belongs to the file, and goes with it."""
    path = camera_photo(folder, f"IMG_{seed:04}.jpg", seed)
    content = path.read_bytes()
    path.write_bytes(content + random.Random(seed).randbytes(PHOTO_BYTES - len(content)))
    return path


def _drain(phone: ChromiumPhone, proxy: Proxy) -> float:
    """Seconds from the first moment of the link until every photo is with the council."""
    began = time.monotonic()
    proxy.find()
    phone.look_again()

    def all_uploaded() -> bool:
        phone.page.wait_for_timeout(250)
        photos = phone.rows("photos")
        return len(photos) == 2 * REPORTS and all(photo["state"] == "uploaded" for photo in photos)

    wait_for("every photo to be with the council", all_uploaded, PATIENCE_S)
    return time.monotonic() - began
