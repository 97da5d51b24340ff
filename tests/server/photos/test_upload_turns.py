"""Several requests that send one photo: the newest that goes on from where it stands has the turn."""

from __future__ import annotations

import io
import os
import threading
from typing import Any

import pytest

from server.errors import Problem
from server.photos import uploads
from server.photos.uploads import Body
from server.store.files import FileStore
from tests.server.photos.council import CONTENT, Council, promise


class Stalled:
    """A body whose first piece came and whose second comes only when the test lets it."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.waits, self.go_on = list(pieces), threading.Event(), threading.Event()

    def read(self, size: int, /) -> bytes:
        if len(self.pieces) == 1:
            self.waits.set()
            assert self.go_on.wait(60)
        return self.pieces.pop(0) if self.pieces else b""


@pytest.mark.parametrize("then", ["another sends the rest", "it is given up"])
def test_the_newest_request_takes_over_from_one_that_hangs(
    council: Council, files: FileStore, then: str
) -> None:
    """A phone that lost its connection comes back before the server has noticed."""
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    photo, body, outcome = (
        promise(council, photo_id),
        Stalled(CONTENT[:10], CONTENT[10:20]),
        list[BaseException](),
    )

    def hang() -> None:
        try:
            uploads.receive(files, photo, 0, Body(body, 20))
        except (Problem, FileNotFoundError) as error:
            outcome.append(error)

    old = threading.Thread(target=hang)
    old.start()
    assert body.waits.wait(60)
    assert phone.head(photo_id).headers["Upload-Offset"] == "10"
    if then == "it is given up":
        assert phone.delete(photo_id).status_code == 204
    else:
        assert phone.patch(photo_id, 10, CONTENT[10:100]).headers["Upload-Offset"] == "100"
    body.go_on.set()
    old.join()
    (error,) = outcome
    if then == "it is given up":
        assert isinstance(error, FileNotFoundError) and phone.head(photo_id).status_code == 404
        return
    assert isinstance(error, Problem) and error.code in ("upload_busy", "upload_offset")
    assert phone.patch(photo_id, 100, CONTENT[100:]).status_code == 204
    assert files.original(photo.authority_id, photo.sha256).read_bytes() == CONTENT


def test_an_older_request_writes_nothing_after_a_newer_one_began(council: Council, files: FileStore) -> None:
    """Not even where its next piece would fit: the newer one has not written yet."""
    photo = promise(council, council.expect(CONTENT))
    uploads.begin(files, photo)
    old, new, outcome = Stalled(CONTENT[:10], CONTENT[10:20]), Stalled(CONTENT[10:]), list[str]()

    def send(offset: int, body: Stalled) -> None:
        try:
            outcome.append(str(uploads.receive(files, photo, offset, Body(body, None))))
        except Problem as problem:
            outcome.append(problem.code)

    threads = []
    for offset, body in ((0, old), (10, new)):
        threads.append(threading.Thread(target=send, args=(offset, body)))
        threads[-1].start()
        assert body.waits.wait(60)
    old.go_on.set()
    threads[0].join()
    assert outcome == ["upload_busy"]
    new.go_on.set()
    threads[1].join()
    assert outcome[1:] == [str(len(CONTENT))]
    assert files.original(photo.authority_id, photo.sha256).read_bytes() == CONTENT


def test_a_late_request_for_an_offset_long_passed_stops_nobody(council: Council, files: FileStore) -> None:
    photo = promise(council, council.expect(CONTENT))
    uploads.begin(files, photo)
    sending, outcome = Stalled(CONTENT[:10], CONTENT[10:]), list[int]()
    thread = threading.Thread(
        target=lambda: outcome.append(uploads.receive(files, photo, 0, Body(sending, None)))
    )
    thread.start()
    assert sending.waits.wait(60)
    with pytest.raises(Problem, match="upload_offset"):
        uploads.receive(files, photo, 0, Body(io.BytesIO(CONTENT), len(CONTENT)))
    sending.go_on.set()
    thread.join()
    assert outcome == [len(CONTENT)]
    assert files.original(photo.authority_id, photo.sha256).read_bytes() == CONTENT


def test_a_file_that_became_the_original_meanwhile_is_never_written_to(
    council: Council, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = promise(council, council.expect(CONTENT))
    uploads.begin(files, photo)
    real_open = os.open

    def overtaken(path: Any, flags: int, *rest: Any) -> int:
        descriptor = real_open(path, flags, *rest)
        monkeypatch.undo()
        path.write_bytes(CONTENT)
        files.adopt(path, photo.authority_id, photo.sha256)
        return descriptor

    monkeypatch.setattr(os, "open", overtaken)
    with pytest.raises(FileNotFoundError):
        uploads.receive(files, photo, 0, Body(io.BytesIO(b"evil"), 4))
    assert files.original(photo.authority_id, photo.sha256).read_bytes() == CONTENT
