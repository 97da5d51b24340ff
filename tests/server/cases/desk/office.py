"""A council at work: reports come in, officers sit at the desk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.builders import (
    HERE,
    Council,
    Phone,
    SetClock,
    case_of,
    drain,
    make_council,
    make_phone,
    position,
    report_op,
    sign_in,
)

# One ten-thousandth of a degree of latitude is about eleven metres.
APART = 0.002


@dataclass(slots=True)
class Office:
    """A council with a crew's phone and two officers; `report` sends one thing seen and returns its case."""

    app: Flask
    council: Council
    phone: Phone
    officer: FlaskClient
    manager: FlaskClient
    clock: SetClock
    sent: int = 0

    def report(self, *, metres_north: float | None = None, **changes: Any) -> dict[str, Any]:
        """Send a report and have it placed; by default where no other is near. Answers its case, whole."""
        self.sent += 1
        north = APART * self.sent if metres_north is None else metres_north / 111_000
        changes.setdefault("position", position(HERE[0] + north, HERE[1]))
        op = report_op(seq=self.sent, **changes)
        assert [verdict["verdict"] for verdict in self.phone.push(op)] == ["applied"]
        drain(self.app)
        return case_of(self.officer, op["entity_id"]) | {"report_id": op["entity_id"]}

    def cases(self, **query: Any) -> dict[str, Any]:
        """A page of the list."""
        response = self.officer.get("/api/v1/cases", query_string=query)
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def references(self, **query: Any) -> list[str]:
        """The references on a page of the list, in order."""
        return [case["reference"] for case in self.cases(**query)["items"]]

    def case(self, case_id: str) -> dict[str, Any]:
        """A case whole, as it is now."""
        response = self.officer.get(f"/api/v1/cases/{case_id}")
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def decide(self, case: dict[str, Any], decision: str, **body: Any) -> dict[str, Any]:
        """Take a decision and return the case."""
        response = self.officer.post(
            f"/api/v1/cases/{case['id']}/decisions", json={"decision": decision, **body}
        )
        assert response.status_code == 200, response.text
        return dict(response.json or {})


def open_office(app: Flask, tmp_path: Path) -> Office:
    """A fresh office whose clock stands still at the present."""
    clock = SetClock(app, datetime.now(UTC).replace(microsecond=0))
    council = make_council(app, tmp_path)
    return Office(
        app, council, make_phone(app, council), sign_in(app, council, "officer"),
        sign_in(app, council, "manager"), clock,
    )  # fmt: skip


def nowhere() -> str:
    """The id of a case that is not there."""
    return str(uuid.uuid4())
