"""What lies beside database and photos comes back too, or what is missing is said, and how to mend it."""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from server.intake.models import ReportStanding
from server.places.vintages import bring_in
from server.residents.council import council_details
from server.store.clock import now
from server.store.database import db
from server.store.transaction import reading
from tests.builders import Council, drain, make_phone, position, report_op
from tests.server.backup.conftest import Installation, of
from tests.workers.geocoding.sources.files import OPEN_NAMES, open_names_row, write_csv

WORDS = 'phone = "01234 567890"\n'
# A road that only the names all councils share know of, and a place on it.
ROAD = open_names_row(
    "Purley Chase Lane", "transportNetwork", "Named Road", 430_965, 299_845, place="Mancetter"
)
ON_IT = position(lat=52.5955, lon=-1.5445)
Empty = Callable[[str], Installation]


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """Names as they are downloaded."""
    write_csv(tmp_path / "names" / "SP39.csv", [*OPEN_NAMES, ROAD])
    return tmp_path / "names"


@pytest.fixture
def here(app: Flask, council: Council, names: Path) -> Installation:
    """An installation with a council's own words, and names that all share."""
    data_dir = app.config["SETTINGS"].data_dir
    (data_dir / "councils").mkdir()
    (data_dir / "councils" / "north.toml").write_text(WORDS)
    with app.app_context():
        bring_in(data_dir, "open-names", names, vintage="2026-04", at=now())
    drain(app)
    return of(app)


def other_kind(here: Installation) -> str:
    return "postgresql" if here.database_url.startswith("sqlite") else "sqlite"


def label_of_a_new_report(app: Flask, council: Council) -> str:
    """What the place of a report is called that comes in now."""
    op = report_op(position=ON_IT)
    make_phone(app, council).push(op)
    drain(app)
    return label_of(app, council, op["entity_id"])


def label_of(app: Flask, council: Council, report_id: str) -> str:
    with app.app_context(), reading(council.id) as session:
        standing = session.get_one(ReportStanding, (council.id, uuid.UUID(report_id)))
        return str((standing.place or {})["label"])


def test_on_a_new_machine_everything_is_as_it_was(
    council: Council, here: Installation, empty: Empty, tmp_path: Path
) -> None:
    here.done("backup", str(tmp_path / "b.zip"))
    there = empty(other_kind(here))
    said = there.done("restore", str(tmp_path / "b.zip"))
    assert (said["gazetteer_absent"], said["replaced"]) == ([], [])
    assert council_details(there.data_dir, "north").phone == "01234 567890"
    app = there.app()
    assert label_of_a_new_report(app, council).startswith("Purley Chase Lane")
    close(app)


def test_names_that_were_left_out_are_asked_for_and_then_everything_is_placed_anew(
    council: Council, here: Installation, names: Path, empty: Empty, tmp_path: Path
) -> None:
    small = tmp_path / "small.zip"
    assert here.done("backup", str(small), "--without-gazetteer")["gazetteer"] is False
    with zipfile.ZipFile(small) as archive:
        assert [name for name in archive.namelist() if "gazetteer/" in name] == []
    there = empty(other_kind(here))
    said = there.run("restore", str(small))
    assert "not in the backup and are not here: os_open_names/2026-04" in said.output
    assert "Import their files again" in said.output
    app = there.app()
    op = report_op(position=ON_IT)
    make_phone(app, council).push(op)
    drain(app)
    assert not label_of(app, council, op["entity_id"]).startswith("Purley Chase Lane")
    again = there.run("import", "open-names", str(names), "--vintage", "2026-04")
    assert again.exit_code == 0, again.output
    drain(app)
    assert label_of(app, council, op["entity_id"]).startswith("Purley Chase Lane"), (
        "a running one has them too"
    )
    close(app)


def test_the_secret_key_goes_only_where_it_is_asked_to(
    app: Flask, here: Installation, empty: Empty, tmp_path: Path
) -> None:
    without, with_key = tmp_path / "without.zip", tmp_path / "with.zip"
    here.done("backup", str(without))
    key = (here.data_dir / "secret-key").read_bytes()
    assert here.done("backup", str(with_key), "--with-secret-key")["secret_key"] is True
    with zipfile.ZipFile(without) as archive:
        assert not any(key in archive.read(name) for name in archive.namelist())
    there = empty(other_kind(here))
    said = there.run("restore", str(without))
    assert said.exit_code == 0
    assert "The secret key here is not the one of the installation that was backed up" in said.output
    assert "TIPWATCH_SECRET_KEY" in said.output
    there = empty(other_kind(here))
    said = there.run("restore", str(with_key))
    assert "secret key" not in said.output
    kept = there.data_dir / "secret-key"
    assert kept.read_bytes() == key
    assert kept.stat().st_mode & 0o077 == 0, "for nobody else on this machine to read"


def test_what_a_council_has_written_since_is_put_aside_and_not_lost(
    app: Flask, here: Installation, tmp_path: Path
) -> None:
    here.done("backup", str(tmp_path / "b.zip"))
    mine = here.data_dir / "councils" / "north.toml"
    mine.write_text('phone = "09876 543210"\n')
    said = here.run("restore", str(tmp_path / "b.zip"), "--force")
    assert "lies in councils/north.toml.replaced" in said.output
    assert mine.read_text() == WORDS
    assert mine.with_name("north.toml.replaced").read_text() == 'phone = "09876 543210"\n'
    assert "secret key" not in said.output, "it is the same installation"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_puts_nothing_where_it_does_not_belong(
    app: Flask, here: Installation, empty: Empty, tmp_path: Path
) -> None:
    here.done("backup", str(tmp_path / "b.zip"))
    there = empty("sqlite")
    for name in ("../out.toml", "councils/../../out.toml", "broker/x", "/tmp/out.toml"):
        with (
            zipfile.ZipFile(tmp_path / "b.zip") as source,
            zipfile.ZipFile(tmp_path / "bad.zip", "w") as target,
        ):
            for entry in source.namelist():
                renamed = entry.replace("councils/north.toml", name)
                content = source.read(entry).replace(b"councils/north.toml", name.encode())
                target.writestr(renamed, content)
        said = there.run("restore", str(tmp_path / "bad.zip"))
        assert said.exit_code == 1 and "none of ours" in said.output, name
    assert not (there.data_dir / "files").exists()


def close(app: Flask) -> None:
    """Leave no connection to a database that is to go."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
