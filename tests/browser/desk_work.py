"""A council with something of everything that the officer's desk shows."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from server.residents.abuse import Sender
from server.residents.schemas import PublicReportSchema
from server.residents.service import Secrets, take_public_report
from server.store.clock import now
from server.store.transaction import transaction
from tests.browser.people import Person
from tests.browser.stacks import Running
from tests.builders import HERE, Council, make_op, manifest, position, report_op, text_now
from tests.services.processes import wait_for

METRE = 1 / 111_195
# Of all ids the one whose receipt code is widest on the screen: WWWWW-WWWWX.
WIDEST = uuid.UUID("e739ce73-9ce7-4000-8000-000000000001")
SPOTS = (0.0, 45.0, 90.0, 600.0, 900.0)


def fill(running: Running, council: Council, photo: Path) -> None:
    """Something of everything: cases, one of two reports with a photo, a hotspot, jobs, a decision, what is held."""
    officer = Person(running.app, council, "officer", running.url)
    content = photo.read_bytes()
    picture = manifest(content)
    ops = [
        report_op(seq=number, position=position(lat=HERE[0] + spot * METRE), hazards=hazards, photos=photos)
        for number, (spot, hazards, photos) in enumerate(
            [
                *(
                    (spot, ["asbestos"] if spot == 600 else [], [picture] if spot == 0 else [])
                    for spot in SPOTS
                ),
                (10.0, [], []),
            ],
            1,
        )
    ]
    officer.push(*ops)
    officer.hand_over("torn {", json.dumps(make_op("report.create", WIDEST, {})))
    kept = officer.get("sync/kept")["items"][0]
    officer.post(f"sync/kept/{kept['id']}/settle", {"note": "Rang the crew, typed in again"})
    officer.upload(picture["id"], content)

    def ready() -> list[dict[str, Any]] | None:
        cases = officer.cases()
        shown = any(
            photo["showable"]
            for case in cases
            for report in case["reports_detail"]
            for photo in report["photos"]
        )
        return cases if len(cases) == len(SPOTS) and shown else None

    cases = wait_for("the cases and the photo", ready, 120)
    wait_for("the hotspot", lambda: officer.get("hotspots")["items"], 120)
    for case, kind in zip(cases, ("clear", "inspect"), strict=False):
        crew = str(council.users["crew"])
        officer.post(f"cases/{case['id']}/jobs", {"kind": kind, "text": "Mind the gate.", "crew_id": crew})
    decided = next(case for case in reversed(cases) if case["reports"] == 1)
    officer.post(f"cases/{decided['id']}/decisions", {"decision": "not_ours", "reason": "A farmer's field"})
    for where in ("Behind the chapel " * 8, "By the ford"):
        _hold_back(running, council, where)
    refused = officer.get("quarantine")["items"][-1]["report_id"]
    officer.post(f"quarantine/{refused}/refuse", {"reason": "An advertisement"})


def _hold_back(running: Running, council: Council, where: str) -> None:
    """A resident's report, with a way to reach them, whose hidden field was filled in."""
    report_id = str(uuid.uuid4())
    body = {
        "id": report_id, "kind": "fly_tip", "category": "fly_tip", "seen_at": text_now(), "where": where,
        "description": "Cheap watches\nhttp://example.com/" + "a" * 90,
        "position": position() | {"accuracy_m": None, "source": "pin"},
        "contact": {"name": "Pat", "email": "pat@example.com", "phone": "01632 960001"},
    }  # fmt: skip
    with running.app.app_context(), transaction(council.id) as session:
        data = PublicReportSchema().load(body)
        data.pop("authority")
        secrets = Secrets.of("tests", council.id, data["id"])
        take_public_report(session, data, "{}", secrets, Sender("tests", None, trap_filled=True), now())
