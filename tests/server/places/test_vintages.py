"""Sources that all councils share: read once, in use only when whole, and every report placed anew by them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from server.cases import placing_again
from server.cases.models import Case
from server.intake.models import ReportStanding
from server.places.models import GazetteerVintage
from server.places.service import gazetteers
from server.places.vintages import FOLDER, announce, bring_in, gazetteer_changed
from server.store.clock import now
from server.store.deferred import PLACE_AGAIN, PLACE_REPORT, DeferredTask
from server.store.events import Event
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from tests.builders import (
    HERE,
    Council,
    deferred_tasks,
    drain,
    make_council,
    make_phone,
    position,
    report_op,
    sign_in,
)
from tests.workers.geocoding.sources.files import CODE_POINT, OPEN_NAMES, open_names_row, write_csv
from workers import tasks
from workers.geocoding.columns import ABOUT
from workers.geocoding.sources import open_names
from workers.geocoding.sources.files import Account, Member, WrongFile

AT = datetime(2026, 11, 1, tzinfo=UTC)
# HERE on the National Grid.
EASTING, NORTHING = 430_965, 297_615


@pytest.fixture
def data_dir(app: Flask) -> Iterator[Path]:
    """The data folder, with the application at hand."""
    with app.app_context():
        yield app.config["SETTINGS"].data_dir


def tiles(folder: Path, *rows: list[str]) -> Path:
    """A folder with one tile of OS Open Names."""
    write_csv(folder / "SP39.csv", [*OPEN_NAMES, *rows])
    return folder


def a_road(name: str) -> list[str]:
    """A road at HERE."""
    return open_names_row(name, "transportNetwork", "Named Road", EASTING, NORTHING, place="Atherstone")


def vintages() -> list[GazetteerVintage]:
    with reading(None) as session:
        rows = list(session.scalars(sa.select(GazetteerVintage), execution_options=ACROSS_AUTHORITIES))
        session.expunge_all()
        return rows


def label(council: Council, lat_lon: tuple[float, float] = HERE) -> str:
    with reading(council.id) as session:
        return gazetteers.of(session).locate(*lat_lon).label


def test_one_import_serves_every_council(
    app: Flask, data_dir: Path, council: Council, tmp_path: Path
) -> None:
    other = make_council(app, tmp_path, "south", "SW")
    with app.app_context():
        done = bring_in(
            data_dir, "code-point", write_csv(tmp_path / "cv.csv", CODE_POINT), vintage="2026-08", at=AT
        )
        assert (done.source, done.vintage, done.rows, done.already) == (
            "os_code_point_open",
            "2026-08",
            2,
            False,
        )
        for each in (council, other):
            with reading(each.id) as session:
                place = gazetteers.of(session).reverse(432_060, 294_320)
            assert place.postcode is not None and place.postcode.code == "CV10 0TD"


def test_a_newer_vintage_takes_over_whole_and_the_same_again_changes_nothing(
    data_dir: Path, council: Council, tmp_path: Path
) -> None:
    first = bring_in(
        data_dir, "open-names", tiles(tmp_path / "a", a_road("Old Name Lane")), vintage="2026-04", at=AT
    )
    assert label(council).startswith(("Old Name Lane", "Oldbury Road"))
    again = bring_in(data_dir, "open-names", tmp_path / "a", vintage="2026-04", at=AT)
    assert again.already and (again.rows, again.vintage) == (first.rows, "2026-04")
    assert len(vintages()) == 1
    bring_in(data_dir, "open-names", tiles(tmp_path / "b", a_road("New Name Lane")), vintage="2026-10", at=AT)
    assert {row.vintage: row.state for row in vintages()} == {"2026-04": "replaced", "2026-10": "current"}
    with reading(council.id) as session:
        found = [match.name for match in gazetteers.of(session).search("name lane")]
    assert found == ["New Name Lane"]
    bring_in(data_dir, "open-names", tiles(tmp_path / "c"), vintage="2027-04", at=AT)
    folders = sorted(path.name[:7] for path in (data_dir / FOLDER / "os_open_names").iterdir())
    assert folders == ["2026-10", "2027-04"], (
        "the one before is kept for those who still read it, and no older one"
    )


def test_an_import_that_ends_in_the_middle_leaves_the_old_one_in_use(
    data_dir: Path, council: Council, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(data_dir, "open-names", tiles(tmp_path / "a", a_road("Old Name Lane")), vintage="2026-04", at=AT)

    def killed(member: Member, builder: Any, account: Account) -> None:
        raise KeyboardInterrupt

    tiles(tmp_path / "b", a_road("New Name Lane"))
    with monkeypatch.context() as patch:
        patch.setattr(open_names, "read", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_in(data_dir, "open-names", tmp_path / "b", vintage="2026-10", at=AT)
    # Killed while files are written: what is there has no last page.
    with monkeypatch.context() as patch:
        patch.setattr("server.places.vintages.write_columns", full_disk)
        with pytest.raises(OSError, match="disk"):
            bring_in(data_dir, "open-names", tmp_path / "b", vintage="2026-10", at=AT)
    with reading(council.id) as session:
        assert [match.name for match in gazetteers.of(session).search("name lane")] == ["Old Name Lane"]
    done = bring_in(data_dir, "open-names", tmp_path / "b", vintage="2026-10", at=AT)
    assert not done.already and (data_dir / FOLDER / vintages()[-1].folder / ABOUT).exists()
    with reading(council.id) as session:
        assert [match.name for match in gazetteers.of(session).search("name lane")] == ["New Name Lane"]


def full_disk(folder: Path, *_: Any) -> None:
    folder.mkdir(parents=True)
    (folder / "x.npy").write_bytes(b"half")
    raise OSError("the disk is full")


def test_a_wrong_file_changes_nothing(data_dir: Path, council: Council, tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="34 columns"):
        bring_in(data_dir, "open-names", write_csv(tmp_path / "x.csv", [("a", "b")]), vintage=None, at=AT)
    rows = [("CV10 0TD", 10, "x", *CODE_POINT[0][3:])]
    with pytest.raises(WrongFile, match="no row could be read"):
        bring_in(data_dir, "code-point", write_csv(tmp_path / "y.csv", rows), vintage=None, at=AT)
    assert vintages() == []


def standing(council: Council, report_id: str) -> ReportStanding:
    with reading(council.id) as session:
        row = session.get_one(ReportStanding, (council.id, uuid.UUID(report_id)))
        session.expunge_all()
        return row


def test_reports_are_placed_anew_in_batches_and_intake_goes_on(
    app: Flask, data_dir: Path, council: Council, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing_again, "BATCH", 2)
    phone = make_phone(app, council)
    # Half a kilometre apart, so that each is a case of its own; only the first has a road near.
    ops = [report_op(seq=n + 1, position=position(lat=HERE[0] + n * 0.005)) for n in range(5)]
    phone.push(*ops)
    drain(app)
    ids = [op["entity_id"] for op in ops]
    before = [standing(council, each) for each in ids]
    assert before[4].place is not None and before[4].place["label"] == "near Hartshill"
    row = open_names_row(
        "Purley Chase Lane", "transportNetwork", "Named Road", EASTING, NORTHING + 2_230, place="Mancetter"
    )
    bring_in(data_dir, "open-names", tiles(tmp_path / "a", row), vintage="2026-04", at=now())
    assert len([task for task in deferred_tasks(app, PLACE_AGAIN) if task.done_at is None]) == 1
    newcomer = report_op(seq=6, position=position(lat=HERE[0] + 0.03))
    phone.push(newcomer)
    drain(app)
    assert len(deferred_tasks(app, PLACE_AGAIN)) == 3, "three batches of two"
    assert all(task.done_at for task in deferred_tasks(app, PLACE_REPORT))
    after = standing(council, ids[4])
    assert after.place is not None and after.place["label"] == "Purley Chase Lane, Hartshill"
    for each, old in zip(ids, before, strict=True):
        new = standing(council, each)
        assert new.placed_at is not None and old.placed_at is not None and new.placed_at > old.placed_at
    with reading(council.id) as session:
        case = session.get_one(Case, (council.id, after.case_id))
        assert case.label == "Purley Chase Lane, Hartshill"
        placed = (
            sa.select(sa.func.count())
            .select_from(Event)
            .where(Event.kind == "report.placed", Event.stream_id == after.id)
        )
        assert session.scalar(placed) == 2, "its history says that it was placed twice"
    officer = sign_in(app, council, "officer")
    found = officer.get("/api/v1/cases", query_string={"q": "purley chase"}).get_json()["items"]
    assert [item["label"] for item in found] == ["Purley Chase Lane, Hartshill"]


def test_what_is_new_is_placed_between_two_batches_and_the_newest_are_placed_anew_first(
    app: Flask, data_dir: Path, council: Council, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing_again, "BATCH", 2)
    phone = make_phone(app, council)
    ops = [report_op(seq=n + 1, position=position(lat=HERE[0] + n * 0.005)) for n in range(5)]
    phone.push(*ops)
    drain(app)
    changed_at = now()
    with transaction(council.id) as session:
        gazetteer_changed(session, changed_at)

    def placed_anew() -> list[bool]:
        return [(standing(council, op["entity_id"]).placed_at or AT) > changed_at for op in ops]

    def open_task(name: str) -> DeferredTask:
        (task,) = [task for task in deferred_tasks(app, name) if task.done_at is None]
        return task

    tasks.run(PLACE_AGAIN, council.id, open_task(PLACE_AGAIN).id)
    assert placed_anew() == [False, False, False, True, True], "the newest come first"
    waiting = open_task(PLACE_AGAIN)
    assert waiting.leased_until == waiting.created_at + placing_again.PAUSE, (
        "not sent before the pause is over"
    )
    newcomer = report_op(seq=6, position=position(lat=HERE[0] + 0.03))
    phone.push(newcomer)
    tasks.run(PLACE_REPORT, council.id, open_task(PLACE_REPORT).id)
    assert standing(council, newcomer["entity_id"]).case_id is not None
    assert placed_anew() == [False, False, False, True, True]
    drain(app)
    assert placed_anew() == [True] * 5


def test_a_report_whose_place_stays_is_not_sent_to_phones_again(
    app: Flask, data_dir: Path, council: Council
) -> None:
    phone = make_phone(app, council)
    op = report_op()
    phone.push(op)
    drain(app)
    before = standing(council, op["entity_id"])
    with transaction(council.id) as session:
        gazetteer_changed(session, now())
    drain(app)
    after = standing(council, op["entity_id"])
    assert after.rev == before.rev
    assert after.placed_at is not None and before.placed_at is not None and after.placed_at > before.placed_at


def test_an_import_killed_before_it_told_the_councils_tells_them_when_run_again(
    app: Flask, data_dir: Path, council: Council, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(at: datetime) -> None:
        raise KeyboardInterrupt

    tiles(tmp_path / "a")
    with monkeypatch.context() as patch:
        patch.setattr("server.places.vintages.announce", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_in(data_dir, "open-names", tmp_path / "a", vintage="2026-04", at=AT)
    assert deferred_tasks(app, PLACE_AGAIN) == []
    assert bring_in(data_dir, "open-names", tmp_path / "a", vintage="2026-04", at=AT).already
    assert len(deferred_tasks(app, PLACE_AGAIN)) == 1
    announce(AT)
    assert len(deferred_tasks(app, PLACE_AGAIN)) == 1, "told once"


def test_the_command_says_what_it_did(council: Council, typed: Callable[..., Result], tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cv.csv", [*CODE_POINT, ("nonsense", *CODE_POINT[0][1:])])

    run = partial(typed, "import", "code-point", path, "--vintage", "2026-08")
    first = run()
    assert first.exit_code == 0, first.output
    assert "Code-Point Open 2026-08: 2 rows are in, 1 were left out." in first.output
    assert "cv.csv, line 4: a postcode and nine more cells were expected" in first.output
    again = json.loads(run("--json").stdout)
    assert again["already"] is True and again["rows"] == 2
    path.write_text("a,b\n")
    refused = run()
    assert refused.exit_code == 1 and "this is not the CSV files of Code-Point Open" in refused.output
