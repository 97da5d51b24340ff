"""tus 1.0.0, MUST by MUST (https://tus.io/protocols/resumable-upload), against any server.

Set TIPWATCH_TUS_URL to the address where uploads are created, and TIPWATCH_TUS_HEADERS to what the server wants
besides, to hold another server against it. Extensions that a server does not name are not asked for.
"""

from __future__ import annotations

import os
from email.utils import parsedate_to_datetime

import pytest

from tests.contract.tus.target import VERSION, Target
from tests.contract.tus.wire import Answer

GONE = (404, 410)


@pytest.fixture
def content() -> bytes:
    """Bytes that were never sent before."""
    return os.urandom(3000)


@pytest.fixture
def upload(target: Target, content: bytes) -> str:
    """An upload that was created and has no bytes yet."""
    answer, address = target.create(content)
    assert answer.status == 201
    return address


def offset_at(target: Target, upload: str) -> int:
    return target.ask("HEAD", upload).offset


def extensions(target: Target) -> set[str]:
    named = target.ask("OPTIONS", target.url, Tus_Resumable="").headers.get("tus-extension", "")
    return {name.strip() for name in named.split(",") if name.strip()}


# Asking for the offset


def test_head_always_tells_the_offset_even_of_an_empty_and_of_a_finished_upload(
    target: Target, upload: str, content: bytes
) -> None:
    assert offset_at(target, upload) == 0
    target.patch(upload, 0, content[:1000])
    assert offset_at(target, upload) == 1000
    target.patch(upload, 1000, content[1000:])
    assert offset_at(target, upload) == len(content)


def test_head_tells_the_length_where_it_is_known(target: Target, upload: str, content: bytes) -> None:
    assert target.ask("HEAD", upload).headers["upload-length"] == str(len(content))


def test_the_answer_to_head_is_not_kept_by_caches(target: Target, upload: str) -> None:
    assert "no-store" in target.ask("HEAD", upload).headers["cache-control"]


def test_head_of_what_is_not_there_tells_no_offset(target: Target, upload: str) -> None:
    answer = target.ask("HEAD", f"{upload[:-4]}0000")
    assert answer.status in (*GONE, 403) and "upload-offset" not in answer.headers


# Sending bytes


def test_patch_at_the_offset_is_answered_204_with_the_new_offset(
    target: Target, upload: str, content: bytes
) -> None:
    answer = target.patch(upload, 0, content[:1234])
    assert (answer.status, answer.offset) == (204, 1234)


@pytest.mark.parametrize("wrong", [0, 999, 1001, 5000])
def test_patch_at_another_offset_is_answered_409_and_changes_nothing(
    target: Target, upload: str, content: bytes, wrong: int
) -> None:
    target.patch(upload, 0, content[:1000])
    assert target.patch(upload, wrong, content[wrong : wrong + 10] or b"x").status == 409
    assert offset_at(target, upload) == 1000


@pytest.mark.parametrize("offset", ["-1", "abc", "", "1.5"])
def test_an_offset_that_is_no_whole_number_is_refused(target: Target, upload: str, offset: str) -> None:
    answer = target.patch(upload, 0, b"x", Upload_Offset=offset)
    assert 400 <= answer.status < 500
    assert offset_at(target, upload) == 0


@pytest.mark.parametrize("type_", ["application/octet-stream", "", "text/plain"])
def test_patch_of_another_content_type_is_refused(target: Target, upload: str, type_: str) -> None:
    assert target.patch(upload, 0, b"x", Content_Type=type_).status == 415
    assert offset_at(target, upload) == 0


def test_patch_of_what_is_not_there_is_answered_404(target: Target, upload: str) -> None:
    assert target.patch(f"{upload[:-4]}0000", 0, b"x").status in (*GONE, 403)


def test_bytes_beyond_the_length_are_not_taken(target: Target, upload: str, content: bytes) -> None:
    answer = target.patch(upload, 0, content + b"beyond")
    assert 400 <= answer.status < 500
    assert offset_at(target, upload) <= len(content)


# Versions, what the server can do, and the overriding method


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1", "2.0.0"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH"])
def test_a_version_that_is_not_spoken_is_answered_412_with_those_that_are_and_not_processed(
    target: Target, upload: str, content: bytes, method: str, version: str
) -> None:
    answers: dict[str, Answer] = {
        "POST": target.ask("POST", target.url, None, Upload_Length="10", Tus_Resumable=version),
        "HEAD": target.ask("HEAD", upload, Tus_Resumable=version),
        "PATCH": target.patch(upload, 0, content, Tus_Resumable=version),
    }
    answer = answers[method]
    assert answer.status == 412
    assert "1.0.0" in answer.headers["tus-version"]
    assert "upload-offset" not in answer.headers and "location" not in answer.headers
    assert offset_at(target, upload) == 0


def test_every_answer_names_the_version(target: Target, upload: str, content: bytes) -> None:
    asked = [
        target.create(content)[0],
        target.ask("HEAD", upload),
        target.patch(upload, 0, content[:10]),
        target.patch(upload, 0, content[:10]),
        target.ask("HEAD", f"{upload[:-4]}0000"),
    ]
    assert [answer.headers["tus-resumable"] for answer in asked] == ["1.0.0"] * len(asked)


