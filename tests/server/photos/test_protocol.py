"""What tus 1.0.0 says a server must do, and who may send."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import pytest
from werkzeug.test import TestResponse

from server.photos import uploaders
from server.photos.schemas import PHOTO_LIMIT_BYTES
from server.photos.uploaders import Uploader, upload_token_holders
from server.store.clock import now
from server.store.events import PUBLIC
from tests.server.photos.council import OFFSET_TYPE, TUS, UPLOADS, Council, Sender, code_of, in_base64

CONTENT = b"not even a picture"
Ask = Callable[[Sender, uuid.UUID], TestResponse]
ASKS: dict[str, Ask] = {
    "post": lambda sender, photo_id: sender.begin(photo_id, len(CONTENT)),
    "head": lambda sender, photo_id: sender.head(photo_id),
    "patch": lambda sender, photo_id: sender.patch(photo_id, 0, CONTENT),
    "delete": lambda sender, photo_id: sender.delete(photo_id),
}


@pytest.fixture
def begun(council: Council) -> uuid.UUID:
    """A photo whose upload was begun."""
    photo_id = council.expect(CONTENT)
    assert council.sender().begin(photo_id, len(CONTENT)).status_code == 201
    return photo_id


def test_options_tells_what_there_is_to_anybody(council: Council) -> None:
    for path in (UPLOADS, f"{UPLOADS}/{uuid.uuid4()}"):
        answer = council.app.test_client().options(path)
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Max-Size"] == str(PHOTO_LIMIT_BYTES) == "26214400"
        assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,expiration,termination"


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_another_version_is_refused_untouched(council: Council, begun: uuid.UUID, ask: Ask) -> None:
    for version in ("", "0.2.2", "1.0.1"):
        answer = ask(Sender(council.person("crew"), {"Tus-Resumable": version}), begun)
        assert answer.status_code == 412
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert council.sender().head(begun).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_every_answer_names_the_version_and_is_not_kept(council: Council, begun: uuid.UUID, ask: Ask) -> None:
    for photo_id in (begun, uuid.uuid4()):
        answer = ask(council.sender(), photo_id)
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Cache-Control"] == "no-store"


def test_creation_answers_the_place_and_again_the_same_place(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    first = phone.begin(photo_id, len(CONTENT))
    second = phone.begin(photo_id, len(CONTENT))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"] == f"{UPLOADS}/{photo_id}"
    assert first.headers["Upload-Offset"] == second.headers["Upload-Offset"] == "0"


def test_head_tells_offset_length_and_metadata(council: Council, begun: uuid.UUID) -> None:
    head = council.sender().head(begun)
    assert head.headers["Upload-Offset"] == "0"
    assert head.headers["Upload-Length"] == str(len(CONTENT))
    assert head.headers["Upload-Metadata"] == f"photo_id {in_base64(begun)}"


def test_unfinished_uploads_say_when_they_expire(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone = council.sender()
    with council.app.app_context():
        moment = now()
    for answer in (
        phone.begin(photo_id, len(CONTENT)),
        phone.patch(photo_id, 0, b"not"),
        phone.head(photo_id),
    ):
        expires = parsedate_to_datetime(answer.headers["Upload-Expires"])
        assert 6.99 < (expires - moment).total_seconds() / 86_400 < 7.01
    assert "Upload-Expires" not in phone.patch(photo_id, 3, CONTENT[3:]).headers


def test_bytes_must_come_as_such(council: Council, begun: uuid.UUID) -> None:
    phone, other = council.sender(), "application/octet-stream"
    for answer in (
        phone.patch(begun, 0, CONTENT, content_type=other),
        phone.begin_with(begun, len(CONTENT), CONTENT, content_type=other),
    ):
        assert (answer.status_code, code_of(answer)) == (415, "wrong_media_type")
    assert phone.head(begun).headers["Upload-Offset"] == "0"
    # Without bytes their type says nothing.
    assert phone.begin_with(begun, len(CONTENT), b"", content_type=other).status_code == 200


def test_offset_and_length_must_be_whole_numbers(council: Council, begun: uuid.UUID) -> None:
    for number in ("", "-1", "1.5", "x", "9" * 30):
        for answer in (council.sender().patch(begun, number, CONTENT), council.sender().begin(begun, number)):
            assert (answer.status_code, code_of(answer)) == (400, "bad_request")


def test_creation_must_name_the_photo(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    for metadata in ("", "photo_id", "photo_id !!!!", "photo_id eA==", "filename eC5qcGc="):
        answer = council.sender().begin(photo_id, len(CONTENT), **{"Upload-Metadata": metadata})
        assert (answer.status_code, code_of(answer)) == (422, "invalid_request")
        assert "photo_id" in answer.get_json()["errors"]


@pytest.mark.parametrize(
    "more",
    ["filename eC5qcGc=,photo_id {},is_confidential", "photo_id {},relativePath bnVsbA==", "a ,photo_id {}"],
)
def test_metadata_is_told_again_to_the_letter_whatever_becomes_of_the_upload(
    council: Council, more: str
) -> None:
    photo_id = council.expect(CONTENT)
    phone, said = council.sender(), more.format(in_base64(photo_id))
    begun = phone.begin(photo_id, len(CONTENT), **{"Upload-Metadata": said})
    assert (begun.status_code, begun.headers["Upload-Metadata"]) == (201, said)
    again = phone.begin(photo_id, len(CONTENT), **{"Upload-Metadata": f"photo_id {in_base64(photo_id)}"})
    assert (again.status_code, again.headers["Upload-Metadata"]) == (200, said)
    assert phone.head(photo_id).headers["Upload-Metadata"] == said
    assert phone.patch(photo_id, 0, CONTENT).status_code == 204
    assert phone.head(photo_id).headers["Upload-Metadata"] == said


def test_an_upload_begun_anew_has_the_metadata_it_was_begun_with_last(council: Council) -> None:
    photo_id = council.expect(CONTENT)
    phone, only = council.sender(), f"photo_id {in_base64(photo_id)}"
    phone.begin(photo_id, len(CONTENT), **{"Upload-Metadata": f"filename eC5qcGc=,{only}"})
    phone.delete(photo_id)
    assert phone.begin(photo_id, len(CONTENT)).status_code == 201
    assert phone.head(photo_id).headers["Upload-Metadata"] == only


def test_a_network_that_passes_only_post_will_do(council: Council, begun: uuid.UUID) -> None:
    client = council.person("crew")

    def post(method: str, body: bytes = b"", **headers: str) -> TestResponse:
        return client.post(
            f"{UPLOADS}/{begun}", data=body, headers={**TUS, "X-HTTP-Method-Override": method, **headers}
        )

    assert post("HEAD").headers["Upload-Offset"] == "0"
    patched = post("PATCH", CONTENT[:5], **{"Upload-Offset": "0", "Content-Type": OFFSET_TYPE})
    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, "5")
    assert post("DELETE").status_code == 204
    assert post("HEAD").status_code == 404
    assert code_of(post("PUT")) == code_of(post("")) == "method_not_allowed"


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_signed_out_nobody_sends(council: Council, begun: uuid.UUID, ask: Ask) -> None:
    for headers in ({}, {"Authorization": "Bearer nobody-knows-it"}):
        answer = ask(Sender(council.app.test_client(), headers), begun)
        assert answer.status_code == 401
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert council.sender().head(begun).headers["Upload-Offset"] == "0"


def test_any_role_sends_its_councils_photos(council: Council) -> None:
    for role in ("crew", "officer", "manager", "admin"):
        content = CONTENT + role.encode()
        assert council.sender(role).send(council.expect(content), content).status_code == 204


def test_another_sites_page_cannot_send_with_our_cookie(council: Council, begun: uuid.UUID) -> None:
    phone = council.sender()
    phone.client.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert code_of(phone.patch(begun, 0, CONTENT)) == "cross_site"


def test_a_token_sends_its_own_reports_photos_only(council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaders, "_token_checks", [])
    report_id, (own,) = council.report(CONTENT)
    other = council.expect(b"of another report")

    @upload_token_holders
    def residents(token: str) -> Uploader | None:
        return Uploader(council.authority_id, PUBLIC, report_id) if token == "tell-nobody" else None

    resident = Sender(council.app.test_client(), {"Authorization": "Bearer tell-nobody"})
    assert resident.send(own, CONTENT).status_code == 204
    assert council.events(report_id)[-1].by == "public"
    assert code_of(resident.begin(other, len(b"of another report"))) == "photo_not_expected"
    assert resident.head(other).status_code == 404
