"""Two crews, an officer's jobs, phones switched off and shared, a council put back to a backup: the promises hold."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from server.access.limits import limiter
from server.access.service import add_user
from server.cases.models import Case, Job, JobResult
from server.intake.models import AppliedOp
from server.photos.service import file_store
from server.restore import begin_new_history
from server.store.clock import now
from server.store.database import db
from server.store.events import SYSTEM, Event
from server.store.notes import Note
from server.store.transaction import reading, transaction
from tests.builders import browser, make_op, report_op, sign_in
from tests.builders import drain as run_workers
from tests.server.sync.model_phone import ModelPhone, photo_of
from tests.server.sync.test_three_phones import ANY, PHONES, ThreePhones, try_histories
from tests.services.postgres_server import PostgresDatabases

RESULTS = st.sampled_from(["done", "not_there", "cannot"])
# Operations whose event in the record names them.
NAMED = ("report.create", "report.add", "job.result", "job.note")
NOTED = {"report": "report.add", "job": "job.note", "case": "case.note"}


class CrewsAtWork(ThreePhones):
    """The third phone is another crew's; an officer gives jobs, and switches phones off."""

    crews: ClassVar[tuple[str, str, str]] = ("crew", "crew", "other crew")

    def hire(self) -> None:
        """The other crew."""
        with self.app.app_context(), transaction(self.council.id) as session:
            email = f"other@{self.council.slug}.example"
            crew = add_user(session, email=email, name="Other crew", role="crew", by=SYSTEM, at=now())
            self.council.users["other crew"] = crew.id

    @initialize()
    def start(self) -> None:
        """There is a case, with a job for any crew, which all phones carry, and one for the other crew."""
        super().start()
        for phone in self.phones:
            self.save(phone, phone.crew, report_op())
            phone.push(phone.crew, [op for _, op in phone.outbox])
        run_workers(self.app)
        for crew in (None, "other crew"):
            self.give_a_job(0, crew)
        for phone in self.phones:
            while phone.pull(phone.holder, 500):
                pass
            assert phone.carried("job")

    @rule(case=ANY, crew=st.sampled_from([None, "crew", "other crew"]))
    def give_a_job(self, case: int, crew: str | None) -> None:
        """The officer gives one crew a job, or whichever comes first."""
        items = self.officer.get("/api/v1/cases").get_json()["items"]
        if items:
            address = f"/api/v1/cases/{items[case % len(items)]['id']}/jobs"
            crew_id = crew and str(self.council.users[crew])
            given = self.officer.post(address, json={"kind": "clear", "crew_id": crew_id})
            assert given.status_code in (201, 409), given.text

    @rule(which=PHONES, job=ANY, result=RESULTS, photo=st.booleans())
    def do_a_job(self, which: int, job: int, result: str, photo: bool) -> None:
        """A job as some phone knows it: it may be another crew's, done by now, or of a case that was closed."""
        phone = self.phones[which]
        if jobs := [each for other in self.phones for each in other.carried("job")]:
            contents = [uuid.uuid4().bytes] if photo else []
            payload = {"result": result, "photos": [photo_of(each) for each in contents]}
            self.save(phone, phone.crew, make_op("job.result", jobs[job % len(jobs)], payload), *contents)

    @rule(first=RESULTS, second=RESULTS, job=ANY)
    def both_crews_do_one_job(self, first: str, second: str, job: int) -> None:
        """Neither knows of the other, and both are back in signal at once."""
        mine, theirs = self.phones[1], self.phones[2]
        shared = sorted({*mine.carried("job")} & {*theirs.carried("job")})
        if shared and not mine.off and not theirs.off:
            for phone, result in ((mine, first), (theirs, second)):
                op = make_op("job.result", shared[job % len(shared)], {"result": result})
                self.save(phone, phone.crew, op)
                phone.push(phone.crew, [phone.outbox[-1][1]])

    @rule(
        which=PHONES, kind=st.sampled_from(["job", "case"]), about=ANY, text=st.text(min_size=1, max_size=9)
    )
    def write_a_note(self, which: int, kind: str, about: int, text: str) -> None:
        phone = self.phones[which]
        if rows := phone.carried(kind):
            self.save(phone, phone.crew, make_op(f"{kind}.note", rows[about % len(rows)], {"text": text}))

    @rule(manager=st.booleans())
    def the_shared_phone_is_handed_over(self, manager: bool) -> None:
        """Whoever has it now sees theirs; what the other saved waits for them."""
        phone = self.phones[0]
        if not phone.off:
            phone.holder = "manager" if manager else "crew"
            waiting = list(phone.outbox)
            phone.pull(phone.holder, 500)
            acknowledged = {op["op_id"] for _, op in phone.received}
            assert {op["op_id"] for _, op in waiting} - acknowledged <= {
                op["op_id"] for _, op in phone.outbox
            }
            self.cursor_never_passes_an_unseen_row(phone)

    @rule(which=PHONES)
    def switch_off_a_phone(self, which: int) -> None:
        """It keeps everything and is told why nothing goes."""
        phone = self.phones[which]
        if not phone.off:
            answer = self.officer.post(f"/api/v1/devices/{phone.device_id}/revoke")
            assert answer.status_code == 200, answer.text
            phone.off = True
            phone.refused("device_revoked")

    @precondition(lambda self: any(phone.off for phone in getattr(self, "phones", [])))
    @rule()
    def switch_on_what_was_switched_off(self) -> None:
        for phone in self.phones:
            if phone.off:
                self.enrol_again(phone)

    def enrol_again(self, phone: ModelPhone) -> None:
        """With an officer's code."""
        wanted = {"user_id": str(self.council.users[phone.crew])}
        code = self.officer.post("/api/v1/devices/codes", json=wanted).get_json()["code"]
        phone.people[phone.crew] = browser(self.app)
        body = {"id": str(phone.device_id), "label": "Again", "enrolment_code": code}
        answer = phone.people[phone.crew].post("/api/v1/devices", json=body)
        assert answer.status_code == 200, answer.text
        phone.off = False

    @invariant()
    def no_op_twice_and_nothing_under_the_wrong_user(self) -> None:
        """As of reports and words about them, so of visits and notes."""
        if not hasattr(self, "saved"):
            return
        with self.app.app_context(), reading(self.council.id) as session:
            ops = session.execute(sa.select(AppliedOp.id, AppliedOp.type, AppliedOp.entity_id)).all()
            by_phone = Note.by != f"user:{self.council.users['officer']}"
            said = session.execute(
                sa.select(Note.subject_kind, Note.subject_id, Note.by).where(by_phone)
            ).all()
            visits = Counter(session.scalars(sa.select(JobResult.job_id)))
            events = [(event.facts.get("op_id"), event.by) for event in session.scalars(sa.select(Event))]
        whose = {op.id: f"user:{self.council.users[self.saved[str(op.id)]]}" for op in ops}
        for kind, type_ in NOTED.items():
            wanted = Counter((op.entity_id, whose[op.id]) for op in ops if op.type == type_)
            assert Counter((note.subject_id, note.by) for note in said if note.subject_kind == kind) == wanted
        assert visits == Counter(op.entity_id for op in ops if op.type == "job.result")
        named = [(op_id, by) for op_id, by in events if op_id is not None]
        assert sorted(named) == sorted((str(op.id), whose[op.id]) for op in ops if op.type in NAMED)

    def teardown(self) -> None:
        """Whatever happened, each history has all of this in it; then all phones are on, and in their crews' hands."""
        if hasattr(self, "saved"):
            self.switch_on_what_was_switched_off()
            self.do_a_job(1, 1, "cannot", True)
            self.both_crews_do_one_job("done", "not_there", 0)
            self.switch_off_a_phone(0)
            self.switch_on_what_was_switched_off()
            self.the_shared_phone_is_handed_over(manager=True)
            self.the_shared_phone_is_handed_over(manager=False)
        super().teardown()
        if hasattr(self, "saved"):
            self.the_first_visit_counts_and_every_other_is_flagged()

    def the_first_visit_counts_and_every_other_is_flagged(self) -> None:
        with self.app.app_context(), reading(self.council.id) as session:
            for job in session.scalars(sa.select(Job)):
                visits = session.scalars(sa.select(JobResult).where(JobResult.job_id == job.id)).all()
                first = [visit for visit in visits if "job_done_twice" not in visit.flags]
                assert [visit.result for visit in first] == ([] if job.state == "open" else [job.state])
                crew = {phone.device_id: self.council.users[phone.crew] for phone in self.phones}
                for visit in visits:
                    stranger = job.crew_id not in (None, crew[visit.device_id])
                    assert ("job_of_another_crew" in visit.flags) == stranger


