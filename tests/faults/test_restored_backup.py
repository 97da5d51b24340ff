"""The council's server was lost, and is back with what last night's backup had."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.store.database import db
from tests.browser.pictures import camera_photo
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.conftest import Town
from tests.faults.counts import count_everything, wait_until_done
from tests.faults.crossing import Crossing
from tests.faults.phone import Phone
from tests.services.stack import Stack

pytestmark = pytest.mark.proof


@pytest.mark.fault(42)
def test_restored_from_last_nights_backup(embedded_town: Town, tmp_path: Path) -> None:
    """Phones ask for what they handed over, and what came after the backup comes again: once, bit for bit.

    Also from a phone that the backup has never heard of, once its person has signed in again.
    """
    town, night = embedded_town, tmp_path / "night.zip"
    town.stack.start()
    early, half, late = town.signed_in_phone(1), town.signed_in_phone(2), town.phone(3)
    _save_and_send(early)
    half.save_report()
    half.push(half.unsent)
    wait_until_done(town.stack, town.council)
    assert _command(town.stack, "backup", night)["missing"] == []
    cursor = early.page_after(None)["cursor"]
    late.sign_in()
    _save_and_send(early, half, late)
    wait_until_done(town.stack, town.council)
    town.stack.kill()
    _command(town.stack, "restore", night, "--force")
    town.stack.start()
    assert early.page_after(cursor)["reset"], "a copy of what never was would stay on the phone"
    late.sign_in()
    # One report with its photo of each, and the photo whose report the backup has.
    assert [phone.reconcile() for phone in (early, half, late)] == [2, 3, 2]
    for phone in (early, half, late):
        phone.send_all()
        assert phone.reconcile() == 0
    wait_until_done(town.stack, town.council)
    count_everything(town.stack, town.council, [early, half, late])


@pytest.mark.fault(42)
def test_the_app_brings_back_what_the_backup_had_not_seen(
    crossing: Crossing, phone: ChromiumPhone, tmp_path: Path
) -> None:
    """What the phone called safe, and the council lost, is there again after "Check with the council"."""
    photos = [camera_photo(tmp_path, f"{number}.jpg", seed=number) for number in (421, 422)]
    before = phone.report(photos[0])
    phone.wait_until_safe()
    night = tmp_path / "night.zip"
    _command(crossing.stack, "backup", night)
    phone.go()
    after = phone.report(photos[1])
    phone.wait_until_safe(2)
    _restore(crossing, night)
    assert crossing.has_nothing_of(after)
    phone.go("waiting")
    phone.page.get_by_role("button", name="Check with the council").click()
    expect(phone.page.get_by_text("It did not have 2 things any more: sent again")).to_be_visible()
    crossing.wait_for(after, photos[1])
    crossing.wait_for(before, photos[0])
    phone.wait_until_safe(2)


def _save_and_send(*phones: Phone) -> None:
    for phone in phones:
        phone.save_report()
        phone.send_all()


def _restore(crossing: Crossing, night: Path) -> None:
    """Bring the backup back where the council runs; every process of it stands still meanwhile."""
    crossing.stack.kill()
    db.engine.dispose()  # this process looks at the same database
    try:
        _command(crossing.stack, "restore", night, "--force")
    finally:
        crossing.stack.start()


def _command(stack: Stack, name: str, file: Path, *options: str) -> dict[str, object]:
    code, said = stack.command(name, str(file), *options)
    assert code == 0, said
    return said
