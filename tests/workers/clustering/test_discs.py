"""Many discs in one round are those of taking one after the other, each the heaviest that there is anywhere."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workers.clustering import neighbours
from workers.clustering.discs import Discs, bounded_discs, exact_weights
from workers.clustering.neighbours import Mutual, Neighbours
from workers.clustering.seeds import Sites

Spot = tuple[float, float]
R = 100.0


class Plane:
    """All discs that can matter, word for word: those with two sites on the rim, and those around one."""

    def __init__(self, sites: list[Spot], weight: list[float], count: list[int]) -> None:
        middles = list(sites)
        for one, other in itertools.permutations(sites, 2):
            half = math.dist(one, other) / 2
            if half <= R:
                across = math.sqrt((R + 5e-7) ** 2 - half**2) / half / 2
                middles.append((
                    (one[0] + other[0]) / 2 - across * (other[1] - one[1]),
                    (one[1] + other[1]) / 2 + across * (other[0] - one[0]),
                ))  # fmt: skip
        away = np.array(middles)[:, None] - np.array(sites)
        self._inside = np.hypot(away[..., 0], away[..., 1]) <= R + 1e-6
        self._weight, self._count = np.array(weight), np.array(count)

    def most(self, left: NDArray[np.bool_], min_count: int) -> float:
        """What the heaviest disc holds of the sites left over; 0 where none holds enough."""
        here = self._inside & left
        return float(np.where(here @ self._count >= min_count, here @ self._weight, 0.0).max())


def is_taken_one_after_the_other(
    discs: Discs, sites: list[Spot], weight: list[float], count: list[int], min_count: int
) -> bool:
    """Whether each disc is as heavy as any there is of what those before it leave, and none is left in the end."""
    plane, left = Plane(sites, weight, count), np.ones(len(sites), dtype=bool)
    for disc, centre in enumerate(discs.centres):
        members = np.flatnonzero(discs.disc_of == disc)
        assert all(math.dist(sites[site], centre) <= R + 2e-6 for site in members)
        if sum(weight[site] for site in members) != plane.most(left, min_count):
            return False
        left[members] = False
    return plane.most(left, min_count) == 0


def discs_of(sites: list[Spot], weight: list[float], count: list[int], min_count: int) -> Discs:
    return bounded_discs(
        Sites(np.array(sites), np.array(weight), np.array(count)), radius_m=R, min_count=min_count
    )


def spots(side: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    pair = st.tuples(st.integers(0, side), st.integers(0, side))
    return st.lists(pair, min_size=1, max_size=70, unique=True).map(sorted)


@settings(max_examples=80)
@given(
    st.one_of(spots(300), spots(900), spots(2_500)), st.randoms(use_true_random=False), st.integers(1, 4),
    st.sampled_from([
        lambda _: 1.0, lambda chance: chance.choice([1.0, 2.0, 5.0]), lambda chance: 0.5 ** chance.uniform(0, 5),
    ]),
)  # fmt: skip
def test_each_disc_is_the_heaviest_anywhere_of_what_is_left(
    where: list[tuple[int, int]], chance: object, min_count: int, weigh: Callable[[object], float]
) -> None:
    sites = [(float(x), float(y)) for x, y in where]
    weight = exact_weights(np.array([weigh(chance) for _ in sites])).tolist()
    count = [1 + (x * 7 + y) % 5 // 4 for x, y in where]
    discs = discs_of(sites, weight, count, min_count)
    assert is_taken_one_after_the_other(discs, sites, weight, count, min_count)


def test_a_town_in_parts_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    where = np.unique(rng.normal(0, 300, (300, 2)).round(3), axis=0)
    sites = [(float(x), float(y)) for x, y in where]
    weight, count = exact_weights(rng.uniform(0.1, 1, len(sites))).tolist(), [1] * len(sites)
    discs = discs_of(sites, weight, count, 3)
    assert len(discs.centres) > 10 and is_taken_one_after_the_other(discs, sites, weight, count, 3)
    monkeypatch.setattr(neighbours, "_AT_ONCE", 50)
    again = discs_of(sites, weight, count, 3)
    assert (again.centres == discs.centres).all() and (again.disc_of == discs.disc_of).all()


def test_three_far_from_one_another_but_in_one_disc_are_found() -> None:
    """None of them is within a radius of both others; and two at the ends of a disc."""
    corners = [(R + 99 * math.cos(turn), R + 99 * math.sin(turn)) for turn in (0.3, 2.4, 4.5)]
    sites = sorted((round(x, 3), round(y, 3)) for x, y in corners)
    assert min(math.dist(*pair) for pair in itertools.combinations(sites, 2)) > R
    discs = discs_of(sites, [1.0] * 3, [1] * 3, 3)
    assert discs.disc_of.tolist() == [0, 0, 0] and math.dist(discs.centres[0], (R, R)) < 20
    ends = discs_of([(0.0, 0.0), (0.0, 2 * R)], [1.0, 1.0], [1, 1], 2)
    assert ends.disc_of.tolist() == [0, 0] and math.dist(ends.centres[0], (0, R)) < 0.02
    assert len(discs_of([(0.0, 0.0), (0.0, 2 * R + 0.001)], [1.0, 1.0], [1, 1], 2).centres) == 0


@settings(max_examples=80)
@given(st.one_of(spots(300), spots(900)), st.randoms(use_true_random=False), st.integers(1, 4), st.booleans())
def test_one_site_more_in_a_disc_never_makes_that_lighter_or_later(
    where: list[tuple[int, int]], chance: random.Random, min_count: int, alike: bool
) -> None:
    sites = [(float(x), float(y)) for x, y in where]
    # In units of a quarter, so that sums are the same whatever else is weighed.
    weight = [1.0 if alike else chance.randint(1, 40) / 4 for _ in sites]
    before = discs_of(sites, weight, [1] * len(sites), min_count)
    if len(before.centres) == 0:
        return
    disc = chance.randrange(len(before.centres))
    turn, away = chance.uniform(0, 6.28), chance.uniform(0, R - 0.001)
    x, y = before.centres[disc]
    extra = (round(x + away * math.cos(turn), 3), round(y + away * math.sin(turn), 3))
    rows = sorted([*zip(sites, weight, strict=True), (extra, 1.0)])
    if extra in sites:
        return
    after = discs_of([site for site, _ in rows], [each for _, each in rows], [1] * len(rows), min_count)
    now = int(after.disc_of[[site for site, _ in rows].index(extra)])

    def weighs(discs: Discs, which: int, weights: list[float]) -> float:
        return sum(each for each, of in zip(weights, discs.disc_of, strict=True) if of == which)

    heavier = weighs(after, now, [each for _, each in rows])
    assert heavier >= weighs(before, disc, weight) + 1.0
    ahead = [
        weighs(after, other, [each for _, each in rows]) > heavier for other in range(len(after.centres))
    ]
    assert sum(ahead) <= disc


@given(st.lists(st.floats(1e-18, 1e5), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_exact_weights_add_up_the_same_in_any_order(weight: list[float], chance: object) -> None:
    exact = exact_weights(np.array(weight))
    assert exact == pytest.approx(weight, rel=1e-12, abs=2**-30)
    assert (exact > 0).all()
    shuffled = list(exact)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sum(shuffled) == sum(exact) == math.fsum(exact)


def all_pairs(at: NDArray[np.float64], sites: NDArray[np.float64]) -> set[tuple[int, int]]:
    away = np.hypot(at[:, None, 0] - sites[:, 0], at[:, None, 1] - sites[:, 1])
    return set(zip(*(index.tolist() for index in np.nonzero(away <= R)), strict=True))


@given(spots(1_000), spots(3_000), st.integers(-1_500, 1_500))
def test_all_who_are_near_are_found_wherever_one_asks(
    where: list[tuple[int, int]], asked: list[tuple[int, int]], shift: int
) -> None:
    sites, at = np.array(where, dtype=float), np.array(asked, dtype=float) + shift
    near = Neighbours(sites, R)
    found = {
        (int(owner), int(near.order[site]))
        for owners, places in near.pairs(at)
        for owner, site in zip(owners, places, strict=True)
    }
    assert found == all_pairs(at, sites)


@given(spots(900), st.randoms(use_true_random=False))
def test_who_has_left_is_found_no_more(where: list[tuple[int, int]], chance: random.Random) -> None:
    sites = np.array(where, dtype=float)
    near = Mutual(sites, R)
    each = {frozenset(near.order[[one, other]].tolist()) for one, other in joined(near.mutual())}
    assert each == {frozenset(pair) for pair in all_pairs(sites, sites) if pair[0] != pair[1]}
    left = np.array([chance.random() < 0.5 for _ in sites])
    near.leave(near.place_of[np.flatnonzero(~left)])
    expected = {(one, other) for one, other in all_pairs(sites, sites) if left[other]}
    found = joined(near.pairs_of(np.arange(len(sites))))
    assert {tuple(near.order[[one, other]].tolist()) for one, other in found} == expected
    closer = {pair for pair in expected if math.dist(sites[pair[0]], sites[pair[1]]) <= R / 2}
    asked = joined(near.pairs(sites, R / 2))
    assert {(one, int(near.order[other])) for one, other in asked} == closer


def joined(pairs: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> list[tuple[int, int]]:
    return [pair for one, other in pairs for pair in zip(one.tolist(), other.tolist(), strict=True)]
