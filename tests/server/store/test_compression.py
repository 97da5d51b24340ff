"""Lists go compressed to whoever can read that, say the same, and are known again by their tags."""

from __future__ import annotations

import gzip
import json

from flask import Flask

from tests.builders import Council, browser, case_of, drain, make_phone, report_op, sign_in

PACKED = {"Accept-Encoding": "br, gzip"}
REFERENCE = "/api/v1/reference"


def test_a_list_says_the_same_in_a_fraction_of_the_bytes(app: Flask) -> None:
    plain, small = browser(app).get(REFERENCE), browser(app).get(REFERENCE, headers=PACKED)
    assert "Content-Encoding" not in plain.headers and small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 3
    assert small.content_length == len(small.data)
    assert {plain.headers["Vary"], small.headers["Vary"]} == {"Accept-Encoding"}


def test_a_list_is_not_sent_again_to_whoever_has_it_compressed_or_not(app: Flask, council: Council) -> None:
    crew = sign_in(app, council, "crew")
    for path in (REFERENCE, "/api/v1/places/map"):
        for asked in ({}, PACKED):
            tag = crew.get(path, headers=asked).headers["ETag"]
            assert tag.startswith("W/") == bool(asked)
            assert crew.get(path, headers={"If-None-Match": tag} | asked).status_code == 304


def test_a_case_read_compressed_can_be_decided_by_its_tag(app: Flask, council: Council) -> None:
    phone, officer = make_phone(app, council), sign_in(app, council, "officer")
    op = report_op(note="By the gate, many bags. " * 80)
    phone.push(op)
    drain(app)
    path = f"/api/v1/cases/{case_of(officer, op['entity_id'])['id']}"
    packed = officer.get(path, headers=PACKED)
    case = json.loads(gzip.decompress(packed.data))
    answer = officer.post(
        f"{path}/decisions", json={"decision": "accept"}, headers={"If-Match": packed.headers["ETag"]}
    )
    assert (case["state"], answer.status_code, answer.get_json().get("state")) == ("new", 200, "accepted")


def test_short_answers_pages_and_pictures_stay_as_they_are(app: Flask) -> None:
    visitor = browser(app)
    for path in ("/api/v1/session", "/report", "/icons/icon-192.png"):
        assert visitor.get(path, headers=PACKED, buffered=True).content_encoding is None
