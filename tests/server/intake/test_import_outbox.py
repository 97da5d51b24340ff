"""`tipwatch import outbox`: what a phone exported is taken in as if it had been sent, whoever sends it first."""

from __future__ import annotations

import json
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from server.access.models import Authority, Device, User
from server.access.service import disable_user, revoke_device
from server.cli import tipwatch
from server.intake.models import AppliedOp, KeptOp, Report
from server.photos.models import Photo
from server.store.clock import now, rfc3339
from server.store.database import db
from server.store.events import SYSTEM
from server.store.transaction import reading, transaction
from tests.builders import Council, Phone, drain, make_council, make_op, make_phone, manifest, report_op

PHOTOS = (b"the first photo" * 1000, b"the second photo" * 1000)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits on a phone."""

    ops: list[Any]
    photos: list[tuple[dict[str, Any], bytes]]


def exported(
    path: Path, app: Flask, council: Council, phone: Phone, waiting: Waiting, **changes: Any
) -> Path:
    """The file that the phone's "Export what is not sent" makes: entries stored as they are, photos by their id."""
    with app.app_context(), reading(council.id) as session:
        name = session.get_one(Authority, council.id).name
    said = {
        "format": "tipwatch-outbox", "version": 1, "exported_at": rfc3339(app.config["CLOCK"]()),
        "app_version": "0.1.0", "device": {"id": str(phone.device_id), "label": "crew's phone"},
        "user": {"id": str(council.users["crew"]), "name": "Crew of north"},
        "authority": {"id": str(council.id), "name": name}, "ops": waiting.ops,
        "photos": [
            {"id": photo["id"], "op_id": waiting.ops[0]["op_id"], "sha256": photo["sha256"], "bytes": photo["bytes"],
             "mime": photo["mime"], "file": f"photos/{photo['id']}"}
            for photo, _ in waiting.photos
        ],
    } | changes  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("outbox.json", json.dumps(said))
        for photo, content in waiting.photos:
            archive.writestr(f"photos/{photo['id']}", content)
    return path


@pytest.fixture
def phone(app: Flask, council: Council) -> Phone:
    """A crew's enrolled phone."""
    return make_phone(app, council)


@pytest.fixture
def waiting() -> Waiting:
    """A report with two photos and something added to it."""
    photos = [manifest(content) for content in PHOTOS]
    op = report_op(photos=photos)
    add = make_op("report.add", op["entity_id"], {"description": "more"}, seq=2, after=op["op_id"])
    return Waiting([op, add], list(zip(photos, PHOTOS, strict=True)))


def imported(app: Flask, file: Path, *options: str) -> Result:
    """Run the command on the application's database."""
    settings = app.config["SETTINGS"]
    with app.app_context():
        db.session.remove()
    environ = {
        "TIPWATCH_DATABASE_URL": settings.database_url, "TIPWATCH_DATA_DIR": str(settings.data_dir),
        "TIPWATCH_BROKER_URL": "memory://",
    }  # fmt: skip
    return CliRunner().invoke(tipwatch, ["import", "outbox", str(file), *options], env=environ)


def counts(app: Flask, council: Council) -> tuple[int, int, list[str]]:
    """Reports, applied ops, and the states of photos."""
    drain(app)
    with app.app_context(), reading(council.id) as session:
        reports, ops = (
            session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (Report, AppliedOp)
        )
        return reports, ops, sorted(session.scalars(sa.select(Photo.state)))


