"""Second opinions: off by default, after the local place, seldom, once, and left alone when they fail."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.config import OUTSIDE_SERVICES, UnsafeSettings, load_settings
from server.places.outside import service as asking_service
from server.places.outside.models import OutsideAnswer, OutsideService
from server.places.outside.service import ASKING, KEEP, REST, TRIES, ask_next
from server.store.deferred import PLACE_REPORT
from server.store.transaction import ACROSS_AUTHORITIES, reading
from tests.builders import (
    HERE,
    Council,
    Phone,
    SetClock,
    case_of,
    deferred_tasks,
    drain,
    make_council,
    make_phone,
    position,
    report_op,
    sign_in,
)
from tests.server.places.outside.conftest import KEY, asking
from tests.server.places.outside.outsider import Outsider
from workers.schedule import ASK_OUTSIDE, schedule
from workers.tasks import PERIODIC

# So far that no two of them are one case, or asked about as one position.
APART = 0.01
WORKERS = 4


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's phone."""
    return make_phone(app, council)


def switch_on(app: Flask, outsider: Outsider, *services: str) -> None:
    """Switch services on, as an operator does by the settings."""
    app.config["SETTINGS"] = asking(app.config["SETTINGS"], outsider, *services)


def sent(app: Flask, phone: Phone, seq: int = 1, lat: float = HERE[0], lon: float = HERE[1]) -> str:
    """Send a report and have it placed; its id."""
    op = report_op(seq=seq, position=position(lat, lon))
    phone.push(op)
    drain(app)
    return str(op["entity_id"])


def asked_next(app: Flask) -> bool:
    """Ask as beat has it done; whether there was something to ask."""
    with app.app_context():
        return bool(PERIODIC[ASK_OUTSIDE]())


def answers(app: Flask) -> list[OutsideAnswer]:
    """All questions and answers, by service."""
    with app.app_context(), reading(None) as session:
        query = sa.select(OutsideAnswer).order_by(OutsideAnswer.service, OutsideAnswer.lat)
        rows = list(session.scalars(query, execution_options=ACROSS_AUTHORITIES))
        session.expunge_all()
        return rows


def behaviour(app: Flask, name: str) -> OutsideService:
    """How a service has behaved."""
    with app.app_context(), reading(None) as session:
        row = session.get_one(OutsideService, name, execution_options=ACROSS_AUTHORITIES)
        session.expunge_all()
        return row


def opinions(app: Flask, council: Council, report_id: str) -> list[dict[str, Any]]:
    """The second opinions an officer sees beside the place of this report's case."""
    return list(case_of(sign_in(app, council, "officer"), report_id)["second_opinions"])


def test_nothing_is_asked_by_default(app: Flask, council: Council, phone: Phone, outsider: Outsider) -> None:
    assert app.config["SETTINGS"].outside_services == () == load_defaults(app.config["SETTINGS"].data_dir)
    report = sent(app, phone)
    assert not asked_next(app)
    assert (answers(app), outsider.asked, opinions(app, council, report)) == ([], [], [])
    assert "outside" not in schedule(10.0, asks_outside=False)


def load_defaults(folder: Path) -> tuple[str, ...]:
    return load_settings({"TIPWATCH_DATA_DIR": str(folder)}).outside_services


def test_its_answers_stand_beside_the_place_and_never_in_its_stead(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock
) -> None:
    switch_on(app, outsider, *OUTSIDE_SERVICES)
    outsider.answer = lambda request: (
        b'{"results": [{"GAZETTEER_ENTRY": {"NAME1": "Other Road"}}]}'
        if "names" in request.path
        else b'{"results": [{"DPA": {"ADDRESS": "1 OTHER ROAD", "X_COORDINATE": 430965, "Y_COORDINATE": 297615.6}}]}'
        if "places" in request.path
        else b'{"lat": "52.5", "lon": "-1.5", "display_name": "Other Place"}'
    )
    report = sent(app, phone)
    before = case_of(sign_in(app, council, "officer"), report)
    assert before["label"] == "Oldbury Road, Hartshill" and before["second_opinions"] == []
    assert outsider.asked == [], "placing asks nobody"
    assert [asked_next(app) for _ in range(4)] == [True, True, True, False]
    after = case_of(sign_in(app, council, "officer"), report)
    assert [(each["service"], each["label"]) for each in after["second_opinions"]] == [
        ("nominatim", "Other Place"), ("os_names", "Other Road"), ("os_places", "1 OTHER ROAD"),
    ]  # fmt: skip
    assert after["second_opinions"][2]["distance_m"] < 6
    for name in ("label", "place", "rev", "events"):
        assert after[name] == before[name]
    assert {
        name: entry["task"] for name, entry in schedule(10.0, asks_outside=True).items() if name == "outside"
    } == {"outside": ASK_OUTSIDE}


