"""A link that carries hardly anything."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.pictures import camera_photo
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PIECE, PUSH, UPLOADS, Crossing
from tests.faults.proxy import Link

pytestmark = pytest.mark.proof

# The link and the phone's clock both run this many times as fast as they would.
HURRY = 20
CREEPING = Link(bits_per_s=20_000 * HURRY, latency_s=3 / HURRY)
HOUR_S = 3_600
# Of 740 kB each, five minutes of such a link.
PHOTOS = 13


@pytest.mark.fault(46)
@pytest.mark.timeout(900)
def test_an_hour_over_a_creeping_link(crossing: Crossing, phone: ChromiumPhone, tmp_path: Path) -> None:
    """The text goes first, the photos follow byte by byte: the phone keeps patience with a link that moves.

    More than an hour at 20 kbit/s and 3 s, with the link and the phone's clock twenty times as fast.
    """
    photos = [camera_photo(tmp_path, f"{seed}.jpg", seed=seed, grain=800) for seed in range(PHOTOS)]
    page = phone.page
    page.clock.install()
    crossing.proxy.link = CREEPING
    crossing.proxy.up.carried = 0
    began = time.monotonic()
    codes = [phone.report(photo) for photo in photos]
    _let_time_pass(page, began, lambda: all(_whole(crossing, code) for code in codes))
    assert (time.monotonic() - began) * HURRY > HOUR_S
    for code, photo in zip(codes, photos, strict=True):
        crossing.wait_for(code, photo)
    assert crossing.proxy.seen.index(("POST", PUSH)) < crossing.proxy.seen.index(("POST", UPLOADS))
    size = sum(photo.stat().st_size for photo in photos)
    assert crossing.proxy.up.carried < size * 1.25, "bytes went over the link more than once"
    assert crossing.proxy.count(*PIECE) <= size // (64 * 1024) + PHOTOS


def _let_time_pass(page: Page, began: float, over: Callable[[], bool]) -> None:
    """The phone's clock runs with the link until it is over, or for two hours."""
    passed = (time.monotonic() - began) * (HURRY - 1)
    while not over():
        elapsed = (time.monotonic() - began) * (HURRY - 1)
        assert elapsed < 2 * HOUR_S, "it does not get on"
        page.clock.run_for(round((elapsed - passed) * 1_000))
        passed = elapsed
        page.wait_for_timeout(100)


def _whole(crossing: Crossing, code: str) -> bool:
    found = crossing.has(code)
    return found is not None and [photo.state for photo in found.photos] == ["verified"]
