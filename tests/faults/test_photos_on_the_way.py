"""Photos that are spoilt, doubled, locked out, forgotten or unheard of on their way up."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest

from server.photos.uploads import UPLOAD_LIFE, expire_uploads
from server.store.clock import now
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PIECE, UPLOAD, UPLOADS, Crossing
from tests.faults.network_faults import Hold, cut_body, deliver_twice, drop_reply, spoil

pytestmark = pytest.mark.proof


@pytest.mark.fault(22)
def test_a_photo_spoilt_on_its_way(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """A photo that does not match its hash is not kept: it is sent again from its first byte, and then matches."""
    spoilt = crossing.proxy.on(*PIECE, spoil(at=1_000))
    code = phone.report(photo)
    spoilt.wait()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()
    assert crossing.proxy.count(*PIECE) >= 2


@pytest.mark.fault(22)
def test_a_photo_spoilt_each_time(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """However often it is spoilt, the report itself is there, and the phone says that its photo is not."""
    spoilt = crossing.proxy.on(*PIECE, spoil(at=1_000), times=1_000)
    code = phone.report(photo)
    spoilt.wait(2)
    assert [kept.state for kept in crossing.wait_for_text(code).photos] == ["expected"]
    phone.says("The bytes are not those its report announced")
    phone.waiting(1)
    crossing.proxy.heal()
    phone.page.get_by_role("button", name="Send now").click()
    crossing.wait_for(code, photo)


@pytest.mark.fault(23)
def test_two_pieces_for_one_offset(crossing: Crossing, phone: ChromiumPhone, large_photo: Path) -> None:
    """Of two requests that write at one place one wins; the other is told where to go on, and no byte is doubled."""
    doubled = crossing.proxy.on(*PIECE, deliver_twice, times=3)
    code = phone.report(large_photo)
    doubled.wait(3)
    crossing.wait_for(code, large_photo)


@pytest.mark.fault(24)
def test_an_upload_that_a_dead_request_still_locks(
    crossing: Crossing, phone: ChromiumPhone, large_photo: Path
) -> None:
    """A lock left behind costs a wait: once it is gone the upload goes on where it was."""
    hold = Hold()
    held = crossing.proxy.on("PATCH", UPLOAD, hold.request)
    code = phone.report(large_photo)
    held.wait()
    [kept] = crossing.wait_for_text(code).photos
    with crossing.files.upload(crossing.council.id, kept.id).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        hold.release()
        time.sleep(3)
        assert crossing.wait_for_text(code).photos[0].state == "expected"
    phone.wait_until_safe()
    crossing.wait_for(code, large_photo)


@pytest.mark.fault(25)
def test_an_upload_that_expired_half_way(crossing: Crossing, phone: ChromiumPhone, large_photo: Path) -> None:
    """An upload nobody went on with for a week is swept; the phone begins it anew and misses nothing."""
    cut = crossing.proxy.on("PATCH", UPLOAD, cut_body(0.5))
    hold = Hold()
    held = crossing.proxy.on("PATCH", UPLOAD, hold.request)
    code = phone.report(large_photo)
    cut.wait()
    held.wait()
    [kept] = crossing.wait_for_text(code).photos
    upload = crossing.files.upload(crossing.council.id, kept.id)
    assert upload.stat().st_size > 0
    a_week_ago = time.time() - UPLOAD_LIFE.total_seconds() - 60
    os.utime(upload, (a_week_ago, a_week_ago))
    assert expire_uploads(crossing.files, now()) == 1
    hold.release()
    phone.wait_until_safe()
    crossing.wait_for(code, large_photo)
    assert crossing.proxy.count("POST", UPLOADS) >= 2


@pytest.mark.fault(26)
def test_the_answer_to_the_last_piece_lost(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """The phone asks how far the photo got, hears that it is whole, and sends no byte twice."""
    lost = crossing.proxy.on(*PIECE, drop_reply)
    code = phone.report(photo)
    lost.wait()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()
    assert crossing.proxy.count(*PIECE) == 1
