"""Photos added without script: checked, kept with the draft, unchanged to the last byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from server.photos.models import Photo
from server.photos.schemas import PHOTO_LIMIT_BYTES
from server.photos.service import file_store
from server.residents.models import DraftPhoto
from server.store.transaction import reading
from tests.builders import Council, drain
from tests.server.residents.pages.resident import ANSWERS, Resident, files, picture, problems_of, words_of
from tests.workers.imaging.photos import corners, encoded
from workers.tasks.residents import tidy


@pytest.fixture
def at_photos(resident: Resident) -> Resident:
    """Somebody who has come to the question about photos."""
    for name in ("what", "waste", "where"):
        resident.answer(name)
    return resident


def add(resident: Resident, *photos: tuple[str, bytes]) -> TestResponse:
    """Press "Add these photos"."""
    return resident.client.post("/report/photos", **files(*photos, add="1"))


def drafted(app: Flask, council: Council) -> list[DraftPhoto]:
    with app.app_context(), reading(council.id) as session:
        found = list(session.scalars(sa.select(DraftPhoto).order_by(DraftPhoto.added_at)))
        session.expunge_all()
        return found


def uploads(app: Flask) -> list[Path]:
    return list((app.config["SETTINGS"].data_dir / "files" / "uploads").glob("*/*"))


def test_a_photo_reaches_the_council_bit_for_bit(app: Flask, council: Council, at_photos: Resident) -> None:
    sent = {"tip.jpg": picture(), "heap.heic": encoded(corners(), "HEIF")}
    assert add(at_photos, *sent.items()).location == "/report/photos"
    for name in ("photos", "witness", "contact"):
        at_photos.answer(name)
    assert "tip.jpg" in words_of(at_photos.get("/report/check"))
    at_photos.send()
    drain(app)
    with app.app_context(), reading(council.id) as session:
        photos = list(session.scalars(sa.select(Photo)))
        assert {photo.state for photo in photos} == {"verified"}
        kept = {file_store().original(council.id, photo.sha256).read_bytes() for photo in photos}
    assert kept == set(sent.values())
    assert uploads(app) == []


def test_continue_takes_the_chosen_photos_along(app: Flask, council: Council, at_photos: Resident) -> None:
    response = at_photos.client.post("/report/photos", **files(("tip.jpg", picture())))
    assert response.location == "/report/witness"
    assert [photo.name for photo in drafted(app, council)] == ["tip.jpg"]


def test_added_photos_are_shown_small_and_can_be_removed(
    app: Flask, council: Council, at_photos: Resident
) -> None:
    add(at_photos, ("tip.jpg", picture()))
    [photo] = drafted(app, council)
    page = at_photos.get("/report/photos")
    assert "tip.jpg" in words_of(page)
    small = at_photos.get(f"/report/photos/{photo.id}")
    assert (small.mimetype, small.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    for _ in range(2):
        assert at_photos.client.post(f"/report/photos/{photo.id}/remove").location == "/report/photos"
    assert drafted(app, council) == []
    assert uploads(app) == []


def test_nobody_else_sees_or_removes_a_drafts_photo(
    app: Flask, council: Council, at_photos: Resident
) -> None:
    add(at_photos, ("tip.jpg", picture()))
    [photo] = drafted(app, council)
    other = Resident(app, at_photos.clock)
    other.answer("what")
    assert other.get(f"/report/photos/{photo.id}").status_code == 404
    other.client.post(f"/report/photos/{photo.id}/remove")
    assert len(drafted(app, council)) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "note.pdf",
            b"%PDF-1.7 not a photo",
            "note.pdf is not a photo. Choose a JPG, PNG, HEIC or WebP file",
        ),
        ("empty.jpg", b"", "empty.jpg is empty. Choose it again, or choose another photo"),
        (
            "big.jpg",
            b"\xff\xd8\xff" + bytes(PHOTO_LIMIT_BYTES),
            "big.jpg is larger than 25 MB. Choose a smaller photo",
        ),
        ("../../x.exe", b"MZ", "x.exe is not a photo. Choose a JPG, PNG, HEIC or WebP file"),
    ],
)
def test_what_is_no_photo_is_refused_by_name_and_the_others_stay(
    app: Flask, council: Council, at_photos: Resident, name: str, content: bytes, words: str
) -> None:
    page = add(at_photos, ("tip.jpg", picture()), (name, content))
    assert page.status_code == 422
    assert problems_of(page) == {"photos": words}
    assert [photo.name for photo in drafted(app, council)] == ["tip.jpg"]
    assert "tip.jpg" in words_of(page)
    assert len(uploads(app)) == 1


def test_a_damaged_photo_is_kept_though_it_cannot_be_shown(
    app: Flask, council: Council, at_photos: Resident
) -> None:
    damaged = picture()[:300]
    assert add(at_photos, ("cut.jpg", damaged)).location == "/report/photos"
    assert "Cannot be shown here, but is kept as it is" in words_of(at_photos.get("/report/photos"))
    [photo] = drafted(app, council)
    assert photo.sha256 == hashlib.sha256(damaged).hexdigest()


def test_the_same_photo_twice_is_there_once(app: Flask, council: Council, at_photos: Resident) -> None:
    add(at_photos, ("tip.jpg", picture()))
    add(at_photos, ("tip.jpg", picture()))
    assert len(drafted(app, council)) == 1
    assert len(uploads(app)) == 1


def test_there_is_room_for_twelve(app: Flask, council: Council, at_photos: Resident) -> None:
    page = add(at_photos, *[(f"{n}.jpg", picture(n)) for n in range(13)])
    assert problems_of(page) == {"photos": "You can add up to 12 photos. 12.jpg was one too many"}
    assert len(drafted(app, council)) == 12
    assert "which is the most" in words_of(at_photos.get("/report/photos"))


def test_add_without_a_photo_says_so(at_photos: Resident) -> None:
    page = at_photos.client.post("/report/photos", data={"form": "photos", "add": "1"})
    assert problems_of(page) == {"photos": "Choose a photo to add"}


def test_photos_that_did_not_arrive_whole_are_asked_for_again(at_photos: Resident) -> None:
    form = files(("tip.jpg", picture()))
    page = at_photos.client.post("/report/photos", **form | {"data": form["data"][:-100]})
    assert problems_of(page) == {
        "photos": "The photos did not arrive whole. Choose them again; fewer at a time may help"
    }


def test_far_too_much_at_once_is_refused_before_it_is_read(at_photos: Resident) -> None:
    page = at_photos.client.post(
        "/report/photos",
        data=b"",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(10**9)},
    )
    assert problems_of(page) == {"photos": "These photos are too large together. Add them a few at a time"}


def test_drafts_nobody_sent_are_swept_with_their_photos(
    app: Flask, council: Council, at_photos: Resident
) -> None:
    add(at_photos, ("tip.jpg", picture()))
    with app.app_context():
        assert tidy() == 0
        at_photos.clock.pass_(hours=25)
        assert tidy() == 1
    assert drafted(app, council) == []
    assert uploads(app) == []


def test_answers_in_the_order_of_the_questions(at_photos: Resident) -> None:
    assert at_photos.answer("photos", **ANSWERS["photos"]).location == "/report/witness"
