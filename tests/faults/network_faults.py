"""What may happen to a request on its way: each a fault that the proxy can be told to let it meet."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable

from tests.faults.proxy import Exchange, Fault


async def watch(exchange: Exchange) -> None:
    """Nothing goes wrong: the test only wants to know when it came."""
    await exchange.answer(await exchange.ask())


async def drop_request(exchange: Exchange) -> None:
    """It never arrives."""
    exchange.hang_up()


async def drop_reply(exchange: Exchange) -> None:
    """It is applied, and nobody hears of it."""
    await exchange.ask()
    exchange.hang_up()


def cut_reply(share: float = 0.5, *, with_length: bool = False) -> Fault:
    """The answer ends in its middle; `with_length` rewrites Content-Length, so that only its content tells."""

    async def fault(exchange: Exchange) -> None:
        head, _, body = (await exchange.ask()).partition(b"\r\n\r\n")
        kept = body[: int(len(body) * share)]
        if with_length:
            head = re.sub(rb"(?i)content-length: *\d+", b"Content-Length: %d" % len(kept), head)
        await exchange.answer(head + b"\r\n\r\n" + kept)

    return fault


def cut_body(share: float = 0.5, *, by_reset: bool = False, replies: list[bytes] | None = None) -> Fault:
    """The link is lost in the middle of the body; `replies` gets what the server said to that."""

    async def fault(exchange: Exchange) -> None:
        reply = await exchange.ask_in_part(share, by_reset=by_reset)
        if replies is not None:
            replies.append(reply)
        exchange.hang_up()

    return fault


def answer(status: str, body: str = "", **headers: str) -> Fault:
    """Something on the way answers in the server's place, as `200 OK`; header names have _ for -."""

    async def fault(exchange: Exchange) -> None:
        fields = {"Content_Type": "text/html; charset=utf-8", **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        content = body.encode()
        head = "\r\n".join(
            [f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(content)}", "Connection: close"]
        )
        await exchange.answer(f"{head}\r\n\r\n".encode() + content)

    return fault


def replay(reply: bytes) -> Fault:
    """This whole answer, head and body, in place of the server's."""

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(reply)

    return fault


async def deliver_twice(exchange: Exchange) -> None:
    """It arrives twice at once; the phone hears the second answer."""
    _, second = await asyncio.gather(exchange.ask(), exchange.ask())
    await exchange.answer(second)


def spoil(at: int) -> Fault:
    """One byte of the body arrives changed."""

    async def fault(exchange: Exchange) -> None:
        body = bytearray(exchange.request.body)
        body[at] ^= 0xFF
        await exchange.answer(await exchange.ask(bytes(body)))

    return fault


def alter(change: Callable[[bytes], bytes]) -> Fault:
    """The phone gets the answer with its body changed; it is asked for whole and as it is, whatever the phone has."""

    async def fault(exchange: Exchange) -> None:
        plain = re.sub(rb"(?im)^(?:accept-encoding|if-[a-z-]+):.*\r\n", b"", exchange.request.head)
        head, _, body = (await exchange.ask(head=plain)).partition(b"\r\n\r\n")
        changed = change(body)
        head = re.sub(rb"(?i)content-length: *\d+", b"Content-Length: %d" % len(changed), head)
        await exchange.answer(head + b"\r\n\r\n" + changed)

    return fault


class Hold:
    """Keeps a request, or the answer to one, until it is released; a phone that gave up meanwhile hears nothing."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.done = threading.Event()

    def release(self) -> None:
        """Let go on what is held."""
        self._open.set()

    async def request(self, exchange: Exchange) -> None:
        """A fault: the request reaches the server late."""
        await self._opened()
        reply = await exchange.ask()
        self.done.set()
        await exchange.answer(reply)

    async def reply(self, exchange: Exchange) -> None:
        """A fault: the request reaches the server at once, its answer the phone late."""
        reply = await exchange.ask()
        self.done.set()
        await self._opened()
        await exchange.answer(reply)

    async def _opened(self) -> None:
        while not self._open.is_set():
            await asyncio.sleep(0.02)
