"""A road on which things are seen one after the other, and the list that comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from server.store.clock import rfc3339
from tests.builders import HERE, drain, position, report_op
from tests.server.cases.desk.office import Office

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
# Two places: metres north of each case; the large one is what it is for the asbestos at its end. What comes in between
# makes them one, without that.
SMALL, LARGE, ASBESTOS, BETWEEN = (0, 20, 25), (160, 163, 166, 169), 330, (100, 110, 120)
# So long after the last a thing seen there is another thing.
APART = timedelta(days=14)


def hit(office: Office, *metres_north: int, apart: timedelta = APART, **changes: Any) -> list[str]:
    """Things seen there, one after the other, and a list with all of them; the reports' ids."""
    ops = []
    for metres in metres_north:
        office.clock.forward(apart)
        office.sent += 1
        spot, seen_at = position(HERE[0] + metres / 111_250, HERE[1]), rfc3339(office.clock.moment)
        ops.append(report_op(seq=office.sent, **{"position": spot, "seen_at": seen_at} | changes))
        assert [verdict["verdict"] for verdict in office.phone.push(ops[-1])] == ["applied"]
    drain(office.app)
    return [op["entity_id"] for op in ops]


def hit_two_places(office: Office) -> None:
    """The small place and the large one, on one road."""
    hit(office, *SMALL, *LARGE)
    hit(office, ASBESTOS, hazards=["asbestos"])


def listed(office: Office, **query: Any) -> list[dict[str, Any]]:
    """The list, best first."""
    response = office.officer.get("/api/v1/hotspots", query_string=query)
    assert response.status_code == 200, response.text
    return list(response.get_json()["items"])
