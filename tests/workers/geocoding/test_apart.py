"""Places of one label told apart in the words a crew would use, and always told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workers.geocoding.apart import Labelled, told_apart
from workers.geocoding.gazetteer import Gazetteer, NamedPoint, NamedRoad
from workers.geocoding.place import NOT_NAMED_YET

OLDBURY = "Oldbury Road, Hartshill"
WEST, SOUTH = 431_000.0, 294_000.0
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
# A street of a kilometre from south to north; a lane leaves it at 200 m, and a chapel stands at 800 m.
STREET = NamedRoad("Oldbury Road", "test", (((WEST, SOUTH), (WEST, SOUTH + 1_000)),))
LANE = NamedRoad("Moorwood Lane", "test", (((WEST, SOUTH + 200), (WEST + 400, SOUTH + 200)),))
CHAPEL = NamedPoint("Ridge Chapel", "test", WEST + 20, SOUTH + 800)
GROUND = Gazetteer(roads=[STREET, LANE], landmarks=[CHAPEL])
BARE = Gazetteer(roads=[STREET])


def at(north_m: float, *, label: str = OLDBURY, days: int = 0, named: bool = False) -> Labelled:
    """A place on the street."""
    return Labelled(label, WEST, SOUTH + north_m, BEGIN + timedelta(days), named)


def labels(*places: Labelled, ground: Gazetteer = GROUND) -> list[str]:
    """What they are called, one after the other."""
    told = told_apart(places, lambda: ground)
    return [told.get(index, place.label) for index, place in enumerate(places)]


def test_two_that_begin_together_are_told_by_what_is_near_each() -> None:
    assert labels(at(180), at(790)) == [f"{OLDBURY}, near Moorwood Lane", f"{OLDBURY}, near Ridge Chapel"]


def test_where_nothing_is_near_by_their_part_of_the_street() -> None:
    assert labels(at(180), at(790), ground=BARE) == [f"{OLDBURY}, south end", f"{OLDBURY}, north end"]
    assert labels(at(790), at(500), at(180), ground=BARE) == [
        f"{OLDBURY}, north end", f"{OLDBURY}, in the middle", f"{OLDBURY}, south end",
    ]  # fmt: skip
    five = labels(*(at(north_m) for north_m in (0, 250, 500, 750, 1_000)), ground=BARE)
    assert [label.removeprefix(f"{OLDBURY}, ") for label in five] == [
        "south end", "second from the south", "third from the south", "second from the north", "north end",
    ]  # fmt: skip


def test_a_side_road_between_two_tells_neither() -> None:
    assert labels(at(100), at(300)) == [f"{OLDBURY}, south end", f"{OLDBURY}, north end"]


def test_the_one_that_was_there_first_keeps_its_words() -> None:
    assert labels(at(790), at(180, days=1)) == [OLDBURY, f"{OLDBURY}, near Moorwood Lane"]
    again = at(180, label=f"{OLDBURY}, near Moorwood Lane", days=1)
    assert labels(at(790), again) == [OLDBURY, again.label], "and so does the other from then on"


def test_a_name_that_a_person_gave_is_left_alone() -> None:
    assert labels(at(180), at(790, days=1, named=True)) == [f"{OLDBURY}, near Moorwood Lane", OLDBURY]
    assert labels(at(180, named=True), at(790, named=True)) == [OLDBURY, OLDBURY]


def test_a_third_that_comes_later_takes_no_words_from_those_before() -> None:
    first, second = labels(at(400), at(600), ground=BARE)
    later = labels(at(400, label=first), at(600, label=second), at(900, days=9), ground=BARE)
    assert later == [first, second, OLDBURY]
    last = labels(*(at(m, label=name) for m, name in zip((400, 600, 900), later, strict=True)), at(100, days=20),
                  ground=BARE)  # fmt: skip
    assert last[:3] == later
    assert last[3] == f"{OLDBURY}, SP 31000 94100", "there is a south end already"


def test_off_every_road_and_where_nothing_is_named() -> None:
    nowhere = Gazetteer(localities=[NamedPoint("Hartshill", "test", WEST, SOUTH)])
    near = [at(0, label="near Hartshill"), at(900, label="near Hartshill")]
    assert labels(*near, ground=nowhere) == ["near Hartshill, to the south", "near Hartshill, to the north"]
    nameless = [at(0, label=NOT_NAMED_YET), at(900, label=NOT_NAMED_YET)]
    assert labels(*nameless, ground=Gazetteer()) == [
        f"{NOT_NAMED_YET}, SP 31000 94000", f"{NOT_NAMED_YET}, SP 31000 94900",
    ]  # fmt: skip


spots = st.lists(st.integers(0, 1_000), min_size=2, max_size=12)


@given(spots, st.data())
def test_no_two_are_called_the_same_in_whatever_order_they_come(
    metres: list[int], data: st.DataObject
) -> None:
    places = [at(north_m, days=index // 3) for index, north_m in enumerate(metres)]
    found = labels(*places)
    assert len(set(found)) == len(found)
    order = data.draw(st.permutations(range(len(places))))
    if len(set(metres)) == len(metres):
        assert labels(*(places[index] for index in order)) == [found[index] for index in order]
    # What they are called from then on stays.
    kept = [Labelled(name, place.easting, place.northing, place.since) for name, place in
            zip(found, places, strict=True)]  # fmt: skip
    assert labels(*kept) == found
