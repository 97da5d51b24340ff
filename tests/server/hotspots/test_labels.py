"""Two places on one street are told apart, with the same words wherever a place is shown."""

from __future__ import annotations

import csv
import io
import re

import pytest
import sqlalchemy as sa

from server.cases.models import Case
from server.hotspots.models import Hotspot
from server.store.transaction import transaction
from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import SMALL, hit, listed

STREET = "Oldbury Road, Hartshill"
NORTH, FARTHER = (235, 238, 241, 244), (-220, -215, -210)


@pytest.fixture
def office(office: Office) -> Office:
    """Two places on one road, found in one run, 210 m apart."""
    hit(office, *SMALL, *NORTH)
    return office


def labels(office: Office) -> list[str]:
    return sorted(row["label"] for row in listed(office))


def test_on_one_list_no_two_are_called_the_same(office: Office) -> None:
    assert labels(office) == [f"{STREET}, north end", f"{STREET}, south end"]
    hit(office, *FARTHER)
    hit(office, 0, 235)
    assert labels(office) == [STREET, f"{STREET}, north end", f"{STREET}, south end"], (
        "no one is called otherwise now"
    )


def test_table_file_phone_and_page_say_the_same(office: Office) -> None:
    mine = {row["id"]: row["label"] for row in listed(office)}
    text = office.officer.get("/api/v1/hotspots?format=csv").text
    assert {row["id"]: row["label"] for row in csv.DictReader(io.StringIO(text))} == mine
    items = office.officer.get("/api/v1/hotspots?format=geojson").get_json(force=True)["features"]
    assert {item["properties"]["id"]: item["properties"]["label"] for item in items} == mine
    for hotspot_id, label in mine.items():
        assert office.officer.get(f"/api/v1/hotspots/{hotspot_id}").get_json()["label"] == label
    changes = [change for change in office.phone.pull_all()[0] if change["type"] == "hotspot"]
    assert {change["id"]: change["put"]["label"] for change in changes} == mine
    assert {row["id"]: row["label"] for row in listed(office, window_days=300)} == mine


def test_places_that_were_called_the_same_before_are_told_apart_by_the_next_list(office: Office) -> None:
    with office.app.app_context(), transaction(office.council.id) as session:
        for row in session.scalars(sa.select(Hotspot)):
            row.label = STREET
    hit(office, 0)
    found = labels(office)
    assert len(set(found)) == 2
    hit(office, 235)
    assert labels(office) == found


def test_a_name_given_by_a_person_stays_beside_the_same_words(office: Office) -> None:
    south, north = sorted(listed(office), key=lambda row: float(row["lat"]))
    path = f"/api/v1/hotspots/{north['id']}"
    seen = {"If-Match": str(office.officer.get(path).get_json()["rev"])}
    assert office.officer.patch(path, json={"label": STREET}, headers=seen).status_code == 200
    hit(office, *FARTHER)
    mine = {row["id"]: row["label"] for row in listed(office)}
    assert (mine.pop(north["id"]), mine.pop(south["id"])) == (STREET, south["label"])
    (third,) = mine.values()
    assert re.fullmatch(rf"{STREET}, SP 30\d{{3}} 97\d{{3}}", third), "there is a south end already"


def test_a_list_that_is_not_kept_tells_its_places_apart_by_the_same_words(office: Office) -> None:
    """Nothing is on record of them, as before the first night."""
    kept = labels(office)
    with office.app.app_context(), transaction(office.council.id) as session:
        session.execute(sa.update(Case).values(hotspot_id=None))
        session.execute(sa.delete(Hotspot))
    rows = listed(office, window_days=300)
    assert {row["id"] for row in rows} == {None}
    assert sorted(row["label"] for row in rows) == kept