class Backups:
    """Takes copies of a running application's database and originals, and puts them back."""

    def __init__(self, app: Flask, folder: Path, databases: Callable[[], PostgresDatabases]) -> None:
        self._app, self._folder, self._databases = app, folder, databases
        self._url = sa.make_url(app.config["SETTINGS"].database_url)
        self._originals: set[Path] = set()

    def take(self) -> None:
        """From now on this is the backup."""
        self._let_go()
        if self._url.drivername == "sqlite":
            with (
                closing(sqlite3.connect(self._name)) as source,
                closing(sqlite3.connect(self._kept)) as target,
            ):
                source.backup(target)
        else:
            self._databases().drop(self._kept)
            self._databases().create(template=self._name, name=self._kept)
        self._originals = set(self._files())

    def put_back(self) -> None:
        """As `tipwatch restore` does: rows and files as they were, and a new history for all that follow."""
        self._let_go()
        if self._url.drivername == "sqlite":
            for left in ("-wal", "-shm"):
                Path(self._name + left).unlink(missing_ok=True)
            shutil.copyfile(self._kept, self._name)
        else:
            self._databases().drop(self._name)
            self._databases().create(template=self._kept, name=self._name)
        for path in set(self._files()) - self._originals:
            path.unlink()
        with self._app.app_context():
            begin_new_history("the moment of the backup")

    def forget(self) -> None:
        """Remove the copy."""
        if self._url.drivername != "sqlite":
            self._databases().drop(self._kept)

    @property
    def _name(self) -> str:
        assert self._url.database is not None
        return self._url.database

    @property
    def _kept(self) -> str:
        return (
            str(self._folder / "kept.sqlite3") if self._url.drivername == "sqlite" else f"{self._name}_kept"
        )

    def _files(self) -> list[Path]:
        with self._app.app_context():
            return [path for path in file_store().root.rglob("*") if path.is_file()]

    def _let_go(self) -> None:
        with self._app.app_context():
            db.session.remove()
            db.engine.dispose()