def test_an_answer_is_kept_for_every_process_and_not_asked_for_again(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock
) -> None:
    switch_on(app, outsider, "os_names")
    sent(app, phone)
    assert asked_next(app)
    same = sent(app, phone, 2, HERE[0] + 0.00001)
    sent(app, phone, 3, HERE[0] + 0.0002)
    assert len(answers(app)) == 1, "a report that joined another's case is where that one is"
    clock.forward(KEEP - timedelta(hours=1))
    much_later = sent(app, phone, 4)
    assert not asked_next(app) and len(outsider.asked) == 1
    for report in (same, much_later):
        assert [each["label"] for each in opinions(app, council, report)] == ["Oldbury Road, Hartshill"]
    clock.forward(timedelta(days=30))
    latest = sent(app, phone, 5)
    assert [each["label"] for each in opinions(app, council, latest)] == ["Oldbury Road, Hartshill"]
    assert asked_next(app) and len(outsider.asked) == 2, "an old answer stands until there is a new one"


def test_councils_do_not_see_each_others_answers(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock, tmp_path: Path
) -> None:
    south = make_council(app, tmp_path, "south", "SW")
    switch_on(app, outsider, "os_names")
    mine = sent(app, phone)
    assert asked_next(app)
    theirs = sent(app, make_phone(app, south))
    assert opinions(app, south, theirs) == [] and len(opinions(app, council, mine)) == 1
    clock.forward(timedelta(seconds=1))
    assert asked_next(app) and len(opinions(app, south, theirs)) == 1


def test_a_service_is_asked_no_more_often_than_it_allows_and_about_ten_metres_at_best(
    app: Flask, phone: Phone, outsider: Outsider, clock: SetClock
) -> None:
    switch_on(app, outsider, "nominatim")
    sent(app, phone, 1, 52.575_549, -1.544_451)
    sent(app, phone, 2, HERE[0] + APART)
    assert asked_next(app) and not asked_next(app)
    clock.forward(timedelta(seconds=1))
    assert not asked_next(app) and len(outsider.asked) == 1
    clock.forward(timedelta(seconds=0.2))
    assert asked_next(app) and len(outsider.asked) == 2
    where = {(request.query["lat"][0], request.query["lon"][0]) for request in outsider.asked}
    assert where == {("52.5755", "-1.5445"), ("52.5855", "-1.5445")}


def test_each_service_has_its_own_pace_for_all_councils_together(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock, tmp_path: Path
) -> None:
    south = make_council(app, tmp_path, "south", "SW")
    switch_on(app, outsider, *OUTSIDE_SERVICES)
    for each in (phone, make_phone(app, south)):
        sent(app, each)

    def asked_after(milliseconds: int) -> list[str]:
        """Which services are asked so much later, until there is none that may be."""
        clock.forward(timedelta(milliseconds=milliseconds))
        before = len(outsider.asked)
        while asked_next(app):
            """The next one."""
        return [request.path.rpartition("/search/")[2] for request in outsider.asked[before:]]

    ordnance_survey = ["names/v1/nearest", "places/v1/nearest"]
    assert sorted(asked_after(0)) == ["/reverse", *ordnance_survey], "of each service one council's question"
    assert asked_after(199) == []
    assert sorted(asked_after(1)) == ordnance_survey
    assert asked_after(899) == []
    assert asked_after(1) == ["/reverse"]
    assert {each.state for each in answers(app)} == {"answered"}


def test_workers_that_ask_at_once_keep_to_the_pace_together(
    app: Flask, phone: Phone, outsider: Outsider, clock: SetClock
) -> None:
    switch_on(app, outsider, "nominatim")
    for n in range(5):
        sent(app, phone, n + 1, HERE[0] + n * APART)
    assert asked_next(app)
    together = Barrier(WORKERS)

    def as_worker(_: int) -> bool:
        together.wait()
        return asked_next(app)

    with ThreadPoolExecutor(WORKERS) as workers:
        for asked in (2, 3, 4):
            clock.forward(timedelta(seconds=2))
            assert sum(workers.map(as_worker, range(WORKERS))) == 1
            assert len(outsider.asked) == asked


