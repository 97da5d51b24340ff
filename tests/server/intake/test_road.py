"""The road of a report over the API: push, place, case, hotspot."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.builders import HERE, drain, make_council, make_phone, position, report_op, sign_in


def test_a_report_gets_a_place_a_case_and_with_its_neighbour_a_rank(app: Flask, tmp_path: Path) -> None:
    council = make_council(app, tmp_path)
    phone = make_phone(app, council)
    # 60 m apart: two things on the ground, one place that keeps being hit.
    first, second = report_op(seq=1), report_op(seq=2, position=position(HERE[0] + 0.00054, HERE[1]))
    verdicts = phone.push(first, second)
    assert [verdict["verdict"] for verdict in verdicts] == ["applied", "applied"]
    drain(app)

    officer = sign_in(app, council, "officer")
    cases = officer.get("/api/v1/cases").get_json()
    assert cases["counts"] == {"new": 2, "accepted": 0, "closed": 0}
    assert {case["label"] for case in cases["items"]} == {"Oldbury Road, Hartshill"}
    assert {case["reference"][:3] for case in cases["items"]} == {"NW-"}
    places = officer.get("/api/v1/hotspots").get_json()["items"]
    assert [(row["rank"], row["count"], row["label"]) for row in places] == [
        (1, 2, "Oldbury Road, Hartshill")
    ]
    assert sorted(places[0]["members"]) == sorted(case["id"] for case in cases["items"])

    page = phone.pull()
    assert sorted(page["acked_ops"]) == sorted([first["op_id"], second["op_id"]])
    states = {change["type"]: change["put"] for change in page["changes"]}
    assert states["report"]["case_reference"].startswith("NW-")
    assert states["hotspot"]["rank"] == 1
