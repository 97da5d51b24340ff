"""Finding names as people type them, over sets that are as files are: several sources, one name in many places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.geocoding.areas import AreaShape
from workers.geocoding.columns import ABOUT, Texts, WrongFormat, texts_columns, write_columns
from workers.geocoding.gazetteer import Gazetteer, Postcode
from workers.geocoding.names import LANDMARK, LOCALITY, ROAD, NameSetBuilder
from workers.geocoding.nameset import NameSet
from workers.geocoding.words import fold, slip_hashes, slips_allowed, slips_between

E, N = 432_000.0, 294_000.0


def names() -> NameSetBuilder:
    """Two villages 20 km apart, each with a Church Lane."""
    builder = NameSetBuilder()
    for place, x in (("Hartshill", E), ("Corley", E + 20_000)):
        builder.add(LOCALITY, place, x, N, source="test")
        builder.add(ROAD, "Church Lane", x + 100, N, source="test", locality=place)
    builder.add(ROAD, "Oldbury Road", E + 300, N + 300, source="test", locality="Hartshill")
    builder.add(ROAD, "St. John's Street", E + 400, N + 300, source="test", locality="Hartshill")
    builder.add(ROAD, "Weddington Lane", E + 500, N + 300, source="test", locality="Hartshill")
    builder.add(LANDMARK, "Oldbury Reservoir", E + 900, N + 300, source="test", locality="Hartshill")
    return builder


SET = NameSet.built(names())
GAZETTEER = Gazetteer(shared=[SET])


def labels(text: str, near: tuple[float, float] | None = None) -> list[str]:
    return [found.label for found in GAZETTEER.search(text, near=near)]


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        ("oldbury road", "Oldbury Road, Hartshill"), ("oldbury rd", "Oldbury Road, Hartshill"),
        ("oldb", "Oldbury Road, Hartshill"), ("oldbury road hartshill", "Oldbury Road, Hartshill"),
        ("olbdury", "Oldbury Road, Hartshill"), ("odlbury roda", "Oldbury Road, Hartshill"),
        ("oldbry res", "Oldbury Reservoir, Hartshill"), ("wedington ln", "Weddington Lane, Hartshill"),
        ("st johns st", "St. John's Street, Hartshill"), ("saint johns", "St. John's Street, Hartshill"),
        ("church lane corley", "Church Lane, Corley"), ("chruch lane, corly", "Church Lane, Corley"),
        ("hartshil", "Hartshill"), ("bury road", "Oldbury Road, Hartshill"),
    ],
)  # fmt: skip
def test_what_was_meant_comes_first(typed: str, best: str) -> None:
    assert labels(typed)[0] == best


def test_of_one_name_the_nearest_to_the_person_comes_first() -> None:
    assert labels("church lane", (E, N)) == ["Church Lane, Hartshill", "Church Lane, Corley"]
    assert labels("church lane", (E + 20_000, N)) == ["Church Lane, Corley", "Church Lane, Hartshill"]


@pytest.mark.parametrize("typed", ["", "?!", "zzzzzz", "corley hartshill nowhere"])
def test_nothing_is_found_for_nothing(typed: str) -> None:
    assert labels(typed) == []


def test_one_name_from_several_sources_is_shown_once() -> None:
    twice = Gazetteer(shared=[SET, NameSet.built(names())])
    assert [found.label for found in twice.search("oldbury road")][:1] == ["Oldbury Road, Hartshill"]
    assert len(twice.search("oldbury road hartshill")) == len(GAZETTEER.search("oldbury road hartshill"))


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    assert len(GAZETTEER.search(typed, 5)) <= 5


@settings(deadline=None)
@given(st.from_regex(r"[a-z]{4,12}", fullmatch=True), st.data())
def test_one_slip_in_a_word_is_found_by_its_hashes(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("aeiou"))
    slipped = data.draw(st.sampled_from([
        word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ]))  # fmt: skip
    assert slips_between(slipped, word, 2, begun=False) <= 1
    if slips_allowed(slipped) and at < 5:
        assert slip_hashes(slipped) & slip_hashes(word)


def by_the_table(typed: str, word: str, *, begun: bool) -> int:
    """Optimal string alignment as it is written down: the whole table, row by row."""
    rows = [list(range(len(word) + 1))]
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(word, 1):
            least = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (letter != other))
            if i > 1 and j > 1 and (letter, typed[i - 2]) == (word[j - 2], other):
                least = min(least, rows[i - 2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return min(rows[-1]) if begun else rows[-1][-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=9), st.integers(0, 3), st.booleans())
def test_slips_are_counted_as_the_whole_table_counts_them(
    typed: str, word: str, most: int, begun: bool
) -> None:
    counted = by_the_table(typed, word, begun=begun)
    assert slips_between(typed, word, most, begun=begun) == min(counted, most + 1)


@given(st.lists(st.text("abc", min_size=1, max_size=4), max_size=12), st.text("abc", min_size=1, max_size=3))
def test_texts_that_hold_a_few_letters_are_found(texts: list[str], wanted: str) -> None:
    kept = Texts(texts_columns("word", texts), "word")
    expected = [index for index, text in enumerate(texts) if wanted in text]
    assert kept.holding(wanted.encode(), 100).tolist() == expected
    assert set(kept.holding(wanted.encode(), 2).tolist()) <= set(expected)


def test_folding() -> None:
    assert fold("  Hoar's  Park – Ynys Môn ") == "hoars park ynys mon"


def test_a_set_is_the_same_from_files_as_in_memory(tmp_path: Path) -> None:
    builder = names()
    write_columns(tmp_path / "set", builder.columns(), {"sources": builder.sources})
    opened = Gazetteer(shared=[NameSet.opened(tmp_path / "set")])
    rng = np.random.default_rng(5)
    x, y = rng.uniform(E - 1_000, E + 21_000, 300), rng.uniform(N - 1_000, N + 1_000, 300)
    assert opened.reverse_many(x, y) == GAZETTEER.reverse_many(x, y)
    assert opened.search("olbdury") == GAZETTEER.search("olbdury")
    (tmp_path / "set" / ABOUT).unlink()
    with pytest.raises(WrongFormat, match="not finished"):
        NameSet.opened(tmp_path / "set")


def test_many_at_once_are_as_one_by_one_and_as_by_measuring_them_all() -> None:
    rng = np.random.default_rng(6)
    builder = NameSetBuilder()
    at = rng.uniform(0, 5_000, (1_500, 2)) + np.array([E, N])
    for number, (x, y) in enumerate(at):
        builder.add(ROAD, f"Road {number:04d}", x, y, source="test")
    gazetteer = Gazetteer(shared=[NameSet.built(builder)])
    spots = rng.uniform(-300, 5_300, (1_200, 2)) + np.array([E, N])
    places = gazetteer.reverse_many(*spots.T)
    for spot, place in zip(spots, places, strict=True):
        away = np.hypot(*(at - spot).T)
        nearest = int(away.argmin())
        if away[nearest] > 250.05:
            assert place.road is None
        elif away[nearest] < 249.9:
            assert place.road is not None
            assert place.road.distance_m == pytest.approx(away[nearest], abs=0.06)
    assert [gazetteer.reverse(*spot) for spot in spots[:40]] == places[:40]


# A council's area, 60 km from west to east and 8 km from south to north.
WEST, SOUTH, EAST, NORTH = 400_000, 290_000, 460_000, 298_000
MIDDLE = (WEST + EAST) / 2, (SOUTH + NORTH) / 2
AREA = AreaShape("authority", "X01", "Long Borough", shapely.box(WEST, SOUTH, EAST, NORTH))


def served(*lanes: tuple[str, float, float]) -> Gazetteer:
    """The council's gazetteer with a Church Lane in each of these places."""
    builder = NameSetBuilder()
    for place, x, y in lanes:
        builder.add(ROAD, "Church Lane", x, y, source="test", locality=place)
    return Gazetteer(areas=[AREA], shared=[NameSet.built(builder)])


