"""Uploads over real sockets to a real gunicorn, which hides cut bodies and never times out by itself."""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.photos.schemas import PHOTO_LIMIT_BYTES
from tests.contract.tus.conftest import Served
from tests.contract.tus.wire import Wire, cut, reset
from tests.server.photos.council import UPLOADS
from tests.services.processes import wait_for

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def wire(served: Served) -> Wire:
    """The way to the server."""
    return served.wire


@pytest.fixture
def photo_id(served: Served) -> uuid.UUID:
    """A photo whose upload was begun."""
    photo_id = served.council.expect(CONTENT + uuid.uuid4().bytes)
    assert served.wire.begin(photo_id, len(CONTENT) + 16).status == 201
    return photo_id


def fresh(served: Served, content: bytes) -> uuid.UUID:
    """A photo with these bytes whose upload was begun."""
    photo_id = served.council.expect(content)
    assert served.wire.begin(photo_id, len(content)).status == 201
    return photo_id


def test_the_largest_photo_goes_in_one_request(served: Served, wire: Wire) -> None:
    content = os.urandom(PHOTO_LIMIT_BYTES)
    photo_id = fresh(served, content)
    assert wire.patch(photo_id, 0, content).offset == PHOTO_LIMIT_BYTES
    assert served.original(photo_id) == content
    assert served.council.photo(photo_id)["state"] == "received"


def test_a_body_cut_short_is_kept_and_goes_on(served: Served, wire: Wire) -> None:
    content = CONTENT + b"cut short"
    photo_id = fresh(served, content)
    cut(wire.half_patch(photo_id, 0, len(content), content[:123_456]))
    assert wire.head(photo_id).offset == 123_456
    assert wire.patch(photo_id, 123_456, content[123_456:]).status == 204
    assert served.original(photo_id) == content


def test_a_cut_body_is_not_taken_for_an_answerable_one(wire: Wire, photo_id: uuid.UUID) -> None:
    connection = wire.half_patch(photo_id, 0, 1000, CONTENT[:10])
    connection.shutdown(1)
    answer = b""
    while piece := connection.recv(4096):
        answer += piece
    connection.close()
    assert answer.startswith(b"HTTP/1.1 400") and b"body_cut_off" in answer


def test_a_broken_connection_loses_no_more_than_its_last_piece(served: Served, wire: Wire) -> None:
    content = CONTENT + b"broken"
    photo_id = fresh(served, content)
    connection = wire.half_patch(photo_id, 0, len(content), content[:100_000])
    wait_for("the first bytes", lambda: wire.head(photo_id).offset > 60_000)
    reset(connection)
    wait_for(
        "the lock to be free", lambda: wire.patch(photo_id, wire.head(photo_id).offset, b"").status == 204
    )
    offset = wire.head(photo_id).offset
    assert 60_000 < offset <= 100_000
    assert wire.patch(photo_id, offset, content[offset:]).status == 204
    assert served.original(photo_id) == content


def test_a_connection_gone_silent_holds_nobody_up(served: Served, wire: Wire) -> None:
    """Nothing is waited for: the phone's next request goes on at once, while the dead one still hangs."""
    content = CONTENT + b"silent"
    photo_id = fresh(served, content)
    silent = wire.half_patch(photo_id, 0, len(content), content[:70_000])
    wait_for("the first bytes", lambda: wire.head(photo_id).offset > 0)
    offset = wire.head(photo_id).offset
    answer = wire.patch(photo_id, offset, content[offset:])
    while answer.status == 409:  # what was still on its way came in between
        offset = wire.head(photo_id).offset
        answer = wire.patch(photo_id, offset, content[offset:])
    assert answer.status == 204
    silent.close()
    assert served.original(photo_id) == content


def test_a_body_in_chunks_without_a_length_is_taken(served: Served, wire: Wire) -> None:
    content = CONTENT + b"in chunks"
    photo_id = fresh(served, content)
    about = {
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Transfer-Encoding": "chunked",
    }
    pieces = [content[start : start + 9_999] for start in range(0, len(content), 9_999)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    assert wire.ask("PATCH", f"{UPLOADS}/{photo_id}", body, **about).status == 204
    assert served.original(photo_id) == content


def test_bytes_beyond_the_end_are_refused(wire: Wire, photo_id: uuid.UUID) -> None:
    assert wire.patch(photo_id, 0, CONTENT + b"x" * 17).status == 413
    assert wire.head(photo_id).offset == 0


def test_many_at_one_offset_write_once(served: Served, wire: Wire) -> None:
    content = CONTENT + b"many at once"
    photo_id = fresh(served, content)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: wire.patch(photo_id, 0, content).status, range(6)))
    assert answers.count(204) == 1 and set(answers) <= {204, 409, 423}
    assert served.original(photo_id) == content


def test_a_killed_server_goes_on_where_it_was(served: Served, wire: Wire) -> None:
    content = CONTENT + b"killed"
    photo_id = fresh(served, content)
    connection = wire.half_patch(photo_id, 0, len(content), content[:90_000])
    wait_for("the first bytes", lambda: wire.head(photo_id).offset > 50_000)
    served.server.kill()
    connection.close()
    served.start()
    offset = wire.head(photo_id).offset
    assert 50_000 < offset <= 90_000
    assert wire.patch(photo_id, offset, content[offset:]).status == 204
    assert served.original(photo_id) == content
