"""Three phones, one of them shared, and an officer: whatever is lost, doubled or reordered, the promises hold."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.access.limits import limiter
from server.cases.models import JobResult
from server.intake.models import AppliedOp, HeldOp, KeptOp, Report
from server.photos.models import Photo
from server.photos.service import file_store
from server.store.checkpoints import verify
from server.store.notes import Note
from server.store.transaction import reading
from tests.builders import HERE, make_council, make_op, make_phone, position, report_op, sign_in
from tests.builders import drain as run_workers
from tests.server.sync.model_phone import ModelPhone, photo_of

PHONES = st.integers(0, 2)
ANY = st.integers(0, 99)


class ThreePhones(RuleBasedStateMachine):
    """The crew's user on three phones; the manager shares the first of them."""

    app: ClassVar[Flask]
    folder: ClassVar[Path]
    crews: ClassVar[tuple[str, str, str]] = ("crew", "crew", "crew")
    restored = False

    @initialize()
    def start(self) -> None:
        """A council of its own."""
        self.council = make_council(self.app, self.folder, f"c{uuid.uuid4().hex[:12]}", "NW")
        self.hire()
        self.phones = []
        for crew in self.crews:
            phone = make_phone(self.app, self.council, crew)
            self.phones.append(
                ModelPhone(phone.device_id, {crew: phone.client}, self.council.users, crew, crew)
            )
        self.phones[0].people["manager"] = sign_in(self.app, self.council, "manager")
        self.officer = sign_in(self.app, self.council, "officer")
        self.saved: dict[str, str] = {}
        self.unreadable: set[str] = set()

    def hire(self) -> None:
        """Who works here besides the council's people."""

    def save(self, phone: ModelPhone, who: str, op: dict[str, Any], *contents: bytes) -> None:
        """The phone says "Saved on this phone"."""
        phone.save(who, op, *contents)
        self.saved[op["op_id"]] = who

    @rule(
        which=PHONES,
        manager=st.booleans(),
        north=st.integers(0, 6),
        located=st.booleans(),
        photo=st.binary(max_size=40),
    )
    def save_a_report(self, which: int, manager: bool, north: int, located: bool, photo: bytes) -> None:
        phone = self.phones[which]
        who = "manager" if manager and "manager" in phone.people else phone.crew
        contents = [photo + uuid.uuid4().bytes] if photo else []
        here = position(HERE[0] + north * 0.0004)
        op = report_op(position=here if located else None, photos=[photo_of(each) for each in contents])
        phone.reports.append(op["entity_id"])
        self.save(phone, who, op, *contents)
        if not located:
            locate = make_op("report.locate", op["entity_id"], {"position": here}, after=op["op_id"])
            self.save(phone, who, locate)

    @precondition(lambda self: any(phone.reports for phone in self.phones))
    @rule(which=PHONES, report=ANY, text=st.text(min_size=1, max_size=20))
    def add_words(self, which: int, report: int, text: str) -> None:
        reports = [each for phone in self.phones for each in phone.reports]
        op = make_op("report.add", reports[report % len(reports)], {"description": text})
        self.save(self.phones[which], self.phones[which].crew, op)

    @rule(which=PHONES)
    def save_what_cannot_be_read(self, which: int) -> None:
        phone = self.phones[which]
        op = make_op("report.create", uuid.uuid4(), {"kind": "odd"})
        self.unreadable.add(op["op_id"])
        self.save(phone, phone.crew, op)

    @rule(
        which=PHONES,
        order=st.randoms(use_true_random=False),
        answer_lost=st.booleans(),
        part=st.integers(1, 5),
    )
    def push(self, which: int, order: Any, answer_lost: bool, part: int) -> None:
        phone = self.phones[which]
        for who in [] if phone.off else phone.people:
            mine = [op for owner, op in phone.outbox if owner == who]
            results = phone.push(who, order.sample(mine, min(part, len(mine))), answer_lost=answer_lost)
            for result in results:
                refused = ("rejected",) if result["op_id"] in self.unreadable else ()
                assert result["verdict"] in ("applied", "duplicate", "waiting_for", *refused)

    @rule(manager=st.booleans())
    def the_shared_phone_changes_hands_while_it_sends(self, manager: bool) -> None:
        phone, hands = self.phones[0], ["crew", "manager"]
        if phone.off:
            return
        who, signed_in = reversed(hands) if manager else hands
        phone.push_in_other_hands(who, [op for owner, op in phone.outbox if owner == who][:50], signed_in)

    @precondition(lambda self: any(phone.received for phone in self.phones))
    @rule(which=PHONES, op=ANY)
    def resend_what_was_received(self, which: int, op: int) -> None:
        phone = self.phones[which]
        if phone.received and not phone.off and not phone.unsure:
            who, again = phone.received[op % len(phone.received)]
            (result,) = phone.push(who, [again])
            assert result["verdict"] == "duplicate"

    @precondition(lambda self: any(phone.photos for phone in self.phones))
    @rule(which=PHONES, photo=ANY, most=st.integers(0, 60))
    def send_part_of_a_photo(self, which: int, photo: int, most: int) -> None:
        phone = self.phones[which]
        if phone.photos and not phone.off:
            phone.send_photo(phone.crew, list(phone.photos)[photo % len(phone.photos)], most=most)

    @rule(which=PHONES, limit=st.integers(1, 7))
    def pull_a_page(self, which: int, limit: int) -> None:
        phone = self.phones[which]
        if phone.off:
            return
        phone.pull(phone.holder, limit)
        self.cursor_never_passes_an_unseen_row(phone)

    @rule(which=PHONES)
    def make_sure(self, which: int) -> None:
        """Nothing that was received is ever unknown here, unless the council was put back to a backup."""
        phone = self.phones[which]
        if phone.off:
            return
        unsure, answer = phone.unsure, phone.reconcile(phone.holder)
        assert unsure or answer["ops"]["unknown"] == []
        assert phone.purged.keys() <= {
            *answer["photos"]["verified"],
            *(answer["photos"]["received"] if unsure else []),
        }

    @rule()
    def workers_run(self) -> None:
        run_workers(self.app)

    @rule(case=ANY, decision=st.sampled_from(["accept", "close", "reopen"]))
    def officer_decides(self, case: int, decision: str) -> None:
        items = self.officer.get("/api/v1/cases").get_json()["items"]
        if items:
            address = f"/api/v1/cases/{items[case % len(items)]['id']}/decisions"
            answer = self.officer.post(address, json={"decision": decision, "reason": "because"})
            assert answer.status_code in (200, 409)

    @invariant()
    def every_op_shown_as_saved_is_on_the_server_once_or_visible_on_the_phone(self) -> None:
        if not hasattr(self, "saved"):
            return
        visible = {op["op_id"] for phone in self.phones for _, op in phone.outbox}
        visible |= {op["op_id"] for phone in self.phones for op in phone.needs_you}
        visible |= {op["op_id"] for phone in self.phones if phone.unsure for _, op in phone.received}
        with self.app.app_context(), reading(self.council.id) as session:
            applied = [str(op_id) for op_id in session.scalars(sa.select(AppliedOp.id))]
            kept = {str(op_id) for op_id in session.scalars(sa.select(HeldOp.id))}
            kept |= set(session.scalars(sa.select(KeptOp.op_id)))
        assert len(applied) == len(set(applied))
        assert set(self.saved) <= {*applied, *visible}
        if not self.restored:
            assert {op["op_id"] for phone in self.phones for op in phone.needs_you} <= kept

    @invariant()
    def no_op_twice_and_nothing_under_the_wrong_user(self) -> None:
        if not hasattr(self, "saved"):
            return
        with self.app.app_context(), reading(self.council.id) as session:
            types = dict(session.execute(sa.select(AppliedOp.id, AppliedOp.type)).all())
            users = dict(session.execute(sa.select(AppliedOp.id, AppliedOp.user_id)).all())
            reports = [str(op_id) for op_id in session.scalars(sa.select(Report.op_id))]
            notes = session.scalar(
                sa.select(sa.func.count()).select_from(Note).where(Note.subject_kind == "report")
            )
        assert sorted(reports) == sorted(
            str(op_id) for op_id, type_ in types.items() if type_ == "report.create"
        )
        assert notes == list(types.values()).count("report.add")
        for op_id, user_id in users.items():
            assert user_id == self.council.users[self.saved[str(op_id)]]

    @invariant()
    def phone_bytes_are_never_purged_before_verified(self) -> None:
        if not hasattr(self, "saved"):
            return
        with self.app.app_context(), reading(self.council.id) as session:
            for photo in session.scalars(sa.select(Photo)):
                on_a_phone = any(
                    str(photo.id) in phone.photos or (phone.unsure and str(photo.id) in phone.purged)
                    for phone in self.phones
                )
                assert on_a_phone or photo.state == "verified"

    def cursor_never_passes_an_unseen_row(self, phone: ModelPhone) -> None:
        """Whatever stands at or below the phone's cursor is in its copy, as it stands."""
        fresh = self.fresh_copy(phone)
        seen = {key: row for key, row in fresh.copy.items() if row["rev"] <= phone.seen_up_to}
        assert seen.items() <= phone.copy.items()

    def fresh_copy(self, phone: ModelPhone) -> ModelPhone:
        """All that the phone's holder may see, begun anew."""
        fresh = ModelPhone(phone.device_id, phone.people, phone.users)
        while fresh.pull(phone.holder, 500):
            pass
        return fresh

    def every_manifest_photo_is_verified_byte_for_byte(self) -> None:
        with self.app.app_context(), reading(self.council.id) as session:
            sent = [
                *session.execute(sa.select(Report.authority_id, Report.payload)),
                *session.execute(sa.select(JobResult.authority_id, JobResult.payload)),
            ]
            named = [
                (photo, authority_id)
                for authority_id, payload in sent
                for photo in json.loads(payload).get("photos", [])
            ]
            for photo, authority_id in named:
                row = session.get_one(Photo, (authority_id, uuid.UUID(photo["id"])))
                stored = file_store().original(authority_id, photo["sha256"]).read_bytes()
                assert row.state == "verified"
                assert (len(stored), hashlib.sha256(stored).hexdigest()) == (photo["bytes"], photo["sha256"])

    def signal_comes_back(self) -> None:
        """Everybody sends and follows until nothing is left."""
        for _ in range(4):
            for phone in self.phones:
                while phone.pull(phone.holder, 500):
                    pass
                for who in phone.people:
                    phone.push(who, [op for owner, op in phone.outbox if owner == who][:50])
                for photo_id in list(phone.photos):
                    phone.send_photo(phone.crew, photo_id, most=1000)
        run_workers(self.app)

    def teardown(self) -> None:
        """In the end nothing is left to send, and all copies are alike."""
        if not hasattr(self, "saved"):
            return
        self.signal_comes_back()
        for phone in self.phones:
            while phone.pull(phone.holder, 3):
                pass
            assert phone.copy == self.fresh_copy(phone).copy
            assert phone.photos == {}
            assert all(self.cannot_come(op) for _, op in phone.outbox), phone.outbox
        for phone in self.phones:
            alike = [other for other in self.phones if other.holder == phone.holder]
            assert all(other.copy == phone.copy for other in alike)
        self.every_op_shown_as_saved_is_on_the_server_once_or_visible_on_the_phone()
        self.no_op_twice_and_nothing_under_the_wrong_user()
        self.every_manifest_photo_is_verified_byte_for_byte()
        with self.app.app_context(), reading(self.council.id) as session:
            assert verify(session) == []

    def cannot_come(self, op: dict[str, Any]) -> bool:
        """Whether what an op is about is gone for ever: then it stays on the phone, and is held for an officer."""
        return False


@pytest.mark.parametrize("histories", [5, pytest.param(30, marks=pytest.mark.proof)])
def test_the_promises_hold_whatever_is_lost_doubled_or_reordered(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, histories: int
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    try_histories(type("Here", (ThreePhones,), {"app": app, "folder": tmp_path}), histories, steps=25)


def try_histories(machine: type[RuleBasedStateMachine], histories: int, *, steps: int) -> None:
    """Run so many histories of at most so many steps, always the same ones."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
