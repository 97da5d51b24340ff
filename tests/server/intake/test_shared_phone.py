"""A phone that changes hands while it sends: what it names another person for is not taken in as this one's."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.intake.models import AppliedOp, KeptOp
from server.store.transaction import reading
from tests.builders import Council, Phone, report_op

PUSH, DEAD_LETTERS = "/api/v1/sync/push", "/api/v1/sync/deadletter"
LETTER = {"op_id": None, "raw": "odd", "problem": None, "why": "odd"}


def users(app: Flask, council: Council, table: type[AppliedOp] | type[KeptOp]) -> list[Any]:
    """Whose the rows are."""
    with app.app_context(), reading(council.id) as session:
        return list(session.scalars(sa.select(table.user_id)))


@pytest.mark.parametrize(
    ("path", "table", "sent"),
    [(PUSH, AppliedOp, {"ops": [report_op()]}), (DEAD_LETTERS, KeptOp, {"items": [LETTER]})],
)
def test_what_is_of_somebody_else_than_the_session_is_refused_whole_and_taken_in_under_its_own_name(
    app: Flask, council: Council, phone: Phone, path: str, table: Any, sent: dict[str, Any]
) -> None:
    body = {"device_id": str(phone.device_id), **sent}
    refused = phone.client.post(path, json=body | {"user_id": str(council.users["officer"])})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "other_person")
    assert "kept on the phone" in refused.get_json()["detail"]
    assert users(app, council, table) == []
    taken = phone.client.post(path, json=body | {"user_id": str(council.users["crew"])})
    assert taken.status_code == 200, taken.text
    assert users(app, council, table) == [council.users["crew"]]


@pytest.mark.parametrize(
    ("path", "sent"), [(PUSH, {"ops": [report_op()]}), (DEAD_LETTERS, {"items": [LETTER]})]
)
def test_an_older_app_that_names_nobody_is_heard_as_the_person_signed_in(
    phone: Phone, path: str, sent: dict[str, Any]
) -> None:
    body = {"device_id": str(phone.device_id), **sent}
    for unnamed in (body, body | {"user_id": None}):
        assert phone.client.post(path, json=unnamed).status_code == 200
