"""Received photos are verified against the stored bytes, made showable, and shown to whom they may be."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from server.photos import service
from server.photos.models import Photo
from server.store import deferred
from server.store.files import FileStore
from server.store.transaction import reading, transaction
from tests.server.photos.council import AT, Council, code_of, look
from tests.workers.imaging.photos import a_phones_exif, corners, encoded
from workers import tasks
from workers.tasks import photos as photo_tasks

JPEG = encoded(corners(2000, 1500), "JPEG", exif=a_phones_exif())
VARIANTS = ("original", "large", "thumb")


@pytest.fixture
def verified(council: Council) -> uuid.UUID:
    """A verified photo with all a phone writes into it."""
    photo_id = council.send(JPEG)
    council.verify(photo_id)
    return photo_id


def test_a_phones_photo_is_verified_and_its_facts_kept(council: Council) -> None:
    report_id, (photo_id,) = council.report(JPEG)
    council.sender().send(photo_id, JPEG)
    council.verify(photo_id)
    photo = council.photo(photo_id)
    assert (photo["state"], photo["verified_at"], photo["problem"]) == ("verified", AT, None)
    assert (photo["sniffed_mime"], photo["showable"]) == ("image/jpeg", True)
    assert photo["exif"]["taken_at"] == "2026-11-20T14:03:12" and photo["exif"]["make"] == "Apple"
    event = council.events(report_id)[-1]
    assert (event.kind, event.by) == ("photo.verified", "system")
    assert event.facts["showable"] is True and event.facts["sha256"] == photo["sha256"]
    assert {"lat", "lon", "taken_at"} <= set(event.facts["exif"]), "which details there are"
    assert "Apple" not in event.body, "but not the details: history cannot be erased"


def test_verifying_twice_is_verifying_once(council: Council) -> None:
    report_id, (photo_id,) = council.report(JPEG)
    council.sender().send(photo_id, JPEG)
    for _ in range(2):
        council.verify(photo_id)
    kinds = [event.kind for event in council.events(report_id)]
    assert kinds == ["report.received", "photo.received", "photo.verified"]


def test_two_workers_at_once_verify_once(council: Council, files: FileStore) -> None:
    report_id, (photo_id,) = council.report(JPEG)
    council.sender().send(photo_id, JPEG)
    with council.app.app_context():
        with reading(council.authority_id) as session:
            findings = service.look_at_photo(session, photo_id, files)
        for _ in range(2):
            with transaction(council.authority_id) as session:
                service.record_findings(session, photo_id, findings, AT)
    assert [event.kind for event in council.events(report_id)].count("photo.verified") == 1


def test_the_original_stays_bit_for_bit(council: Council, files: FileStore, verified: uuid.UUID) -> None:
    original = files.original(council.authority_id, council.photo(verified)["sha256"])
    assert original.read_bytes() == JPEG
    answer = look(council.person("officer"), verified, "original")
    assert answer.data == JPEG


@pytest.mark.parametrize(
    ("content", "mime", "showable"),
    [
        pytest.param(encoded(corners(400, 300), "HEIF"), "image/heic", True, id="HEIC"),
        pytest.param(encoded(corners(400, 300), "PNG"), "image/png", True, id="PNG called JPEG"),
        pytest.param(JPEG[: len(JPEG) // 2], "image/jpeg", False, id="cut short"),
        pytest.param(b"These are the minutes of the meeting.", None, False, id="renamed text"),
    ],
)
def test_odd_photos_are_kept_and_say_so(
    council: Council, files: FileStore, content: bytes, mime: str | None, showable: bool
) -> None:
    photo_id = council.send(content)
    council.verify(photo_id)
    photo = council.photo(photo_id)
    assert photo["state"] == "verified"
    assert photo["sniffed_mime"] == (mime or "application/octet-stream")
    assert photo["showable"] is showable
    officer = council.person("officer")
    assert look(officer, photo_id, "original").data == content
    for variant in ("large", "thumb"):
        answer = look(officer, photo_id, variant)
        if showable:
            assert answer.status_code == 200 and answer.content_type == "image/jpeg"
        else:
            assert photo["problem"] and photo["problem"] in answer.get_json()["detail"]
            assert (answer.status_code, code_of(answer)) == (404, "cannot_be_shown")


def test_derivatives_are_small_and_carry_no_metadata(council: Council, verified: uuid.UUID) -> None:
    crew = council.person("crew")
    for variant, long_edge in (("large", 1600), ("thumb", 320)):
        answer = look(crew, verified, variant)
        assert answer.content_type == "image/jpeg"
        picture = Image.open(io.BytesIO(answer.data))
        assert max(picture.size) == long_edge
        assert not picture.getexif() and "exif" not in picture.info
        assert b"Apple" not in answer.data and b"Exif" not in answer.data


def test_derivatives_may_be_kept_originals_not(council: Council, verified: uuid.UUID) -> None:
    officer = council.person("officer")
    thumb = look(officer, verified, "thumb")
    assert thumb.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    etag = thumb.headers["ETag"]
    assert etag == f'"{council.photo(verified)["sha256"]}-thumb"'
    again = look(officer, verified, "thumb", **{"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    original = look(officer, verified, "original")
    assert original.headers["Cache-Control"] == "no-store"
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert original.headers["Content-Disposition"] == f"attachment; filename={verified}.jpeg"
    assert original.content_type == "image/jpeg"


def test_every_look_at_an_original_is_written_down(council: Council) -> None:
    report_id, (photo_id,) = council.report(JPEG)
    council.sender().send(photo_id, JPEG)
    council.verify(photo_id)
    look(council.person("officer"), photo_id, "thumb")
    look(council.person("officer"), photo_id, "original")
    viewed = [event for event in council.events(report_id) if event.kind == "photo.original_viewed"]
    assert len(viewed) == 1
    assert viewed[0].by.startswith("user:") and viewed[0].facts["photo_id"] == str(photo_id)


def test_who_may_see_what(council: Council, verified: uuid.UUID) -> None:
    for role in ("crew", "officer", "manager", "admin"):
        for variant in VARIANTS:
            refused = (role, variant) == ("crew", "original")
            assert look(council.person(role), verified, variant).status_code == (403 if refused else 200)


def test_nobody_else_sees_anything(council: Council, neighbour: Council, verified: uuid.UUID) -> None:
    for variant in VARIANTS:
        assert look(council.app.test_client(), verified, variant).status_code == 401
        for photo_id in (verified, uuid.uuid4()):
            answer = look(neighbour.person("admin"), photo_id, variant)
            assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_what_is_not_verified_is_not_shown(council: Council) -> None:
    to_come, received = council.expect(JPEG + b"."), council.send(JPEG)
    for photo_id, words in ((to_come, "has not arrived yet"), (received, "is being checked")):
        for variant in VARIANTS:
            answer = look(council.person("officer"), photo_id, variant)
            assert (answer.status_code, code_of(answer)) == (404, "not_found")
            assert words in answer.get_json()["detail"]


@pytest.mark.parametrize("loss", ["damaged", "missing"])
def test_lost_bytes_are_never_called_verified_and_can_be_sent_again(
    council: Council, files: FileStore, loss: str
) -> None:
    report_id, (photo_id,) = council.report(JPEG)
    phone = council.sender()
    phone.send(photo_id, JPEG)
    original = files.original(council.authority_id, council.photo(photo_id)["sha256"])
    original.unlink()
    if loss == "damaged":
        original.write_bytes(b"rot" + JPEG[3:])
    council.verify(photo_id)
    photo = council.photo(photo_id)
    assert photo["state"] == "expected" and loss in photo["problem"]
    assert council.events(report_id)[-1].kind == "photo.damaged"
    assert phone.head(photo_id).status_code == 404
    assert phone.send(photo_id, JPEG).status_code == 204
    council.verify(photo_id)
    photo = council.photo(photo_id)
    assert (photo["state"], photo["problem"]) == ("verified", None)
    assert original.read_bytes() == JPEG


def test_files_lost_after_verifying_are_said_in_words(
    council: Council, files: FileStore, verified: uuid.UUID
) -> None:
    sha256 = council.photo(verified)["sha256"]
    files.derivative(council.authority_id, sha256, "thumb").unlink()
    files.original(council.authority_id, sha256).unlink()
    officer = council.person("officer")
    assert code_of(look(officer, verified, "thumb")) == "cannot_be_shown"
    assert "missing" in look(officer, verified, "original").get_json()["detail"]


def test_a_watcher_hears_of_each_step_in_its_transaction(
    council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(service, "_watchers", [])
    service.photo_watcher(lambda _session, photo: heard.append(photo.state))
    council.verify(council.send(JPEG))
    assert heard == ["received", "verified"]


def verify_task(app: Flask, council: Council) -> Any:
    """The key of the task that verifies the one photo there is."""
    with app.app_context(), reading(council.authority_id) as session:
        wanted = deferred.DeferredTask.name == deferred.VERIFY_PHOTO
        return session.query(deferred.DeferredTask).filter(wanted).one().id


def test_the_worker_does_it_by_the_photos_id(app: Flask, council: Council) -> None:
    photo_id = council.send(JPEG)
    task_id = verify_task(app, council)
    assert deferred.VERIFY_PHOTO in tasks.HANDLERS
    with app.app_context():
        assert tasks.run(deferred.VERIFY_PHOTO, council.authority_id, task_id)
        assert not tasks.run(deferred.VERIFY_PHOTO, council.authority_id, task_id)
    assert council.photo(photo_id)["state"] == "verified"


def test_the_clock_tidies_up_uploads(app: Flask, council: Council, files: FileStore) -> None:
    council.sender().begin(council.expect(JPEG), len(JPEG))
    app.config["CLOCK"] = lambda start=app.config["CLOCK"]: start() + timedelta(days=8)
    with app.app_context():
        assert photo_tasks.expire() == 1
        assert photo_tasks.expire() == 0


def test_a_photo_of_a_job_belongs_to_its_cases_history() -> None:
    case_id, job_id, authority_id = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    photo = Photo(authority_id=authority_id, id=uuid.uuid4(), job_id=job_id, case_id=case_id)
    assert service.stream_of(photo) == ("case", case_id)
    assert service.stream_of(Photo(authority_id=authority_id, job_id=job_id)) == ("authority", authority_id)
