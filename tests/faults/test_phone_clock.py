"""A phone whose clock is wrong: nothing is dropped, moved or held back because of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import Crossing

pytestmark = pytest.mark.proof

TWO_YEARS = timedelta(days=730)


@pytest.mark.fault(31)
@pytest.mark.parametrize("off_by", [TWO_YEARS, -TWO_YEARS], ids=["two years fast", "two years slow"])
def test_a_clock_that_is_years_off(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path, off_by: timedelta
) -> None:
    """The report arrives with what the phone's clock said and by how much it was off; the server's time orders it."""
    phone = new_phone(clock=datetime.now(UTC) + off_by)
    code = phone.report(photo)
    report = crossing.wait_for(code, photo).report
    phone.wait_until_safe()
    assert abs(report.received_at - datetime.now(UTC)) < timedelta(minutes=10)
    assert report.device_time
    assert abs(report.device_time - datetime.now(UTC) - off_by) < timedelta(minutes=10)
    assert report.clock_offset_ms is not None
    assert abs(timedelta(milliseconds=report.clock_offset_ms) + off_by) < timedelta(minutes=1)


@pytest.mark.fault(31)
def test_the_hour_in_which_summer_time_ends(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone]
) -> None:
    """Two reports an hour apart that both show 01:30 keep their order and their hour."""
    phone = new_phone(clock=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    crossing.proxy.lose()
    codes = [phone.report()]
    phone.page.clock.fast_forward("01:00:00")
    codes.append(phone.report())
    crossing.proxy.find()
    phone.look_again()
    before, after = [crossing.wait_for(code).report for code in codes]
    assert before.device_time
    assert after.device_time
    assert timedelta(minutes=59) < after.device_time - before.device_time < timedelta(minutes=70)
    assert (before.tz_offset_min, after.tz_offset_min) == (60, 0)


@pytest.mark.fault(31)
def test_a_clock_set_back_while_items_wait(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path
) -> None:
    """Waits and leases made by the faster clock hold nothing back."""
    phone = new_phone(clock=datetime.now(UTC) + timedelta(days=3))
    crossing.proxy.lose()
    codes = [phone.report(photo), phone.report()]
    phone.page.clock.set_system_time(datetime.now(UTC))
    codes.append(phone.report())
    crossing.proxy.find()
    phone.look_again()
    crossing.wait_for(codes[0], photo)
    for code in codes[1:]:
        crossing.wait_for(code)
    phone.wait_until_safe(3)
    assert [row["seq"] for row in sorted(phone.rows("ops"), key=lambda row: row["savedAt"])] == [3, 1, 2]