def in_order(gazetteer: Gazetteer, near: tuple[float, float] | None = None) -> list[str]:
    return [found.locality for found in gazetteer.search("church lane", near=near)]


def test_what_is_in_the_councils_area_comes_before_what_is_nearer_and_outside() -> None:
    """Both without knowing where the person is, and for a person just over the border."""
    inside, outside = ("Inside", MIDDLE[0] + 15_000, MIDDLE[1]), ("Outside", MIDDLE[0], NORTH + 1_000)
    for lanes in ((inside, outside), (outside, inside)):
        assert in_order(served(*lanes)) == ["Inside", "Outside"]
    just_inside = ("Inside", MIDDLE[0], NORTH - 100)
    over_the_border = MIDDLE[0], NORTH + 1_500
    assert in_order(served(just_inside, outside), over_the_border) == ["Inside", "Outside"]


def test_without_knowing_where_the_person_is_the_middle_of_the_area_comes_first() -> None:
    for side in (-1, 1):
        near, far = (
            ("Near", MIDDLE[0] + side * 3_000, MIDDLE[1]),
            ("Far", MIDDLE[0] + side * 25_000, MIDDLE[1]),
        )
        assert in_order(served(near, far)) == ["Near", "Far"]
        codes = [Postcode("CV10 0TA", *far[1:]), Postcode("CV10 0TD", *near[1:])]
        found = [each.name for each in Gazetteer(postcodes=codes, areas=[AREA]).search("cv10")]
        assert found == ["CV10 0TD", "CV10 0TA"]


def test_a_person_is_nearer_than_the_middle_of_the_area() -> None:
    west, east = ("West", WEST + 1_000, MIDDLE[1]), ("East", MIDDLE[0] + 5_000, MIDDLE[1])
    assert in_order(served(west, east)) == ["East", "West"]
    assert in_order(served(west, east), (WEST + 2_000, MIDDLE[1])) == ["West", "East"]
