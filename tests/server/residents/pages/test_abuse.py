"""Floods and programs: held for a person, never refused to people, never dropped."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.residents.abuse import MOST_ABOUT_ONE_PLACE, MOST_OF_ONE_ADDRESS
from server.residents.models import Sending
from server.residents.visits import TRAP
from server.store.events import events_of
from server.store.transaction import reading
from tests.builders import HERE, Council, drain, sign_in
from tests.server.residents.pages.resident import Resident, files, picture, words_of
from workers.tasks.residents import tidy

PIN = {"source": "pin", "lat": str(HERE[0]), "lon": str(HERE[1]), "words": ""}


def held(app: Flask, council: Council) -> list[dict[str, Any]]:
    return list(sign_in(app, council, "officer").get("/api/v1/quarantine").json["items"])


def reasons(app: Flask, council: Council) -> list[str]:
    return [reason["code"] for row in held(app, council) for reason in row["reasons"]]


def case_count(app: Flask, council: Council) -> int:
    return len(sign_in(app, council, "officer").get("/api/v1/cases").json["items"])


def trapped(resident: Resident) -> str:
    resident.answer_all(contact={"contact": "no", TRAP: "http://example.com"})
    resident.send()
    return resident.receipt_code()


def test_a_filled_trap_holds_the_report_for_a_person(
    app: Flask, council: Council, resident: Resident
) -> None:
    code = trapped(resident)
    drain(app)
    [row] = held(app, council)
    assert (row["receipt_code"], row["description"]) == (code, "A fridge on the verge")
    assert row["reasons"] == [
        {"code": "trap_filled", "words": "a field was filled in that people do not see"}
    ]
    assert case_count(app, council) == 0


def test_whoever_sent_it_is_told_what_everybody_is_told(
    app: Flask, council: Council, resident: Resident
) -> None:
    trapped(resident)
    drain(app)
    page = resident.get(resident.status_path())
    assert "We have your report and will look at it soon" in words_of(page)
    for word in ("quarantine", "held", "suspic"):
        assert word not in words_of(page).lower()


def test_released_it_goes_its_way_as_if_it_had_never_been_held(
    app: Flask, council: Council, resident: Resident
) -> None:
    for name in ("what", "waste"):
        resident.answer(name)
    resident.answer("where", **PIN)
    resident.client.post("/report/photos", **files(("tip.jpg", picture())))
    resident.answer_all(where=PIN, contact={"contact": "no", TRAP: "x"})
    resident.send()
    drain(app)
    [row] = held(app, council)
    assert [photo["state"] for photo in row["photos"]] == ["verified"]
    officer = sign_in(app, council, "officer")
    first = officer.post(f"/api/v1/quarantine/{row['report_id']}/release")
    again = officer.post(f"/api/v1/quarantine/{row['report_id']}/release")
    assert first.status_code == again.status_code == 200
    assert first.json == again.json
    drain(app)
    [case] = officer.get("/api/v1/cases").json["items"]
    assert case["reports"] == 1
    assert case["photos"] == {"expected": 1, "verified": 1}
    assert "quarantined" not in case["flags"]
    assert held(app, council) == []
    with app.app_context(), reading(council.id) as session:
        [kinds] = [
            [event.kind for event in events_of(session, report.id)]
            for report in session.scalars(sa.select(Sending))
        ]
    assert kinds.index("report.quarantined") < kinds.index("report.released") < kinds.index("report.joined")


def test_only_officers_see_and_release(app: Flask, council: Council, resident: Resident) -> None:
    trapped(resident)
    [row] = held(app, council)
    crew = sign_in(app, council, "crew")
    assert crew.get("/api/v1/quarantine").status_code == 403
    assert crew.post(f"/api/v1/quarantine/{row['report_id']}/release").status_code == 403
    assert resident.get("/api/v1/quarantine").status_code == 401
    officer = sign_in(app, council, "officer")
    nobody = "5ad4f8f0-0000-4000-8000-000000000000"
    assert officer.post(f"/api/v1/quarantine/{nobody}/release").status_code == 404


def test_faster_than_anybody_reads_is_held(app: Flask, council: Council, resident: Resident) -> None:
    resident.pause_s = 0.9
    resident.report()
    assert reasons(app, council) == ["too_fast"]


def test_more_than_a_handful_from_one_address_is_held(
    app: Flask, council: Council, resident: Resident
) -> None:
    for number in range(MOST_OF_ONE_ADDRESS + 1):
        resident.report(what={"category": "graffiti", "description": f"Wall {number}"})
    assert reasons(app, council) == ["same_address"]
    resident.clock.pass_(hours=2)
    resident.report()
    assert reasons(app, council) == ["same_address"]


def test_a_flood_about_one_place_is_held_whoever_sends_it(
    app: Flask, council: Council, resident: Resident
) -> None:
    for number in range(MOST_ABOUT_ONE_PLACE + 2):
        other = Resident(app, resident.clock)
        other.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        other.report(where=PIN | {"lat": str(HERE[0] + number * 0.00005)})
    assert reasons(app, council) == ["same_place", "same_place"]


def test_the_api_counts_towards_the_same_flood(app: Flask, council: Council, resident: Resident) -> None:
    for number in range(MOST_OF_ONE_ADDRESS):
        resident.report(what={"category": "graffiti", "description": f"Wall {number}"})
    body = {
        "id": "5ad4f8f0-0000-4000-8000-000000000001", "kind": "incident", "category": "graffiti",
        "seen_at": resident.clock().isoformat(), "where": "On the bridge",
    }  # fmt: skip
    assert resident.client.post("/api/v1/public/reports", json=body).status_code == 200
    assert reasons(app, council) == ["same_address"]


def test_the_list_of_what_is_held_comes_in_pages(app: Flask, council: Council, resident: Resident) -> None:
    codes = []
    for _ in range(3):
        codes.append(trapped(resident))
        resident.clock.pass_(minutes=1)
    officer = sign_in(app, council, "officer")
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = officer.get("/api/v1/quarantine", query_string=query).json
        seen += [row["receipt_code"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == codes
    assert officer.get("/api/v1/quarantine?cursor=x").status_code == 422


def test_addresses_are_forgotten_after_a_day(app: Flask, council: Council, resident: Resident) -> None:
    resident.report()
    with app.app_context(), reading(council.id) as session:
        assert "127.0.0.1" not in session.scalars(sa.select(Sending)).one().address_hash
    resident.clock.pass_(hours=25)
    with app.app_context():
        tidy()
        with reading(council.id) as session:
            assert session.scalars(sa.select(Sending)).all() == []


@pytest.mark.parametrize("path", ["/report/check"])
def test_a_hard_limit_says_what_to_do_and_keeps_the_answers(resident: Resident, path: str) -> None:
    resident.answer_all()
    codes = [
        resident.client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code for _ in range(20)
    ]
    assert set(codes) == {403}
    page = resident.client.post(path)
    assert page.status_code == 429
    assert "Your answers and photos are kept for a day" in words_of(page)
    assert "A fridge on the verge" in words_of(resident.get("/report/check"))
