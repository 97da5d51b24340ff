"""From a phone with no signal to a named hotspot: the road every report travels, on both shapes of Tipwatch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Town
from tests.browser.phone import NO_NETWORK
from tests.browser.pictures import camera_photo
from tests.browser.stacks import Running
from tests.builders import HERE, position, report_op
from tests.services.processes import wait_for

# Metres to the north, in degrees of latitude.
METRE = 1 / 111_195
# The camera is the phone's own: the shutter, and "use photo".
TAPS_OF_THE_CAMERA = 2


@pytest.mark.parametrize("shape", ["separate_processes", "embedded_default"])
def test_from_a_phone_without_signal_to_a_named_hotspot(
    shape: str, request: pytest.FixtureRequest, new_town: Callable[[Running], Town], tmp_path: Path
) -> None:
    town = new_town(request.getfixturevalue(shape))
    phone, running = town.phone, town.running
    photo = camera_photo(tmp_path)

    _lose_signal_and_restart_phone(town)
    code = _report_in_six_taps(town, photo)
    phone.close()

    running.find_server()
    _report_beside(town, 45)
    _report_beside(town, -45)
    phone.open("/crew#/waiting")
    report = town.officer.wait_for_report(code, photos=1)
    _is_the_photo(town, report["photos"], photo)
    _is_placed(report)
    _has_a_rank(town, report["case"]["id"])
    _phone_says_so(town, code, report["case"]["reference"])
    town.nothing_saved_is_missing()
    assert len(town.officer.reports()) == 3


def _lose_signal_and_restart_phone(town: Town) -> None:
    """The server is killed, the browser closed, and opened again with nothing to talk to."""
    town.phone.forgive(NO_NETWORK)
    town.running.lose_server()
    town.phone.close()
    page = town.phone.open()
    expect(page.get_by_role("button", name="Report a fly-tip")).to_be_visible()


def _report_in_six_taps(town: Town, photo: Path) -> str:
    """Report, shutter, use photo, kind, size, save; returns the receipt code."""
    phone, page = town.phone, town.phone.page
    phone.shoot("Report a fly-tip", photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    expect(page.get_by_text("GPS, 8 m")).to_be_visible()
    code = phone.save_report("Tyres", "Item")
    assert page.evaluate("window.taps") + TAPS_OF_THE_CAMERA == 6
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("link", name="1 waiting")).to_be_visible()
    return code


def _report_beside(town: Town, metres: float) -> None:
    """Another crew reports another thing so far to the north."""
    seen_at = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    spot = position(lat=HERE[0] + metres * METRE)
    town.neighbour.push(report_op(position=spot, seen_at=seen_at))


def _is_the_photo(town: Town, photos: list[dict[str, Any]], picked: Path) -> None:
    """One photo, whose original the council holds byte for byte."""
    [kept] = photos
    original = town.officer.bytes_of(f"photos/{kept['id']}/original")
    assert hashlib.sha256(original).digest() == hashlib.sha256(picked.read_bytes()).digest()
    assert kept["sha256"] == hashlib.sha256(original).hexdigest()
    assert kept["showable"]


def _is_placed(report: dict[str, Any]) -> None:
    case = report["case"]
    assert case["place"]["road"]["name"] == "Oldbury Road"
    assert "Oldbury Road" in case["label"]
    assert case["reference"].startswith("NW-")
    assert report["position"]["accuracy_m"] == 8
    assert report["position"]["source"] == "gps"


def _has_a_rank(town: Town, case_id: str) -> None:
    """The case is one of the three of the place that leads the list."""

    def look() -> dict[str, Any] | None:
        places = town.officer.get("hotspots")["items"]
        return places[0] if places and places[0]["count"] == 3 else None

    place = wait_for("the hotspot of the three cases", look, 60)
    assert place["rank"] == 1
    assert "Oldbury Road" in place["label"]
    assert town.officer.get(f"cases/{case_id}")["hotspot_id"] == place["id"]


def _phone_says_so(town: Town, code: str, reference: str) -> None:
    phone = town.phone
    seen = phone.page.evaluate("window.statesSeen")
    assert seen[0] == "Saved on this phone"
    assert "Received by the council" in seen
    phone.wait_until_safe()
    page = phone.page
    page.get_by_text("Safe, phone copy can go").click()
    expect(page.get_by_text(code).first).to_be_visible()
    council = page.get_by_role("region", name="At the council")
    expect(council.get_by_text(reference)).to_be_visible()
    expect(council.get_by_text("1 of 1 checked")).to_be_visible()
    expect(council.get_by_text(code)).to_be_visible()
    expect(council.get_by_text("Oldbury Road")).to_be_visible()
    phone.go("hotspots")
    expect(page.get_by_role("link", name="Rank 1")).to_contain_text("Oldbury Road")
