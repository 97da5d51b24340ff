"""The resident's form on a slow phone: what it fetches, and how long until it can be used."""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser, sync_playwright

from tests.bench.figures import Figure
from tests.bench.grounds import ground
from tests.browser.phone import ARGUMENTS, phone_options

ABOUT = (
    "Chromium with slow 3G (400 kbit/s each way, 400 ms there and back) and its processor slowed down four times, "
    "nothing kept from before: the first page of the form with all its styles and script, and its first question. "
    "Bytes as they go over the line, until the page is loaded; what comes later for use without signal is not counted. "
    "The best, middle and worst of five."
)
TIMES = 5
SLOWED = 4
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
BUDGET_BYTES = 60_000


def measure(chromium: str) -> list[Figure]:
    """Bytes and seconds of `/report` and its first question."""
    with ground("SQLite") as here, sync_playwright() as playwright:
        here.stack.start("web")
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        taken = [_visit(browser, here.stack.url) for _ in range(TIMES)]
        browser.close()
    sizes = [size for size, _, _ in taken]
    figures = [
        Figure(
            "Bytes to first use of /report", "slow 3G", f"{max(sizes) / 1000:.1f} kB", f"{BUDGET_BYTES // 1000} kB",
            max(sizes) <= BUDGET_BYTES,
        )
    ]  # fmt: skip
    for what, place in (("/report to first use", 1), ("From its button to the first question", 2)):
        seconds = sorted(one[place] for one in taken)
        value = " · ".join(f"{one:.2f} s" for one in (seconds[0], statistics.median(seconds), seconds[-1]))
        figures.append(Figure(f"{what}, {SLOWED}x slower processor", "slow 3G", value))
    return figures


def _visit(browser: Browser, url: str) -> tuple[int, float, float]:
    """Bytes over the line to the loaded first page, and the seconds of it and of the question after it."""
    context = browser.new_context(**{**phone_options(url), "service_workers": "block"})
    page = context.new_page()
    session = context.new_cdp_session(page)
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    seconds = []
    page.goto("/report", wait_until="load")
    seconds.append(page.evaluate("performance.now()") / 1000)
    size = round(sum(received))
    page.get_by_role("button", name="Start now").click(no_wait_after=False)
    page.get_by_role("heading", name="What did you see?").wait_for()
    seconds.append(page.evaluate("performance.now()") / 1000)
    context.close()
    return size, seconds[0], seconds[1]
