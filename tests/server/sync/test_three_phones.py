"""Three phones that push, pull, resend, reorder and lose answers: everything once, and all copies alike in the end."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
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
from server.intake.models import AppliedOp, Report
from server.store.checkpoints import verify
from server.store.notes import Note
from server.store.transaction import reading
from tests.builders import (
    HERE,
    Council,
    Phone,
    drain,
    make_council,
    make_op,
    make_phone,
    position,
    report_op,
    sign_in,
)

Op = dict[str, Any]


@dataclass
class Carried:
    """A phone with its outbox and its copy, as the crew's app keeps them."""

    phone: Phone
    outbox: list[Op] = field(default_factory=list)
    done: list[Op] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    copy: dict[tuple[str, str], Any] = field(default_factory=dict)
    cursor: str | None = None
    seq: int = 0

    def write(self, op: Op) -> None:
        """Save an op."""
        self.seq += 1
        self.outbox.append(op | {"seq": self.seq})

    def pull(self, limit: int) -> bool:
        """One page, taken into the copy; whether more waits."""
        page = self.phone.pull(self.cursor, limit)
        if page["reset"]:
            self.copy.clear()
        for change in page["changes"]:
            key = (change["type"], change["id"])
            if "put" in change:
                self.copy[key] = change["put"]
            else:
                self.copy.pop(key, None)
        self.cursor = page["cursor"]
        self.outbox = [op for op in self.outbox if op["op_id"] not in page["acked_ops"]]
        return bool(page["more"])


class ThreePhones(RuleBasedStateMachine):
    """One council, three crews' phones on one user, and an officer."""

    app: ClassVar[Flask]
    folder: ClassVar[Path]

    @initialize()
    def start(self) -> None:
        self.council: Council = make_council(self.app, self.folder, f"c{uuid.uuid4().hex[:12]}", "NW")
        self.phones = [Carried(make_phone(self.app, self.council)) for _ in range(3)]
        self.officer: FlaskClient = sign_in(self.app, self.council, "officer")

    @rule(who=st.integers(0, 2), north=st.integers(0, 6), located=st.booleans())
    def save_a_report(self, who: int, north: int, located: bool) -> None:
        phone = self.phones[who]
        op = report_op(position=position(HERE[0] + north * 0.0004) if located else None)
        phone.reports.append(op["entity_id"])
        phone.write(op)
        if not located:
            locate = make_op(
                "report.locate", op["entity_id"], {"position": position(HERE[0] + north * 0.0004)}
            )
            phone.write(locate | {"after": op["op_id"]})

    @precondition(lambda self: any(phone.reports for phone in self.phones))
    @rule(who=st.integers(0, 2), which=st.integers(0, 99), text=st.text(min_size=1, max_size=20))
    def add_words(self, who: int, which: int, text: str) -> None:
        reports = [report for phone in self.phones for report in phone.reports]
        self.phones[who].write(make_op("report.add", reports[which % len(reports)], {"description": text}))

    @rule(
        who=st.integers(0, 2),
        order=st.randoms(use_true_random=False),
        answer_lost=st.booleans(),
        part=st.integers(1, 5),
    )
    def push(self, who: int, order: Any, answer_lost: bool, part: int) -> None:
        phone = self.phones[who]
        sending = order.sample(phone.outbox, min(part, len(phone.outbox)))
        results = phone.phone.push(*sending)
        assert [result["op_id"] for result in results] == [op["op_id"] for op in sending]
        assert {result["verdict"] for result in results} <= {"applied", "duplicate", "waiting_for"}
        if not answer_lost:
            taken = {result["op_id"] for result in results if result["verdict"] != "waiting_for"}
            phone.done += [op for op in sending if op["op_id"] in taken]
            phone.outbox = [op for op in phone.outbox if op["op_id"] not in taken]

    @precondition(lambda self: any(phone.done for phone in self.phones))
    @rule(who=st.integers(0, 2), which=st.integers(0, 99))
    def resend_what_is_done(self, who: int, which: int) -> None:
        phone = self.phones[who]
        if phone.done:
            (result,) = phone.phone.push(phone.done[which % len(phone.done)])
            assert result["verdict"] == "duplicate"

    @rule(who=st.integers(0, 2), limit=st.integers(1, 7))
    def pull_a_page(self, who: int, limit: int) -> None:
        self.phones[who].pull(limit)

    @rule()
    def workers_run(self) -> None:
        drain(self.app)

    @rule(which=st.integers(0, 9), decision=st.sampled_from(["accept", "close", "reopen"]))
    def officer_decides(self, which: int, decision: str) -> None:
        items = self.officer.get("/api/v1/cases").get_json()["items"]
        if items:
            address = f"/api/v1/cases/{items[which % len(items)]['id']}/decisions"
            answer = self.officer.post(address, json={"decision": decision, "reason": "because"})
            assert answer.status_code in (200, 409)

    @invariant()
    def what_was_answered_applied_is_there_once(self) -> None:
        if not hasattr(self, "council"):
            return
        done = [op for phone in self.phones for op in phone.done]
        with self.app.app_context(), reading(self.council.id) as session:
            applied = {str(row.id): row.type for row in session.scalars(sa.select(AppliedOp))}
            reports = session.scalar(sa.select(sa.func.count()).select_from(Report))
            added = sa.select(sa.func.count()).select_from(Note).where(Note.subject_kind == "report")
            notes = session.scalar(added)
        assert {op["op_id"] for op in done} <= set(applied)
        types = list(applied.values())
        assert (reports, notes) == (types.count("report.create"), types.count("report.add"))

    def teardown(self) -> None:
        """Signal comes back: everybody sends and follows until nothing is left."""
        if not hasattr(self, "council"):
            return
        for _ in range(3):
            for phone in self.phones:
                while phone.pull(500):
                    pass
                for start in range(0, len(phone.outbox), 50):
                    phone.phone.push(*phone.outbox[start : start + 50])
        drain(self.app)
        for phone in self.phones:
            while phone.pull(3):
                pass
        assert [phone.outbox for phone in self.phones] == [[], [], []]
        copies = [json.dumps(sorted(phone.copy.items()), default=str) for phone in self.phones]
        assert copies[0] == copies[1] == copies[2]
        fresh = Carried(self.phones[0].phone)
        while fresh.pull(500):
            pass
        assert fresh.copy == self.phones[0].copy
        with self.app.app_context(), reading(self.council.id) as session:
            assert verify(session) == []


def test_three_phones_converge_whatever_is_lost_or_reordered(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    machine = type("Here", (ThreePhones,), {"app": app, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
