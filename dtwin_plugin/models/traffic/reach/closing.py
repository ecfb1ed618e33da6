"""Which links are closed in a scenario, and by what: flooded roads, deep water, or their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.errors import InputError

from ..link_columns import column, flags_of, ids_of, texts_of
from .lines import shapes_of
from .modes import DEPTHS, EMERGENCY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...base import Values
    from .modes import Net

    Floats = NDArray[np.float64]

NUMBER, ROADS, DEPTH = "number", "roads", "depth"
_SAME_PLACE = 5.0  # m between the middles of a link and of what bears its number
_UNKNOWN = "unknown"


class Closed(NamedTuple):
    """Links that are closed in a scenario.

    Attributes
    ----------
    links : ndarray
        bool, shape (links,).
    by : ndarray
        object, shape (links,): `NUMBER`, `ROADS`, `DEPTH`, more of them with + between, or "".
    overlap : ndarray
        float64, shape (links,): length that lies on closed roads [m].
    depth : ndarray
        float64, shape (links,): largest depth of water on it [m], NaN where not known.
    unknown : int
        Roads of which the layer does not know whether they can be passed; they are not closed.
    raised : int
        Links above or below the ground that a raster of depths says nothing of.
    """

    links: NDArray[np.bool_]
    by: NDArray[np.object_]
    overlap: Floats
    depth: Floats
    unknown: int
    raised: int


def given(values: Values) -> bool:
    """Return whether anything closes a link."""
    names = ("flooded_roads", "flooded_lines", "depth")
    return any(values[name] is not None for name in names) or bool((values["closed"] or "").strip())


def closed_links(net: Net, values: Values) -> Closed:
    """Return which links are closed; raises `InputError` where a number names no link."""
    count = len(net.links)
    found = Closed(np.zeros(count, bool), np.full(count, "", object), np.zeros(count), np.full(count, np.nan), 0, 0)
    _close(found, numbered(values["closed"], ids_of(net.links.columns["link"])), NUMBER)
    unknown = 0
    for name in ("flooded_roads", "flooded_lines"):
        roads = values[name]
        if roads is not None and len(roads):
            shut, unsure = impassable(roads, values["mode"])
            unknown += unsure
            _close(found, *_by_roads(net, roads.take(np.flatnonzero(shut)), values, found.overlap))
    raised = 0
    if values["depth"] is not None:
        limit = values["depth_limit"]
        limit = DEPTHS[values["mode"]] if limit is None else limit
        raised = _depths(net, values["depth"], found.depth)
        with np.errstate(invalid="ignore"):
            _close(found, found.depth > limit + 1e-6, DEPTH)  # 0.15 m in 32 bits is some more than the limit
    return found._replace(unknown=unknown, raised=raised)


def numbered(text: str | None, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the links that a text names by their numbers.

    >>> numbered("7; 9", np.array([7, 8, 9])).tolist()
    [True, False, True]
    """
    words = (text or "").replace(",", " ").replace(";", " ").split()
    chosen = ids_of(words) if words else np.empty(0, np.int64)
    lost = [word for word, number in zip(words, chosen) if number not in numbers]
    if lost:
        raise InputError("The network has no link {names}.", hint="Give numbers of the column link.",
                         names=", ".join(lost[:10]))  # fmt: skip
    return np.isin(numbers, chosen)


def impassable(roads: Features, mode: str) -> tuple[NDArray[np.bool_], int]:
    """Return which roads the mode cannot pass, and of how many that is not known.

    A layer without a column that says who passes is a layer of closed roads. People on foot and on bicycles pass where
    cars do, as the consequences of a flood say nothing of them.
    """
    name = "passable_emergency" if mode == EMERGENCY else "passable_car"
    state = np.array(texts_of(roads.columns.get("passable", np.full(len(roads), "", object))), object)
    unsure = state == _UNKNOWN
    if name in roads.columns:
        shut = ~flags_of(roads.columns[name])
    elif "passable" in roads.columns:
        shut = ~np.isin(state, ("all",) if mode != EMERGENCY else ("all", "lorry", "emergency"))
    else:
        shut = np.ones(len(roads), bool)
    return shut & ~unsure, int(unsure.sum())


def _close(found: Closed, links: NDArray[np.bool_], why: str) -> None:
    found.links[links] = True
    for row in np.flatnonzero(links).tolist():
        words = [word for word in str(found.by[row]).split(" + ") if word]
        found.by[row] = " + ".join(words if why in words else [*words, why])


