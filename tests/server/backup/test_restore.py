"""A backup brings everything back, on either database, and phones bring what it had not seen."""

from __future__ import annotations

import base64
import json
import threading
import uuid
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.datalock import data_folder_lock
from server.intake.models import AppliedOp, Report
from server.photos.models import Photo
from server.store.checkpoints import checkpoint
from server.store.database import db
from server.store.files import FileStore
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from tests.builders import (
    HERE,
    Council,
    Phone,
    browser,
    case_of,
    drain,
    make_council,
    make_op,
    make_phone,
    manifest,
    position,
    report_op,
    sign_in,
    text_now,
)
from tests.server.backup.conftest import Installation, everything, files_of, of

PHOTO = b"not a picture, but bytes with a hash"
TUS = {"Tus-Resumable": "1.0.0"}
Empty = Callable[[str], Installation]


def upload(phone: Phone, photo: dict[str, Any], content: bytes) -> None:
    """Send a photo's bytes."""
    about = {
        "Upload-Length": str(len(content)),
        "Upload-Metadata": f"photo_id {base64.b64encode(photo['id'].encode()).decode()}",
    }
    begun = phone.client.post("/api/v1/uploads", headers=TUS | about)
    assert begun.status_code in (200, 201), begun.text
    offset = int(begun.headers["Upload-Offset"])
    sent = phone.client.patch(
        begun.headers["Location"], data=content[offset:],
        headers=TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
    )  # fmt: skip
    assert sent.status_code == 204, sent.text


@pytest.fixture
def phone(app: Flask, council: Council, tmp_path: Path) -> Phone:
    """A council with something of everything, another council, and a crew's phone of the first."""
    phone, photo = make_phone(app, council), manifest(PHOTO)
    for hit in range(1, 4):  # a place that is hit again and again: a hotspot
        phone.push(report_op(seq=10 + hit, position=position(HERE[0] + hit * 0.0004)))
    op = report_op(photos=[photo], description="Gr\u00fc\u00dfe \U0001f69b 'and' \"so\" on\n")
    phone.push(
        op, report_op(seq=2, position=None), make_op("report.add", uuid.uuid4(), {"description": "waits"}, seq=3),
        make_op("report.create", uuid.uuid4(), {}, seq=4),
    )  # fmt: skip
    upload(phone, photo, PHOTO)
    drain(app)
    officer = sign_in(app, council, "officer")
    case = case_of(officer, op["entity_id"])
    officer.post(f"/api/v1/cases/{case['id']}/jobs", json={"kind": "clear"})
    officer.post(f"/api/v1/cases/{case['id']}/notes", json={"text": "Dog loose"})
    other = make_phone(app, make_council(app, tmp_path, "south", "SW"))
    other.push(report_op())
    resident = {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": text_now(),
        "authority": "north", "where": "Folly Lane", "contact": {"email": "someone@example.org"},
    }  # fmt: skip
    assert browser(app).post("/api/v1/public/reports", json=resident).status_code == 200
    with app.app_context(), transaction(council.id) as session:
        checkpoint(session, datetime.now(UTC))
    return phone


# What a restore itself writes: that there was one, and the history that every copy starts afresh with.
ITS_OWN = {"counter", "event", "stream"}


@pytest.mark.parametrize(
    "other_first", [True, False], ids=["by way of the other database", "on its own kind"]
)
def test_everything_comes_back_on_either_database(
    app: Flask, council: Council, phone: Phone, empty: Empty, tmp_path: Path, other_first: bool
) -> None:
    before, kind = of(app), of(app).database_url.split(":")[0].split("+")[0]
    rows, files = everything(before), files_of(before)
    assert sum(map(len, rows.values())) > 100 and len(files) >= 1 and rows["hotspot"]
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert before.done("backup", str(first))["missing"] == []
    assert everything(before) == rows, "a backup changes nothing"
    here = empty({"sqlite": "postgresql", "postgresql": "sqlite"}[kind])
    restored = here.done("restore", str(first))
    assert restored["councils"] == ["north", "south"]
    _are_the_same(here, rows, files, histories=1)
    assert here.run("doctor", "--backup", str(first)).exit_code == 0, here.run("doctor").output
    here.done("backup", str(second))
    back = empty(kind)
    back.done("restore", str(second))
    _are_the_same(back, rows, files, histories=2)
    assert back.run("doctor", "--backup", str(first)).exit_code == 0


