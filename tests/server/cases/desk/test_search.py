"""Words: every word typed is the beginning of one of the case's, wherever it stands."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from server.cases import search
from server.cases.models import Case
from server.cases.words import CaseWord, add_words, typed_words, words_in, words_of_reference
from server.store.transaction import reading, transaction
from tests.builders import drain, make_op, position
from tests.server.cases.desk.office import Office


def test_words_are_folded_and_joined_words_are_found_whole_and_in_parts() -> None:
    assert words_in("Stoke-on-Trent, Café O'Neill") == {
        "stokeontrent", "stoke", "on", "trent", "cafe", "oneill", "o", "neill",
    }  # fmt: skip
    assert words_of_reference("NW-26-00123") == {"nw2600123", "2600123", "00123", "123"}
    assert typed_words("  NW-26-001  Oldb oldb – ") == ["nw26001", "oldb"]
    assert words_in("ẅ" * 50) == {"w" * 40}


def test_a_case_is_found_by_reference_receipt_code_place_and_note(office: Office) -> None:
    # The other's receipt code, WWWWW-WWWWX, has no beginning that is asked for here: one of chance may have.
    wide = "e739ce73-9ce7-4000-8000-000000000001"
    case, other = office.report(), office.report(id=wide, position=position(52.5005, -1.5950))
    noted = {"text": "Looks like the café's bins – ask Mrs O’Neill"}
    office.officer.post(f"/api/v1/cases/{case['id']}/notes", json=noted)
    job = office.officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "inspect"}).json["jobs"][0]
    office.phone.push(make_op("job.note", job["id"], {"text": "Gate code wanted"}, seq=9))
    code = case["reports_detail"][0]["receipt_code"]
    number = case["reference"][-5:]
    for q in (
        case["reference"], case["reference"].lower(), number, f"{int(number)}", code, code.replace("-", " ").lower(),
        code[:5], "cafe", "CAFÉ bins", "oneill", "neill mrs", "gate wanted", f"cafe {number}",
    ):  # fmt: skip
        assert office.references(q=q) == [case["reference"]], q
    assert office.references(q="folly") == [other["reference"]]
    assert office.references(q="Lane, Corley") == [other["reference"]]
    assert set(office.references(q="cv10 0td oldb")) == {case["reference"]}
    for q in ("bins folly", "afe", "26-0012399", "zzz"):
        assert office.references(q=q) == [], q
    assert len(office.references(q=" – ")) == 2
    page = office.cases(q="oldbury", state="closed")
    assert (page["items"], page["counts"]) == ([], {"new": 1, "accepted": 0, "closed": 0})


def test_a_receipt_code_is_found_however_it_was_copied_down(office: Office) -> None:
    case = office.report(id="0b9f3c52-7d1e-4c0a-9a44-6f2f0b1f7a10")
    assert case["reports_detail"][0]["receipt_code"] == "1EFKR-MKX3S"
    for q in ("iefkr mkx3s", "LEFKRMKX3S", "1EFKR-MKX3S"):
        assert office.references(q=q) == [case["reference"]], q


def test_words_follow_the_place(office: Office) -> None:
    case = office.report(position=None)
    assert office.references(q="place not known") == [case["reference"]]
    located = {"position": position()}
    office.phone.push(make_op("report.locate", case["report_id"], located, seq=5))
    drain(office.app)
    assert office.references(q="oldbury") == [case["reference"]]
    assert office.references(q="known") == []


def test_common_words_find_the_same_by_walking_the_list(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(6):
        case = office.report(hazards=["animal"] if index % 2 else [])
        if index == 3:
            office.decide(case, "close", reason="Cleared by the parish")
    asked: list[dict[str, str]] = [
        {"q": "hartshill"}, {"q": "near har"}, {"q": "har", "state": "new"}, {"q": "n h", "hazard": "animal"},
        {"q": "hartshill parish"}, {"q": "hartshill zzz"},
    ]  # fmt: skip
    looked_up = [office.cases(**query) for query in asked]
    for few, probe, some in ((2, 15_000, 8_000), (2, 4, 8_000), (3, 4, 1), (0, 0, 0)):
        monkeypatch.setattr(search, "FEW", few)
        monkeypatch.setattr(search, "PROBE", probe)
        monkeypatch.setattr(search, "SOME", some)
        assert [office.cases(**query) for query in asked] == looked_up, (few, probe, some)
    monkeypatch.setattr(search, "HEAD", 2)
    counted = office.cases(q="hartshill")
    assert counted["counts_at_least"] == ["new"]
    assert counted["counts"] == {"new": 2, "accepted": 0, "closed": 1}
    for query, whole in zip(asked, looked_up, strict=True):
        assert office.cases(**query)["items"] == whole["items"], query


def test_a_word_is_kept_once_and_for_its_own_council_only(office: Office) -> None:
    case = office.report()
    with office.app.app_context():
        with transaction(office.council.id) as session:
            row = session.scalars(sa.select(Case)).one()
            add_words(session, row, {"tyres"})
            add_words(session, row, {"tyres", "fridge"})
        with reading(office.council.id) as session:
            words = session.scalars(sa.select(CaseWord.word).order_by(CaseWord.word)).all()
            assert len(words) == len(set(words))
            assert {"tyres", "fridge", case["reference"].replace("-", "").lower()} <= set(words)
