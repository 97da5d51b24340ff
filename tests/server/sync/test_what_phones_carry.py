"""What comes down to whom: open cases, a crew's jobs, one's own reports and what became of them, hotspots."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from server.access.models import User
from server.access.service import add_user
from server.cases.models import Job
from server.photos.models import Photo
from server.photos.service import Findings, record_findings
from server.store.clock import now, rfc3339
from server.store.events import SYSTEM
from server.store.transaction import transaction
from tests.builders import (
    HERE,
    Council,
    Phone,
    case_of,
    drain,
    make_op,
    make_phone,
    manifest,
    position,
    report_op,
)

Change = dict[str, Any]


def newest(changes: list[Change], type_: str) -> dict[str, Change]:
    """The last change of each entity of a type."""
    return {change["id"]: change for change in changes if change["type"] == type_}


def follow(phone: Phone, cursor: str | None = None) -> tuple[list[Change], str]:
    """What a phone gets from a cursor on."""
    return phone.pull_all(cursor)


def reported(app: Flask, phone: Phone, **changes: Any) -> str:
    """Send a report and have it placed; its id."""
    op = report_op(**changes)
    assert phone.push(op)[0]["verdict"] == "applied"
    drain(app)
    return str(op["entity_id"])


def decide(officer: FlaskClient, case_id: str, decision: str, **more: Any) -> None:
    """Take a decision on a case."""
    answer = officer.post(f"/api/v1/cases/{case_id}/decisions", json={"decision": decision, **more})
    assert answer.status_code == 200, answer.text


def give_job(officer: FlaskClient, case_id: str, **more: Any) -> str:
    """Give a crew a job on a case; its id."""
    answer = officer.post(f"/api/v1/cases/{case_id}/jobs", json={"kind": "clear", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["jobs"][-1]["id"])


def test_a_report_is_followed_from_received_to_closed(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    op = report_op()
    phone.push(op)
    changes, cursor = follow(phone)
    assert newest(changes, "report")[op["entity_id"]]["put"]["state"] == "received"
    drain(app)
    states = []
    case = case_of(officer, op["entity_id"])
    for decision in (None, "accept", "close", "reopen"):
        if decision:
            decide(officer, case["id"], decision, reason="because")
        changes, cursor = follow(phone, cursor)
        put = newest(changes, "report")[op["entity_id"]]["put"]
        assert (put["case_id"], put["case_reference"]) == (case["id"], case["reference"])
        states.append(put["state"])
    assert states == ["placed", "accepted", "closed", "accepted"]


def test_people_see_their_own_reports_only(app: Flask, council: Council, phone: Phone) -> None:
    mine = reported(app, phone)
    other = make_phone(app, council, "officer")
    theirs = reported(app, other, position=position(HERE[0] + 0.01))
    for who, own in ((phone, mine), (other, theirs)):
        puts = [change for change in follow(who)[0] if change["type"] == "report" and "put" in change]
        assert [change["id"] for change in puts] == [own]


def test_a_closed_case_leaves_with_its_jobs_and_comes_back_with_them(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    case_id = case_of(officer, reported(app, phone))["id"]
    job_id = give_job(officer, case_id)
    changes, cursor = follow(phone)
    assert "put" in newest(changes, "case")[case_id] and "put" in newest(changes, "job")[job_id]
    decide(officer, case_id, "close")
    changes, cursor = follow(phone, cursor)
    assert newest(changes, "case")[case_id]["del"] and newest(changes, "job")[job_id]["del"]
    decide(officer, case_id, "reopen", reason="still there")
    changes, cursor = follow(phone, cursor)
    assert "put" in newest(changes, "case")[case_id] and "put" in newest(changes, "job")[job_id]


def test_a_done_job_leaves(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    job_id = give_job(officer, case_of(officer, reported(app, phone))["id"])
    _, cursor = follow(phone)
    phone.push(make_op("job.result", job_id, {"result": "done"}))
    assert newest(follow(phone, cursor)[0], "job")[job_id]["del"]
    assert newest(follow(phone)[0], "job") == {}


def test_a_job_given_to_another_crew_leaves_one_phone_and_comes_to_the_other(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    another = second_crew(app, council)
    job_id = give_job(
        officer, case_of(officer, reported(app, phone))["id"], crew_id=str(council.users["crew"])
    )
    (mine, my_cursor), (theirs, their_cursor) = follow(phone), follow(another)
    assert "put" in newest(mine, "job")[job_id] and newest(theirs, "job") == {}
    with app.app_context(), transaction(council.id) as session:
        session.get_one(Job, (council.id, uuid.UUID(job_id))).crew_id = other_crew_id(session)
    assert newest(follow(phone, my_cursor)[0], "job")[job_id]["del"]
    assert "put" in newest(follow(another, their_cursor)[0], "job")[job_id]


def second_crew(app: Flask, council: Council) -> Phone:
    """A phone of a second crew of the council."""
    with app.app_context(), transaction(council.id) as session:
        user = add_user(
            session, email="second@north.example", name="Second", role="crew", by=SYSTEM, at=now()
        )
        users = council.users | {"second": user.id}
    return make_phone(app, Council(council.id, council.slug, users), "second")


def other_crew_id(session: Any) -> uuid.UUID:
    """The id of the second crew."""
    found: uuid.UUID = session.scalars(sa.select(User.id).where(User.email == "second@north.example")).one()
    return found


def test_a_hazard_found_later_reaches_the_crew_that_has_the_job(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    job_id = give_job(officer, case_of(officer, reported(app, phone))["id"])
    _, cursor = follow(phone)
    reported(app, phone, hazards=["asbestos"])
    assert newest(follow(phone, cursor)[0], "job")[job_id]["put"]["hazards"] == ["asbestos"]


def test_a_better_position_reaches_the_crew_that_has_the_job(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    report_id = reported(app, phone, position=None)
    job_id = give_job(officer, case_of(officer, report_id)["id"])
    changes, cursor = follow(phone)
    assert newest(changes, "job")[job_id]["put"]["lat"] is None
    phone.push(make_op("report.locate", report_id, {"position": position()}))
    drain(app)
    put = newest(follow(phone, cursor)[0], "job")[job_id]["put"]
    assert (put["lat"], put["label"]) == (HERE[0], "Oldbury Road, Hartshill")


def test_a_verified_photo_shows_in_the_report_the_case_and_its_job(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    photo = manifest(b"a photo")
    report_id = reported(app, phone, photos=[photo])
    case = case_of(officer, report_id)
    job_id = give_job(officer, case["id"])
    changes, cursor = follow(phone)
    assert newest(changes, "report")[report_id]["put"]["photos"] == {"verified": 0, "expected": 1}
    verify(app, council, photo)
    page = phone.pull(cursor)
    assert page["verified_photos"] == [photo["id"]]
    shown = page["changes"]
    assert newest(shown, "report")[report_id]["put"]["photos"] == {"verified": 1, "expected": 1}
    assert newest(shown, "case")[case["id"]]["put"]["thumb_photo_id"] == photo["id"]
    assert newest(shown, "job")[job_id]["put"]["thumb_photo_id"] == photo["id"]


def verify(app: Flask, council: Council, photo: dict[str, Any]) -> None:
    """Have a photo received and verified, without its bytes."""
    with app.app_context(), transaction(council.id) as session:
        session.get_one(Photo, (council.id, uuid.UUID(photo["id"]))).state = "received"
    with app.app_context(), transaction(council.id) as session:
        found = Findings(photo["sha256"], "image/jpeg", {}, showable=True)
        record_findings(session, uuid.UUID(photo["id"]), found, now())


def test_photos_and_words_added_to_a_report_show_with_its_case(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    report_id = reported(app, phone)
    before, (_, cursor) = case_of(officer, report_id), follow(phone)
    added = {"description": "There is more behind the gate", "photos": [manifest(b"later")]}
    (verdict,) = phone.push(make_op("report.add", report_id, added))
    after = case_of(officer, report_id)
    assert after["photos"] == {"verified": 0, "expected": 1} and after["rev"] > before["rev"]
    assert added["description"] in [note["text"] for note in after["notes"]]
    assert added["description"] in [event["text"] for event in after["timeline"]]
    put = newest(follow(phone, cursor)[0], "report")[report_id]
    assert put["put"]["photos"] == {"verified": 0, "expected": 1} and put["rev"] >= verdict["rev"]


def test_whoever_has_pulled_an_entity_up_to_the_revision_of_a_push_has_seen_its_effect(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    """The overlay rule: the phone drops its own copy of a change when the pulled revision is not less."""
    report_id = reported(app, phone)
    case_id = case_of(officer, report_id)["id"]
    first, second = give_job(officer, case_id), give_job(officer, case_id, kind="sign")
    _, cursor = follow(phone)
    for type_, entity, op in (
        ("report", report_id, make_op("report.locate", report_id, {"position": position(52.58)})),
        ("report", report_id, make_op("report.add", report_id, {"description": "more"})),
        ("case", case_id, make_op("case.note", case_id, {"text": "Dog loose"})),
        ("job", first, make_op("job.note", first, {"text": "Blocked gate"})),
        ("job", first, make_op("job.result", first, {"result": "done"})),
        ("job", first, make_op("job.result", first, {"result": "not_there"})),
        ("job", second, make_op("job.result", second, {"result": "cannot", "reason": "locked"})),
    ):
        (verdict,) = phone.push(op)
        assert verdict["verdict"] == "applied"
        changes, cursor = follow(phone, cursor)
        change = newest(changes, type_)[entity]
        assert change["rev"] >= verdict["rev"], (type_, op["type"])
        assert phone.push(op)[0]["rev"] == verdict["rev"]


def test_hotspots_come_and_leave_with_the_list(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    reported(app, phone)
    second = reported(app, phone, position=position(HERE[0] + 0.0006))
    changes, cursor = follow(phone)
    (hotspot,) = newest(changes, "hotspot").values()
    assert (hotspot["put"]["count"], hotspot["put"]["rank"]) == (2, 1)
    decide(officer, case_of(officer, second)["id"], "not_ours", reason="private land")
    reported(app, phone, position=position(HERE[0] + 0.02))
    gone = newest(follow(phone, cursor)[0], "hotspot")[hotspot["id"]]
    assert gone["del"] is True


def test_a_hotspot_comes_with_what_is_known_of_it(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    first = reported(app, phone, waste=["tyres"])
    reported(app, phone, position=position(HERE[0] + 0.0006), waste=["green"])
    job = give_job(officer, case_of(officer, first)["id"], crew_id=str(council.users["crew"]))
    result = make_op("job.result", job, {"result": "done", "photos": []}, seq=50)
    assert phone.push(result)[0]["verdict"] == "applied"
    (hotspot,) = newest(follow(phone)[0], "hotspot").values()
    page = officer.get(f"/api/v1/hotspots/{hotspot['id']}").get_json()
    evidence = hotspot["put"]["evidence"]
    assert evidence["months"] == [month["count"] for month in page["months"]] and sum(evidence["months"]) == 2
    assert evidence["up_to"] == page["months"][-1]["month"]
    for name in ("hours", "weekdays", "expected", "usual", "waste"):
        assert evidence[name] == page[name], name
    assert [(done["kind"], done["result"]) for done in evidence["done"]] == [("clear", "done")]
    assert page["done"][0]["case_reference"] not in str(hotspot), "a crew has the counts, not the cases"


def test_what_a_crew_did_at_a_place_comes_to_phones_that_have_the_place(
    app: Flask, council: Council, phone: Phone, officer: FlaskClient
) -> None:
    first = reported(app, phone)
    reported(app, phone, position=position(HERE[0] + 0.0006))
    job = give_job(officer, case_of(officer, first)["id"], crew_id=str(council.users["crew"]))
    changes, cursor = follow(phone)
    (place,) = newest(changes, "hotspot").values()
    assert place["put"]["evidence"]["done"] == []
    rev = str(officer.get(f"/api/v1/hotspots/{place['id']}").get_json()["rev"])
    phone.push(make_op("job.result", job, {"result": "done", "photos": []}, seq=50))
    change = newest(follow(phone, cursor)[0], "hotspot")[place["id"]]
    assert [done["result"] for done in change["put"]["evidence"]["done"]] == ["done"]
    # Whoever was about to give the place its name is not disturbed by it.
    path = f"/api/v1/hotspots/{place['id']}"
    named = officer.patch(path, json={"label": "The dip"}, headers={"If-Match": rev})
    assert named.status_code == 200, named.text


def test_other_cases_at_a_place_come_to_phones_though_there_are_as_many(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    with app.app_context():
        today = now()
    days = [today - timedelta(days=ago) for ago in (60, 40, 20)]
    spots = [position(HERE[0] + north) for north in (0, 0.0001, 0.0002)]
    ids = [
        reported(app, phone, position=spot, seen_at=rfc3339(day), waste=["tyres"])
        for spot, day in zip(spots, days, strict=True)
    ]
    changes, cursor = follow(phone)
    (place,) = newest(changes, "hotspot").values()
    decide(officer, case_of(officer, ids[1])["id"], "not_ours", reason="private land")
    reported(app, phone, position=spots[1], seen_at=rfc3339(days[1]), waste=["green"])
    change = newest(follow(phone, cursor)[0], "hotspot")[place["id"]]
    assert sorted(each["name"] for each in change["put"]["evidence"]["waste"]) == sorted(
        each["name"] for each in officer.get(f"/api/v1/hotspots/{place['id']}").get_json()["waste"]
    )
    assert len(change["put"]["evidence"]["waste"]) == 2
