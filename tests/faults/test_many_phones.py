"""Phones that come out of the woods in any order, with work that others have changed meanwhile.

Model phones speak to the API itself, on both databases.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from server.cases.models import Job
from server.intake.models import AppliedOp, KeptOp, Report
from server.intake.upcasters import KNOWN_SCHEMA
from server.restore import begin_new_history
from server.store.checkpoints import verify
from server.store.transaction import reading, transaction
from tests.builders import (
    Council,
    Phone,
    SetClock,
    case_of,
    drain,
    make_op,
    make_phone,
    position,
    report_op,
    sign_in,
)
from workers.tasks.held import settle_held


@pytest.fixture
def crew(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@pytest.fixture
def officer(app: Flask, council: Council) -> FlaskClient:
    """An officer at the desk."""
    return sign_in(app, council, "officer")


@pytest.fixture
def case(app: Flask, crew: Phone, officer: FlaskClient) -> dict[str, Any]:
    """A case that the phone reported."""
    op = report_op()
    crew.push(op)
    drain(app)
    return case_of(officer, op["entity_id"])


def give_job(officer: FlaskClient, case: dict[str, Any], **more: Any) -> str:
    """Give a job on the case; its id."""
    answer = officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "clear", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["jobs"][-1]["id"])


def look(officer: FlaskClient, case: dict[str, Any]) -> dict[str, Any]:
    """The case as it is now."""
    return dict(officer.get(f"/api/v1/cases/{case['id']}").get_json())


def decide(officer: FlaskClient, case: dict[str, Any], decision: str) -> None:
    """Decide on the case."""
    answer = officer.post(f"/api/v1/cases/{case['id']}/decisions", json={"decision": decision})
    assert answer.status_code == 200, answer.text


def follow(phone: Phone, copy: dict[tuple[str, str], Any], cursor: str | None) -> str:
    """Take all that came down since `cursor` into the copy; the cursor to go on from."""
    changes, cursor = phone.pull_all(cursor, limit=7)
    for change in changes:
        copy.pop((change["type"], change["id"]), None)
        if "put" in change:
            copy[change["type"], change["id"]] = change["put"]
    return cursor


@pytest.mark.fault(12)
def test_batches_in_every_order(app: Flask, council: Council, crew: Phone, officer: FlaskClient) -> None:
    """Whatever order three batches arrive in, the report ends with the same place and words, each once."""
    for number, order in enumerate(permutations(range(3))):
        create = report_op(seq=1, position=None)
        where = position(lat=52.50 + number * 0.01)
        locate = make_op("report.locate", create["entity_id"], {"position": where}, seq=2)
        add = make_op("report.add", create["entity_id"], {"description": f"And a sofa, {number}"}, seq=3)
        batches = [create, locate | {"after": create["op_id"]}, add | {"after": locate["op_id"]}]
        verdicts = [crew.push(batches[index])[0]["verdict"] for index in order]
        assert verdicts[order.index(0)] == "applied"
        assert {result["verdict"] for result in crew.push(*batches)} == {"duplicate"}
        drain(app)
        case = case_of(officer, create["entity_id"])
        [report] = [one for one in case["reports_detail"] if one["id"] == create["entity_id"]]
        assert report["position"]["lat"] == where["lat"]
        assert [note["text"] for note in case["notes"]].count(f"And a sofa, {number}") == 1
    _the_record_is_whole(app, council)


@pytest.mark.fault(32)
@pytest.mark.parametrize("change", ["closed", "given away"])
def test_a_job_that_others_changed_meanwhile(
    app: Flask, council: Council, crew: Phone, officer: FlaskClient, case: dict[str, Any], change: str
) -> None:
    """The visit is kept and shown to the officer, and the job is gone from the phone that no longer has it."""
    job_id = give_job(officer, case, crew_id=str(council.users["crew"]))
    _, cursor = crew.pull_all()
    if change == "closed":
        decide(officer, case, "close")
    else:
        _give_to(app, council, job_id, council.users["manager"])
    op = make_op("job.result", job_id, {"result": "done", "reason": "Cleared it all", "photos": []})
    assert crew.push(op)[0]["verdict"] == "applied"
    changes, _ = crew.pull_all(cursor)
    assert [change for change in changes if change["type"] == "job" and change["id"] == job_id][-1].get("del")
    [job] = look(officer, case)["jobs"]
    [visit] = job["results"]
    assert (visit["result"], visit["reason"]) == ("done", "Cleared it all")
    assert visit["flags"], "nobody was told that this came after a change"


@pytest.mark.fault(33)
def test_two_crews_clear_one_job(
    app: Flask, council: Council, crew: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    """Both visits are kept, the first one counts, and an officer sees that there were two."""
    job_id, another = give_job(officer, case), make_phone(app, council, "manager")
    for one in (crew, another, crew):
        op = make_op("job.result", job_id, {"result": "done", "photos": []})
        assert [one.push(op)[0]["verdict"] for _ in range(2)] == ["applied", "duplicate"]
    after = look(officer, case)
    [job] = after["jobs"]
    assert job["state"] == "done"
    assert [visit["result"] for visit in job["results"]] == ["done"] * 3
    assert after["flags"] == ["job_done_twice"]
    _the_record_is_whole(app, council)


@pytest.mark.fault(34)
def test_a_phone_that_was_away_for_ages(
    app: Flask, council: Council, crew: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    """However much came and went meanwhile, its copy ends the same as a new phone's: deletions are never forgotten."""
    job_id = give_job(officer, case)
    copy: dict[tuple[str, str], Any] = {}
    cursor = follow(crew, copy, None)
    assert ("job", job_id) in copy
    assert ("case", case["id"]) in copy
    busy = make_phone(app, council)
    for number in range(12):
        op = report_op(position=position(lat=52.46 + number * 0.01))
        busy.push(op)
        drain(app)
        if number % 2:
            decide(officer, case_of(officer, op["entity_id"]), "close")
    busy.push(make_op("job.result", job_id, {"result": "done", "photos": []}))
    decide(officer, case, "close")
    follow(crew, copy, cursor)
    assert ("job", job_id) not in copy
    assert ("case", case["id"]) not in copy
    fresh: dict[tuple[str, str], Any] = {}
    follow(make_phone(app, council), fresh, None)
    assert copy == fresh


