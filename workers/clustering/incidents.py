"""Reports of a file are not incidents: which of them repeat one that came before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from workers.clustering.collapse import JOIN_RADIUS_M, JOIN_WINDOW
from workers.clustering.points import Points, positions


def first_reports(points: Points) -> NDArray[np.bool_]:
    """(n,) whether a point opens an incident: within 30 m of no incident seen in the 7 days up to it.

    In the order of days, then ids. An incident stays where it was opened and lasts as long as points join it.
    """
    opens = np.zeros(len(points), dtype=bool)
    if len(points) == 0:
        return opens
    position, _ = positions(points)
    order = np.lexsort((np.array(points.ids), points.day))
    near = cKDTree(position).query_ball_point(position, JOIN_RADIUS_M)
    last_seen: dict[int, np.datetime64] = {}
    for index in order.tolist():
        day = points.day[index]
        open_ones = [
            other for other in near[index] if other in last_seen and day - last_seen[other] <= JOIN_WINDOW
        ]
        opens[index] = not open_ones
        last_seen[open_ones[0] if open_ones else index] = day
    return opens
