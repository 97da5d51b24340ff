"""A bad network on demand: a small HTTP proxy between phones and the server, told by the test which request fails how.

    with Proxy(upstream_port=8000) as proxy:
        lost = proxy.on("POST", "/api/v1/sync/push", drop_reply)
        ...                # the next push is applied, and its answer lost
        lost.wait()

Every request has a connection of its own on both sides, so that one can be cut without touching the others.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from tests.services.guarded import free_port
from tests.services.processes import wait_for

HOST = "127.0.0.1"
ANY = ".*"
PIECE_BYTES = 16 * 1024
# A piece of a throttled body takes about this long, so that a slow link trickles instead of jerking.
PIECE_S = 0.05
LONGEST_HEAD = 64 * 1024
LATE_S = 0.01


@dataclass(frozen=True, slots=True)
class Link:
    """What the link can carry each way: bits a second (None: as much as the machine can), and seconds of latency."""

    bits_per_s: float | None = None
    latency_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head, and its body as far as it was read when a fault was to act on it."""

    method: str
    path: str
    head: bytes
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header, or None."""
        found = re.search(rf"(?im)^{re.escape(name)}:[ \t]*(.*?)\r?$", self.head.decode("latin-1"))
        return found.group(1) if found else None

    @property
    def length(self) -> int:
        """The length of the body, in bytes."""
        return int(self.header("Content-Length") or 0)


class Lane:
    """One direction of the link: bytes go one after the other, at its rate."""

    def __init__(self) -> None:
        self._free_at = 0.0
        self.carried = 0

    async def carry(self, link: Link, size: int) -> None:
        """Wait until `size` more bytes have gone through."""
        self.carried += size
        if link.bits_per_s is None:
            return
        now = asyncio.get_running_loop().time()
        # A timer wakes a little late. A link does not rest meanwhile: what follows at once goes on where it was.
        begins = self._free_at if now - self._free_at < LATE_S else now
        self._free_at = begins + size * 8 / link.bits_per_s
        await asyncio.sleep(self._free_at - now)


class Exchange:
    """One request on its way, in the hands of a fault."""

    def __init__(
        self, proxy: Proxy, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self.request = request

    async def ask(self, body: bytes | None = None, head: bytes | None = None) -> bytes:
        """Hand the request to the server, with this head or this body of the same length; the whole answer."""
        reader, writer = await self._proxy.connect()
        try:
            writer.write((head or self.request.head) + (self.request.body if body is None else body))
            return await reader.read(-1)
        finally:
            await close(writer)

    async def ask_in_part(self, share: float, *, by_reset: bool) -> bytes:
        """Hand over this share of the body and cut the connection there; what the server answered to a closed one."""
        reader, writer = await self._proxy.connect()
        writer.write(self.request.head + self.request.body[: int(len(self.request.body) * share)])
        await writer.drain()
        if by_reset:
            # The server has to have begun to read, or the reset would take the whole request with it.
            await asyncio.sleep(0.2)
            reset(writer)
            return b""
        try:
            writer.write_eof()
            return await reader.read(-1)
        finally:
            await close(writer)

    async def answer(self, reply: bytes) -> None:
        """Give the phone this answer."""
        await self._proxy.send_down(self._writer, reply)

    def hang_up(self) -> None:
        """Cut the phone's connection."""
        reset(self._writer)

    async def gave_up(self) -> None:
        """Wait until the phone has closed its side of the connection."""
        with suppress(ConnectionError):
            await self._reader.read(1)


Fault = Callable[[Exchange], Awaitable[None]]


@dataclass(slots=True)
class Rule:
    """Which requests a fault meets, how many more, and which it has met."""

    method: re.Pattern[str]
    path: re.Pattern[str]
    fault: Fault
    times: int
    met: list[Request] = field(default_factory=list)

    def fits(self, request: Request) -> bool:
        """Whether this request is one for the fault."""
        return (
            self.times > 0
            and bool(self.method.fullmatch(request.method))
            and bool(self.path.fullmatch(request.path))
        )

    def wait(self, times: int = 1, within_s: float = 60.0) -> None:
        """Wait until the fault met so many requests. Raises TimeoutError."""
        wait_for(f"{self.method.pattern} {self.path.pattern}", lambda: len(self.met) >= times, within_s)


