"""The phone's storage closed, full or damaged under the app."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import camera_photo
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PIECE, PUSH, Crossing
from tests.faults.network_faults import Hold, drop_request

pytestmark = pytest.mark.proof


@pytest.mark.fault(18)
def test_the_database_closed_under_the_app(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """The app opens it again: before a save, and while the answer to a push is on its way."""
    hold = Hold()
    crossing.proxy.on("POST", PUSH, hold.reply)
    phone.shoot("Report a fly-tip", photo)
    expect(phone.page.get_by_role("img", name="Photo 1")).to_be_visible()
    close_connections(phone)
    code = phone.save_report("Tyres", "Item")
    assert hold.done.wait(60)
    close_connections(phone)
    hold.release()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()


@pytest.mark.fault(19)
def test_full_at_saving(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """What did not fit is not called saved, the form keeps it, and with room again it is saved and sent."""
    page = phone.page
    phone.shoot("Report a fly-tip", photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_label("Tyres", exact=True).click()
    phone.fill()
    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_text("this is not saved yet")).to_be_visible()
    assert phone.rows("ops") == []
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    phone.fill(False)
    code = phone.save_report("Item")
    crossing.wait_for(code, photo)


@pytest.mark.fault(19)
@pytest.mark.parametrize("moment", ["the push", "the first piece of a photo", "a photo"])
def test_full_at_noting_an_answer(
    crossing: Crossing, phone: ChromiumPhone, photo: Path, large_photo: Path, moment: str
) -> None:
    """What the phone could not note it goes on calling waiting; it asks again later, and nothing is doubled."""
    hold = Hold()
    crossing.proxy.on(*(("POST", PUSH) if moment == "the push" else PIECE), hold.reply)
    picked = large_photo if moment == "the first piece of a photo" else photo
    code = phone.report(picked)
    assert hold.done.wait(60)
    phone.fill()
    hold.release()
    phone.page.wait_for_timeout(500)
    assert [row["state"] for row in phone.rows("ops" if moment == "the push" else "photos")] in (
        ["queued"], ["waiting"],
    )  # fmt: skip
    assert moment == "the push" or [row["sent"] for row in phone.rows("photos")] == [0]
    phone.fill(False)
    phone.wait_until_safe()
    crossing.wait_for(code, picked)


@pytest.mark.fault(20)
def test_storage_wiped_by_the_system(crossing: Crossing, phone: ChromiumPhone, tmp_path: Path) -> None:
    """What had arrived stays there once, the officer sees which photo never came, and the phone begins afresh.

    A phone that has forgotten everything cannot send what only it had; that is why persistent storage is asked for.
    """
    photos = [camera_photo(tmp_path, f"{number}.jpg", seed=number) for number in (201, 202, 203)]
    safe = phone.report(photos[0])
    phone.wait_until_safe()
    phone.go()
    crossing.proxy.on(*PIECE, drop_request, times=1_000)
    half = phone.report(photos[1])
    crossing.wait_for_text(half)
    phone.wipe()
    phone.page.close()
    crossing.proxy.heal()
    phone.ready()
    phone.waiting(0)
    later = phone.report(photos[2])
    crossing.wait_for(later, photos[2])
    crossing.wait_for(safe, photos[0])
    assert [kept.state for kept in crossing.wait_for_text(half).photos] == ["expected"]
    shown = crossing.officer.wait_for_report(half)
    assert [kept["state"] for kept in shown["photos"]] == ["expected"]


@pytest.mark.fault(21)
@pytest.mark.parametrize("left", ["nothing", "no bytes"])
def test_a_photo_that_the_phone_can_no_longer_read(
    crossing: Crossing, phone: ChromiumPhone, photo: Path, left: str
) -> None:
    """The report still arrives, and the phone and the council both say which photo is missing, and why."""
    crossing.proxy.lose()
    code = phone.report(photo)
    phone.page.evaluate(LOSE_BYTES, left == "nothing")
    crossing.proxy.find()
    phone.look_again()
    arrived = crossing.wait_for_text(code)
    assert [kept.state for kept in arrived.photos] == ["expected"]
    phone.says("Needs you")
    phone.says("This phone can no longer read this photo")


@pytest.mark.fault(21)
def test_a_photo_of_no_bytes_is_not_taken(crossing: Crossing, phone: ChromiumPhone, tmp_path: Path) -> None:
    """A camera that hands over an empty file is told of at once, and the report saves without it."""
    (tmp_path / "empty.jpg").touch()
    phone.shoot("Report a fly-tip", tmp_path / "empty.jpg")
    told = phone.page.get_by_role("main").get_by_text(
        "empty.jpg could not be read from this phone. Take it again."
    )
    expect(told.first).to_be_visible()
    crossing.wait_for(phone.save_report("Tyres", "Item"))


def close_connections(phone: ChromiumPhone) -> None:
    """Close the database under the app, as iOS does to pages it has put aside."""
    phone.page.evaluate("connections.splice(0).forEach((connection) => connection.close())")


LOSE_BYTES = """(whole) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('tipwatch');
  opening.onsuccess = () => {
    const db = opening.result;
    const tx = db.transaction('photo_bytes', 'readwrite');
    const store = tx.objectStore('photo_bytes');
    store.getAllKeys().onsuccess = ({ target }) => target.result.forEach((id) =>
      whole ? store.delete(id) : store.put({ id, bytes: new ArrayBuffer(0) }));
    tx.oncomplete = () => { db.close(); resolve(); };
    tx.onabort = () => { db.close(); reject(tx.error); };
  };
})"""
