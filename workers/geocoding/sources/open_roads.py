"""OS Open Roads: the layer `road_link` of its GeoPackage(s). Links that share a name and a node become one road."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from workers.geocoding.columns import Array
from workers.geocoding.names import REACH_M, ROAD, NameSetBuilder
from workers.geocoding.nameset import NameSet
from workers.geocoding.sources.files import Account, Member, WrongFile
from workers.geocoding.sources.geopackages import batches, columns_of, layers_of, text_of
from workers.geocoding.sources.points import vertices_of

SOURCE = "os_open_roads"
EXPECTED = (
    "the GeoPackage of OS Open Roads, whose layer road_link has name_1, road_classification_number, start_node and "
    "end_node"
)
LAYER = "road_link"
COLUMNS = ("name_1", "road_classification_number", "start_node", "end_node")
# A road is long, so that its name alone does not say where one is on it, from this length on.
LONG_M = 1_500.0
NAME_MOST = 200


@dataclass(slots=True)
class RoadLinks:
    """Links as they are read: numbers for names and nodes, and all vertices end to end."""

    names: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, int] = field(default_factory=dict)
    _name: array[int] = field(default_factory=lambda: array("i"))
    _from: array[int] = field(default_factory=lambda: array("i"))
    _to: array[int] = field(default_factory=lambda: array("i"))
    _ends: list[Array] = field(default_factory=list)
    _of: list[Array] = field(default_factory=list)

    def take(self, name: str, start: str, end: str, vertices: Array) -> None:
        """Take in one link. vertices: (n, 2) metres."""
        number = len(self._name)
        self._name.append(self.names.setdefault(name, len(self.names)))
        self._from.append(self.nodes.setdefault(start, len(self.nodes)))
        self._to.append(self.nodes.setdefault(end, len(self.nodes)))
        self._ends.append(np.hstack([vertices[:-1], vertices[1:]]))
        self._of.append(np.full(len(vertices) - 1, number))

    def put_into(self, builder: NameSetBuilder, localities: NameSet | None) -> None:
        """Make roads of the links, with where they run and what meets them; localities say which place each is in."""
        if not len(self._name):
            return
        name, start, end = (
            np.frombuffer(each, dtype=np.int32) for each in (self._name, self._from, self._to)
        )
        road_of = _roads(name, start, end)
        ends, of = np.concatenate(self._ends), np.concatenate(self._of)
        roads = road_of[of]
        middles = _middles(ends, roads)
        places = _places(middles, localities)
        ordered = list(self.names)
        name_of = np.empty(len(middles), dtype=np.int64)
        name_of[road_of] = name
        numbers = np.array([
            builder.add(ROAD, ordered[name_of[road]], *middles[road], source=SOURCE, locality=places[road])
            for road in range(len(middles))
        ])  # fmt: skip
        builder.add_lines(ends, numbers[roads])
        self._put_junctions(builder, numbers, road_of, start, end, ends, of)

    def _put_junctions(
        self, builder: NameSetBuilder, numbers: Array, road_of: Array, start: Array, end: Array, ends: Array, of: Array
    ) -> None:  # fmt: skip
        length = np.bincount(road_of[of], np.hypot(*(ends[:, 2:] - ends[:, :2]).T), len(numbers))
        first = np.searchsorted(of, np.arange(len(road_of)))
        last = np.searchsorted(of, np.arange(len(road_of)), side="right") - 1
        nodes = np.concatenate([start, end])
        at = np.concatenate([ends[first, :2], ends[last, 2:]])
        roads = np.concatenate([road_of, road_of])
        pairs = np.unique(np.column_stack([nodes, roads]), axis=0, return_index=True)
        (node, road), at = pairs[0].T, at[pairs[1]]
        begin, until = np.searchsorted(node, node), np.searchsorted(node, node, side="right")
        for step in range(1, int((until - begin).max())):
            # Each road of a node with the one `step` places on, around.
            other = begin + (np.arange(len(node)) - begin + step) % (until - begin)
            meets = (until - begin > step) & (length[road] >= LONG_M)
            builder.add_junctions(
                numbers[road[meets]], np.column_stack([at[meets], numbers[road[other[meets]]]])
            )


def read(member: Member, links: RoadLinks, account: Account) -> None:
    """Take the named links of one GeoPackage. Raises WrongFile."""
    with member.on_disk() as path:
        layer = next(
            (name for name in layers_of(path) if name.lower().replace("roadlink", LAYER) == LAYER), None
        )
        if layer is None:
            raise WrongFile(f"{member.name}: there is no layer {LAYER}; expected: {EXPECTED}")
        known, _ = columns_of(path, layer)
        wanted = [name for name in known if name.lower() in COLUMNS]
        if len(wanted) < len(COLUMNS):
            raise WrongFile(f"{member.name}: columns are missing; expected: {EXPECTED}")
        for batch in batches(path, layer, wanted):
            for index, shape in enumerate(batch.shapes):
                row = {name: text_of(column[index]) for name, column in batch.columns.items()}
                name = row["name_1"] or row["road_classification_number"]
                if not name:
                    continue  # a link without a name answers nothing
                where = f"{member.name}, feature {batch.first + index}"
                try:
                    vertices = vertices_of(shape)
                except ValueError as error:
                    account.bad(where, error)
                    continue
                start, end = (row[node] or f"{where} {node}" for node in ("start_node", "end_node"))
                links.take(name[:NAME_MOST], start, end, vertices)
                account.took(where, (batch.first + index) / batch.of)


def _roads(name: Array, start: Array, end: Array) -> Array:
    """For each link the number of its road: links of one name that meet."""
    keys = np.concatenate([(start.astype(np.int64) << 32) | name, (end.astype(np.int64) << 32) | name])
    _, node = np.unique(keys, return_inverse=True)
    links = np.arange(len(name))
    rows, columns = np.concatenate([links, links]), node + len(name)
    size = len(name) + int(node.max()) + 1
    _, part = connected_components(
        coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size)), directed=False
    )
    _, road = np.unique(part[: len(name)], return_inverse=True)
    return np.asarray(road)


def _middles(ends: Array, roads: Array) -> Array:
    """A point on each road: the vertex nearest to the mean of its vertices."""
    count = np.bincount(roads)
    mean = np.column_stack([np.bincount(roads, ends[:, axis]) / count for axis in (0, 1)])
    away = np.hypot(*(ends[:, :2] - mean[roads]).T)
    order = np.lexsort((ends[:, 1], ends[:, 0], np.round(away, 2), roads))
    first = order[np.flatnonzero(np.diff(roads[order], prepend=-1))]
    return np.asarray(ends[first, :2])


def _places(middles: Array, localities: NameSet | None) -> list[str]:
    if localities is None:
        return [""] * len(middles)
    x, y = middles.T
    inside = localities.holding("locality", x, y)
    near, _ = localities.nearest("locality", x, y, REACH_M["locality"])
    chosen = np.where(inside >= 0, inside, near)
    return [localities.name(int(entry)) if entry >= 0 else "" for entry in chosen]
