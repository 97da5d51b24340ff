"""The pull: every change once, in the order of commits, page by page, whoever writes meanwhile."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.access.models import User
from server.intake.models import ReportStanding
from server.photos.models import Photo
from server.store.history import begin_another
from server.store.transaction import Counter, reading, stamp_revisions, touch, transaction
from server.sync import apps, service
from server.sync.cursor import read_cursor
from tests.builders import Council, Phone, make_op, make_phone, manifest, report_op
from tests.server.sync.test_what_phones_carry import follow, newest, reported, verify


def pushed(phone: Phone, count: int, start: int = 0) -> list[str]:
    """Send so many reports; their ids."""
    ops = [report_op(seq=start + number, position=None) for number in range(count)]
    phone.push(*ops)
    return [op["entity_id"] for op in ops]


def test_small_pages_hold_every_change_once_in_the_order_of_revisions(phone: Phone) -> None:
    ids = pushed(phone, 11)
    revs, seen, cursor = [], [], None
    while True:
        page = phone.pull(cursor, limit=3)
        assert len(page["changes"]) <= 3 and page["reset"] is False
        seen += [change["id"] for change in page["changes"]]
        revs += [change["rev"] for change in page["changes"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert seen == ids
    assert revs == sorted(set(revs))
    assert phone.pull(cursor)["changes"] == []


def test_the_lists_come_with_the_first_page_and_again_when_they_are_others(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = phone.pull()
    assert first["reference"] == phone.client.get("/api/v1/reference").get_json()
    assert "reference" not in phone.pull(first["cursor"])
    monkeypatch.setattr(service, "lists_version", lambda: "another")
    assert (later := phone.pull(first["cursor"]))["reference"]["waste"]
    assert later["reset"] is False
    assert "reference" not in phone.pull(later["cursor"])


def test_a_cursor_of_before_lists_came_down_goes_on_and_brings_them(phone: Phone) -> None:
    pushed(phone, 2)
    cursor = read_cursor(phone.pull()["cursor"])
    assert cursor
    older = [cursor.scope, cursor.rev, cursor.blank_until]
    page = phone.pull(base64.urlsafe_b64encode(json.dumps(older).encode()).decode().rstrip("="))
    assert (page["reset"], page["changes"]) == (False, [])
    assert page["reference"]["categories"]


def test_what_changes_while_pages_are_read_comes_once_more_at_most_and_is_never_missed(
    app: Flask, council: Council, phone: Phone
) -> None:
    writer, ids = make_phone(app, council), pushed(phone, 5)
    done = threading.Event()

    def write() -> None:
        for number in range(25):
            op = make_op("report.add", ids[number % 5], {"description": str(number)}, seq=number)
            assert writer.push(op)[0]["verdict"] == "applied"
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    copy: dict[str, int] = {}
    revs, cursor = [], None
    while True:
        last_round = done.is_set()
        page = phone.pull(cursor, limit=2)
        cursor = page["cursor"]
        for change in page["changes"]:
            revs.append(change["rev"])
            copy[change["id"]] = change["rev"]
        if last_round and not page["more"]:
            break
    thread.join()
    assert revs == sorted(set(revs)), "a revision came twice, or out of order"
    assert copy == {change["id"]: change["rev"] for change in follow(phone)[0]}


@pytest.mark.fault(35)
def test_a_change_that_is_committed_late_is_not_overtaken(app: Flask, council: Council, phone: Phone) -> None:
    """A later change waits for one that holds its revision and is not committed yet: both come down, in their order.

    Two real transactions, on each kind of database.
    """
    first_id, second_id = pushed(phone, 2)
    _, cursor = follow(phone)
    stamped, let_go, second_done = threading.Event(), threading.Event(), threading.Event()

    def change(report_id: str, *, wait: bool) -> None:
        with app.app_context(), transaction(council.id) as session:
            touch(session, session.get_one(ReportStanding, (council.id, uuid.UUID(report_id))))
            stamp_revisions(session)
            if wait:
                stamped.set()
                assert let_go.wait(10)

    def second() -> None:
        change(second_id, wait=False)
        second_done.set()

    slow, quick = (
        threading.Thread(target=change, args=(first_id,), kwargs={"wait": True}),
        threading.Thread(target=second),
    )
    slow.start()
    assert stamped.wait(10)
    quick.start()
    assert not second_done.wait(0.3), "a later revision was committed before an earlier one"
    page = phone.pull(cursor)
    assert page["changes"] == []
    let_go.set()
    slow.join()
    quick.join()
    assert [change["id"] for change in phone.pull(page["cursor"])["changes"]] == [first_id, second_id]


def test_a_page_shows_one_moment(app: Flask, council: Council, phone: Phone) -> None:
    """The counter and the rows are read in one snapshot: what is committed in between waits for the next page."""
    pushed(phone, 1)
    with app.app_context(), reading(council.id) as session:
        before = session.scalar(sa.select(Counter.value).where(Counter.name == "rev"))
        writer = threading.Thread(target=pushed, args=(phone, 1, 1))
        writer.start()
        writer.join()
        assert session.scalar(sa.select(Counter.value).where(Counter.name == "rev")) == before
        assert len(session.scalars(sa.select(ReportStanding)).all()) == 1


def test_acknowledgements_and_verified_photos_are_only_the_asking_phones(
    app: Flask, council: Council, phone: Phone
) -> None:
    another, photo = make_phone(app, council), manifest(b"mine")
    mine, theirs = report_op(photos=[photo]), report_op()
    phone.push(mine)
    another.push(theirs)
    verify(app, council, photo)
    (first, second), (my_page, their_page) = (mine, theirs), (phone.pull(), another.pull())
    assert (my_page["acked_ops"], my_page["verified_photos"]) == ([first["op_id"]], [photo["id"]])
    assert (their_page["acked_ops"], their_page["verified_photos"]) == ([second["op_id"]], [])


def test_acknowledgements_come_once_and_on_the_page_that_holds_their_revision(phone: Phone) -> None:
    ops = [report_op(seq=seq, position=None) for seq in range(6)]
    for op in ops:
        phone.push(op)
    acked, cursor = [], None
    for _ in range(10):
        page = phone.pull(cursor, limit=1)
        cursor = page["cursor"]
        acked += page["acked_ops"]
    assert acked == [op["op_id"] for op in ops]


def test_what_was_acknowledged_and_verified_is_at_most_a_page_and_none_is_missed(
    app: Flask, council: Council, phone: Phone
) -> None:
    """Forty ops about one report: one change comes down, and forty acknowledgements."""
    photos = [manifest(f"photo {number}".encode()) for number in range(9)]
    first = report_op(photos=photos, position=None)
    ops = [make_op("report.add", first["entity_id"], {"description": "x"}, seq=seq) for seq in range(2, 42)]
    phone.push(first, *ops)
    for photo in photos:
        verify(app, council, photo)
    acked: list[str] = []
    verified: list[str] = []
    changes, cursor, more = [], None, True
    while more:
        page = phone.pull(cursor, limit=4)
        cursor, more = page["cursor"], page["more"]
        assert max(len(page[name]) for name in ("acked_ops", "verified_photos", "changes")) <= 4
        acked, verified = acked + page["acked_ops"], verified + page["verified_photos"]
        changes += page["changes"]
    assert acked == [first["op_id"], *(op["op_id"] for op in ops)]
    assert verified == [photo["id"] for photo in photos]
    assert [change["id"] for change in changes] == [first["entity_id"]]


def test_a_copy_of_another_history_starts_afresh_however_far_this_one_has_come(
    app: Flask, council: Council, phone: Phone
) -> None:
    """Restored from a backup, the server soon gives out the revisions again that a phone has seen."""
    pushed(phone, 2)
    _, cursor = follow(phone)
    with app.app_context(), transaction(council.id) as session:
        begin_another(session, council.id)
    page = phone.pull(cursor)
    assert page["reset"] is True and len(page["changes"]) == 2
    assert phone.pull(page["cursor"])["reset"] is False


@pytest.mark.parametrize(
    ("version", "needed"),
    [
        ("0.9.9", True),
        ("1.9", True),
        ("2.0.0", False),
        ("2.0", False),
        ("10.1.0-beta", False),
        ("odd", False),
    ],
)
def test_an_app_too_old_to_read_is_told_and_may_send(
    app: Flask, phone: Phone, monkeypatch: pytest.MonkeyPatch, version: str, needed: bool
) -> None:
    monkeypatch.setattr(apps, "OLDEST_READER", (2, 0, 0))
    page = phone.client.get("/api/v1/sync/pull", query_string={"app_version": version}).get_json()
    assert page.get("update_needed", False) is needed
    body = {"device_id": str(phone.device_id), "ops": [report_op()], "status": {"app_version": version}}
    results = phone.client.post("/api/v1/sync/push", json=body).get_json()["results"]
    assert [result["verdict"] for result in results] == ["applied"]


def test_an_op_that_changes_nothing_that_is_shown_is_acknowledged_all_the_same(
    app: Flask, council: Council, phone: Phone
) -> None:
    op = report_op()
    phone.push(op)
    _, cursor = follow(phone)
    with app.app_context(), transaction(council.id) as session:
        touch(
            session,
            session.scalars(sa.select(Photo)).first() or session.scalars(sa.select(ReportStanding)).one(),
        )
    again = make_op("report.create", op["entity_id"], op["payload"], seq=2)
    assert phone.push(again)[0]["verdict"] == "duplicate"
    assert phone.pull(cursor)["acked_ops"] == [again["op_id"]]


def test_a_phone_whose_scope_changed_starts_its_copy_afresh(
    app: Flask, council: Council, phone: Phone
) -> None:
    reported(app, phone)
    changes, cursor = follow(phone)
    with app.app_context(), transaction(council.id) as session:
        session.get_one(User, (council.id, council.users["crew"])).role = "officer"
    page = phone.pull(cursor)
    assert page["reset"] is True
    assert {change["id"] for change in page["changes"]} == {change["id"] for change in changes}
    assert all("put" in change for change in page["changes"])
    assert phone.pull(page["cursor"])["reset"] is False


def test_a_phone_that_knows_more_than_the_server_starts_its_copy_afresh(phone: Phone) -> None:
    """The server was restored from a backup: what came after is known to phones only."""
    pushed(phone, 3)
    page = phone.pull()
    cursor = read_cursor(page["cursor"])
    assert cursor is not None
    again = phone.pull(str(replace(cursor, rev=cursor.rev + 1000)))
    assert again["reset"] is True and len(again["changes"]) == 3
    assert phone.pull(again["cursor"])["reset"] is False


def test_another_persons_cursor_starts_the_copy_afresh(app: Flask, council: Council, phone: Phone) -> None:
    pushed(phone, 2)
    _, cursor = follow(phone)
    page = make_phone(app, council, "officer").pull(cursor)
    assert page["reset"] is True and not newest(page["changes"], "report")


def test_a_cursor_that_cannot_be_read_starts_the_copy_afresh(phone: Phone) -> None:
    """An older server made it, or the phone damaged it: a refusal would leave the phone behind for ever."""

    def encoded(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()

    (report_id,) = pushed(phone, 1)
    for cursor in (
        "x", "====", "äöü", "\x00", encoded([1]), encoded({}), encoded(["x", "y", 0]), encoded(["x", 1]),
        encoded(["x", float("inf"), 0]), encoded([[], [], []]), encoded(["x", 10**30, 0]), encoded(["x", -5, 0]),
    ):  # fmt: skip
        page = phone.pull(cursor)
        assert page["reset"] is True and list(newest(page["changes"], "report")) == [report_id], cursor


def test_a_page_of_an_impossible_size_is_refused_by_name(phone: Phone) -> None:
    for limit in ("0", "501", "many", "-1"):
        answer = phone.client.get("/api/v1/sync/pull", query_string={"limit": limit})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["limit"])


def test_a_phone_of_nobody_may_not_pull(app: Flask, council: Council, phone: Phone) -> None:
    unknown = phone.client.get("/api/v1/sync/pull", query_string={"device_id": str(uuid.uuid4())})
    assert (unknown.status_code, unknown.get_json()["code"]) == (403, "device_not_enrolled")


def test_the_ping_gives_the_nonce_back_to_anyone(app: Flask, council: Council) -> None:
    answer = app.test_client().get("/api/v1/sync/ping", query_string={"nonce": "7f3a\u2603"}).get_json()
    assert answer["nonce"] == "7f3a\u2603" and answer["server_time"].endswith("Z")
