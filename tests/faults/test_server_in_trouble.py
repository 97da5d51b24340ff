"""The server's own bad days: a disk without room, and transactions that end in another order than they began."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import pytest

from server.intake.models import ReportStanding
from server.store.transaction import stamp_revisions, touch, transaction
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.conftest import Town
from tests.faults.counts import count_everything, wait_until_done
from tests.faults.crossing import PIECE, Crossing
from tests.faults.network_faults import watch
from tests.faults.paused import disk_to_fill

pytestmark = pytest.mark.proof


@pytest.mark.fault(43)
def test_no_room_for_photos(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """Reports go on arriving, the phone keeps the photo and says why, and with room again it follows."""
    with disk_to_fill(crossing.stack) as full:
        full.touch()
        tried = crossing.proxy.on(*PIECE, watch)
        code = phone.report(photo)
        tried.wait()
        assert [kept.state for kept in crossing.wait_for_text(code).photos] == ["expected"]
        phone.waiting(1)
        phone.says("The server has no room")
        full.unlink()
        phone.page.get_by_role("button", name="Send now").click()
        crossing.wait_for(code, photo)


@pytest.mark.fault(35)
def test_a_row_committed_late(served_town: Town) -> None:
    """A change that is committed late still comes down: no cursor is given out beyond it."""
    town = served_town
    town.stack.start()
    phone = town.signed_in_phone()
    phone.save_report()
    phone.send_all()
    wait_until_done(town.stack, town.council)
    [report_id] = phone.reports.values()
    cursor = phone.page_after(None)["cursor"]
    stamped, let_go = threading.Event(), threading.Event()

    def change() -> None:
        with town.stack.app(), transaction(town.council.id) as session:
            touch(session, session.get_one(ReportStanding, (town.council.id, uuid.UUID(report_id))))
            stamp_revisions(session)
            stamped.set()
            assert let_go.wait(60)

    late = threading.Thread(target=change)
    late.start()
    assert stamped.wait(60)
    during = phone.page_after(cursor)
    assert during["changes"] == []
    let_go.set()
    late.join()
    after = phone.page_after(during["cursor"])
    assert [one["id"] for one in after["changes"] if one["type"] == "report"] == [report_id]
    count_everything(town.stack, town.council, [phone])