@pytest.mark.parametrize("version", ["", "1.0.0", "0.2.2"])
def test_options_tells_the_versions_whatever_version_asks(target: Target, version: str) -> None:
    answer = target.ask("OPTIONS", target.url, Tus_Resumable=version)
    assert answer.status in (200, 204)
    assert "1.0.0" in [each.strip() for each in answer.headers["tus-version"].split(",")]


def test_what_options_tells_can_be_read(target: Target) -> None:
    headers = target.ask("OPTIONS", target.url).headers
    assert int(headers.get("tus-max-size", "1")) > 0
    assert all(name and " " not in name for name in extensions(target))


def test_the_overriding_method_counts(target: Target, upload: str, content: bytes) -> None:
    about = {"Upload_Offset": "0", "Content_Type": "application/offset+octet-stream"}
    answer = target.ask("POST", upload, content[:100], X_HTTP_Method_Override="PATCH", **about)
    assert (answer.status, answer.offset) == (204, 100)


# Creation


def test_creating_is_answered_201_with_the_address(target: Target, content: bytes) -> None:
    answer, address = target.create(content)
    assert answer.status == 201 and answer.headers["location"]
    assert offset_at(target, address) == 0


@pytest.mark.parametrize("more", ["", ",filetype aW1hZ2UvcG5n", ",is_confidential", ",a YQ==,b Yg==,c"])
def test_all_metadata_comes_back_as_it_was_given(target: Target, content: bytes, more: str) -> None:
    metadata = target.metadata_for(content) + more
    _, address = target.create(content, metadata)
    assert target.ask("HEAD", address).headers["upload-metadata"] == metadata
    target.patch(address, 0, content)
    assert target.ask("HEAD", address).headers["upload-metadata"] == metadata


def test_creating_needs_a_length(target: Target, content: bytes) -> None:
    answer = target.ask("POST", target.url, None, Upload_Metadata=target.metadata_for(content))
    assert 400 <= answer.status < 500 and "location" not in answer.headers


@pytest.mark.parametrize("length", ["-1", "abc", "1.5"])
def test_a_length_that_is_no_whole_number_is_refused(target: Target, content: bytes, length: str) -> None:
    answer = target.ask(
        "POST", target.url, None, Upload_Length=length, Upload_Metadata=target.metadata_for(content)
    )
    assert 400 <= answer.status < 500 and "location" not in answer.headers


def test_more_than_the_greatest_size_is_answered_413(target: Target, content: bytes) -> None:
    limit = target.ask("OPTIONS", target.url).headers.get("tus-max-size")
    if limit is not None:
        about = {"Upload_Length": str(int(limit) + 1), "Upload_Metadata": target.metadata_for(content)}
        assert target.ask("POST", target.url, None, **about).status == 413


# Creation with upload


def test_bytes_that_come_with_the_creation_are_answered_with_how_far_they_got(
    target: Target, content: bytes
) -> None:
    if "creation-with-upload" in extensions(target):
        for many in (1, 1234, len(content)):
            answer, upload = target.create(content := os.urandom(len(content)), body=content[:many])
            assert (answer.status, answer.offset) == (201, many)
            assert offset_at(target, upload) == many
            assert target.patch(upload, many, content[many:]).status == 204
            assert offset_at(target, upload) == len(content)


def test_an_empty_body_creates_an_upload_without_bytes(target: Target, content: bytes) -> None:
    if "creation-with-upload" in extensions(target):
        answer, upload = target.create(content, body=b"")
        assert answer.status == 201 and offset_at(target, upload) == 0


def test_bytes_of_another_content_type_are_not_taken_with_the_creation(
    target: Target, content: bytes
) -> None:
    if "creation-with-upload" in extensions(target):
        answer, upload = target.create(content, body=content[:10], Content_Type="application/octet-stream")
        assert answer.status >= 400 or offset_at(target, upload) == 0


def test_bytes_beyond_the_length_are_not_taken_with_the_creation(target: Target, content: bytes) -> None:
    if "creation-with-upload" in extensions(target):
        answer, _ = target.create(content, body=content + b"beyond")
        assert 400 <= answer.status < 500


# Expiration


def test_an_unfinished_upload_that_will_expire_says_when(target: Target, content: bytes) -> None:
    if "expiration" in extensions(target):
        created, upload = target.create(content)
        patched = target.patch(upload, 0, content[:10])
        for answer in (created, patched):
            assert parsedate_to_datetime(answer.headers["upload-expires"]).tzinfo is not None
            assert answer.headers["upload-expires"].endswith("GMT")


# Termination


def test_a_terminated_upload_is_gone(target: Target, upload: str, content: bytes) -> None:
    if "termination" in extensions(target):
        target.patch(upload, 0, content[:10])
        assert target.ask("DELETE", upload).status == 204
        assert target.ask("HEAD", upload).status in GONE
        assert target.patch(upload, 10, content[10:]).status in GONE


def test_the_version_header_of_the_suite_is_the_one_of_the_specification() -> None:
    assert VERSION == {"Tus-Resumable": "1.0.0"}
