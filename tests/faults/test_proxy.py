"""Our fault proxy's link carries what it says, though timers are late; and it leaves nothing open."""

from __future__ import annotations

import gc
import socket
from contextlib import ExitStack, suppress

import pytest

from tests.faults import proxy
from tests.faults.proxy import HOST, Lane, Link, Proxy
from tests.services.guarded import free_port

LINK = Link(bits_per_s=4_000_000)
PIECE_BYTES = 16_384
PIECE_S = PIECE_BYTES * 8 / 4_000_000
TIMERS_LATE_S = 0.002


class Clock:
    """Stands in for asyncio: its timers are late."""

    def __init__(self) -> None:
        self.now = 0.0

    def get_running_loop(self) -> Clock:
        """Itself."""
        return self

    def time(self) -> float:
        """Seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wake late."""
        self.now += max(0.0, seconds) + TIMERS_LATE_S


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The proxy's clock."""
    clock = Clock()
    monkeypatch.setattr(proxy, "asyncio", clock)
    return clock


def carry(lane: Lane) -> None:
    """Carry a piece. With our clock nothing in it waits, so that it needs no loop, of which another may be running."""
    with suppress(StopIteration):
        lane.carry(LINK, PIECE_BYTES).send(None)


def test_a_body_takes_as_long_as_its_bytes(clock: Clock) -> None:
    lane = Lane()
    for _ in range(200):
        carry(lane)
    assert clock.now == pytest.approx(200 * PIECE_S + TIMERS_LATE_S)


def test_what_was_not_used_is_not_made_up_for(clock: Clock) -> None:
    lane = Lane()
    carry(lane)
    clock.now = 10.0
    carry(lane)
    assert clock.now == pytest.approx(10.0 + PIECE_S + TIMERS_LATE_S)


def test_what_it_takes_in_its_last_moment_is_ended_too() -> None:
    for phones in range(1, 60):
        with ExitStack() as stack:
            with Proxy(upstream_port=free_port()) as there:
                lines = [
                    stack.enter_context(socket.create_connection((HOST, there.port))) for _ in range(phones)
                ]
            for line in lines:
                line.settimeout(5)
                with suppress(ConnectionResetError):
                    assert line.recv(1) == b""
    # What is left open is complained of as it is collected.
    gc.collect()
