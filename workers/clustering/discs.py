"""Greedy bounded discs: take the disc that holds most, remove what it holds, repeat.

Unlike density clustering, which chains dense streets into clusters kilometres across, no disc is wider than twice
its radius. As the disc that holds most is sought anywhere, not only around a site, three things are sure: no disc is
left, wherever one looks, that holds enough of what is left over; what a disc holds is never less, and it never comes
later, for one site more in it; and nothing depends on the order of the input. A disc changes only what lies within
three radii of it, so one that is the best within four radii of its seed is taken as it is, whatever becomes of the
others: many are taken in one round. The result is that of taking one after the other.

Where very many sites crowd together, more than any council has (`crowding`), discs around lumps of them are taken
first, which is quick. What these leave over is looked through as everywhere else.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from workers.clustering.blocks import BLOCK_RADII, Blocks
from workers.clustering.crowding import Lumps
from workers.clustering.neighbours import Floats, Ints
from workers.clustering.seeds import RIM_M, AroundLumps, OnRims, Seeds, Sites

# A double has 53 binary digits: of weights in such units, up to four million of weight in all, every partial sum is
# exact, in any order; more weight takes larger units.
_UNIT_DIGITS = 30
_SUM_DIGITS = 52


class Discs(NamedTuple):
    """Centres (d, 2) in metres in the order in which they are taken, and the disc of each site or -1 (m,)."""

    centres: Floats
    disc_of: Ints


def bounded_discs(sites: Sites, *, radius_m: float, min_count: int, crowd: Lumps | None = None) -> Discs:
    """Discs of at most `radius_m` that hold `min_count` or more, those with most weight first.

    Every site is in at most one disc, within the radius of its centre. Of equally heavy discs the one that the first
    site has on its rim is taken, so give the sites in an order of their own. A centre is the weighted mean of what the
    disc holds, or where that is too far from one of them, as near to it as may be, to the micrometre.
    crowd: the lumps of what is crowded, as `crowding.lumps` has them; discs around these are taken first.
    """
    sites = sites._replace(weight=exact_weights(sites.weight))
    taken = _Taken(len(sites.weight))
    if crowd is not None and len(crowd.middles):
        taken.all_of(AroundLumps(sites, crowd, radius_m, min_count), radius_m)
    left = np.flatnonzero(taken.disc_of < 0)
    if len(left):
        rest = Sites._make(column[left] for column in sites)
        taken.all_of(OnRims(rest, radius_m, min_count), radius_m, left)
    return taken.in_order(sites, radius_m + RIM_M)


def exact_weights(weight: Floats) -> Floats:
    """Weights (m,) above 0 in units of 2^-30, about a billionth, so that sums of them are exact; none becomes 0."""
    if len(weight) == 0:
        return weight
    digits = min(_UNIT_DIGITS, _SUM_DIGITS - math.ceil(math.log2(float(weight.sum()))))
    rounded: Floats = np.maximum(np.round(weight * 2.0**digits), 1.0) / 2.0**digits
    return rounded


class _Taken:
    """The discs so far: of each site the disc it is in, or -1, and of each disc where it is."""

    def __init__(self, sites: int) -> None:
        self.disc_of = np.full(sites, -1, dtype=np.int64)
        self._centres = [np.empty((0, 2))]
        self._number = 0

    def all_of(self, seeds: Seeds, radius_m: float, sites: Ints | None = None) -> None:
        """Take all discs there are, round by round; sites: the numbers of those that are looked at, unless all are."""
        blocks = Blocks(seeds.x, seeds.y, BLOCK_RADII * (radius_m + RIM_M))
        places = np.argsort(seeds.rank)
        changed = np.arange(blocks.number)
        while len(block := blocks.first(blocks.weigh(changed, seeds.held.take, seeds.rank))):
            step = seeds.take(places[blocks.best(block)])
            self.disc_of[step.site if sites is None else sites[step.site]] = self._number + step.disc
            self._centres.append(step.centre)
            self._number += len(block)
            changed = np.unique(blocks.of[step.changed])

    def in_order(self, sites: Sites, reach: float) -> Discs:
        """The heaviest first, of equally heavy ones that of the first site."""
        held = np.flatnonzero(self.disc_of >= 0)
        disc = self.disc_of[held]
        first = np.full(self._number, len(self.disc_of))
        np.minimum.at(first, disc, held)
        order = np.lexsort((first, -np.bincount(disc, sites.weight[held], minlength=self._number)))
        # The last stands for no disc, -1.
        place = np.full(self._number + 1, -1, dtype=np.int64)
        place[order] = np.arange(self._number)
        disc_of = place[self.disc_of]
        return Discs(_told(sites, disc_of, np.concatenate(self._centres)[order], reach), disc_of)


def _told(sites: Sites, disc_of: Ints, centre: Floats, reach: float) -> Floats:
    """Where discs are told to be: at the mean of what they hold, or as far towards it as all are within reach.

    From the centre c towards the mean m, a site at s from c is on the rim at c + t (m - c) for the larger root t of
    |t (m - c) - s|^2 = reach^2; the least t of all the disc's sites, 1 at most, is how far it goes.
    """
    held = np.flatnonzero(disc_of >= 0)
    disc = disc_of[held]
    away = sites.position[held] - centre[disc]
    weight = sites.weight[held]
    share = weight / np.bincount(disc, weight)[disc]
    way = np.column_stack([np.bincount(disc, share * axis, minlength=len(centre)) for axis in away.T])
    length = np.maximum((way**2).sum(axis=1), RIM_M**2)[disc]
    along = (away * way[disc]).sum(axis=1) / length
    beyond = (reach**2 - (away**2).sum(axis=1)) / length
    furthest = along + np.sqrt(np.maximum(along**2 + beyond, 0.0))
    part = np.ones(len(centre))
    np.minimum.at(part, disc, furthest)
    told: Floats = np.round(centre + part[:, None] * way, 6)
    return told
