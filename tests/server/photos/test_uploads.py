"""Photos arrive whole, once and unchanged, whatever happens on the way."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.errors import Problem
from server.photos import service, uploads
from server.photos.schemas import PHOTO_LIMIT_BYTES
from server.photos.uploads import Body, Promise
from server.store.clock import now
from server.store.deferred import VERIFY_PHOTO, DeferredTask
from server.store.events import SYSTEM
from server.store.files import FileStore
from server.store.transaction import reading, transaction
from tests.server.photos.council import CONTENT, Council, code_of, promise


def tasks(council: Council, photo_id: uuid.UUID) -> int:
    """How many tasks there are to verify a photo."""
    wanted = sa.select(sa.func.count()).where(
        DeferredTask.subject_id == photo_id, DeferredTask.name == VERIFY_PHOTO
    )
    with council.app.app_context(), reading(council.authority_id) as session:
        return session.scalar(wanted.select_from(DeferredTask)) or 0


def test_a_photo_is_received_once_and_kept_bit_for_bit(council: Council, files: FileStore) -> None:
    report_id, (photo_id,) = council.report(CONTENT)
    assert council.sender().send(photo_id, CONTENT).headers["Upload-Offset"] == str(len(CONTENT))
    photo = council.photo(photo_id)
    assert photo["state"] == "received" and photo["received_at"] is not None
    original = files.original(council.authority_id, photo["sha256"])
    assert original.read_bytes() == CONTENT
    assert original.stat().st_mode & 0o222 == 0
    received = council.events(report_id)[-1]
    assert received.kind == "photo.received" and received.by.startswith("user:")
    assert received.facts == {"photo_id": str(photo_id), "sha256": photo["sha256"], "bytes": len(CONTENT)}
    assert tasks(council, photo_id) == 1


def test_one_request_begins_and_brings_the_photo(council: Council, files: FileStore) -> None:
    report_id, (photo_id,) = council.report(CONTENT)
    answer = council.sender().begin_with(photo_id, len(CONTENT), CONTENT)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    photo = council.photo(photo_id)
    assert photo["state"] == "received" and council.events(report_id)[-1].kind == "photo.received"
    assert files.original(council.authority_id, photo["sha256"]).read_bytes() == CONTENT
    assert tasks(council, photo_id) == 1


def test_first_bytes_that_come_with_the_beginning_are_gone_on_from(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    begun = phone.begin_with(photo_id, len(CONTENT), CONTENT[:3000])
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "3000")
    assert "Upload-Expires" in begun.headers
    again = phone.begin_with(photo_id, len(CONTENT), CONTENT[:3000])
    assert (again.status_code, again.headers["Upload-Offset"]) == (200, "3000")
    assert phone.patch(photo_id, 3000, CONTENT[3000:]).status_code == 204
    assert council.photo(photo_id)["state"] == "received"
    late = phone.begin_with(photo_id, len(CONTENT), CONTENT)
    assert (late.status_code, late.headers["Upload-Offset"]) == (200, str(len(CONTENT)))
    assert tasks(council, photo_id) == 1


def test_of_first_bytes_that_were_cut_off_is_kept_what_came(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    cut = phone.begin_with(photo_id, len(CONTENT), CONTENT[:100], declared=5000)
    assert (cut.status_code, code_of(cut)) == (400, "body_cut_off")
    assert phone.head(photo_id).headers["Upload-Offset"] == "100"


def test_first_bytes_that_are_not_the_photo_or_beyond_it_leave_nothing(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    beyond = phone.begin_with(photo_id, len(CONTENT), CONTENT + b"x")
    assert (beyond.status_code, code_of(beyond)) == (413, "too_large")
    other = phone.begin_with(photo_id, len(CONTENT), CONTENT[:-1] + b"\x00")
    assert (other.status_code, code_of(other)) == (422, "photo_hash_mismatch")
    assert phone.head(photo_id).headers["Upload-Offset"] == "0"
    assert phone.begin_with(photo_id, len(CONTENT), CONTENT).headers["Upload-Offset"] == str(len(CONTENT))


def test_it_goes_on_where_it_was_cut(council: Council, files: FileStore) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    assert phone.patch(photo_id, 0, CONTENT[:3000]).headers["Upload-Offset"] == "3000"
    assert phone.begin(photo_id, len(CONTENT)).headers["Upload-Offset"] == "3000"
    assert phone.head(photo_id).headers["Upload-Offset"] == "3000"
    assert phone.patch(photo_id, 3000, CONTENT[3000:]).status_code == 204
    assert files.original(council.authority_id, council.photo(photo_id)["sha256"]).read_bytes() == CONTENT


def test_what_came_of_a_cut_off_body_is_kept_and_counted(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    answer = phone.patch(photo_id, 0, CONTENT[:100], declared=5000)
    assert (answer.status_code, code_of(answer)) == (400, "body_cut_off")
    assert phone.head(photo_id).headers["Upload-Offset"] == "100"


def test_a_lost_answer_costs_one_head(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.send(photo_id, CONTENT)
    head = phone.head(photo_id)
    assert (head.status_code, head.headers["Upload-Offset"]) == (200, str(len(CONTENT)))
    assert "Upload-Expires" not in head.headers
    again = phone.begin(photo_id, len(CONTENT))
    assert (again.status_code, again.headers["Upload-Offset"]) == (200, str(len(CONTENT)))
    assert phone.patch(photo_id, len(CONTENT), b"").status_code == 204
    late = phone.patch(photo_id, 0, CONTENT)
    assert (late.status_code, code_of(late)) == (409, "upload_offset")
    assert tasks(council, photo_id) == 1


def test_a_wrong_offset_changes_nothing(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    phone.patch(photo_id, 0, CONTENT[:500])
    for offset in (0, 499, 501, len(CONTENT)):
        answer = phone.patch(photo_id, offset, CONTENT[offset : offset + 10])
        assert (answer.status_code, code_of(answer)) == (409, "upload_offset")
    assert phone.head(photo_id).headers["Upload-Offset"] == "500"


def test_bytes_that_are_not_the_photo_start_again_from_zero(council: Council, files: FileStore) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    answer = phone.send(photo_id, CONTENT[:-1] + b"\x00")
    assert (answer.status_code, code_of(answer)) == (422, "photo_hash_mismatch")
    assert council.photo(photo_id)["state"] == "expected"
    assert not files.original(council.authority_id, council.photo(photo_id)["sha256"]).exists()
    assert phone.head(photo_id).headers["Upload-Offset"] == "0"
    assert phone.patch(photo_id, 0, CONTENT).status_code == 204


def test_an_empty_photo_is_refused(council: Council) -> None:
    answer = council.sender().begin(council.expect(CONTENT), 0)
    assert (answer.status_code, code_of(answer)) == (422, "photo_empty")


def test_a_photo_above_the_limit_is_refused_before_any_byte(council: Council) -> None:
    answer = council.sender().begin(council.expect(CONTENT), PHOTO_LIMIT_BYTES + 1)
    assert (answer.status_code, code_of(answer)) == (413, "too_large")


def test_a_photo_of_another_size_than_announced_is_refused(council: Council) -> None:
    answer = council.sender().begin(council.expect(CONTENT), len(CONTENT) - 1)
    assert (answer.status_code, code_of(answer)) == (422, "photo_size_mismatch")


def test_bytes_beyond_the_end_are_refused_whole(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    answer = phone.patch(photo_id, 0, CONTENT + b"more")
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert phone.head(photo_id).headers["Upload-Offset"] == "0"


def test_bytes_beyond_the_end_are_refused_without_a_content_length_too(
    council: Council, files: FileStore
) -> None:
    class Endless:
        def read(self, size: int, /) -> bytes:
            return b"x" * size

    photo = promise(council, council.expect(CONTENT))
    uploads.begin(files, photo)
    with pytest.raises(Problem, match="too_large"):
        uploads.receive(files, photo, 0, Body(Endless(), None))
    assert uploads.reached(files, photo) == 0


def test_a_photo_no_report_names_is_not_expected(council: Council) -> None:
    phone, unknown = council.sender(), uuid.uuid4()
    answer = phone.begin(unknown, 10)
    assert (answer.status_code, code_of(answer)) == (409, "photo_not_expected")
    head = phone.head(unknown)
    assert head.status_code == 404 and "Upload-Offset" not in head.headers
    assert phone.patch(unknown, 0, b"x").status_code == 404
    assert phone.delete(unknown).status_code == 404


def test_an_upload_must_be_begun(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    head = phone.head(photo_id)
    assert head.status_code == 404 and "Upload-Offset" not in head.headers
    assert phone.patch(photo_id, 0, CONTENT).status_code == 404


def test_another_councils_photo_does_not_exist_here(council: Council, neighbour: Council) -> None:
    photo_id = council.expect(CONTENT)
    council.sender().begin(photo_id, len(CONTENT))
    stranger = neighbour.sender("admin")
    assert code_of(stranger.begin(photo_id, len(CONTENT))) == "photo_not_expected"
    assert stranger.head(photo_id).status_code == 404
    assert stranger.patch(photo_id, 0, CONTENT).status_code == 404
    assert stranger.delete(photo_id).status_code == 404
    assert council.sender().head(photo_id).headers["Upload-Offset"] == "0"


def crash_before_commit(council: Council, files: FileStore, photo_id: uuid.UUID) -> None:
    """The file became the original, and then the process died."""
    photo = promise(council, photo_id)
    uploads.begin(files, photo)
    assert uploads.receive(files, photo, 0, Body(io.BytesIO(CONTENT), None)) == len(CONTENT)
    assert council.photo(photo_id)["state"] == "expected"


@pytest.mark.parametrize("asked", ["head", "begin", "patch"])
def test_a_crash_between_file_and_commit_heals(council: Council, files: FileStore, asked: str) -> None:
    photo_id = council.expect(CONTENT)
    crash_before_commit(council, files, photo_id)
    phone = council.sender()
    answer = {
        "head": lambda: phone.head(photo_id),
        "begin": lambda: phone.begin(photo_id, len(CONTENT)),
        "patch": lambda: phone.patch(photo_id, len(CONTENT), b""),
    }[asked]()
    assert answer.status_code in (200, 204)
    assert answer.headers["Upload-Offset"] == str(len(CONTENT))
    assert council.photo(photo_id)["state"] == "received"
    assert tasks(council, photo_id) == 1


@pytest.mark.parametrize(("content", "offset"), [(CONTENT, len(CONTENT)), (CONTENT[::-1], 0)])
def test_a_crash_between_the_last_byte_and_its_check_heals(
    council: Council, files: FileStore, content: bytes, offset: int
) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    files.upload(council.authority_id, photo_id).write_bytes(content)
    assert phone.head(photo_id).headers["Upload-Offset"] == str(offset)
    assert council.photo(photo_id)["state"] == ("received" if offset else "expected")


def test_the_same_picture_in_two_reports_is_sent_once(council: Council) -> None:
    council.send(CONTENT)
    second = council.expect(CONTENT)
    answer = council.sender().begin(second, len(CONTENT))
    assert answer.headers["Upload-Offset"] == str(len(CONTENT))
    assert council.photo(second)["state"] == "received"


def test_a_damaged_original_is_replaced_not_believed(council: Council, files: FileStore) -> None:
    photo_id = council.expect(CONTENT)
    original = files.original(council.authority_id, council.photo(photo_id)["sha256"])
    original.parent.mkdir(parents=True)
    original.write_bytes(b"rot")
    phone = council.sender()
    assert phone.begin(photo_id, len(CONTENT)).headers["Upload-Offset"] == "0"
    assert phone.patch(photo_id, 0, CONTENT).status_code == 204
    assert original.read_bytes() == CONTENT


def test_a_full_disk_is_said_in_words_and_loses_nothing(
    council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    phone.patch(photo_id, 0, CONTENT[:100])

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        answer = phone.patch(photo_id, 100, CONTENT[100:])
    assert (answer.status_code, code_of(answer)) == (507, "no_room")
    assert answer.headers["Retry-After"]
    assert phone.head(photo_id).headers["Upload-Offset"] == "100"


def test_a_disk_that_is_really_full_keeps_what_came_and_the_upload_goes_on(
    council: Council, files: FileStore, tmp_path: Path
) -> None:
    """In a process of its own whose files may not grow beyond 70,000 bytes: the system refuses, not a stand-in."""
    content = os.urandom(100_000)
    photo_id = council.expect(content)
    photo = promise(council, photo_id)
    uploads.begin(files, photo)
    sent = tmp_path / "sent"
    sent.write_bytes(content)
    answer = subprocess.run(
        [sys.executable, "-c", LITTLE_ROOM, str(files.root), json.dumps(
            [str(photo.authority_id), str(photo.photo_id), photo.sha256, photo.bytes]), str(sent)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout.strip()) == (0, "507 no_room"), answer.stderr
    phone = council.sender()
    assert phone.head(photo_id).headers["Upload-Offset"] == "70000"
    assert phone.patch(photo_id, 70_000, content[70_000:]).status_code == 204
    assert files.original(photo.authority_id, photo.sha256).read_bytes() == content


LITTLE_ROOM = """
import json, resource, sys, uuid
from pathlib import Path
from server.errors import Problem
from server.photos.uploads import Body, Promise, receive
from server.store.files import FileStore

