"""What seeds hold after some discs are taken is what they would hold had these sites never been there."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from workers.clustering.crowding import lumps
from workers.clustering.discs import exact_weights
from workers.clustering.seeds import NONE, AroundLumps, OnRims, Seeds, Sites

R = 100.0
towns = st.tuples(
    st.integers(0, 10_000), st.integers(5, 60), st.sampled_from([200.0, 600.0]), st.integers(1, 3)
)


def drawn(seed: int, number: int, side_m: float) -> Sites:
    random = np.random.default_rng(seed)
    position = np.unique(random.uniform(0, side_m, (number, 2)).round(3), axis=0)
    weight = exact_weights(random.uniform(0.1, 5, len(position)))
    return Sites(position, weight, random.integers(1, 3, len(position)))


def of(sites: Sites, kept: NDArray[np.bool_]) -> Sites:
    return Sites._make(column[kept] for column in sites)


def heaviest(seeds: Seeds) -> NDArray[np.int64]:
    return np.array([int(np.argmax(seeds.held))])


@given(towns)
def test_on_rims(town: tuple[int, int, float, int]) -> None:
    seed, number, side_m, min_count = town
    sites = drawn(seed, number, side_m)
    seeds = OnRims(sites, R, min_count)
    left = np.ones(len(sites.weight), dtype=bool)
    while left.any() and seeds.held.max() > NONE:
        weight = seeds.held.max()
        step = seeds.take(heaviest(seeds))
        assert sites.weight[step.site].sum() == weight and sites.number[step.site].sum() >= min_count
        assert left[step.site].all(), "no site is taken twice"
        left[step.site] = False
        held = np.empty(len(left))
        held[seeds.rank] = seeds.held
        assert (held[~left] == NONE).all()
        if left.any():
            anew = OnRims(of(sites, left), R, min_count)
            expected = np.empty(int(left.sum()))
            expected[anew.rank] = anew.held
            assert (held[left] == expected).all()


@given(towns)
def test_around_lumps(town: tuple[int, int, float, int]) -> None:
    seed, number, side_m, min_count = town
    sites = drawn(seed, number, side_m)
    crowd = lumps(sites.position[:, 0], sites.position[:, 1], R, since=0)
    seeds = AroundLumps(sites, crowd, R, min_count)
    left = np.ones(len(sites.weight), dtype=bool)
    while seeds.held.max() > NONE:
        weight = seeds.held.max()
        step = seeds.take(heaviest(seeds))
        assert sites.weight[step.site].sum() >= weight and sites.number[step.site].sum() >= min_count
        left[step.site] = False
        anew = AroundLumps(
            sites._replace(weight=sites.weight * left, number=sites.number * left), crowd, R, min_count
        )
        assert (seeds.held == anew.held).all()
        if not left.any():
            break
    assert seeds.held.max() == NONE