def test_postgresql_knows_how_much_was_restored(
    app: Flask, phone: Phone, empty: Empty, tmp_path: Path
) -> None:
    """Else the first pushes would look their reports up among all of the council's."""
    file = tmp_path / "last-night.zip"
    of(app).done("backup", str(file))
    here = empty("postgresql")
    here.done("restore", str(file))
    engine = sa.create_engine(here.database_url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        known = connection.scalar(sa.text("SELECT reltuples FROM pg_class WHERE oid = 'report'::regclass"))
        there = connection.scalar(sa.select(sa.func.count()).select_from(Report.__table__))
    assert there and known == there


def _are_the_same(
    here: Installation, rows: dict[str, list[str]], files: dict[str, bytes], *, histories: int
) -> None:
    found = everything(here)
    for table in rows:
        if table not in ITS_OWN:
            assert found[table] == rows[table], table
    assert set(rows["event"]) <= set(found["event"])
    assert len(found["event"]) == len(rows["event"]) + 2 * histories
    assert files_of(here) == files


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_database_it_was_restored_to_takes_work_again_and_keeps_its_rules(
    app: Flask, council: Council, phone: Phone, empty: Empty, tmp_path: Path
) -> None:
    of(app).done("backup", str(tmp_path / "b.zip"))
    here = empty("postgresql")
    here.done("restore", str(tmp_path / "b.zip"))
    there = here.app()
    assert [verdict["verdict"] for verdict in make_phone(there, council).push(report_op())] == ["applied"]
    with there.app_context():
        for statement, refusal in (
            ("UPDATE report SET description = 'x'", "never"),
            ("DELETE FROM event", "never"),
            ("UPDATE report_standing SET case_id = '00000000-0000-4000-8000-000000000000'", "foreign key"),
        ):
            with db.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=refusal):
                connection.execute(sa.text(statement))
        db.engine.dispose()


def test_phones_bring_back_what_the_backup_had_not_seen(
    app: Flask, council: Council, phone: Phone, tmp_path: Path
) -> None:
    """The founding promise across a restore of last night's backup."""
    of(app).done("backup", str(tmp_path / "night.zip"))
    content = b"taken after the backup"
    photo = manifest(content)
    late = [report_op(seq=10, photos=[photo]), report_op(seq=11)]
    phone.push(*late)
    upload(phone, photo, content)
    drain(app)
    cursor = phone.pull()["cursor"]
    assert {op["op_id"] for op in late} <= set(phone.pull()["acked_ops"])
    of(app).done("restore", str(tmp_path / "night.zip"), "--force")
    # Others work before this phone calls, so that the revisions it has seen are given out again.
    for _ in range(20):
        make_phone(app, council).push(report_op(position=None))
    page = phone.pull(cursor)
    assert page["reset"] is True
    asked = {"op_ids": [op["op_id"] for op in late], "photo_ids": [photo["id"]]}
    answer = phone.client.post(
        "/api/v1/sync/reconcile", json=asked | {"device_id": str(phone.device_id)}
    ).get_json()
    assert answer["ops"]["unknown"] == asked["op_ids"] and answer["photos"]["unknown"] == [photo["id"]]
    assert [verdict["verdict"] for verdict in phone.push(*late)] == ["applied", "applied"]
    upload(phone, photo, content)
    drain(app)
    answer = phone.client.post(
        "/api/v1/sync/reconcile", json=asked | {"device_id": str(phone.device_id)}
    ).get_json()
    assert answer["ops"]["known"] == asked["op_ids"] and answer["photos"]["verified"] == [photo["id"]]
    with app.app_context(), reading(council.id) as session:
        for op in late:
            assert session.get(Report, (council.id, uuid.UUID(op["entity_id"])))
    assert of(app).run("doctor").exit_code == 0


