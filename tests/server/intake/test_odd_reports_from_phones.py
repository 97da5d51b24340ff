"""Nothing that a phone has called saved is refused for being odd: it is kept, flagged and shown to a person."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.builders import (
    Phone,
    case_of,
    drain,
    make_op,
    manifest,
    position,
    report_op,
    report_payload,
    text_now,
)


def taken(
    app: Flask, phone: Phone, officer: FlaskClient, **changes: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Send a report with `changes`; it must be applied. Its case, and how the report shows in it."""
    op = report_op(**changes)
    (verdict,) = phone.push(op)
    assert verdict["verdict"] == "applied", verdict
    drain(app)
    case = case_of(officer, op["entity_id"])
    return case, case["reports_detail"][0]


def rejected(phone: Phone, op: dict[str, Any]) -> dict[str, Any]:
    """Send an op that must be rejected; the errors by field."""
    (verdict,) = phone.push(op)
    assert verdict["verdict"] == "rejected", verdict
    assert verdict["problem"]["code"] == "invalid_payload"
    return dict(verdict["problem"]["errors"])


def test_a_position_outside_the_boundary_is_kept_and_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    case, report = taken(app, phone, officer, position=position(51.50, -0.12))
    assert report["position"]["lat"] == 51.50
    assert "outside_area" in report["flags"] and "outside_area" in case["flags"]
    assert "something to check" in case["why_here"]
    assert case["place"]["in_area_served"] is False


def test_a_position_outside_great_britain_is_kept_and_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    for lat, lon in [(53.35, -6.26), (48.85, 2.35), (-33.9, 151.2), (89.99, 179.99)]:
        case, report = taken(app, phone, officer, position=position(lat, lon))
        assert "outside_great_britain" in report["flags"] and "outside_great_britain" in case["flags"]
        assert (case["lat"], case["lon"]) == (lat, lon)
        assert case["place"]["grid_reference"] is None


