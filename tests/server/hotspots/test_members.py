"""Being a member of a hotspot: what it changes about a case, and that nothing else is written anew."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from server.cases.models import Case
from server.hotspots.service import build, write
from server.store.clock import now
from server.store.transaction import reading, transaction
from tests.builders import HERE, Council, drain, make_phone, position, report_op

# Two things 60 m apart that are one hotspot, and one far away that is in none.
SPOTS = (0.0, 0.00054, 0.05)


def test_members_are_marked_each_with_a_revision_of_its_own(app: Flask, council: Council) -> None:
    far, near, here = _three_cases(app, council)
    assert here.hotspot_id is not None
    assert (near.hotspot_id, far.hotspot_id) == (here.hotspot_id, None)
    assert len({far.rev, near.rev, here.rev}) == 3
    assert [case.need & 2 for case in (far, near, here)] == [0, 2, 2]


def test_another_run_over_the_same_cases_sends_nothing_to_the_phones_again(
    app: Flask, council: Council
) -> None:
    before = _three_cases(app, council)
    with app.app_context():
        _run(council, days=0)
        assert [case.rev for case in _cases(council)] == [case.rev for case in before]


def test_cases_that_fell_out_of_the_window_are_members_no_longer(app: Flask, council: Council) -> None:
    before = _three_cases(app, council)
    with app.app_context():
        _run(council, days=400)
        far, near, here = _cases(council)
        assert [case.hotspot_id for case in (far, near, here)] == [None, None, None]
        assert [case.need & 2 for case in (far, near, here)] == [0, 0, 0]
        assert far.rev == before[0].rev
        assert near.rev > before[1].rev and here.rev > before[2].rev


def test_being_a_member_leaves_the_rest_of_a_cases_need_alone(app: Flask, council: Council) -> None:
    far, near, here = _three_cases(app, council, hazards=["asbestos"], witnessed=True)
    assert far.need > 2
    assert [near.need, here.need] == [far.need + 2, far.need + 2]


def _three_cases(app: Flask, council: Council, **changes: object) -> list[Case]:
    phone = make_phone(app, council)
    spots = [position(HERE[0] + north, HERE[1]) for north in SPOTS]
    phone.push(*(report_op(seq=seq, position=spot, **changes) for seq, spot in enumerate(spots, 1)))
    drain(app)
    with app.app_context():
        return _cases(council)


def _cases(council: Council) -> list[Case]:
    """All cases, the northernmost first."""
    with reading(council.id) as session:
        found = list(session.scalars(sa.select(Case).order_by(Case.lat.desc())))
        session.expunge_all()
        return found


def _run(council: Council, days: int) -> None:
    """Build the list as it will be in so many days."""
    with reading(council.id) as session:
        built = build(session, now() + timedelta(days=days))
    with transaction(council.id) as session:
        write(session, built, now())
