"""The soak's count can fail: it sees what was lost, what is there twice, and what another phone does not have."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from server.intake.models import AppliedOp
from server.store.clock import now
from server.store.notes import Note
from server.store.transaction import transaction
from tests.builders import Council, make_op
from tests.faults.conftest import Town
from tests.soak.__main__ import hand_over
from tests.soak.counts import Found, count
from tests.soak.fleet import VICTIMS, dealt, ground
from tests.soak.phone import SoakPhone, phones_of


def test_a_small_fleet_on_a_bad_network_is_counted_whole_and_every_kind_of_loss_is_seen(
    tmp_path: Path,
) -> None:
    with ground(tmp_path) as here:
        town = here.town
        phones = phones_of(town.stack.url, town.council, 2, seed=7)
        for phone in phones:
            phone.on_good_network = True
            phone.sign_in()
            phone.on_good_network = False
            for _ in range(10):
                phone.save_something()
            phone.send()
        hand_over(here, phones)
        found = count(town, phones)
        assert (found.whole, found.saved, found.on_server) == (True, 20, 20)
        assert found.photos_verified == found.photos > 0
        see_photos_and_rows_that_differ(town, phones)
        see_what_is_refused(town, phones)
        see_what_is_lost_and_doubled(town, phones, found)


def see_photos_and_rows_that_differ(town: Town, phones: list[SoakPhone]) -> None:
    """A photo that is not the phone's to the last bit, and a case that one phone lacks."""
    photo_id = next(iter(phones[0].photos | phones[1].photos))
    owner = next(phone for phone in phones if photo_id in phone.photos)
    content = owner.photos[photo_id]
    owner.photos[photo_id] = bytes([*content[:-1], content[-1] ^ 1])
    assert count(town, phones).photos_lost == 1
    owner.photos[photo_id] = content

    key = next(key for key in phones[1].copy if key[0] == "case")
    row = phones[1].copy.pop(key)
    [differs] = count(town, phones).not_converged
    assert differs.startswith(f"{' '.join(key)}: ")
    phones[1].copy[key] = row


def see_what_is_refused(town: Town, phones: list[SoakPhone]) -> None:
    """A server that takes nothing in loses nothing either, and is no good."""
    phones[0].needs_you["an op"] = "rejected"
    assert not count(town, phones).whole
    del phones[0].needs_you["an op"]


def see_what_is_lost_and_doubled(town: Town, phones: list[SoakPhone], found: Found) -> None:
    """An op that never came, then only its id did; notes of no op, and both together though the numbers agree."""
    unsent = make_op("case.note", uuid.uuid4(), {"text": "never sent"})
    phones[0].saved[unsent["op_id"]] = unsent
    assert count(town, phones) == replace(found, saved=21, lost=1)
    with town.stack.app(), transaction(town.council.id) as session:
        claimed = AppliedOp(
            id=uuid.UUID(unsent["op_id"]), device_id=phones[0].device_id, user_id=town.council.users["crew"],
            entity_id=uuid.UUID(unsent["entity_id"]), received_at=now(),
            **{name: unsent[name] for name in ("seq", "type", "payload_sha256")},
        )  # fmt: skip
        session.add(claimed)
    assert count(town, phones) == replace(found, saved=21, on_server=21, without_effect=1)
    for by, doubled in (("system", 0), ("user:x", 1)):
        with town.stack.app(), transaction(town.council.id) as session:
            session.add(
                Note(
                    id=uuid.uuid4(), subject_kind="report", subject_id=uuid.uuid4(), text="twice", salt="s",
                    by=by, at=now(),
                )
            )  # fmt: skip
        seen = count(town, phones)
        assert (seen.doubled, seen.without_effect) == (doubled, 1)


def test_a_seed_has_its_phones_save_the_same_things_and_kill_every_process_in_the_same_order() -> None:
    council = Council(uuid.uuid4(), "north", {})
    one, again, other = (phones_of("http://nowhere", council, 1, seed)[0] for seed in (7, 7, 8))
    for phone in (one, again, other):
        for _ in range(40):
            phone.save_something()
    assert (without_time(one), one.photos) == (without_time(again), again.photos)
    assert one.photos
    assert not one.saved.keys() & other.saved.keys()
    order = [list(islice(dealt(random.Random(seed)), 14)) for seed in (7, 7, 8)]
    assert order[0] == order[1] != order[2]
    assert sorted(order[0][:7]) == sorted(order[0][7:]) == sorted(VICTIMS)


def without_time(phone: SoakPhone) -> list[dict[str, Any]]:
    """What it saved, but for when."""
    return [
        {"op_id": op_id, "type": op["type"], "entity_id": op["entity_id"], **json.loads(op["payload"]), "seen_at": None}
        for op_id, op in phone.saved.items()
    ]  # fmt: skip
