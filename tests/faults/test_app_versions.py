"""New versions of the app that arrive while an old one is in use."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PUSH, Crossing
from tests.faults.network_faults import alter, drop_request
from tests.services.processes import wait_for

pytestmark = pytest.mark.proof


@pytest.mark.fault(38)
def test_a_new_version_while_a_draft_is_open(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """The draft stays under the thumb; the new version is offered once it is saved, and taken when asked for."""
    page = phone.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.shoot("Report a fly-tip", photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_label("Tyres", exact=True).click()
    page.evaluate("window.sameLife = true")
    crossing.proxy.on("GET", "/sw.js", alter(lambda worker: worker + b"\n// a newer version\n"), times=1_000)
    page.evaluate(
        "navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => true)"
    )
    waiting = "navigator.serviceWorker.getRegistration().then(({ waiting }) => waiting !== null)"
    wait_for("the new version on the phone", lambda: page.evaluate(waiting), 30)
    assert page.evaluate("window.sameLife")
    assert page.get_by_text("A newer Tipwatch is ready").count() == 0
    expect(page.get_by_label("Tyres", exact=True)).to_be_checked()
    code = phone.save_report("Item")
    page.get_by_role("button", name="Done").click()
    crossing.wait_for(code, photo)
    with page.expect_navigation():
        page.get_by_role("button", name="Use it now").click()
    expect(page.get_by_role("button", name="Report a fly-tip")).to_be_visible()
    assert not page.evaluate("window.sameLife ?? false")
    phone.wait_until_safe()


@pytest.mark.fault(39)
def test_an_old_tab_in_the_way_of_a_database_upgrade(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """The newer app says which tabs to close and then has all that was saved; an old one says that it is old."""
    crossing.proxy.on("POST", PUSH, drop_request, times=1_000)
    code = phone.report(photo)
    phone.waiting(1)
    old, stubborn = phone.page, phone.open("/privacy")
    stubborn.evaluate(HOLD_ON)
    newer = phone.context.new_page()
    newer.add_init_script(NEXT_VERSION)
    newer.goto("/crew")
    expect(
        newer.get_by_text("Another page of Tipwatch is open on this phone and holds it up")
    ).to_be_visible()
    assert newer.get_by_role("link", name="1 waiting").count() == 0
    phone.waiting(1, old)
    stubborn.close()
    phone.waiting(1, newer)
    expect(newer.get_by_text("holds it up")).to_have_count(0)
    phone.look_again(old)
    expect(old.get_by_text("A newer Tipwatch is on this phone. Close this page")).to_be_visible()
    expect(old.get_by_text("Nothing is lost")).to_be_visible()
    phone.waiting(1, old)
    old.close()
    crossing.proxy.heal()
    phone.look_again(newer)
    crossing.wait_for(code, photo)
    assert newer.evaluate("indexedDB.databases().then(([{ version }]) => version)") > 1


# A tab of long ago that never heard of stepping aside.
HOLD_ON = """() => new Promise((resolve) => {
  const opening = indexedDB.open('tipwatch');
  opening.onsuccess = () => { window.kept = opening.result; resolve(); };
})"""
# The app as it will be when its database has one more version.
NEXT_VERSION = """
const plain = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (name, version) {
  return version === undefined ? plain.call(this, name) : plain.call(this, name, version + 1);
};
"""
