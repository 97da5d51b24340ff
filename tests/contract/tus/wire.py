"""Requests written byte by byte, so that they can end where no HTTP library would end them."""

from __future__ import annotations

import socket
import struct
import uuid
from dataclasses import dataclass
from http.client import HTTPConnection

from tests.server.photos.council import OFFSET_TYPE, TUS, UPLOADS, in_base64


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]

    @property
    def offset(self) -> int:
        """The offset it told."""
        return int(self.headers["upload-offset"])


@dataclass(frozen=True, slots=True)
class Wire:
    """A tus server at an address, and the headers that let one in."""

    port: int
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {**TUS, **self.headers, **headers})
            answer = connection.getresponse()
            answer.read()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()})
        finally:
            connection.close()

    def begin(self, photo_id: uuid.UUID, length: int) -> Answer:
        """POST."""
        about = {"Upload-Length": str(length), "Upload-Metadata": f"photo_id {in_base64(photo_id)}"}
        return self.ask("POST", UPLOADS, None, **about)

    def head(self, photo_id: uuid.UUID) -> Answer:
        """HEAD."""
        return self.ask("HEAD", f"{UPLOADS}/{photo_id}")

    def patch(self, photo_id: uuid.UUID, offset: int, body: bytes) -> Answer:
        """PATCH."""
        about = {"Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
        return self.ask("PATCH", f"{UPLOADS}/{photo_id}", body, **about)

    def half_patch(self, photo_id: uuid.UUID, offset: int, declared: int, body: bytes) -> socket.socket:
        """The start of a PATCH that declares more than it brings; what happens next is the caller's doing."""
        headers = {
            **TUS, **self.headers, "Host": f"127.0.0.1:{self.port}", "Upload-Offset": str(offset),
            "Content-Type": OFFSET_TYPE, "Content-Length": str(declared),
        }  # fmt: skip
        lines = [
            f"PATCH {UPLOADS}/{photo_id} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return connection


def cut(connection: socket.socket) -> None:
    """Close as a program that ends does: with FIN."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass
    connection.close()


def reset(connection: socket.socket) -> None:
    """Close as a network that breaks does: with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