def test_a_backup_taken_while_phones_send_holds_together(
    app: Flask, council: Council, phone: Phone, empty: Empty, tmp_path: Path
) -> None:
    here, stop, sent = of(app), threading.Event(), threading.Event()

    def work() -> None:
        busy, number = make_phone(app, council), 0
        while not stop.is_set():
            number += 1
            content = f"photo {number}".encode()
            photo = manifest(content)
            busy.push(report_op(seq=number, photos=[photo]))
            upload(busy, photo, content)
            sent.set()

    worker = threading.Thread(target=work)
    worker.start()
    assert sent.wait(60)
    facts = here.done("backup", str(tmp_path / "b.zip"))
    stop.set()
    worker.join()
    assert facts["missing"] == []
    there = empty("sqlite")
    there.done("restore", str(tmp_path / "b.zip"))
    assert there.run("doctor").exit_code == 0
    restored = there.app()
    with restored.app_context():
        with reading(None) as session:
            everywhere = {"execution_options": ACROSS_AUTHORITIES}
            ops = session.scalars(
                sa.select(AppliedOp.entity_id).where(AppliedOp.type == "report.create"), **everywhere
            )
            reports = session.scalars(sa.select(Report.id).where(Report.op_id.is_not(None)), **everywhere)
            assert sorted(ops) == sorted(reports)
            store = FileStore(there.data_dir / "files")
            for row in session.scalars(sa.select(Photo).where(Photo.state != "expected"), **everywhere):
                assert store.original(row.authority_id, row.sha256).exists()
        db.engine.dispose()


def test_it_is_not_restored_over_what_is_there_nor_under_what_runs(
    app: Flask, council: Council, phone: Phone, tmp_path: Path
) -> None:
    here, file = of(app), tmp_path / "b.zip"
    here.done("backup", str(file))
    before = everything(here)
    refused = here.run("restore", str(file))
    assert refused.exit_code == 1 and "not empty" in refused.output and "--force" in refused.output
    with data_folder_lock(here.data_dir, address="http://127.0.0.1:8000", now=datetime.now(UTC)):
        running = here.run("restore", str(file), "--force")
    assert running.exit_code == 1 and "http://127.0.0.1:8000" in running.output
    assert everything(here) == before
    again = here.run("backup", str(file))
    assert again.exit_code == 1 and "is there already" in again.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_backup_is_refused_and_changes_nothing(
    app: Flask, council: Council, phone: Phone, empty: Empty, tmp_path: Path
) -> None:
    whole, there = tmp_path / "whole.zip", empty("sqlite")
    of(app).done("backup", str(whole))
    content = whole.read_bytes()
    at = content.index(PHOTO)
    damaged = {
        "changed": content[:at] + b"N" + content[at + 1 :],
        "cut": content[: len(content) // 2],
        "other": b"PK and no more",
        "empty": b"",
    }
    for name, changed in damaged.items():
        file = tmp_path / f"{name}.zip"
        file.write_bytes(changed)
        result = there.run("restore", str(file))
        assert result.exit_code == 1 and "backup" in result.output, name
    other = tmp_path / "newer.zip"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(other, "w") as target:
        for entry in source.namelist():
            data = source.read(entry)
            if entry == "manifest.json":
                data = json.dumps(json.loads(data) | {"migration": "9999"}).encode()
            target.writestr(entry, data)
    result = there.run("restore", str(other))
    assert result.exit_code == 1 and "newer Tipwatch" in result.output
    assert not (there.data_dir / "files").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_missing_when_it_was_taken_is_said(
    app: Flask, council: Council, phone: Phone, tmp_path: Path
) -> None:
    here = of(app)
    (original,) = (here.data_dir / "files" / "originals").rglob("*/*/*")
    original.unlink()
    result = here.run("backup", str(tmp_path))
    assert (
        result.exit_code == 1
        and f"MISSING OR DAMAGED here, and so in the backup: originals/{council.id}" in result.output
    )
    (made,) = tmp_path.glob("tipwatch-*.zip")
    assert made.stat().st_mode & 0o077 == 0, "for nobody else on this machine to read"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_record_rewritten_whole_does_not_agree_with_the_backup(
    app: Flask, council: Council, phone: Phone, empty: Empty, tmp_path: Path
) -> None:
    """Whoever has the database can make another that agrees with itself, but not with what was taken elsewhere."""
    of(app).done("backup", str(tmp_path / "kept-elsewhere.zip"))
    with app.app_context(), db.engine.begin() as connection:
        for name in ("event_no_update", "event_no_delete"):
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        connection.execute(
            sa.text("UPDATE event SET hash = :other WHERE kind = 'checkpoint'"), {"other": "0" * 64}
        )
    result = of(app).run("doctor", "--backup", str(tmp_path / "kept-elsewhere.zip"))
    assert result.exit_code == 1 and "is not the one that was backed up" in result.output
