"""A link that carries hardly anything."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.browser.pictures import camera_photo
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PIECE, PUSH, UPLOADS, Crossing
from tests.faults.proxy import Link

pytestmark = pytest.mark.proof

# The link and the phone's clock both run this many times as fast as they would.
HURRY = 10
CREEPING = Link(bits_per_s=20_000 * HURRY, latency_s=3 / HURRY)


@pytest.mark.fault(46)
def test_a_report_over_a_creeping_link(crossing: Crossing, phone: ChromiumPhone, tmp_path: Path) -> None:
    """The text goes first, the photo follows byte by byte: the phone keeps patience with a link that moves.

    Some three minutes at 20 kbit/s and 3 s, with the link and the phone's clock ten times as fast.
    """
    photo = camera_photo(tmp_path, seed=46, grain=200)
    page = phone.page
    page.clock.install()
    crossing.proxy.link = CREEPING
    crossing.proxy.up.carried = 0
    code = phone.report(photo)
    began, passed = time.monotonic(), 0.0
    while not (found := crossing.has(code)) or [one.state for one in found.photos] != ["verified"]:
        assert time.monotonic() - began < 120, "it does not get on"
        page.wait_for_timeout(100)
        elapsed = (time.monotonic() - began) * (HURRY - 1)
        page.clock.run_for(round((elapsed - passed) * 1_000))
        passed = elapsed
    crossing.wait_for(code, photo)
    assert crossing.proxy.seen.index(("POST", PUSH)) < crossing.proxy.seen.index(("POST", UPLOADS))
    size = photo.stat().st_size
    assert crossing.proxy.up.carried < size * 1.25, "bytes went over the link more than once"
    assert crossing.proxy.count(*PIECE) <= size // (64 * 1024) + 1