class PutBackToABackup(CrewsAtWork):
    """The council is put back to where it was; phones bring what was lost, once they have asked."""

    backups: ClassVar[Backups]

    @initialize()
    def start(self) -> None:
        """There is a backup from the beginning."""
        super().start()
        self.backups.take()

    @rule()
    def back_up(self) -> None:
        self.backups.take()

    @rule(asks=st.sets(PHONES))
    def restore(self, asks: set[int]) -> None:
        """Some phones ask at once what is still there, the others go on first with what they have."""
        self.backups.put_back()
        self.restored = True
        self.officer = sign_in(self.app, self.council, "officer")
        self.phones[0].people["manager"] = sign_in(self.app, self.council, "manager")
        for phone in self.phones:
            phone.unsure = True
            self.enrol_again(phone)
        for which in asks:
            self.make_sure(which)

    def signal_comes_back(self) -> None:
        """All arrives, and what came since the backup is lost again; as many changes follow before any phone looks."""
        super().signal_comes_back()
        for phone in self.phones:
            while phone.pull(phone.holder, 500):
                pass
            assert phone.photos == {}, "every photo is verified, and its bytes may go"
        self.restore(set())
        for which, phone in enumerate(self.phones):
            self.make_sure(which)
            for who in phone.people:
                phone.push(who, [op for owner, op in phone.outbox if owner == who][:50])
        run_workers(self.app)
        late, others = max(phone.seen_up_to for phone in self.phones), self.phones[1]
        while self.fresh_copy(others).seen_up_to <= late:
            self.save(others, others.crew, report_op())
            others.push(others.crew, [others.outbox[-1][1]])
        for phone in reversed(self.phones):
            phone.pull(phone.holder, 500)
            self.cursor_never_passes_an_unseen_row(phone)
        super().signal_comes_back()

    def cannot_come(self, op: dict[str, Any]) -> bool:
        """Jobs and cases that were made after the backup are made anew by people, under other ids."""
        with self.app.app_context(), reading(self.council.id) as session:
            key = (self.council.id, uuid.UUID(op["entity_id"]))
            return self.restored and session.get(Job, key) is None and session.get(Case, key) is None


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.mark.parametrize("histories", [5, pytest.param(30, marks=pytest.mark.proof)])
def test_the_promises_hold_whatever_crews_and_officers_do(app: Flask, tmp_path: Path, histories: int) -> None:
    try_histories(type("Here", (CrewsAtWork,), {"app": app, "folder": tmp_path}), histories, steps=30)


@pytest.mark.parametrize("histories", [1, pytest.param(15, marks=pytest.mark.proof)])
def test_what_a_backup_had_not_seen_comes_again_from_the_phones(
    app: Flask, tmp_path: Path, histories: int, request: pytest.FixtureRequest
) -> None:
    backups = Backups(app, tmp_path, lambda: request.getfixturevalue("postgres_databases"))
    members = {"app": app, "folder": tmp_path, "backups": backups}
    try:
        try_histories(type("Here", (PutBackToABackup,), members), histories, steps=30)
    finally:
        backups.forget()
