"""A council of its own for each journey, with an officer at the desk, on one running Tipwatch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.desk import Desk
from tests.browser.people import Person
from tests.browser.stacks import Running
from tests.builders import HERE, Council, make_council, position, report_op
from tests.services.processes import wait_for

METRE = 1 / 111_195
Seen = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def council(separate_processes: Running, tmp_path: Path) -> Council:
    """A council with nothing reported yet."""
    return make_council(separate_processes.app, tmp_path, slug=tmp_path.name.replace("_", "-"))


@pytest.fixture
def colleague(separate_processes: Running, council: Council) -> Person:
    """Somebody else of the council, by the API."""
    return Person(separate_processes.app, council, "manager", separate_processes.url)


@pytest.fixture
def seen(colleague: Person) -> Seen:
    """Reports things so many metres north of Oldbury Road, and answers their cases, whole, in that order."""

    def report(*metres: float, **changes: Any) -> list[dict[str, Any]]:
        ops = [
            report_op(seq=number, position=position(lat=HERE[0] + north * METRE), **changes)
            for number, north in enumerate(metres, 1)
        ]
        colleague.push(*ops)

        def placed() -> list[dict[str, Any]] | None:
            cases = {report["id"]: case for case in colleague.cases() for report in case["reports_detail"]}
            found = [cases.get(op["entity_id"]) for op in ops]
            return [case for case in found if case] if all(found) else None

        return wait_for("the cases", placed, 90)

    return report


@pytest.fixture
def new_desk(
    browser: Browser, separate_processes: Running, council: Council
) -> Iterator[Callable[..., Desk]]:
    """Seats officers; at the end nothing may have been complained about but what was forgiven."""
    desks: list[Desk] = []

    def seat(role: str = "officer") -> Desk:
        desks.append(Desk(browser, separate_processes.url, council, role))
        return desks[-1]

    yield seat
    for desk in desks:
        desk.close()
    assert [said for desk in desks for said in desk.complaints.left] == []