@pytest.mark.fault(34)
def test_a_cursor_that_the_server_cannot_answer(crew: Phone, case: dict[str, Any]) -> None:
    """A cursor of another past starts the copy afresh, and leaves the outbox alone."""
    page = crew.pull("bm90IG91cnM")
    assert page["reset"]
    assert case["id"] in [change["id"] for change in page["changes"] if "put" in change]


@pytest.mark.fault(34)
def test_a_cursor_of_a_history_that_a_restored_backup_took_back(
    app: Flask, council: Council, crew: Phone, case: dict[str, Any]
) -> None:
    """The numbers it counts by are given out again for other things: its copy starts afresh, and misses none."""
    cursor = follow(crew, {}, None)
    with app.app_context():
        begin_new_history("2026-11-20T02:30:00Z")
    others = make_phone(app, council)
    for number in range(8):
        others.push(report_op(position=position(lat=52.46 + number * 0.01)))
    drain(app)
    page = crew.pull(cursor, limit=1)
    assert page["reset"], "a copy of what never was would stay on the phone"
    after = {(change["type"], change["id"]): change["put"] for change in page["changes"]}
    follow(crew, after, page["cursor"])
    fresh: dict[tuple[str, str], Any] = {}
    follow(make_phone(app, council), fresh, None)
    assert after == fresh
    assert ("case", case["id"]) in after


@pytest.mark.fault(36)
def test_an_old_app_meets_a_new_server(app: Flask, council: Council, crew: Phone) -> None:
    """What an older app sends is taken in, without the fields it did not know and with those that are no more."""
    op = report_op()
    payload = json.loads(op["payload"])
    for later in ("hazards", "extra", "witnessed", "land", "size"):
        payload.pop(later, None)
    old = make_op("report.create", payload["id"], payload | {"colour_of_bin": "green"})
    assert crew.push(old)[0]["verdict"] == "applied"
    with app.app_context(), reading(council.id) as session:
        assert session.get_one(Report, (council.id, uuid.UUID(payload["id"]))).payload == old["payload"]


