"""The crew's hotspots and their maps without signal, on a phone that was off meanwhile."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.fixtures import Town
from tests.browser.maps import FIRST_HOTSPOT, mark_on
from tests.browser.phone import NO_NETWORK
from tests.builders import HERE, position, report_op
from tests.services.processes import wait_for

METRE = 1 / 111_195


def test_hotspots_and_their_maps_open_without_signal_after_the_phone_was_off(town: Town) -> None:
    spots = (position(lat=HERE[0] + north * METRE) for north in (0, 45, 90))
    town.neighbour.push(*(report_op(seq=seq, position=spot) for seq, spot in enumerate(spots, 1)))
    wait_for("the hotspot", lambda: town.officer.get("hotspots")["items"], 60)
    phone, page = town.phone, town.phone.page
    page.reload()
    expect(page.get_by_role("link", name="Rank 1")).to_be_visible()
    _forget_what_was_only_passing(town)
    phone.forgive(NO_NETWORK)
    town.running.lose_server()
    try:
        phone.close()
        page = phone.open("/crew#/hotspots")
        expect(page.get_by_role("link", name="Rank 1")).to_contain_text("Oldbury Road")
        mark_on(page, "Map of the hotspots", FIRST_HOTSPOT).click()
        expect(page.get_by_role("heading", name="Hotspot 1")).to_be_visible()
        page.reload()
        mark_on(page, "Map of this place", FIRST_HOTSPOT)
        expect(page.get_by_text(re.compile("No signal now"))).to_be_visible()
    finally:
        town.running.find_server()


def _forget_what_was_only_passing(town: Town) -> None:
    """Leave of the app what was put by for use without signal, and nothing that the browser happens to have yet."""
    session = town.phone.context.new_cdp_session(town.phone.page)
    session.send("Network.clearBrowserCache")
    session.detach()
