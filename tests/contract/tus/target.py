"""A tus server at any address, spoken to without a tus library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urljoin, urlsplit

from tests.contract.tus.wire import Answer

VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where uploads are created, the headers that let one in, and what metadata a new upload of some bytes needs."""

    url: str
    headers: dict[str, str]
    metadata_for: Callable[[bytes], str]

    def ask(self, method: str, url: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own. A header that is "" is left out."""
        parts = urlsplit(url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.netloc, timeout=60)
        named = {
            **VERSION,
            **self.headers,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        try:
            connection.request(
                method, parts.path, body, {name: value for name, value in named.items() if value}
            )
            answer = connection.getresponse()
            answer.read()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()})
        finally:
            connection.close()

    def create(
        self, content: bytes, metadata: str | None = None, body: bytes | None = None, **headers: str
    ) -> tuple[Answer, str]:
        """Create an upload, with these first bytes if any; the answer, and the upload's address in full."""
        metadata = self.metadata_for(content) if metadata is None else metadata
        about = {"Upload_Length": str(len(content)), "Upload_Metadata": metadata}
        if body is not None:
            about |= BYTES
        answer = self.ask("POST", self.url, body, **{**about, **headers})
        return answer, urljoin(self.url, answer.headers.get("location", ""))

    def patch(self, upload: str, offset: int, body: bytes, **headers: str) -> Answer:
        """PATCH."""
        return self.ask("PATCH", upload, body, **{"Upload_Offset": str(offset), **BYTES, **headers})
