"""Many discs in one round are those of taking one after the other, as the simple definition does."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workers.clustering import neighbours
from workers.clustering.discs import bounded_discs, exact_weights
from workers.clustering.neighbours import Leaving, Neighbours

Spot = tuple[float, float]
Found = list[tuple[Spot, frozenset[int]]]
R = 100.0


def simple_discs(sites: list[Spot], weight: list[float], count: list[int], min_count: int) -> Found:
    """The definition, word for word: no grids, no rounds, every distance looked at again and again."""
    left = set(range(len(sites)))

    def held(at: Spot) -> list[int]:
        return [site for site in sorted(left) if math.dist(sites[site], at) <= R + 1e-6]

    def number(held_sites: list[int]) -> int:
        return sum(count[site] for site in held_sites)

    def heavy(held_sites: list[int]) -> float:
        return math.fsum(weight[site] for site in held_sites)

    def mean(held_sites: list[int]) -> Spot:
        whole = heavy(held_sites)
        x, y = (math.fsum(weight[site] * sites[site][axis] for site in held_sites) / whole for axis in (0, 1))
        return round(x, 6), round(y, 6)

    found: Found = []
    while True:
        seeds = [site for site in sorted(left) if number(held(sites[site])) >= min_count]
        if not seeds:
            return found
        seed = max(seeds, key=lambda site: (heavy(held(sites[site])), -site))
        centre, step = sites[seed], 1.0
        for _ in range(100):
            middle = mean(held(centre))
            if middle == centre or step < 1 / 4:
                break
            x, y = (
                round(here + step * (there - here), 6) for here, there in zip(centre, middle, strict=True)
            )
            follows = held((x, y))
            near = math.dist((x, y), sites[seed]) <= R + 1e-6
            if near and number(follows) >= min_count and heavy(follows) >= heavy(held(centre)):
                centre = (x, y)
            else:
                step /= 2
        members = held(centre)
        found.append((centre, frozenset(members)))
        left -= set(members)


def quick_discs(sites: list[Spot], weight: list[float], count: list[int], min_count: int) -> Found:
    """What the product does."""
    discs = bounded_discs(np.array(sites), np.array(weight), np.array(count), radius_m=R, min_count=min_count)
    return [
        ((float(x), float(y)), frozenset(np.flatnonzero(discs.disc_of == disc).tolist()))
        for disc, (x, y) in enumerate(discs.centres)
    ]


def same(first: Found, second: Found) -> bool:
    return [members for _, members in first] == [members for _, members in second] and all(
        math.dist(here, there) < 1e-5 for (here, _), (there, _) in zip(first, second, strict=True)
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
def test_rounds_are_as_one_after_the_other(
    where: list[tuple[int, int]], chance: object, min_count: int, weigh: Callable[[object], float]
) -> None:
    sites = [(float(x), float(y)) for x, y in where]
    weight = exact_weights(np.array([weigh(chance) for _ in sites])).tolist()
    count = [1 + (x * 7 + y) % 5 // 4 for x, y in where]
    assert same(quick_discs(sites, weight, count, min_count), simple_discs(sites, weight, count, min_count))


def test_settling_gives_away_nothing_that_the_worst_spot_of_a_dense_street_holds() -> None:
    rng = np.random.default_rng(2)
    street = np.column_stack([rng.uniform(0, 3_000, 900), rng.normal(0, 30, 900)])
    sites = np.unique(street.round(3), axis=0)
    weight = exact_weights(rng.uniform(0.1, 1, len(sites)))
    around = [weight[np.hypot(*(sites - site).T) <= R].sum() for site in sites]
    discs = bounded_discs(sites, weight, np.ones(len(sites), dtype=np.int64), radius_m=R, min_count=3)
    assert weight[discs.disc_of == 0].sum() >= max(around)


def test_a_town_in_parts_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    where = np.unique(rng.normal(0, 500, (500, 2)).round(3), axis=0)
    sites = [(float(x), float(y)) for x, y in where]
    weight = exact_weights(rng.uniform(0.1, 1, len(sites))).tolist()
    slow = simple_discs(sites, weight, [1] * len(sites), 3)
    assert len(slow) > 20 and same(quick_discs(sites, weight, [1] * len(sites), 3), slow)
    monkeypatch.setattr(neighbours, "_AT_ONCE", 50)
    assert same(quick_discs(sites, weight, [1] * len(sites), 3), slow)


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
def test_who_has_left_is_found_no_more_also_when_the_others_are_counted_anew(
    where: list[tuple[int, int]], chance: random.Random
) -> None:
    sites = np.array(where, dtype=float)
    near = Leaving(sites, R)
    each = {frozenset(near.order[[one, other]].tolist()) for one, other in joined(near.mutual())}
    assert each == {frozenset(pair) for pair in all_pairs(sites, sites) if pair[0] != pair[1]}
    left = np.array([chance.random() < 0.5 for _ in sites])
    near.leave(np.flatnonzero(~left[near.order]))
    expected = {(one, other) for one, other in all_pairs(sites, sites) if left[other]}
    places = np.arange(len(sites))
    assert {
        tuple(near.order[[one, other]].tolist()) for one, other in joined(near.pairs_of(places))
    } == expected
    near.let_go()
    assert sorted(near.order.tolist()) == np.flatnonzero(left).tolist()
    kept = near.place_of[left]
    found = {tuple(near.order[[kept[one], other]].tolist()) for one, other in joined(near.pairs_of(kept))}
    assert found == {pair for pair in expected if left[pair[0]]}


def joined(pairs: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> list[tuple[int, int]]:
    return [pair for one, other in pairs for pair in zip(one.tolist(), other.tolist(), strict=True)]
