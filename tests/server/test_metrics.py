"""What an operator's monitoring reads at `/metrics`: figures of all councils together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from server.store.deferred import DeferredTask
from server.store.transaction import ACROSS_AUTHORITIES, transaction
from tests.builders import (
    Council,
    Phone,
    SetClock,
    drain,
    make_council,
    make_phone,
    report_op,
    sign_in,
)

START = datetime(2026, 11, 20, 6, 42, tzinfo=UTC)


@pytest.fixture
def clock(app: Flask) -> SetClock:
    """The application's clock, which stands still until it is moved."""
    return SetClock(app, START)


@pytest.fixture
def neighbour(app: Flask, tmp_path: Path) -> Council:
    """Another council on the same server."""
    (tmp_path / "south").mkdir()
    return make_council(app, tmp_path / "south", slug="south", prefix="SO")


def figures(app: Flask) -> dict[str, float]:
    """The figures by name, as anybody within the network reads them."""
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    assert all(sample.labels == {} for sample in samples), "whose it is, is nobody's business"
    return {sample.name: sample.value for sample in samples}


def tell(phone: Phone, **told: Any) -> None:
    """Have a phone tell of itself with a push of nothing."""
    body = {"device_id": str(phone.device_id), "ops": [], "status": told}
    assert phone.client.post("/api/v1/sync/push", json=body).status_code == 200


def test_phones_that_hold_something_for_more_than_a_day_are_counted(
    app: Flask, council: Council, neighbour: Council, clock: SetClock
) -> None:
    officer = sign_in(app, council, "officer")
    phones = [make_phone(app, council), make_phone(app, council), make_phone(app, neighbour)]
    for phone, hours in zip(phones, (0, 1, 0), strict=True):
        saved_at = START + timedelta(hours=hours)
        tell(phone, unsent=2, oldest_unsent_at=saved_at.isoformat(), app_version="0.1.0")
    tell(make_phone(app, council), unsent=0, oldest_unsent_at=None)
    make_phone(app, council)  # enrolled, and silent ever since

    clock.moment = START + timedelta(days=1)
    assert figures(app)["tipwatch_phones_stuck"] == 0
    clock.forward(timedelta(minutes=1))
    assert figures(app)["tipwatch_phones_stuck"] == 2, "one of each council"
    clock.forward(timedelta(hours=1))
    assert figures(app)["tipwatch_phones_stuck"] == 3
    tell(phones[1], unsent=0, oldest_unsent_at=None)
    assert figures(app)["tipwatch_phones_stuck"] == 2
    assert officer.post(f"/api/v1/devices/{phones[0].device_id}/revoke").status_code == 200
    assert figures(app)["tipwatch_phones_stuck"] == 1


def test_deferred_tasks_are_counted_with_the_age_of_the_oldest(
    app: Flask, council: Council, clock: SetClock
) -> None:
    drain(app)
    assert set(figures(app).values()) == {0}
    phone = make_phone(app, council)
    phone.push(report_op(seq=1))
    clock.forward(timedelta(seconds=90))
    phone.push(report_op(seq=2))
    with app.app_context(), transaction(None) as session:
        parked = sa.update(DeferredTask).where(DeferredTask.created_at == START).values(parked_at=START)
        session.execute(parked, execution_options={**ACROSS_AUTHORITIES, "synchronize_session": False})
    told = figures(app)
    assert (told["tipwatch_tasks_open"], told["tipwatch_tasks_parked"]) == (2, 1)
    assert told["tipwatch_task_oldest_seconds"] == 90
