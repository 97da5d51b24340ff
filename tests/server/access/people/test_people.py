"""Inviting people, changing what they may do, switching them off and on, and the links that let them in."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.access import links
from server.store.events import events_of
from server.store.transaction import reading
from tests.builders import PASSWORD, Council, browser, make_council, make_phone, sign_in


@pytest.fixture
def admin(app: Flask, council: Council) -> FlaskClient:
    """The council's administrator."""
    return sign_in(app, council, "admin")


def invited(admin: FlaskClient, **changes: Any) -> dict[str, Any]:
    """Somebody new."""
    body = {"email": "New.Person@north.example", "name": "New Person", "role": "crew"} | changes
    response = admin.post("/api/v1/users", json=body)
    assert response.status_code == 201, response.text
    return dict(response.get_json())


def kinds(app: Flask, council: Council) -> list[str]:
    """What the authority's own history says happened."""
    with app.app_context(), reading(council.id) as session:
        return [event.kind for event in events_of(session, council.id)]


def test_an_invited_person_chooses_a_password_and_signs_in(
    app: Flask, council: Council, admin: FlaskClient
) -> None:
    person = invited(admin)
    assert (person["email"], person["role"], person["has_password"]) == (
        "new.person@north.example",
        "crew",
        False,
    )
    assert (person["invite"]["mailed"], person["invite"]["qr_svg"]) == (False, None)
    path = "/sign-in/" + person["invite"]["link"].rsplit("/", 1)[1]
    new = browser(app)
    assert new.post(path, data={"password": PASSWORD, "again": PASSWORD}).status_code in (302, 303)
    signed_in = new.post("/api/v1/session", json={"email": person["email"], "password": PASSWORD})
    assert signed_in.get_json()["user"]["name"] == "New Person"
    people = {row["email"]: row for row in admin.get("/api/v1/users").get_json()["items"]}
    assert people[person["email"]]["has_password"]
    assert people[person["email"]]["last_seen_at"] is not None
    assert len(people) == 5


def test_crews_can_be_listed_by_officers_and_nobody_by_crews(app: Flask, council: Council) -> None:
    make_phone(app, council)
    officer = sign_in(app, council, "officer")
    (crew,) = officer.get("/api/v1/users", query_string={"role": "crew"}).get_json()["items"]
    assert (crew["id"], crew["phones"]) == (str(council.users["crew"]), 1)
    assert sign_in(app, council, "crew").get("/api/v1/users").status_code == 403
    for role in ("officer", "manager"):
        client = sign_in(app, council, role)
        assert client.post("/api/v1/users", json={}).status_code == 403
        assert client.patch(f"/api/v1/users/{crew['id']}", json={"name": "X"}).status_code == 403


def test_people_are_searched_and_come_in_pages(app: Flask, council: Council, admin: FlaskClient) -> None:
    for number in range(5):
        invited(
            admin, email=f"van{number}@north.example", name=f"{'vV'[number % 2]}an crew 50% {number // 2}"
        )

    def pages(limit: int, **query: Any) -> list[list[str]]:
        found, cursor = [], ""
        while cursor is not None:
            asked = {"limit": limit, **query} | ({"cursor": cursor} if cursor else {})
            answer = admin.get("/api/v1/users", query_string=asked).get_json()
            found.append([person["email"] for person in answer["items"]])
            cursor = answer["next"]
        return found

    everybody = pages(100)[0]
    assert len(everybody) == len(set(everybody)) == 9
    assert [len(page) for page in pages(4)] == [4, 4, 1] and list(chain(*pages(4))) == everybody
    assert [len(page) for page in pages(2, q="VAN CREW 50%")] == [2, 2, 1]
    assert pages(5, q="van3@") == [["van3@north.example"]]
    assert pages(5, q="van_") == [[]]
    assert [len(page) for page in pages(3, role="crew")] == [3, 3]
    odd = admin.get("/api/v1/users", query_string={"cursor": "bm9wZQ"})
    assert odd.status_code == 422 and "cursor" in odd.get_json()["errors"]


def test_role_and_name_change_and_the_history_says_so_without_the_name(
    app: Flask, council: Council, admin: FlaskClient
) -> None:
    person = invited(admin)
    changed = admin.patch(f"/api/v1/users/{person['id']}", json={"role": "officer", "name": "Other Name"})
    assert (changed.get_json()["role"], changed.get_json()["name"]) == ("officer", "Other Name")
    with app.app_context(), reading(council.id) as session:
        last = events_of(session, council.id)[-1]
        assert (last.kind, last.facts["fields"]) == ("user.changed", ["name", "role"])
        assert last.facts["role"] == "officer"
        assert "Other" not in last.body
    before = len(kinds(app, council))
    admin.patch(f"/api/v1/users/{person['id']}", json={"role": "officer"})
    assert len(kinds(app, council)) == before


def test_switched_off_people_are_out_at_once_and_may_come_back(
    app: Flask, council: Council, admin: FlaskClient
) -> None:
    phone = make_phone(app, council)
    base = f"/api/v1/users/{council.users['crew']}"
    off = admin.patch(base, json={"disabled": True}).get_json()
    assert (off["disabled"], off["phones"]) == (True, 1)
    assert phone.client.get("/api/v1/session").status_code == 401
    refused = admin.post(f"{base}/links", json={"purpose": "reset"})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["user_id"])
    assert not admin.patch(base, json={"disabled": False}).get_json()["disabled"]
    assert kinds(app, council)[-2:] == ["user.disabled", "user.enabled"]
    assert admin.post(f"{base}/links", json={"purpose": "reset"}).status_code == 201


@pytest.mark.parametrize("body", [{"disabled": True}, {"role": "crew"}])
def test_nobody_locks_themselves_out(council: Council, admin: FlaskClient, body: dict[str, Any]) -> None:
    refused = admin.patch(f"/api/v1/users/{council.users['admin']}", json=body)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, list(body))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "crew@north.example"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "king"}, "role"),
    ],
)
def test_an_odd_invitation_is_refused_by_field(
    admin: FlaskClient, changes: dict[str, Any], field: str
) -> None:
    body = {"email": "new@north.example", "name": "New", "role": "crew"} | changes
    refused = admin.post("/api/v1/users", json=body)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [field])


def test_a_mailed_link_is_not_shown_and_one_that_could_not_be_mailed_is(
    council: Council, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/api/v1/users/{council.users['crew']}/links"
    monkeypatch.setattr(links, "mail_link", lambda *_: True)
    mailed = admin.post(address, json={"purpose": "reset"}).get_json()
    assert (mailed["mailed"], mailed["link"]) == (True, None)

    def refuse(*_: object) -> bool:
        raise OSError("no route")

    monkeypatch.setattr(links, "mail_link", refuse)
    shown = admin.post(address, json={"purpose": "reset"}).get_json()
    assert shown["mailed"] is False
    assert "/sign-in/" in shown["link"]


def test_another_councils_people_are_not_there(app: Flask, council: Council, tmp_path: Path) -> None:
    folder = tmp_path / "south"
    folder.mkdir()
    south = sign_in(app, make_council(app, folder, slug="south", prefix="SW"), "admin")
    base = f"/api/v1/users/{council.users['crew']}"
    assert south.patch(base, json={"name": "X"}).status_code == 404
    assert south.post(f"{base}/links", json={"purpose": "reset"}).status_code == 404
    assert (
        south.post("/api/v1/devices/codes", json={"user_id": str(council.users["crew"])}).status_code == 404
    )
    assert len(south.get("/api/v1/users").get_json()["items"]) == 4
