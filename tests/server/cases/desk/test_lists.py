"""The queue: what needs an officer most comes first, with the reason; filters, counts and pages agree."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import drain
from tests.server.cases.desk.office import Office

APART_METRES = 3000.0


def test_new_cases_come_by_need_with_its_reasons_and_others_by_age(office: Office) -> None:
    plain = office.report()
    office.clock.forward(timedelta(minutes=1))
    witnessed = office.report(witnessed=True)
    animal = office.report(hazards=["animal"])
    asbestos = office.report(hazards=["asbestos"], witnessed=True)
    later = office.report()
    by_need = [asbestos, animal, witnessed, plain, later]
    page = office.cases(state="new")
    assert [case["reference"] for case in page["items"]] == [case["reference"] for case in by_need]
    assert [case["need"] for case in page["items"]] == [44, 16, 4, 0, 0]
    assert page["items"][0]["why_here"] == ["hazard: asbestos", "witness"]
    assert office.references(sort="need") == [case["reference"] for case in by_need]
    newest = office.references()
    assert newest[-1] == plain["reference"]
    assert office.references(sort="oldest") == newest[::-1]
    office.clock.forward(timedelta(days=3))
    assert office.cases(state="new")["items"][3]["why_here"] == ["waiting 3 days"]


def test_need_follows_what_it_is_made_of(office: Office) -> None:
    first = office.report()
    second = office.report(metres_north=APART_METRES)
    office.report(metres_north=APART_METRES + 60)
    drain(office.app)
    second = office.case(second["id"])
    assert (first["need"], second["need"], second["why_here"]) == (0, 2, ["repeat place"])
    office.report(metres_north=APART_METRES, hazards=["sharps"])
    assert office.case(second["id"])["need"] == 4 * 8 + 2


def test_filters_and_counts_agree(office: Office) -> None:
    asbestos = office.report(hazards=["asbestos", "road_danger"], waste=["asbestos"])
    road = office.report(hazards=["road_danger"], witnessed=True, waste=["tyres"])
    fire = office.report(kind="incident", category="small_fire", waste=[])
    closed = office.decide(office.report(waste=["tyres"]), "close")
    everyone = {case["reference"] for case in (asbestos, road, fire, closed)}

    def shown(**query: object) -> set[str]:
        page = office.cases(**query)
        state = query.get("state")
        counted = sum(n for name, n in page["counts"].items() if state in (None, name))
        assert counted == len(page["items"])
        return set(office.references(**query))

    assert shown() == everyone
    assert shown(hazard="road_danger") == {asbestos["reference"], road["reference"]}
    assert shown(hazard="road") == set()
    assert shown(witness=1) == {road["reference"]}
    assert shown(kind="incident") == {fire["reference"]}
    assert shown(waste="tyres") == {road["reference"], closed["reference"]}
    assert shown(waste="tyres", state="new") == {road["reference"]}
    assert shown(waste="none") == {fire["reference"]}
    assert shown(source="crew", closed_because="close") == {closed["reference"]}
    assert shown(ward="X01W1") == everyone
    assert shown(ward="none") == set()
    assert shown(repeat=1) == set()
    assert set(office.references(state="open")) == everyone - {closed["reference"]}
    assert office.cases(state="new", kind="fly_tip")["counts"] == {"new": 2, "accepted": 0, "closed": 1}


def test_age_is_counted_back_from_now_and_dates_from_to(office: Office) -> None:
    old = office.report()
    office.clock.forward(timedelta(days=5))
    young = office.report()
    assert office.references(older_than_days=4) == [old["reference"]]
    assert office.references(older_than_days=6) == []
    assert office.references(opened_from=young["opened_at"]) == [young["reference"]]
    assert office.references(opened_to=young["opened_at"]) == [old["reference"]]


def test_pages_in_every_order_hold_each_case_once(office: Office) -> None:
    hazards: tuple[list[str], ...] = (["asbestos"], [], ["animal"], [], [], ["animal"])
    cases = [office.report(hazards=hazard) for hazard in hazards]
    office.decide(cases[1], "close")
    office.decide(cases[2], "accept")
    for sort in ("need", "newest", "oldest"):
        whole, paged, cursor = office.references(sort=sort), [], None
        while True:
            page = office.cases(sort=sort, limit=2, **({"cursor": cursor} if cursor else {}))
            paged += [case["reference"] for case in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert paged == whole, sort
        assert len(set(whole)) == len(cases)


def test_a_cursor_of_another_order_is_refused(office: Office) -> None:
    for _ in range(3):
        office.report()
    cursor = office.cases(sort="newest", limit=1)["next"]
    refused = office.officer.get("/api/v1/cases", query_string={"sort": "need", "cursor": cursor})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["cursor"])
