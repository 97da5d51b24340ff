"""How wide places are: the smallest circle around each of very many groups of points, all groups at once.

Each circle is grown from the farthest point of its group: as long as a point lies outside, the next circle is the
smallest around that point and the at most three that held the last one (Gärtner, Fast and Robust Smallest Enclosing
Balls, 1999). It grows each time, so it ends; mostly after a handful of steps. On the way points are left out that
cannot be on the smallest circle: with all within D of the present centre, and the present radius r no greater than the
final R, the final centre is within sqrt(D^2 - R^2) of the present one (some point on the final circle is beyond its
centre, seen from the present one), so a point on the final circle is at least r - sqrt(D^2 - r^2) away.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from workers.clustering.neighbours import Floats, Ints, ranges

# What lies outside by less is rounding, metres.
_SLACK_M = 1e-7
# Of four points in columns 0 to 3: which may hold their circle. The newest, in column 3, always does.
_PAIRS = [pair for pair in combinations(range(4), 2) if 3 in pair]
_TRIPLES = [triple for triple in combinations(range(4), 3) if 3 in triple]


def extents(position: Floats, starts: Ints) -> Floats:
    """(g,) diameters in metres of the smallest circles around the points (n, 2); group i is from starts[i] on.

    starts: (g,) ascending, the first 0; each group has at least one point.
    """
    radius = np.zeros(len(starts))
    sizes = np.diff(starts, append=len(position))
    active = np.flatnonzero(sizes > 1)
    # Rows of up to three points that hold a group's circle, repeated where it is fewer.
    held = np.repeat(position[starts[active]][:, None, :], 3, axis=1)
    centre = held[:, 0, :].copy()
    sizes = sizes[active]
    member, first = ranges(starts[active], sizes)
    x, y = position[member].T.copy()
    while len(active):
        away = _length(x - np.repeat(centre[:, 0], sizes), y - np.repeat(centre[:, 1], sizes))
        most = np.maximum.reduceat(away, first)
        outside = most > radius[active] + _SLACK_M
        if not outside.any():
            break
        farthest = _first_of_most(away, np.repeat(most, sizes), first)[outside]
        four = np.concatenate(
            [held[outside], np.column_stack([x[farthest], y[farthest]])[:, None, :]], axis=1
        )
        near = radius[active] - np.sqrt(np.maximum(most**2 - radius[active] ** 2, 0.0)) - _SLACK_M
        may_hold = away >= np.repeat(np.where(outside, near, np.inf), sizes)
        sizes = np.add.reduceat(may_hold, first, dtype=np.int64)[outside]
        kept = np.flatnonzero(may_hold)
        x, y = x.take(kept), y.take(kept)
        first = np.cumsum(sizes) - sizes
        active = active[outside]
        centre, radius[active], held = _around_four(four)
    return 2 * radius


def _length(east: Floats, north: Floats) -> Floats:
    # `hypot` takes several times as long; what it is for, lengths beyond 1e150, is not on this planet.
    length: Floats = np.sqrt(east * east + north * north)
    return length


def _first_of_most(away: Floats, most: Floats, first: Ints) -> Ints:
    farthest = np.flatnonzero(away == most)
    chosen: Ints = farthest[np.searchsorted(farthest, first)]
    return chosen


def _around_four(four: Floats) -> tuple[Floats, Floats, Floats]:
    """Centres (k, 2) and radii (k,) of the smallest circles around four points (k, 4, 2); what holds them (k, 3, 2).

    Some of the four may be the same; the last is on the circle.
    """
    best_centre, best_radius = np.zeros((len(four), 2)), np.full(len(four), np.inf)
    best_held = np.zeros((len(four), 3, 2))
    for chosen in (*_PAIRS, *_TRIPLES):
        points = four[:, chosen, :]
        centre = points.mean(axis=1) if len(chosen) == 2 else _circumcentre(points)
        radius = _length(*(points[:, 0] - centre).T)
        reach = _length(*(four.T - centre.T[:, None])).max(axis=0)
        # A circle that would leave one of the four outside is not one around them; NaN of a flat triangle neither.
        better = (reach <= radius + _SLACK_M / 2) & (radius < best_radius)
        best_centre[better], best_radius[better] = centre[better], radius[better]
        best_held[better] = points[better][:, [0, 1, -1]]
    return best_centre, best_radius, best_held


def _circumcentre(points: Floats) -> Floats:
    """(k, 2) of triangles (k, 3, 2), relative to a corner for precision; NaN for flat ones."""
    corner = points[:, 0]
    (bx, by), (cx, cy) = (points[:, 1] - corner).T, (points[:, 2] - corner).T
    with np.errstate(divide="ignore", invalid="ignore"):
        twice = 2 * (bx * cy - by * cx)
        b, c = bx * bx + by * by, cx * cx + cy * cy
        centre = np.column_stack([(cy * b - by * c) / twice, (bx * c - cx * b) / twice])
    found: Floats = centre + corner
    return found
