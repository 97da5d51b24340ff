"""Older apps can always push: their payloads are lifted step by step, and kept as they were sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.intake import push
from server.intake.models import Report
from server.intake.upcasters import UPCASTERS, upcaster
from server.store.transaction import reading
from tests.builders import Council, make_op, make_phone, report_payload


@pytest.fixture(autouse=True)
def two_steps_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server two schemas on: `words` became `note`, which became `description`."""
    monkeypatch.setattr(push, "KNOWN_SCHEMA", 3)
    for key in (("report.create", 1), ("report.create", 2)):
        monkeypatch.setitem(UPCASTERS, key, lambda payload: payload)
    upcaster("report.create", 1)(lambda payload: payload | {"note": payload.pop("words", "")})
    upcaster("report.create", 2)(lambda payload: payload | {"description": payload.pop("note", "")})


@pytest.mark.parametrize(("schema", "field"), [(0, "words"), (1, "words"), (2, "note"), (3, "description")])
def test_each_older_schema_is_read_and_the_payload_kept(
    app: Flask, council: Council, schema: int, field: str
) -> None:
    payload: dict[str, Any] = report_payload()
    del payload["description"]
    payload |= {field: "Tyres by the gate", "of_tomorrow": {"unknown": True}}
    op = make_op("report.create", payload["id"], payload, schema=schema)
    assert make_phone(app, council).push(op)[0]["verdict"] == "applied"
    with app.app_context(), reading(council.id) as session:
        report = session.scalars(sa.select(Report)).one()
        assert (report.description, report.payload) == ("Tyres by the gate", json.dumps(payload))


def test_a_newer_schema_stays_on_the_phone(app: Flask, council: Council) -> None:
    payload = report_payload()
    (verdict,) = make_phone(app, council).push(make_op("report.create", payload["id"], payload, schema=4))
    assert (verdict["verdict"], verdict["problem"]["code"]) == ("retry", "unknown_schema")


def test_a_type_without_steps_is_read_as_it_is(app: Flask, council: Council) -> None:
    phone, payload = make_phone(app, council), report_payload()
    create = make_op("report.create", payload["id"], payload, schema=3)
    add = make_op("report.add", payload["id"], {"description": "more"}, seq=2)
    assert [verdict["verdict"] for verdict in phone.push(create, add)] == ["applied", "applied"]
