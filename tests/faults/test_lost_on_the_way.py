"""Requests and answers that get lost, cut, late or doubled between the phone and the council."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PIECE, PUSH, UPLOAD, UPLOADS, Crossing
from tests.faults.network_faults import Hold, cut_body, cut_reply, deliver_twice, drop_reply, drop_request
from tests.faults.proxy import Fault

pytestmark = pytest.mark.proof


@pytest.mark.fault(1)
def test_a_push_that_never_arrives(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """What was saved stays on the phone and goes with the next try."""
    lost = crossing.proxy.on("POST", PUSH, drop_request)
    code = phone.report(photo)
    lost.wait()
    phone.waiting(1)
    assert crossing.has_nothing_of(code)
    phone.look_again()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()


@pytest.mark.fault(2)
def test_an_answer_lost_after_the_push_was_applied(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """The phone sends again what the council has already, and the council counts it once."""
    lost = crossing.proxy.on("POST", PUSH, drop_reply)
    code = phone.report(photo)
    lost.wait()
    crossing.wait_for_text(code)
    phone.waiting(1)
    phone.look_again()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()
    assert phone.rows("ops")[0]["verdict"] == "duplicate"


@pytest.mark.fault(3)
@pytest.mark.parametrize("fault", [cut_reply(), cut_reply(with_length=True)], ids=["early end", "half JSON"])
def test_an_answer_cut_in_the_middle(
    crossing: Crossing, phone: ChromiumPhone, photo: Path, fault: Fault
) -> None:
    """Half an answer is no answer: the phone goes on calling the report waiting until a whole one came."""
    cut = crossing.proxy.on("POST", PUSH, fault)
    code = phone.report(photo)
    cut.wait()
    phone.waiting(1)
    phone.says("Saved on this phone", 1)
    phone.look_again()
    crossing.wait_for(code, photo)


@pytest.mark.fault(4)
def test_bodies_cut_short_by_a_closed_connection(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """A body shorter than it said is refused whole and sent again; gunicorn alone would have taken it."""
    replies: list[bytes] = []
    push = crossing.proxy.on("POST", PUSH, cut_body(replies=replies))
    piece = crossing.proxy.on(*PIECE, cut_body(replies=replies))
    code = phone.report(photo)
    push.wait()
    assert crossing.has_nothing_of(code)
    phone.waiting(1)
    phone.look_again()
    piece.wait()
    crossing.wait_for(code, photo)
    assert [reply.split(b"\r\n")[0] for reply in replies] == [b"HTTP/1.1 400 BAD REQUEST"] * 2


@pytest.mark.fault(5)
def test_bodies_cut_short_by_a_reset(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """Nothing of half a push is applied, and a photo goes on from the byte that arrived."""
    push = crossing.proxy.on("POST", PUSH, cut_body(by_reset=True))
    piece = crossing.proxy.on(*PIECE, cut_body(by_reset=True))
    code = phone.report(photo)
    push.wait()
    assert crossing.has_nothing_of(code)
    phone.look_again()
    piece.wait()
    crossing.wait_for(code, photo)
    assert crossing.stack.answers()


@pytest.mark.fault(10)
@pytest.mark.parametrize("late", ["the request", "the answer"])
def test_an_exchange_that_outlasts_the_phones_patience(
    crossing: Crossing, phone: ChromiumPhone, photo: Path, late: str
) -> None:
    """The phone gives up and sends again; what is delivered late after all changes nothing.

    The phone's half a minute of patience is passed with its clock.
    """
    hold = Hold()
    held = crossing.proxy.on("POST", PUSH, hold.request if late == "the request" else hold.reply)
    phone.page.clock.install()
    code = phone.report(photo)
    held.wait()
    phone.page.clock.fast_forward(40_000)
    phone.waiting(1)
    phone.look_again()
    phone.page.clock.fast_forward(1_000)
    crossing.wait_for(code, photo)
    hold.release()
    assert hold.done.wait(30)
    crossing.wait_for(code, photo)


@pytest.mark.fault(11)
def test_everything_delivered_twice(crossing: Crossing, phone: ChromiumPhone, large_photo: Path) -> None:
    """A push, the start of an upload and a piece of it each arrive twice at once, and count once."""
    doubled = [
        crossing.proxy.on(method, path, deliver_twice)
        for method, path in (("POST", PUSH), ("POST", UPLOADS), ("PATCH", UPLOAD))
    ]
    code = phone.report(large_photo)
    for one in doubled:
        one.wait()
    crossing.wait_for(code, large_photo)
    phone.wait_until_safe()
