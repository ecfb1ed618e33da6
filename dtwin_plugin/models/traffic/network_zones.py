"""Zones, and the connectors by which their traffic comes onto the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError

from .link_columns import texts_of
from .network_findings import ZONE, Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .network_build import Roads

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

# what files of districts and postcodes call their areas, in small letters
_NAMES = ("zone", "zone_id", "buurtcode", "wijkcode", "gwb_code", "statcode", "postcode6", "pc6", "postcode5", "pc5",
          "postcode4", "pc4", "postcode", "gemeentecode", "id", "name")  # fmt: skip
_OUTSIDE = 3  # connectors of a zone that has no street: more would lead far around
_MOST = 20_000  # zones: matrices of more take gigabytes


class Connectors(NamedTuple):
    """Centroids of zones and the links from them to nodes.

    Attributes
    ----------
    xy : ndarray
        Of the centroids [m], shape (zones, 2).
    zone, node : ndarray
        int64, shape (connectors,): the row of the zone and the node of the roads.
    share : ndarray
        float64, shape (connectors,): of the trips of the zone; NaN where the fastest route decides.
    """

    xy: Floats
    zone: Whole
    node: Whole
    share: Floats


def grid_zones(roads: Roads, size: float, crs: str) -> Features:
    """Return square zones around all roads, only those with a road in them, named by column and row.

    Parameters
    ----------
    size : float
        Side of a zone [m].

    Raises
    ------
    InputError
        If there would be more than a matrix can hold.
    """
    xy = np.concatenate([np.concatenate([line, (line[1:] + line[:-1]) / 2]) for line in roads.lines.xy])
    cells, low = np.floor(xy / size).astype(np.int64), np.floor(xy.min(axis=0) / size).astype(np.int64)
    used = np.unique(cells - low, axis=0)
    if len(used) > _MOST:
        raise InputError(
            "A grid of {size} m gives {count} zones; at most {most}.", hint="Choose a larger size.",
            size=size, count=len(used), most=_MOST,
        )  # fmt: skip
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
    rings = [[[((low + cell + corner) * size).tolist() for corner in corners]] for cell in used]
    names = [f"{one + 1}-{two + 1}" for one, two in used]
    return Features(Geometries.build("polygon", [[ring] for ring in rings]), {"zone": column(names)}, crs=crs)


def named_zones(zones: Features, name: str | None) -> Features:
    """Return zones with a column `zone` of their names as texts.

    Raises
    ------
    InputError
        If the column that was named is not there, a zone has no name, or two have the same.
    """
    known = {one.lower(): one for one in zones.columns}
    if name and name.lower() not in known:
        raise InputError("The zones have no column {column}.", hint="Check its name.", column=name)
    chosen = known[name.lower()] if name else next((known[one] for one in _NAMES if one in known), None)
    count = len(zones)
    names = texts_of(zones.columns[chosen]) if chosen else [str(row + 1) for row in range(count)]
    if "" in names:
        raise InputError(
            "Zone {row} has no name in the column {column}.", hint="Give each zone a name.",
            row=names.index("") + 1, column=chosen or "zone",
        )  # fmt: skip
    twice = next((one for one in names if names.count(one) > 1), None) if len(set(names)) < count else None
    if twice is not None:
        raise InputError(
            "Two zones have the name {name} in the column {column}.",
            hint="Merge the parts of a zone, or choose another column.", name=twice, column=chosen or "zone",
        )  # fmt: skip
    if count > _MOST:
        raise InputError("There are {count} zones; at most {most}.", hint="Merge some.", count=count, most=_MOST)
    rest = {one: values for one, values in zones.columns.items() if one.lower() != "zone"}
    return replace(zones, columns={"zone": column(names), **rest})


def centroids_of(zones: Features) -> Floats:
    """Return the middle of each zone [m], a point in it where the middle lies outside."""
    import shapely

    shapes = np.array([shapely.from_wkb(zones.geometries.wkb(row)) for row in range(len(zones))], object)
    middle = shapely.centroid(shapes)
    inside = shapely.covers(shapes, middle)
    middle = np.where(inside, middle, shapely.point_on_surface(shapes))
    return np.asarray(shapely.get_coordinates(middle), float).reshape(-1, 2)


def connectors_of(
    zones: Features,
    roads: Roads,
    allowed: NDArray[np.bool_],
    count: int,
    farthest: float,
    streets: NDArray[np.bool_] | None = None,
) -> tuple[Connectors, list[Finding]]:
    """Return connectors from each zone to its nearest nodes, those inside it first.

    Parameters
    ----------
    allowed : ndarray
        bool, shape (nodes,): which nodes a zone may be connected to.
    count : int
        Connectors of one zone at most.
    farthest : float
        Longest connector to a node outside the zone [m].
    streets : ndarray, optional
        bool, shape (links,): streets along which trips begin and end. With them the connectors of a zone lead to the
        nodes with most of them inside it, and share its trips in proportion.
    """
    import shapely
    from scipy.spatial import cKDTree

    middles = centroids_of(zones)
    nodes = np.flatnonzero(allowed)
    found: list[tuple[int, int, float]] = []
    lost = []
    tree = cKDTree(roads.nodes[nodes]) if len(nodes) else None
    index = shapely.STRtree(shapely.points(roads.nodes[nodes]))
    lines = _Lines.of(roads, streets)
    for row, middle in enumerate(middles):
        shape = shapely.from_wkb(zones.geometries.wkb(row))
        inside = nodes[np.sort(index.query(shape, predicate="intersects"))] if len(nodes) else nodes
        chosen = lines.shared(shape, inside, count) if lines is not None else []
        if not chosen:
            away = np.hypot(*(roads.nodes[inside] - middle).T)
            chosen = [(int(node), np.nan) for node in inside[np.argsort(away, kind="stable")][:count]]
        if not chosen and tree is not None:
            most = min(count, len(nodes), count if streets is None else _OUTSIDE)
            distance, near = (np.atleast_1d(one) for one in tree.query(middle, k=most))
            chosen = [(int(node), np.nan) for node in nodes[near[distance <= farthest]]]
        found += [(row, *one) for one in chosen]
        if not chosen:
            x, y = map(float, middle)
            lost.append(Finding(ZONE, x, y, {"zone": zones.columns["zone"][row], "distance": f"{farthest:g}"}))
    pairs = np.array([one[:2] for one in found], np.int64).reshape(-1, 2)
    return Connectors(middles, pairs[:, 0], pairs[:, 1], np.array([one[2] for one in found], float)), lost


class _Lines(NamedTuple):
    """Streets along which trips begin and end, with what is looked up for each zone."""

    ends: Whole
    shapes: NDArray[np.object_]
    index: Any

    @classmethod
    def of(cls, roads: Roads, streets: NDArray[np.bool_] | None) -> _Lines | None:
        import shapely

        if streets is None:
            return None
        rows = np.flatnonzero(streets)
        shapes = np.array([shapely.LineString(roads.lines.xy[row]) for row in rows], object)
        return cls(roads.ends[rows], shapes, shapely.STRtree(shapes))

    def shared(self, shape: Any, inside: Whole, count: int) -> list[tuple[int, float]]:
        """Return the nodes with most street in a zone and their shares: of a street half to each end that is in it."""
        import shapely

        near = np.sort(self.index.query(shape, predicate="intersects"))
        metres = shapely.length(shapely.intersection(self.shapes[near], shape))
        known = np.isin(self.ends[near], inside)
        each = metres / np.maximum(known.sum(axis=1), 1)
        weight = np.zeros(int(max(inside.max(initial=0), self.ends.max(initial=0))) + 1)
        np.add.at(weight, self.ends[near][known], np.repeat(each, known.sum(axis=1)))
        chosen = inside[np.argsort(-weight[inside], kind="stable")][:count]
        chosen = chosen[weight[chosen] > 0]
        return [(int(node), float(share)) for node, share in zip(chosen, weight[chosen] / weight[chosen].sum())]