def test_what_was_exported_is_taken_in_once_however_often_and_whoever_sends(
    app: Flask, council: Council, phone: Phone, waiting: Waiting, tmp_path: Path
) -> None:
    file = exported(tmp_path / "outbox.zip", app, council, phone, waiting)
    first = imported(app, file, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert [op["verdict"] for op in told["ops"]] == ["applied", "applied"]
    assert [photo["state"] for photo in told["photos"]] == ["received", "received"]
    assert counts(app, council) == (1, 2, ["verified", "verified"])
    again = imported(app, file)
    assert again.exit_code == 0, again.output
    assert again.stdout.count(": duplicate") == 2 and again.stdout.count(": verified") == 2
    assert {verdict["verdict"] for verdict in phone.push(*waiting.ops)} == {"duplicate"}
    assert counts(app, council) == (1, 2, ["verified", "verified"])


def test_after_the_phone_sent_half_of_it_the_rest_is_taken_in(
    app: Flask, council: Council, phone: Phone, waiting: Waiting, tmp_path: Path
) -> None:
    phone.push(waiting.ops[0])
    told = json.loads(
        imported(app, exported(tmp_path / "o.zip", app, council, phone, waiting), "--json").stdout
    )
    assert [op["verdict"] for op in told["ops"]] == ["duplicate", "applied"]
    assert counts(app, council) == (1, 2, ["verified", "verified"])


@pytest.mark.parametrize("gone", ["revoked", "disabled"])
def test_a_phone_that_was_switched_off_and_a_person_who_left_lose_nothing(
    app: Flask, council: Council, phone: Phone, waiting: Waiting, tmp_path: Path, gone: str
) -> None:
    with app.app_context(), transaction(council.id) as session:
        if gone == "revoked":
            revoke_device(session, session.get_one(Device, (council.id, phone.device_id)), SYSTEM, now())
        else:
            disable_user(session, session.get_one(User, (council.id, council.users["crew"])), SYSTEM, now())
    assert imported(app, exported(tmp_path / "o.zip", app, council, phone, waiting)).exit_code == 0
    assert counts(app, council) == (1, 2, ["verified", "verified"])
    with app.app_context(), reading(council.id) as session:
        report = session.scalars(sa.select(Report)).one()
        assert (report.user_id, report.device_id) == (council.users["crew"], phone.device_id)


def test_a_phone_that_was_never_the_councils_is_taken_in_only_when_somebody_says_so(
    app: Flask, council: Council, phone: Phone, waiting: Waiting, tmp_path: Path
) -> None:
    stranger = {"id": str(uuid.uuid4()), "label": "Old van"}
    file = exported(tmp_path / "o.zip", app, council, phone, waiting, device=stranger)
    refused = imported(app, file)
    assert refused.exit_code == 1 and "Old van" in refused.output and "--device-unknown-ok" in refused.output
    assert counts(app, council) == (0, 0, [])
    assert imported(app, file, "--device-unknown-ok").exit_code == 0
    with app.app_context(), reading(council.id) as session:
        assert session.get_one(Device, (council.id, uuid.UUID(stranger["id"]))).revoked_at is not None


def test_it_ends_with_1_when_something_was_not_taken_and_says_what(
    app: Flask, council: Council, phone: Phone, waiting: Waiting, tmp_path: Path
) -> None:
    lost = manifest(b"never in the file")
    ops = [
        *waiting.ops,
        make_op("report.create", uuid.uuid4(), {}, seq=3),
        report_op(seq=4, photos=[lost]),
        "odd",
    ]
    changed = (waiting.photos[0][0], b"other bytes")
    file = exported(tmp_path / "o.zip", app, council, phone, Waiting(ops, [changed, waiting.photos[1]]))
    result = imported(app, file)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split(": ")[1].split(" ")[0] for line in lines] == [
        "applied", "applied", "rejected", "applied", "rejected", "expected", "received",
    ]  # fmt: skip
    assert "not those its report announced" in lines[5]
    with app.app_context(), reading(council.id) as session:
        assert len(session.scalars(sa.select(KeptOp)).all()) == 2
    assert imported(app, exported(file, app, council, phone, waiting)).exit_code == 0
    assert counts(app, council)[2] == ["expected", "verified", "verified"]


def test_a_wrong_or_damaged_file_is_refused_with_what_was_expected(
    app: Flask, council: Council, phone: Phone, waiting: Waiting, tmp_path: Path
) -> None:
    other = make_council(app, tmp_path, "south", "SW")
    whole = exported(tmp_path / "whole.zip", app, council, phone, waiting).read_bytes()
    at = whole.index(PHOTOS[0])
    files = {
        "other kind": (b"a text", "another kind"),
        "cut": (whole[: len(whole) // 2], "damaged"),
        "changed": (whole[:at] + b"X" + whole[at + 1 :], "is damaged at photos/"),
    }
    for name, changes, words in (
        ("format", {"format": "other"}, "format"),
        ("version", {"version": 2}, "version"),
        ("ops", {"ops": "none"}, "ops"),
        (
            "authority",
            {"authority": {"id": str(uuid.uuid4()), "name": "Elsewhere"}},
            "another council (Elsewhere)",
        ),
        ("user", {"user": {"id": str(other.users["crew"]), "name": "Somebody"}}, "user (Somebody)"),
    ):
        file = exported(tmp_path / "changed.zip", app, council, phone, waiting, **changes)
        files[name] = (file.read_bytes(), words)
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("hello", "")
    files["no contents"] = ((tmp_path / "empty.zip").read_bytes(), "no outbox.json")
    for name, (content, words) in files.items():
        file = tmp_path / "given.zip"
        file.write_bytes(content)
        result = imported(app, file)
        assert result.exit_code == 1 and words in result.output, f"{name}: {result.output}"
    assert counts(app, council) == (0, 0, [])