@pytest.mark.fault(36)
def test_a_new_app_meets_an_old_server(app: Flask, council: Council, crew: Phone) -> None:
    """What the server cannot read yet stays on the phone for later, and holds up nothing else."""
    newer = report_op() | {"schema": KNOWN_SCHEMA + 1}
    unheard_of = make_op("report.smell", str(uuid.uuid4()), {"smell": "bad"})
    known = report_op()
    results = crew.push(newer, unheard_of, known)
    assert [result["verdict"] for result in results] == ["retry", "retry", "applied"]
    assert all(result["after_s"] >= 60 for result in results[:2]), "asked again in a rush"
    # The server is brought up to date: the very same op is taken.
    assert crew.push(newer | {"schema": KNOWN_SCHEMA})[0]["verdict"] == "applied"


@pytest.mark.fault(37)
def test_one_op_in_a_chain_that_can_never_be_applied(
    app: Flask, council: Council, crew: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    """It alone needs a person; what came before stands, other chains go on, and what follows it is kept."""
    job_id = give_job(officer, case)
    first = make_op("job.note", job_id, {"text": "On my way"}, seq=1)
    poison = make_op("job.note", job_id, {"text": ["not", "words"]}, seq=2) | {"after": first["op_id"]}
    last = make_op("job.result", job_id, {"result": "done", "photos": []}, seq=3) | {"after": poison["op_id"]}
    other = report_op(seq=4)
    results = crew.push(first, poison, last, other)
    assert [result["verdict"] for result in results] == ["applied", "rejected", "waiting_for", "applied"]
    assert "text" in results[1]["problem"]["errors"]
    with app.app_context(), reading(council.id) as session:
        [kept] = session.scalars(sa.select(KeptOp))
        assert json.loads(kept.raw)["payload"] == poison["payload"]


@pytest.mark.fault(37)
def test_what_follows_an_op_that_never_comes_is_settled_after_a_week(
    app: Flask, council: Council, crew: Phone, officer: FlaskClient, case: dict[str, Any]
) -> None:
    """What makes sense alone takes effect then, with a flag; what does not is kept for a person."""
    clock = SetClock(app, datetime.now(UTC))
    job_id = give_job(officer, case)
    never = str(uuid.uuid4())
    visit = make_op("job.result", job_id, {"result": "done", "photos": []}, seq=8) | {"after": never}
    words = make_op("report.add", never, {"description": "Behind the bins"}, seq=9)
    assert [result["verdict"] for result in crew.push(visit, words)] == ["waiting_for", "waiting_for"]
    clock.forward(timedelta(days=6, hours=23))
    assert _settle_held(app) == 0
    assert look(officer, case)["jobs"][0]["state"] != "done"
    clock.forward(timedelta(hours=1))
    assert _settle_held(app) == 2
    assert _settle_held(app) == 0
    after = look(officer, case)
    assert after["jobs"][0]["state"] == "done"
    assert "out_of_order" in after["flags"], "nobody was told that something before it is missing"
    [kept] = officer.get("/api/v1/sync/kept?why=dead_letter").get_json()["items"]
    assert "Behind the bins" in json.dumps(kept)
    assert [result["verdict"] for result in crew.push(visit)] == ["duplicate"]
    _the_record_is_whole(app, council)


def _settle_held(app: Flask) -> int:
    """What beat does every hour; how many were settled."""
    with app.app_context():
        return settle_held()  # type: ignore[return-value]


def _the_record_is_whole(app: Flask, council: Council) -> None:
    with app.app_context(), reading(council.id) as session:
        assert verify(session) == []
        ops = list(session.scalars(sa.select(AppliedOp.id)))
        assert len(ops) == len(set(ops))


def _give_to(app: Flask, council: Council, job_id: str, user_id: uuid.UUID) -> None:
    """Give the job to somebody else."""
    with app.app_context(), transaction(council.id) as session:
        session.get_one(Job, (council.id, uuid.UUID(job_id))).crew_id = user_id
