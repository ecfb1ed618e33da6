"""A network of the TNTP format as the layers of a road network: its numbers as they are, with lines to draw.

References
----------
Transportation Networks for Research Core Team (2024). Transportation Networks for Research.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import FormatError, file_error

from .osm_values import BOTH, FORWARD
from .road_classes import CONNECTOR, DEFAULT
from .tntp import LARGEST, TntpNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

_WIDE = 5000.0  # m: how wide a network is drawn of which the size is not known
UNITS = {"speed": "km h-1", "length": "m", "capacity_forward": "h-1", "capacity_backward": "h-1",
         "free_time_forward": "min", "free_time_backward": "min"}  # fmt: skip


class Arcs(NamedTuple):
    """Directed links, each of shape (arcs,); tail and head are rows of nodes."""

    tail: Whole
    head: Whole
    capacity: Floats
    length: Floats
    time: Floats
    b: Floats
    power: Floats
    speed: Floats
    toll: Floats


def arcs_of(net: TntpNetwork) -> Arcs:
    """Return the links of a file."""
    names = ("capacity", "length", "free_flow_time", "b", "power", "speed", "toll")
    return Arcs(net.tail, net.head, *(net.columns[name] for name in names))


def geojson_nodes(path: Path) -> tuple[Whole, Floats]:
    """Return the numbers and places of points in GeoJSON with a column id, node or number.

    Raises
    ------
    FormatError
        If it has none.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise FormatError("{file} is larger than a file of nodes can be.", file=path.name)
        rows = []
        for feature in json.loads(path.read_text("utf-8-sig"))["features"]:
            named = {str(key).lower(): value for key, value in feature["properties"].items()}
            number = next(named[name] for name in ("id", "node", "node_id", "number") if name in named)
            x, y = feature["geometry"]["coordinates"][:2]
            rows.append((int(number), float(x), float(y)))
        table = np.array(rows, float).reshape(-1, 3)
        return table[:, 0].astype(np.int64), table[:, 1:]
    except OSError as error:
        raise file_error(error) from error
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError) as error:
        raise FormatError(
            "{file} has no points with a column id, node or number.", hint="Choose a GeoJSON file of the nodes.",
            file=path.name,
        ) from error  # fmt: skip


class Scales(NamedTuple):
    """What the units of a file are: metres of one length, minutes of one time, and km/h of one speed."""

    length: float = 1.0
    time: float = 1.0
    speed: float = 1.0


def links_of(arcs: Arcs, xy: Floats, numbers: Whole, closed: int, scales: Scales, crs: str) -> Features:
    """Return the links as straight lines; an arc and the one against it are one link.

    Parameters
    ----------
    xy : ndarray
        Of each node [m], shape (nodes, 2).
    numbers : ndarray
        int64, of each node.
    closed : int
        How many nodes, the first ones, are zones that only begin or end a path: their links are connectors.

    Examples
    --------
    >>> values = [np.ones(3)] * 7
    >>> arcs = Arcs(np.array([0, 1, 0]), np.array([1, 0, 1]), *values)
    >>> links_of(arcs, np.zeros((2, 2)), np.array([1, 2]), 0, Scales(), "EPSG:28992").columns["direction"].tolist()
    ['both', 'forward']
    """
    ahead, back = _pairs(arcs)
    two_way = back >= 0
    tail, head = arcs.tail[ahead], arcs.head[ahead]
    connector = np.minimum(tail, head) < closed
    columns: dict[str, Any] = {
        "link": np.arange(1, len(ahead) + 1), "from_node": numbers[tail], "to_node": numbers[head],
        "direction": np.where(two_way, BOTH, FORWARD).astype(object),
        "class": np.where(connector, CONNECTOR, DEFAULT).astype(object),
        "length": arcs.length[ahead] * scales.length,
    }  # fmt: skip
    for name, values, scale in (("capacity", arcs.capacity, 1.0), ("free_time", arcs.time, scales.time)):
        columns[f"{name}_forward"] = values[ahead] * scale
        columns[f"{name}_backward"] = np.where(two_way, values[back] * scale, 0.0 if name == "capacity" else np.nan)
    given = arcs.speed[ahead] * scales.speed
    with np.errstate(divide="ignore", invalid="ignore"):
        own = 0.06 * columns["length"] / columns["free_time_forward"]
    # networks for research have lengths that are no lengths: what is no speed of a road is not told
    speed = np.where(given > 0, given, own)
    columns["speed"] = np.where((speed >= 5) & (speed <= 200), speed, np.nan)
    columns["bpr_b"], columns["bpr_power"] = arcs.b[ahead], arcs.power[ahead]
    if arcs.toll.any():
        columns["toll"] = arcs.toll[ahead]
    lines = np.stack([xy[tail], xy[head]], axis=1)
    return Features(Geometries.build("line", [[[line]] for line in lines]), columns, UNITS, crs, "links")