def test_a_position_of_0_0_is_kept_and_flagged(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    case, _ = taken(app, phone, officer, position=position(0, 0))
    assert {"position_0_0", "outside_great_britain"} <= set(case["flags"])


def test_a_position_that_is_none_is_kept_in_the_payload_and_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    for odd in (
        {"lat": 95.0, "lon": -1.5, "source": "gps"},
        {"lat": "north", "lon": None, "source": "gps"},
        {"lat": 52.5, "lon": -1.5, "accuracy_m": -1, "source": "gps"},
        {"lat": 52.5, "lon": -1.5, "source": "dowsing"},
        [52.5, -1.5],
        "52.5,-1.5",
    ):
        case, report = taken(app, phone, officer, position=odd)
        assert {"odd_position", "no_position"} <= set(report["flags"])
        assert report["position"] is None and case["lat"] is None


def test_a_report_without_a_position_has_a_case_and_is_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    case, _ = taken(app, phone, officer, position=None)
    assert case["flags"] == ["no_position"] and case["label"] == "Place not known yet"


def test_a_time_in_the_future_is_kept_and_flagged_and_the_servers_time_orders(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    tomorrow = text_now(timedelta(days=1))
    case, report = taken(app, phone, officer, seen_at=tomorrow)
    assert report["seen_at"] == tomorrow and "time_in_future" in report["flags"]
    assert report["received_at"] < tomorrow and case["opened_at"] < tomorrow
    assert report["clock_offset_ms"] == -840


def test_a_time_years_ago_is_kept_and_flagged(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    for seen_at in ("2019-03-07T09:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        case, report = taken(app, phone, officer, seen_at=seen_at, position=None)
        assert report["seen_at"] == seen_at
        assert "time_long_ago" in report["flags"] and "time_long_ago" in case["flags"]


def test_a_phone_clock_gone_wrong_keeps_nothing_from_arriving(phone: Phone) -> None:
    clocks: list[dict[str, Any]] = [
        {"device_time": "1970-01-01T00:00:00Z", "clock_offset_ms": 1_800_000_000_000},
        {"device_time": "+275760-09-13T00:00:00.000Z"},
        {"device_time": "0001-01-01T00:00:00+14:00"},
        {"device_time": 5, "tz_offset_min": 10**12, "clock_offset_ms": 10**30},
        {"tz_offset_min": "BST", "clock_offset_ms": None},
    ]
    verdicts = phone.push(*(report_op() | clock for clock in clocks))
    assert [verdict["verdict"] for verdict in verdicts] == ["applied"] * len(clocks)


def test_an_unknown_category_becomes_other_with_the_code_kept(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    for code in ("spaceship", "x" * 500, "soup\x00", "\ud800"):
        case, report = taken(app, phone, officer, category=code, position=None)
        assert case["category"] == "other"
        assert [flag for flag in report["flags"] if flag.startswith("unknown_category:")]


def test_a_category_of_the_other_kind_is_kept_and_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    case, _ = taken(app, phone, officer, category="graffiti")
    assert case["category"] == "graffiti" and "category_of_other_kind:graffiti" in case["flags"]


def test_unknown_waste_becomes_other_with_the_code_kept(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    _, report = taken(app, phone, officer, waste=["tyres", "sofa", "s\x00up"])
    assert report["waste"] == ["tyres", "other_unidentified"]
    assert "unknown_waste:sofa" in report["flags"]


def test_more_waste_codes_than_there_are_are_kept(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    _, report = taken(app, phone, officer, waste=["tyres"] * 60)
    assert report["waste"] == ["tyres"]


def test_unknown_size_land_and_hazard_are_kept_and_flagged(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    case, report = taken(app, phone, officer, size="a lot", land="moon", hazards=["sharps", "radiation"])
    assert (report["size"], report["land"], report["hazards"]) == (None, "other_unidentified", ["sharps"])
    assert {"unknown_size:a lot", "unknown_land:moon", "unknown_hazards:radiation"} <= set(case["flags"])


def test_members_that_are_null_are_as_if_left_out(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    nothing = dict.fromkeys(
        ("description", "waste", "size", "land", "hazards", "witnessed", "joins", "photos", "extra"), None
    )
    _, report = taken(app, phone, officer, **nothing)
    assert (report["description"], report["waste"], report["photos"]) == ("", [], [])


def test_members_this_server_does_not_know_are_kept_in_the_payload(phone: Phone) -> None:
    (verdict,) = phone.push(report_op(smell="awful", extra=["anything"]))
    assert verdict["verdict"] == "applied"


def test_markup_in_text_is_stored_as_sent(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    for text in (
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "'; DROP TABLE report; --",
        "{{ 7 * 7 }} ${7*7} %s %(x)s",
        "Sofa 🛋️ und Ölfässer – \u202eright to left\u202c",
    ):
        _, report = taken(app, phone, officer, description=text, position=None)
        assert report["description"] == text


def test_what_no_database_can_store_becomes_the_replacement_sign(
    app: Flask, phone: Phone, officer: FlaskClient
) -> None:
    _, report = taken(app, phone, officer, description="before\x00after \ud83d half \ude00 whole \U0001f600")
    assert report["description"] == "before\ufffdafter \ufffd half \ufffd whole \U0001f600"


def test_text_above_the_limit_is_rejected_by_name(phone: Phone) -> None:
    assert "4,000" in rejected(phone, report_op(description="x" * 4001))["description"][0]
    assert phone.push(report_op(description="x" * 4000))[0]["verdict"] == "applied"


def test_more_than_twelve_photos_are_rejected_by_name(phone: Phone) -> None:
    photos = [manifest(bytes([number])) for number in range(13)]
    assert "12" in rejected(phone, report_op(photos=photos))["photos"][0]
    assert phone.push(report_op(photos=photos[:12]))[0]["verdict"] == "applied"


def test_a_photo_of_no_bytes_or_above_25_mb_is_rejected_by_name(phone: Phone) -> None:
    for size in (0, -1, 25 * 1024 * 1024 + 1):
        errors = rejected(phone, report_op(photos=[manifest(b"x", bytes=size)]))
        assert "25 MB" in errors["photos.0.bytes"][0]
    largest = manifest(b"x", bytes=25 * 1024 * 1024)
    assert phone.push(report_op(photos=[largest]))[0]["verdict"] == "applied"


def test_a_photo_without_a_sha_256_is_rejected_by_name(phone: Phone) -> None:
    for sha256 in ("", "abc", "g" * 64, "a" * 64 + "\n", "A" * 64):
        assert "photos.0.sha256" in rejected(phone, report_op(photos=[manifest(b"x", sha256=sha256)]))


def test_one_photo_named_twice_is_one_photo(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    photo = manifest(b"x")
    _, report = taken(app, phone, officer, photos=[photo, photo])
    assert len(report["photos"]) == 1


def test_a_photos_id_taken_by_another_photo_is_rejected_by_name(phone: Phone) -> None:
    photo = manifest(b"x")
    phone.push(report_op(photos=[photo]))
    errors = rejected(phone, report_op(photos=[manifest(b"y", id=photo["id"])]))
    assert "another photo" in errors["photos.0.id"][0].lower()


def test_a_payload_that_is_not_a_json_object_is_rejected(phone: Phone) -> None:
    deep, long = "[" * 100_000, "9" * 5000
    for payload in ("", "not json", "[1, 2]", "null", '{"id": ', deep, long, '{"id": "\x00"}'):
        assert "payload" in rejected(phone, make_op("report.create", report_payload()["id"], payload))


def test_a_payload_with_half_a_character_is_rejected_and_kept(phone: Phone) -> None:
    op = report_op() | {"payload": '{"description": "\ud800"}'}
    assert "payload" in rejected(phone, op)


def test_a_missing_required_field_is_rejected_by_name(phone: Phone) -> None:
    for field in ("id", "kind", "category", "seen_at"):
        payload = report_payload()
        entity_id = payload["id"]
        without = {name: value for name, value in payload.items() if name != field}
        for odd in (without, payload | {field: None}):
            assert rejected(phone, make_op("report.create", entity_id, odd)) == {
                field: ["Missing data for required field."]
            }


def test_a_payload_that_does_not_match_its_hash_is_rejected(phone: Phone) -> None:
    assert "payload_sha256" in rejected(phone, report_op() | {"payload_sha256": "0" * 64})
    assert "payload_sha256" in rejected(phone, report_op() | {"payload_sha256": "z\x00" * 32})


def test_a_report_under_another_ops_entity_is_rejected(phone: Phone) -> None:
    assert "id" in rejected(phone, make_op("report.create", report_payload()["id"], report_payload()))


def test_the_exact_payload_is_the_evidence(app: Flask, phone: Phone, officer: FlaskClient) -> None:
    spaced = json.dumps(report_payload(), indent=3, ensure_ascii=False)
    op = make_op("report.create", json.loads(spaced)["id"], spaced)
    assert phone.push(op)[0]["verdict"] == "applied"
    (resent,) = phone.push(op | {"op_id": report_op()["op_id"]})
    assert resent["verdict"] == "duplicate"
