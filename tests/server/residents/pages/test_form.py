"""The form from its first page to the receipt, as a browser without script walks it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa
from flask import Flask

from server.intake.models import Report, ReportPosition
from server.residents.models import Contact, Draft
from server.residents.questions import TITLES
from server.residents.visits import COOKIE
from server.store.events import events_of
from server.store.transaction import reading
from tests.builders import Council, drain, sign_in
from tests.server.residents.pages.resident import Resident, problems_of, title_of, words_of
from workers.tasks.residents import tidy


def the_report(app: Flask, council: Council) -> Report:
    with app.app_context(), reading(council.id) as session:
        report = session.scalars(sa.select(Report)).one()
        session.expunge(report)
        return report


def test_the_start_page_says_what_it_is_for_and_what_not(resident: Resident) -> None:
    page = resident.get("/report")
    assert title_of(page) == "Report dumped rubbish or trouble in the street – North Borough"
    for words in ("Call 999", "neighbours", "Potholes", "Environment Agency", "Start now"):
        assert words in words_of(page)
    assert "Set-Cookie" not in page.headers


def test_a_report_goes_through_the_same_intake_as_everybodys(
    app: Flask, council: Council, resident: Resident
) -> None:
    code = resident.report()
    drain(app)
    report = the_report(app, council)
    assert (report.receipt_code, report.source, report.kind) == (code, "resident", "fly_tip")
    assert (report.waste, report.size, report.witnessed) == (
        ["white_goods", "tyres"],
        "small_van_load",
        False,
    )
    assert report.where == "In the lay-by opposite the garden centre"
    case = sign_in(app, council, "officer").get("/api/v1/cases").json["items"][0]
    assert case["reports"] == 1


def test_the_pages_ask_for_each_question_in_turn(resident: Resident) -> None:
    order = ["what"]
    while order[-1] != "check":
        order.append(resident.answer(order[-1]).location.rpartition("/")[2])
    assert order == ["what", "waste", "where", "photos", "witness", "contact", "check"]


def test_only_dumped_rubbish_is_asked_what_it_is(resident: Resident) -> None:
    response = resident.answer("what", category="graffiti", description="")
    assert response.location == "/report/where"


def test_a_question_out_of_turn_leads_back_to_the_start(resident: Resident) -> None:
    for name in ("waste", "where", "same", "photos", "witness", "contact", "check", "sent"):
        response = resident.get(f"/report/{name}")
        assert response.status_code == 303, name
        assert response.location.startswith("/report"), name
    assert "We do not have your answers any more" in words_of(resident.get("/report?again=1"))


def test_check_your_answers_shows_them_all_with_a_way_to_change_each(resident: Resident) -> None:
    resident.answer_all(witness={"witnessed": "yes", "seen": "A white van, FX12 ABC"})
    page = resident.get("/report/check")
    for words in (
        "A fridge on the verge",
        "Tyres",
        "A small van load",
        "lay-by",
        "white van",
        "Do not contact me",
    ):
        assert words in words_of(page)
    for name in ("what", "waste", "where", "photos", "witness", "contact"):
        assert f'href="/report/{name}"' in page.text


def test_a_changed_answer_leads_back_to_the_check_and_shows_there(resident: Resident) -> None:
    resident.answer_all()
    assert "A fridge on the verge" in resident.get("/report/what").text
    response = resident.answer("what", category="fly_tip", description="Two fridges")
    assert response.location == "/report/check"
    assert "Two fridges" in words_of(resident.get("/report/check"))


def test_a_change_that_raises_a_new_question_asks_it_first(resident: Resident) -> None:
    resident.answer_all(what={"category": "graffiti", "description": ""})
    assert resident.answer("what", category="fly_tip").location == "/report/waste"
    assert resident.get("/report/check").location == "/report/waste"


def test_the_confirmation_has_the_receipt_code_and_what_happens_next(resident: Resident) -> None:
    code = resident.report()
    page = resident.get("/report/sent")
    assert title_of(page).startswith("Report sent")
    assert code in page.text
    assert "What happens next" in words_of(page)
    assert resident.status_path() in page.text


def test_sent_twice_it_is_there_once(app: Flask, council: Council, resident: Resident) -> None:
    code = resident.report()
    again = resident.send()
    assert (again.status_code, again.location) == (303, "/report/sent")
    assert resident.receipt_code() == code == the_report(app, council).receipt_code


def test_sent_by_two_windows_at_the_same_moment_it_is_there_once(
    app: Flask, council: Council, resident: Resident
) -> None:
    resident.answer_all()
    cookie = resident.client.get_cookie(COOKIE, path="/report")
    assert cookie is not None
    at_once = Barrier(4)

    def send(_number: int) -> str:
        window = Resident(app, resident.clock)
        window.client.set_cookie(COOKIE, cookie.value, path="/report")
        at_once.wait(10)
        return window.send().location

    with ThreadPoolExecutor(4) as windows:
        assert set(windows.map(send, range(4))) == {"/report/sent"}
    assert the_report(app, council).receipt_code == resident.receipt_code()


def test_contact_details_are_erased_when_their_time_has_passed(
    app: Flask, council: Council, resident: Resident
) -> None:
    resident.report(contact={"contact": "yes", "name": "Pat", "email": "pat@example.com", "phone": ""})
    resident.clock.pass_(days=364)
    with app.app_context():
        tidy()
        resident.clock.pass_(days=2)
        tidy()
        with reading(council.id) as session:
            assert session.scalars(sa.select(Contact)).all() == []
            kinds = [event.kind for event in events_of(session, session.scalars(sa.select(Report.id)).one())]
    assert kinds.count("report.contact_erased") == 1


def test_the_draft_keeps_no_answer_once_it_was_sent(app: Flask, council: Council, resident: Resident) -> None:
    resident.report(contact={"contact": "yes", "name": "Pat", "email": "pat@example.com", "phone": ""})
    with app.app_context(), reading(council.id) as session:
        assert session.scalars(sa.select(Draft)).one().answers == {}


def test_something_else_starts_a_new_form_and_a_new_report(resident: Resident) -> None:
    first = resident.report()
    assert "A fridge on the verge" not in resident.get("/report/what").text
    second = resident.report(what={"category": "graffiti", "description": "On the bridge"})
    assert first != second


def test_after_sending_the_old_pages_lead_to_the_confirmation(resident: Resident) -> None:
    resident.report()
    for name in ("waste", "where", "photos", "witness", "contact", "check"):
        assert resident.get(f"/report/{name}").location == "/report/sent", name


def test_what_the_witness_saw_goes_with_the_report(app: Flask, council: Council, resident: Resident) -> None:
    resident.report(witness={"witnessed": "yes", "seen": "A white van"})
    report = the_report(app, council)
    assert report.witnessed
    assert report.description == "A fridge on the verge\n\nSaw who did it: A white van"


def test_contact_details_live_apart_and_only_officers_see_them(
    app: Flask, council: Council, resident: Resident
) -> None:
    resident.report(contact={"contact": "yes", "name": "Pat", "email": "pat@example.com", "phone": ""})
    report = the_report(app, council)
    assert "pat@example.com" not in report.payload
    path = f"/api/v1/reports/{report.id}/contact"
    assert sign_in(app, council, "officer").get(path).json["email"] == "pat@example.com"
    assert sign_in(app, council, "crew").get(path).status_code == 403
    assert resident.get(path).status_code == 401


def test_who_stays_anonymous_leaves_nothing(app: Flask, council: Council, resident: Resident) -> None:
    resident.report(contact={"contact": "no", "name": "Pat", "email": "pat@example.com", "phone": ""})
    with app.app_context(), reading(council.id) as session:
        assert session.scalars(sa.select(Contact)).all() == []
    assert (
        sign_in(app, council, "officer")
        .get(f"/api/v1/reports/{the_report(app, council).id}/contact")
        .status_code
        == 404
    )


def test_danger_is_said_before_sending_and_goes_with_the_report(
    app: Flask, council: Council, resident: Resident
) -> None:
    resident.answer_all(waste={"waste": ["asbestos"], "size": ""})
    assert "Do not touch it. Keep 5 metres away" in words_of(resident.get("/report/check"))
    resident.send()
    assert the_report(app, council).hazards == ["asbestos"]


def test_a_street_is_found_chosen_and_becomes_a_position(
    app: Flask, council: Council, resident: Resident
) -> None:
    resident.answer("what")
    resident.answer("waste")
    found = resident.answer("where", typed="oldbury", find="1")
    assert found.status_code == 200
    assert title_of(found).startswith("1 place found")
    assert "Oldbury Road, Hartshill" in words_of(found)
    field = re.search(r'<input[^>]* name="choice"[^>]* value="([^"]+)"', found.text)
    assert field
    value = field[1]
    response = resident.answer(
        "where", typed="oldbury", looked_for="oldbury", choice=value, words="By the gate"
    )
    assert response.location == "/report/photos"
    resident.answer_all()
    assert resident.send().status_code == 303
    with app.app_context(), reading(council.id) as session:
        position = session.scalars(sa.select(ReportPosition)).one()
        assert (position.source, position.accuracy_m) == ("typed", None)
        assert abs(position.lat - 52.5755) < 0.001
    report = the_report(app, council)
    assert (report.where, report.payload.count("oldbury")) == ("By the gate", 1)


def test_a_postcode_is_found_and_continue_looks_up_what_was_typed(resident: Resident) -> None:
    resident.answer("what")
    resident.answer("waste")
    found = resident.answer("where", typed="cv100td")
    assert found.status_code == 200
    assert problems_of(found) == {}
    assert "CV10 0TD, Hartshill" in words_of(found)


def test_answers_can_be_thrown_away_on_a_computer_that_others_use(resident: Resident) -> None:
    resident.answer("what")
    assert "Throw it away and start again" in words_of(resident.get("/report"))
    assert resident.client.post("/report/forget").location == "/report"
    assert "Throw it away" not in words_of(resident.get("/report"))
    assert "A fridge on the verge" not in resident.get("/report/what").text
    assert resident.client.post("/report/forget").location == "/report"


def test_the_form_without_signal_asks_all_of_it_on_one_page_and_says_what_it_is_not_for(
    resident: Resident,
) -> None:
    page = resident.get("/report/offline")
    words = words_of(page)
    for title in TITLES.values():
        assert title in words or title == TITLES["same"]
    assert "Call 999" in words
    assert "This page needs JavaScript" in words