def _by_roads(net: Net, roads: Features, values: Values, overlap: Floats) -> Any:
    """Return the links that lie on closed roads, with the reason."""
    links = np.zeros(len(net.links), bool)
    if len(roads):
        same, rest = _by_number(net, roads)
        links |= same
        overlap[same] = net.lines.length[same]
        _overlaps(net, roads.take(np.flatnonzero(rest)), values["tolerance"], overlap)
        links |= (overlap > 0) & (overlap >= np.minimum(values["overlap"], 0.5 * net.lines.length))
    return links, ROADS


def _by_number(net: Net, roads: Features) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the links whose number roads bear that lie in their place, and the roads that bear none of them."""
    rest = np.ones(len(roads), bool)
    links = np.zeros(len(net.links), bool)
    if roads.geometries.kind != "line" or "link" not in roads.columns:
        return links, rest
    from .lines import lines_of

    row_of = {int(number): row for row, number in enumerate(ids_of(net.links.columns["link"]))}
    theirs = lines_of(roads.geometries)
    for k, number in enumerate(ids_of(roads.columns["link"]).tolist()):
        row = row_of.get(number)
        if row is None or theirs.start[k] == theirs.start[k + 1] or net.lines.start[row] == net.lines.start[row + 1]:
            continue
        middles = [lines.piece(at, 0.5, 0.5)[0] for lines, at in ((theirs, k), (net.lines, row))]
        if np.hypot(*(middles[0] - middles[1])) <= _SAME_PLACE:
            links[row], rest[k] = True, False
    return links, rest


def _overlaps(net: Net, roads: Features, tolerance: float, overlap: Floats) -> None:
    """Add how much of each link lies on roads [m]: within an area, or along a line within the tolerance."""
    import shapely

    if not len(roads):
        return
    rows = np.flatnonzero(net.usable & (np.diff(net.lines.start) > 1) & np.isfinite(net.lines.length))
    if not len(rows):
        return
    shapes = shapes_of(net.lines, rows)
    areas = shapely.from_wkb([roads.geometries.wkb(k) for k in range(len(roads))])
    if roads.geometries.kind == "line":
        areas = shapely.buffer(areas, max(tolerance, 0.01), cap_style="flat")
    areas = shapely.make_valid(areas)
    pairs = shapely.STRtree(shapes).query(areas, predicate="intersects")
    order = np.argsort(pairs[1], kind="stable")
    found, first = np.unique(pairs[1][order], return_index=True)
    for link, of in zip(found.tolist(), np.split(pairs[0][order], first[1:])):
        there = shapely.union_all(areas[of]) if len(of) > 1 else areas[of[0]]
        overlap[rows[link]] += float(shapely.length(shapely.intersection(shapes[link], there)))


def _depths(net: Net, depth: Any, found: Floats) -> int:
    """Write the largest depth on each link on the ground; return how many others lie over or below it."""
    from ...flood.consequences.consequences_roads import water_on_lines

    bounds, area = net.links.geometries.bounds(), depth.extent
    with np.errstate(invalid="ignore"):
        near = (bounds[:, 0] <= area.x_max) & (bounds[:, 2] >= area.x_min)
        near &= (bounds[:, 1] <= area.y_max) & (bounds[:, 3] >= area.y_min) & net.usable
    ground = np.nan_to_num(column(net.links, "level", 0.0)) == 0
    rows = np.flatnonzero(near & ground)
    if len(rows):
        found[rows] = water_on_lines(depth, net.links.geometries.take(rows), ()).largest
    return int((near & ~ground).sum())


def features_of(net: Net, closed: Closed) -> Features:
    """Return the closed links, with what closes them."""
    rows = np.flatnonzero(closed.links)
    columns = {
        "link": ids_of(net.links.columns["link"])[rows],
        "name": np.array(texts_of(net.links.columns.get("name", np.full(len(net.links), "", object))), object)[rows],
        "closed_by": closed.by[rows],
        "length": net.lines.length[rows],
        "overlap": closed.overlap[rows],
        "water_depth": closed.depth[rows],
    }
    units = dict.fromkeys(("length", "overlap", "water_depth"), "m")
    return Features(net.links.geometries.take(rows), columns, units, net.links.crs, "closed links")
