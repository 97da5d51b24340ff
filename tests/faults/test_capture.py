"""What the phone's own sensors get wrong: positions that are missing or far out, and photos of every odd kind."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import expect

from server.intake.models import Report, ReportPosition
from server.store.transaction import reading
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import Crossing
from tests.workers.imaging.photos import corners, encoded

pytestmark = pytest.mark.proof

HERE = {"latitude": 52.5755, "longitude": -1.5445}


@pytest.mark.fault(44)
@pytest.mark.parametrize("gps", ["denied", "stale", "0, 0"])
def test_a_position_that_is_no_position(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path, gps: str
) -> None:
    """Without a fix worth the name a report is saved without one: no place is better than a wrong one."""
    if gps == "denied":
        phone = new_phone(permissions=[], geolocation=None)
        phone.position, words = None, "Location is switched off for Tipwatch: place a pin"
    elif gps == "stale":
        # The fixes that come are of now, and so five minutes older than the form.
        phone = new_phone(clock=datetime.now(UTC) + timedelta(minutes=5))
        words = "Looking for GPS"
    else:
        nowhere = {"latitude": 0.0, "longitude": 0.0, "accuracy": 5.0}
        # From the first moment on: a fix of before would be taken.
        phone = new_phone(geolocation=nowhere)
        phone.position, words = nowhere, "Looking for GPS"
    phone.shoot("Report a fly-tip", photo)
    expect(phone.page.get_by_text(words)).to_be_visible()
    code = phone.save_report("Tyres", "Item")
    expect(phone.page.get_by_text("It has no place yet")).to_be_visible()
    report = crossing.wait_for(code, photo).report
    with reading(crossing.council.id) as session:
        assert list(session.scalars(sa.select(ReportPosition).where(_of(report)))) == []


@pytest.mark.fault(44)
def test_a_position_five_kilometres_out(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path
) -> None:
    """The phone asks for a pin; saved without, the report carries its accuracy and joins no case by itself."""
    somewhere = {**HERE, "accuracy": 5_000.0}
    phone = new_phone(geolocation=somewhere)
    phone.position = somewhere
    phone.shoot("Report a fly-tip", photo)
    expect(phone.page.get_by_text("GPS is 5000 m out: move the pin?")).to_be_visible()
    code = phone.save_report("Tyres", "Item")
    report = crossing.wait_for(code, photo).report
    with reading(crossing.council.id) as session:
        [kept] = session.scalars(sa.select(ReportPosition).where(_of(report)))
        assert (kept.accuracy_m, kept.source) == (5_000, "gps")
    assert crossing.officer.wait_for_report(code, photos=1)["case"]["reports_detail"][1:] == []


@pytest.mark.fault(45)
def test_photos_of_every_odd_kind(crossing: Crossing, phone: ChromiumPhone, tmp_path: Path) -> None:
    """Each is taken, sent and kept bit for bit; which of them cannot be shown is said, and why."""
    photos = {
        "phone.heic": encoded(corners(), "HEIF"),
        "48-megapixels.jpg": _huge(),
        "print.jpg": _jpeg(Image.new("CMYK", (320, 240), (0, 200, 200, 20))),
        "cut.jpg": _jpeg(_noise())[:9_000],
        "really-a-png.jpg": encoded(corners(), "PNG"),
    }
    for name, content in photos.items():
        (tmp_path / name).write_bytes(content)
    phone.fix()
    page = phone.page
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Report a fly-tip", exact=True).click()
    chooser.value.set_files(tmp_path / "phone.heic")
    phone.from_album(*(tmp_path / name for name in list(photos)[1:]))
    expect(page.get_by_text("5 photos so far")).to_be_attached()
    code = phone.save_report("Tyres", "Item")
    arrived = crossing.wait_for(code, *photos.values())
    said = {len(content): name for name, content in photos.items()}
    shown = {said[kept.bytes]: kept.showable for kept in arrived.photos}
    assert shown == dict.fromkeys(photos, True) | {"cut.jpg": False}
    [cut] = [kept for kept in arrived.photos if not kept.showable]
    assert cut.problem
    types = {said[kept.bytes]: kept.sniffed_mime for kept in arrived.photos}
    assert (types["phone.heic"], types["really-a-png.jpg"]) == ("image/heic", "image/png")


def _of(report: Report) -> sa.ColumnElement[bool]:
    return ReportPosition.report_id == report.id


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def _huge() -> bytes:
    """48 megapixels of hardly anything, as JPEG packs them in a third of a megabyte."""
    return _jpeg(Image.new("RGB", (8_000, 6_000), (90, 120, 60)))


def _noise() -> Image.Image:
    return Image.frombytes("RGB", (160, 120), Random(45).randbytes(160 * 120 * 3))