def nodes_of(xy: Floats, numbers: Whole, zones: int, first_through: int, crs: str) -> Features:
    """Return the nodes, the first of them zones with their number as name."""
    zone = np.full(len(xy), None, object)
    zone[:zones] = [str(one) for one in numbers[:zones]]
    columns = {"node": numbers, "zone": zone, "through": np.arange(len(xy)) >= first_through}
    return Features(Geometries.points(xy), columns, {}, crs, "nodes")


def drawn(places: Floats, centre: tuple[float, float], scale: float | None) -> Floats:
    """Return places in unknown units as metres around a centre; without a scale 5 km wide."""
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    size = float(np.ptp(places, axis=0).max()) or 1.0
    return np.asarray((places - middle) * (scale or _WIDE / size) + np.array(centre), float)


def layout(arcs: Arcs, nodes: int) -> Floats:
    """Return places for nodes of which none is known: neighbours lie near each other (Hall 1970), in no unit.

    It is the second and third eigenvector of the Laplacian of the network; nodes without a link lie in the middle.
    """
    from scipy.sparse import coo_matrix, diags
    from scipy.sparse.linalg import eigsh

    if nodes < 4:
        return np.column_stack([np.arange(nodes), np.zeros(nodes)]).astype(float)
    near = coo_matrix((np.ones(len(arcs.tail)), (arcs.tail, arcs.head)), shape=(nodes, nodes))
    near = ((near + near.T) > 0).astype(float)
    degree = np.asarray(near.sum(axis=1)).ravel()
    norm = diags(1.0 / np.sqrt(np.maximum(degree, 1.0)))
    # the largest of the normalised adjacency are the smallest of its Laplacian; a fixed start gives one drawing
    values, vectors = eigsh(norm @ near @ norm, k=3, which="LA", v0=np.linspace(1.0, 2.0, nodes), tol=1e-8)
    order = np.argsort(values)[::-1][1:]
    return np.asarray(norm @ vectors[:, order])


def _pairs(arcs: Arcs) -> tuple[Whole, Whole]:
    """Return the arcs that links run along, and for each the first unused arc of equal cost law against it, or -1."""
    waiting: dict[tuple[int, int], list[int]] = {}
    ahead: list[int] = []
    back: dict[int, int] = {}
    for arc, (tail, head) in enumerate(zip(arcs.tail.tolist(), arcs.head.tolist())):
        against = [one for one in waiting.get((head, tail), []) if _alike(arcs, one, arc)]
        if against and tail != head:
            back[against[0]] = arc
            waiting[head, tail].remove(against[0])
        else:
            ahead.append(arc)
            waiting.setdefault((tail, head), []).append(arc)
    return np.array(ahead, np.int64), np.array([back.get(arc, -1) for arc in ahead], np.int64)


def _alike(arcs: Arcs, one: int, two: int) -> bool:
    """Tell whether two arcs share what a link has once for both directions."""
    return all(values[one] == values[two] for values in (arcs.length, arcs.b, arcs.power, arcs.speed, arcs.toll))