root, said, sent = sys.argv[1:]
authority, photo, sha256, size = json.loads(said)
resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))
promise = Promise(uuid.UUID(authority), uuid.UUID(photo), sha256, size, "expected")
try:
    with open(sent, "rb") as body:
        receive(FileStore(Path(root)), promise, 0, Body(body, size))
except Problem as problem:
    print(problem.status, problem.code)
"""


def test_an_upload_can_be_given_up_but_a_received_photo_not(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    phone.begin(photo_id, len(CONTENT))
    phone.patch(photo_id, 0, CONTENT[:10])
    assert phone.delete(photo_id).status_code == 204
    assert phone.head(photo_id).status_code == 404
    assert phone.delete(photo_id).status_code == 404
    assert phone.send(photo_id, CONTENT).status_code == 204
    assert code_of(phone.delete(photo_id)) == "not_allowed"
    assert council.photo(photo_id)["state"] == "received"


def test_idle_uploads_expire_and_their_photos_stay_expected(council: Council, files: FileStore) -> None:
    old, young, locked = (council.expect(CONTENT + bytes([n])) for n in range(3))
    phone = council.sender()
    for photo_id in (old, young, locked):
        phone.begin(photo_id, len(CONTENT) + 1)
    with council.app.app_context():
        moment = now()
    week_ago = (moment - timedelta(days=7, minutes=1)).timestamp()
    for photo_id in (old, locked):
        os.utime(files.upload(council.authority_id, photo_id), (week_ago, week_ago))
    with uploads._held(files.upload(council.authority_id, locked)):
        assert uploads.expire_uploads(files, moment) == 1
    assert [phone.head(photo_id).status_code for photo_id in (old, young, locked)] == [404, 200, 200]
    assert council.photo(old)["state"] == "expected"


def test_received_twice_is_received_once(council: Council) -> None:
    report_id, (photo_id,) = council.report(CONTENT)
    for _ in range(2):
        with council.app.app_context(), transaction(council.authority_id) as session:
            service.mark_received(session, photo_id, SYSTEM, now())
    assert [event.kind for event in council.events(report_id)].count("photo.received") == 1


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(min_size=1, max_size=400),
    cuts=st.lists(st.integers(1, 120), min_size=1, max_size=12),
    repeats=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_any_split_with_any_repeats_gives_the_same_file(
    files: FileStore, content: bytes, cuts: list[int], repeats: list[bool]
) -> None:
    photo = Promise(uuid.uuid4(), uuid.uuid4(), hashlib.sha256(content).hexdigest(), len(content), "expected")
    offset, _ = uploads.begin(files, photo)
    step = 0
    while offset < len(content):
        piece = content[offset : offset + cuts[step % len(cuts)]]
        start = offset
        offset = uploads.receive(files, photo, start, Body(io.BytesIO(piece), len(piece)))
        if repeats[step % len(repeats)] and offset < len(content):
            with pytest.raises(Problem, match="upload_offset"):
                uploads.receive(files, photo, start, Body(io.BytesIO(piece), len(piece)))
        assert uploads.reached(files, photo) == offset
        step += 1
    assert files.original(photo.authority_id, photo.sha256).read_bytes() == content
