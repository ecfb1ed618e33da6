"""Zones, and the connectors by which their traffic comes onto the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

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
_MOST = 20_000  # zones: matrices of more take gigabytes


class Connectors(NamedTuple):
    """Centroids of zones and the links from them to nodes.

    Attributes
    ----------
    xy : ndarray
        Of the centroids [m], shape (zones, 2).
    zone, node : ndarray
        int64, shape (connectors,): the row of the zone and the node of the roads.
    """

    xy: Floats
    zone: Whole
    node: Whole


def grid_zones(roads: Roads, size: float, crs: str) -> Features:
    """Return square zones around all roads, only those with a road in them, named by column and row.

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
    zones: Features, roads: Roads, allowed: NDArray[np.bool_], count: int, farthest: float
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
    """
    import shapely
    from scipy.spatial import cKDTree

    middles = centroids_of(zones)
    nodes = np.flatnonzero(allowed)
    found: list[tuple[int, int]] = []
    lost = []
    tree = cKDTree(roads.nodes[nodes]) if len(nodes) else None
    points = shapely.points(roads.nodes[nodes])
    index = shapely.STRtree(points)
    for row, middle in enumerate(middles):
        shape = shapely.from_wkb(zones.geometries.wkb(row))
        inside = index.query(shape, predicate="intersects") if len(nodes) else np.empty(0, np.int64)
        away = np.hypot(*(roads.nodes[nodes[inside]] - middle).T)
        near = inside[np.lexsort((inside, away))][:count]
        if not len(near) and tree is not None:
            distance, near = tree.query(middle, k=min(count, len(nodes)))
            distance, near = np.atleast_1d(distance), np.atleast_1d(near)
            near = near[distance <= farthest]
        found += [(row, int(nodes[one])) for one in near]
        if not len(near):
            x, y = map(float, middle)
            lost.append(Finding(ZONE, x, y, {"zone": zones.columns["zone"][row], "distance": f"{farthest:g}"}))
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return Connectors(middles, pairs[:, 0], pairs[:, 1]), lost