def test_a_slow_service_costs_nobody_the_place(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock
) -> None:
    switch_on(app, outsider, "os_names")
    outsider.goes_on.clear()
    report = sent(app, phone)
    phone.push(report_op(seq=2, position=position(HERE[0] + APART)))
    assert [task.done_at is None for task in deferred_tasks(app, PLACE_REPORT)] == [False, True]
    assert not asked_next(app) and outsider.asked == [], "not while a report waits for its place"
    drain(app)
    assert case_of(sign_in(app, council, "officer"), report)["label"] == "Oldbury Road, Hartshill"
    assert outsider.asked == []
    assert asked_next(app) and not outsider.goes_on.is_set(), "left while the service still held its answer"
    assert sorted((each.state, each.tries) for each in answers(app)) == [("waiting", 0), ("waiting", 1)]


def test_failures_in_a_row_have_it_left_alone_by_every_process(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    switch_on(app, outsider, "os_names")
    outsider.status = 500
    reports = [sent(app, phone, n + 1, HERE[0] + n * APART) for n in range(5)]

    def next_after(pause: timedelta) -> bool:
        clock.forward(pause)
        return asked_next(app)

    assert [next_after(timedelta(seconds=1)) for _ in range(5)] == [True, True, True, False, False]
    assert len(outsider.asked) == 3 and behaviour(app, "os_names").opened_at is not None
    # After its rest one question tries it out; while it fails, it rests again.
    assert [next_after(REST), next_after(timedelta(seconds=1))] == [True, False]
    assert len(outsider.asked) == 4
    outsider.status = 200
    assert [next_after(REST), next_after(timedelta(seconds=1))] == [True, True]
    assert behaviour(app, "os_names").opened_at is None and behaviour(app, "os_names").failures == 0
    while next_after(timedelta(seconds=1)):
        """The rest of what waits."""
    seen = [opinions(app, council, report) for report in reports]
    assert all(seen), "a failure was the service's: the others are asked before one is asked again"
    assert "HTTP status 500" in caplog.text and KEY not in caplog.text


def test_what_cannot_be_answered_is_given_up(
    app: Flask, phone: Phone, outsider: Outsider, clock: SetClock
) -> None:
    switch_on(app, outsider, "os_places")
    outsider.answer = b"not JSON"
    sent(app, phone)
    for _ in range(TRIES):
        assert asked_next(app)
        clock.forward(REST)
    (answer,) = answers(app)
    assert (answer.state, answer.tries) == ("given_up", TRIES)
    assert not asked_next(app) and len(outsider.asked) == TRIES


def test_a_worker_that_dies_while_it_asks_holds_the_service_up_for_seconds_only(
    app: Flask, council: Council, phone: Phone, outsider: Outsider, clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    switch_on(app, outsider, "os_names")
    report = sent(app, phone)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(asking_service, "_write", killed)
        with pytest.raises(KeyboardInterrupt), app.app_context():
            ask_next()
    assert not asked_next(app), "it may still be at it"
    clock.forward(ASKING)
    assert asked_next(app) and len(opinions(app, council, report)) == 1


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("TIPWATCH_OUTSIDE_SERVICES", "google", "may name nominatim, os_names, os_places, not 'google'"),
        ("TIPWATCH_OUTSIDE_SERVICES", "os_places", "give TIPWATCH_OS_API_KEY too"),
        ("TIPWATCH_NOMINATIM_URL", "nominatim.example", "must be an address such as https://host.example"),
        ("TIPWATCH_OS_API_URL", "ftp://api.os.uk", "must be an address such as https://host.example"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_the_variable(
    tmp_path: Path, variable: str, value: str, says: str
) -> None:
    with pytest.raises(UnsafeSettings, match=variable) as caught:
        load_settings({"TIPWATCH_DATA_DIR": str(tmp_path), variable: value})
    assert says in str(caught.value)


def test_settings_are_printed_without_their_secrets(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "TIPWATCH_DATA_DIR": str(tmp_path), "TIPWATCH_OS_API_KEY": KEY, "TIPWATCH_SECRET_KEY": f"{KEY} 2",
            "TIPWATCH_OUTSIDE_SERVICES": " os_names, nominatim,os_names ", "TIPWATCH_SMTP_URL": f"smtp://{KEY}@host",
            "TIPWATCH_DATABASE_URL": f"postgresql://us:{KEY}@host/db",
        }
    )  # fmt: skip
    assert settings.outside_services == ("os_names", "nominatim") and settings.os_api_key == KEY
    assert KEY not in repr(settings)