class Proxy:
    """The proxy, running between `with` and its end. `seen` is every request's method and path, in order of arrival."""

    def __init__(self, upstream_port: int, port: int = 0, link: Link | None = None) -> None:
        self._upstream_port = upstream_port
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.link = link or Link()
        self.up, self.down = Lane(), Lane()
        self.seen: list[tuple[str, str]] = []
        self._rules: list[Rule] = []
        self._tasks: set[asyncio.Task[None]] = set()
        # Those that end their connection already: cut off in that, they would leave it open.
        self._leaving: set[asyncio.Task[None]] = set()
        # Of every connection that is not over: a task that is cut off before it begins ends nothing.
        self._connected: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._door: asyncio.Server | None = None
        self._failure: BaseException | None = None

    def __enter__(self) -> Proxy:
        self._thread.start()
        self.find()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lose()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._failure is not None:
            raise self._failure

    # ---- what a test says -------------------------------------------------------------------------------------------

    def on(self, method: str, path: str, fault: Fault, times: int = 1) -> Rule:
        """Have the next `times` requests whose method and path match these expressions meet `fault`."""
        rule = Rule(re.compile(method), re.compile(path), fault, times)
        self._rules.append(rule)
        return rule

    def lose(self) -> None:
        """Cut every connection and refuse new ones, as when the server is not running."""
        self._do(self._shut())

    def find(self) -> None:
        """Take connections again."""
        self._do(self._open())

    def heal(self) -> None:
        """Forget every rule and what was seen, take connections, and carry everything at once."""
        self._rules.clear()
        self.seen.clear()
        self.link = Link()
        self.find()

    def count(self, method: str, path: str) -> int:
        """How many requests came whose method and path match these expressions."""
        how, to = re.compile(method), re.compile(path)
        return sum(bool(how.fullmatch(one) and to.fullmatch(where)) for one, where in list(self.seen))

    # ---- what happens then ------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _open(self) -> None:
        if self._door is None:
            self._door = await asyncio.start_server(self._accept, HOST, self.port, limit=LONGEST_HEAD)

    async def _shut(self) -> None:
        if self._door is not None:
            # What is being taken when its door shuts asyncio forgets, open as it is: first no more is taken.
            for listening in self._door.sockets:
                self._loop.remove_reader(listening.fileno())
            await _turns()
            self._door.close()
            self._door = None
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, *self._leaving, return_exceptions=True)
        for writer in self._connected:
            writer.transport.abort()
        self._connected.clear()
        await _turns()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connected.add(writer)
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        try:
            await self._carry(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the phone or the server went away, or the test is over
        except BaseException as error:
            self._failure = error
        finally:
            self._tasks.discard(task)
            self._leaving.add(task)
            await close(writer)
            self._leaving.discard(task)
            self._connected.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = _parse(await reader.readuntil(b"\r\n\r\n"))
        self.seen.append((request.method, request.path))
        await asyncio.sleep(self.link.latency_s)
        await self.up.carry(self.link, len(request.head))
        rule = next((rule for rule in self._rules if rule.fits(request)), None)
        if rule is None:
            await self._pass_on(request, reader, writer)
            return
        rule.times -= 1
        body = b"".join([piece async for piece in self._body(reader, request.length)])
        request = Request(request.method, request.path, request.head, body)
        rule.met.append(request)
        await rule.fault(Exchange(self, request, reader, writer))

    async def _pass_on(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        server_reader, server_writer = await self.connect()
        try:
            server_writer.write(request.head)
            async for piece in self._body(reader, request.length):
                server_writer.write(piece)
                await server_writer.drain()
            await asyncio.sleep(self.link.latency_s)
            while piece := await server_reader.read(self._piece_bytes()):
                await self._write_down(writer, piece)
        finally:
            await close(server_writer)

    async def _body(self, reader: asyncio.StreamReader, left: int) -> AsyncIterator[bytes]:
        """A body of so many bytes, piece by piece, as fast as the link lets it through."""
        while left:
            piece = await reader.read(min(left, self._piece_bytes()))
            if not piece:
                raise ConnectionResetError("the phone went away in the middle of a body")
            await self.up.carry(self.link, len(piece))
            left -= len(piece)
            yield piece

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the server. Raises ConnectionError when it is not running."""
        return await asyncio.open_connection(HOST, self._upstream_port)

    async def send_down(self, writer: asyncio.StreamWriter, reply: bytes) -> None:
        """Send an answer at the pace of the link."""
        await asyncio.sleep(self.link.latency_s)
        size = self._piece_bytes()
        for start in range(0, len(reply), size):
            await self._write_down(writer, reply[start : start + size])

    async def _write_down(self, writer: asyncio.StreamWriter, piece: bytes) -> None:
        await self.down.carry(self.link, len(piece))
        writer.write(piece)
        await writer.drain()

    def _piece_bytes(self) -> int:
        if self.link.bits_per_s is None:
            return PIECE_BYTES
        return max(256, min(PIECE_BYTES, int(self.link.bits_per_s / 8 * PIECE_S)))


async def _turns() -> None:
    """Let what the loop has begun come to its end: it takes a connection, or leaves one, in a few turns."""
    for _ in range(10):
        await asyncio.sleep(0)


def _parse(head: bytes) -> Request:
    """The head of a request, which will ask for a connection of its own."""
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    kept = re.sub(rb"(?im)^(?:connection|keep-alive|proxy-connection):.*\r\n", b"", head)
    return Request(method, path, kept[:-2] + b"Connection: close\r\n\r\n")


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a lost link does: with RST, not FIN."""
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def close(writer: asyncio.StreamWriter) -> None:
    """End a connection in its own way, if it is not over yet."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
