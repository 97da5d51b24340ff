"""Where the next points will fall: a mixture of kernels of several widths and memories, weighted by what worked.

Each component spreads all points with one bandwidth, each point's weight halved for every half-life of its age
(no half-life: for ever). The mixture's weights are those under which the points of the last months, each month
seen from its eve, would have been most likely (leave-future-out), by expectation-maximisation (Dempster, Laird and
Rubin 1977) with a Dirichlet prior around the fixed mixture. The fit is taken only if it also beats the fixed mixture
on a month that it was not made from, so sparse data keep the fixed mixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from workers.clustering.density import Floats, Ints
from workers.clustering.places import HALF_LIFE_DAYS, SURFACE
from workers.clustering.points import Points
from workers.clustering.raster import Raster


class Component(NamedTuple):
    """A bandwidth in metres (0: the point's own cell; None: even over the area), a half-life in days (None: none)."""

    bandwidth_m: float | None
    half_life_days: float | None


BANDWIDTHS_M = (0.0, 15.0, 35.0, 75.0, 150.0, 300.0, 600.0, 1500.0)
HALF_LIVES_DAYS = (None, 180.0, 60.0, 20.0)
EVEN = Component(None, None)
COMPONENTS = (*(Component(width, days) for width in BANDWIDTHS_M for days in HALF_LIVES_DAYS), EVEN)

FIXED = {Component(bandwidth_m, HALF_LIFE_DAYS): share for bandwidth_m, share in SURFACE}

STEP_DAYS = 30
STEPS = 3
# As many points' worth of belief in the fixed mixture; and too few points to learn from.
_PRIOR_POINTS = 10.0
_LEAST_POINTS = 20
_LEAST_WEIGHT = 1e-3
_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights (adding up to 1) of components, and whether they were fitted to the data or are the fixed ones."""

    weights: dict[Component, float]
    fitted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """(size,) for each cell of the raster how many points to expect in the next 30 days, and by which mixture."""

    score: Floats
    mixture: Mixture


def surface(raster: Raster, points: Points, as_of: date, mixture: Mixture | None = None) -> Surface:
    """The surface of what is to come after `as_of`, from the points up to that day; fitted unless a mixture is given.

    The rate is that of the last 90 days. ValueError when no point up to that day lies inside.
    """
    seen = _Seen.of(raster, points)
    past = seen.up_to(as_of)
    if len(past.cell) == 0:
        raise ValueError("No point lies inside the area up to that day.")
    mixture = mixture or fit(raster, points, as_of)
    share = np.zeros(raster.size)
    for component, weight in mixture.weights.items():
        share += weight * _mass(raster, past, component, as_of)
    recent = int((past.age_days(as_of) < STEPS * STEP_DAYS).sum())
    return Surface(share * max(recent, 1) / STEPS, mixture)


def fit(raster: Raster, points: Points, as_of: date) -> Mixture:
    """The mixture for the points up to `as_of`: fitted where that holds on points it was not made from."""
    steps = list(_likelihoods(raster, _Seen.of(raster, points).up_to(as_of), as_of))
    if len(steps) < 2:
        return _FIXED_MIXTURE
    prior = _prior()
    tried = _most_likely(np.hstack(steps[1:]), prior)
    # The fixed mixture with what keeps a first hit in an empty quarter from being impossible: the prior itself.
    if np.log(tried @ steps[0]).sum() <= np.log(prior @ steps[0]).sum():
        return _FIXED_MIXTURE
    weights = _most_likely(np.hstack(steps), prior)
    return Mixture(
        {
            component: float(weight)
            for component, weight in zip(COMPONENTS, weights, strict=True)
            if weight > 1e-6
        },
        fitted=True,
    )


_FIXED_MIXTURE = Mixture(FIXED, fitted=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Points inside: (n, 2) metres, day, and the cell each lies in."""

    position: Floats
    day: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    cell: Ints

    @classmethod
    def of(cls, raster: Raster, points: Points) -> _Seen:
        position = np.column_stack([points.easting, points.northing])
        cell = raster.cell_of(position)
        inside = cell >= 0
        return cls(position[inside], points.day[inside], cell[inside])

    def up_to(self, last: date) -> _Seen:
        kept = self.day <= np.datetime64(last)
        return _Seen(self.position[kept], self.day[kept], self.cell[kept])

    def age_days(self, as_of: date) -> Floats:
        return (np.datetime64(as_of) - self.day).astype(float)


def _mass(raster: Raster, seen: _Seen, component: Component, as_of: date) -> Floats:
    """(size,) a component's shares of the cells inside; they add up to 1."""
    if component.bandwidth_m is None:
        return np.full(raster.size, 1 / raster.size)
    weight = np.ones(len(seen.cell))
    if component.half_life_days is not None:
        weight = 0.5 ** (seen.age_days(as_of) / component.half_life_days)
    mass = raster.spread(seen.position, weight, component.bandwidth_m)
    shares: Floats = mass / mass.sum()
    return shares


def _likelihoods(raster: Raster, seen: _Seen, as_of: date) -> Iterator[Floats]:
    """(components, points) what each component gave to the cells that the points of a month fell into; latest first."""
    for step in range(1, STEPS + 1):
        eve = as_of - timedelta(days=STEP_DAYS * step)
        before = seen.up_to(eve)
        then = _in_the_month_after(seen, eve)
        if len(before.cell) >= _LEAST_POINTS and len(then) >= _LEAST_POINTS:
            yield np.array([_mass(raster, before, component, eve)[then] for component in COMPONENTS])


def _in_the_month_after(seen: _Seen, eve: date) -> Ints:
    start = np.datetime64(eve)
    cells: Ints = seen.cell[(seen.day > start) & (seen.day <= start + np.timedelta64(STEP_DAYS, "D"))]
    return cells


def _prior() -> Floats:
    prior = np.array([FIXED.get(component, _LEAST_WEIGHT) for component in COMPONENTS])
    shares: Floats = prior / prior.sum()
    return shares


def _most_likely(likelihood: Floats, prior: Floats) -> Floats:
    """(components,) weights that make (components, points) most likely, given the prior's points."""
    weights = prior
    for _ in range(_ROUNDS):
        blame = weights[:, None] * likelihood
        blame /= blame.sum(axis=0)
        weights = blame.sum(axis=1) + _PRIOR_POINTS * prior
        weights /= weights.sum()
    return weights
