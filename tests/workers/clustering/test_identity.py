from __future__ import annotations

import itertools

import pytest

from workers.clustering.identity import KnownPlace, ListedPlace, PlaceEvent, match_places


def known(id: str, members: str, east: float = 0.0, dormant: bool = False, named: bool = False) -> KnownPlace:
    return KnownPlace(id, east, 0.0, frozenset(members), dormant, named)


def listed(members: str, east: float = 0.0) -> ListedPlace:
    return ListedPlace(east, 0.0, frozenset(members))


def test_the_first_run_creates() -> None:
    matching = match_places([], [listed("abc"), listed("def")])
    assert matching.ids == (None, None)
    assert matching.events == (PlaceEvent("created", None, 0), PlaceEvent("created", None, 1))


def test_the_same_again_is_no_news() -> None:
    matching = match_places([known("P", "abc"), known("Q", "def")], [listed("def"), listed("abc")])
    assert matching.ids == ("Q", "P")
    assert matching.events == ()


@pytest.mark.parametrize("members", ["abcdxyz", "cd", "bcdx", "abcdefghijklm"])
def test_identity_lasts_while_members_come_and_go(members: str) -> None:
    matching = match_places([known("P", "abcd")], [listed(members, east=900)])
    assert (matching.ids, matching.events) == (("P",), ())


def test_half_of_the_smaller_is_not_enough() -> None:
    matching = match_places([known("P", "abcd")], [listed("abxyz", east=900)])
    assert matching.ids == (None,)
    assert [event.kind for event in matching.events] == ["created", "dormant"]


@pytest.mark.parametrize(("east", "kept"), [(150.0, True), (150.1, False)])
def test_without_shared_members_centres_within_150_m(east: float, kept: bool) -> None:
    matching = match_places([known("P", "abc")], [listed("xyz", east=east)])
    assert (matching.ids == ("P",)) is kept


def test_centres_are_paired_nearest_first_after_members() -> None:
    old = [known("P", "abc", 0), known("Q", "def", 100), known("R", "ghi", 5_000)]
    new = [listed("xyz", 90), listed("uvw", 40), listed("ghi", 60)]
    assert match_places(old, new).ids == ("Q", "P", "R")


def test_merged() -> None:
    matching = match_places([known("P", "abcdef"), known("Q", "ghi", 120)], [listed("abcdefghi", 60)])
    assert matching.ids == ("P",)
    assert matching.events == (PlaceEvent("merged", "Q", 0),)


def test_of_places_that_merge_the_one_that_a_person_named_goes_on() -> None:
    large = known("P", "abcdef")
    matching = match_places([large, known("Q", "ghi", 120, named=True)], [listed("abcdefghi", 60)])
    assert (matching.ids, matching.events) == (("Q",), (PlaceEvent("merged", "P", 0),))
    both = [known("P", "abcdef", named=True), known("Q", "ghi", 120, named=True)]
    assert match_places(both, [listed("abcdefghi", 60)]).ids == ("P",)
    # Too little of the named one is in it for a merger.
    apart = match_places([large, known("Q", "ghi", 120, named=True)], [listed("abcdefg", 60)])
    assert [event.kind for event in apart.events] == ["dormant"] and apart.ids == ("P",)


def test_the_name_goes_with_the_larger_part_of_a_split() -> None:
    parts = [listed("efg", 200), listed("abcd", 0), listed("xyz", 400)]
    old = [known("P", "abcdefg", named=True), known("Q", "xy", 400)]
    assert match_places(old, parts).ids == (None, "P", "Q")


def test_split() -> None:
    matching = match_places([known("P", "abcdefg")], [listed("efg", 200), listed("abcd", 0)])
    assert matching.ids == (None, "P")
    assert matching.events == (PlaceEvent("split", "P", 0),)


def test_dormant_then_revived() -> None:
    assert match_places([known("P", "abc")], []).events == (PlaceEvent("dormant", "P", None),)
    assert match_places([known("P", "abc", dormant=True)], []).events == ()
    matching = match_places([known("P", "abc", dormant=True)], [listed("abcd", 20)])
    assert matching.ids == ("P",)
    assert matching.events == (PlaceEvent("revived", "P", 0),)


def test_the_order_of_the_old_places_does_not_matter() -> None:
    old = [known("P", "abcd", 0), known("Q", "efgh", 10), known("R", "ijkl", 20), known("S", "z", 900)]
    new = [listed("abef", 5), listed("cdgh", 6), listed("ijklz", 7), listed("qrs", 8)]
    answers = {match_places(order, new) for order in itertools.permutations(old)}
    assert len(answers) == 1


def test_nobody_is_matched_twice() -> None:
    old = [known("P", "ab", 0), known("Q", "cd", 0)]
    matching = match_places(old, [listed("abcd", 0), listed("xy", 0), listed("uv", 0)])
    assert sorted(kept for kept in matching.ids if kept) == ["P", "Q"]
