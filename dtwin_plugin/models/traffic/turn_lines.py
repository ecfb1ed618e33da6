"""Turning flows as lines on the map: a bend from the end of one link to the beginning of the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries

from .link_columns import ids_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .road_graph import RoadGraph

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

_BACK, _SHARE = 40.0, 0.4  # m of a link that a turn is drawn over, and no more than this share of it
_STEPS = 7  # points of a bend
_DIGITS = 4


def turn_lines(graph: RoadGraph, links: Features, first: Ids, last: Ids, flows: Floats) -> Features:
    """Return the turns with traffic.

    Parameters
    ----------
    first, last : ndarray
        int64, shape (turns,): arcs of links that a turn leads from and to.
    flows : ndarray
        float64, shape (turns,) [veh h-1].
    """
    some = flows > 0
    first, last, flows = first[some], last[some], flows[some]
    before = _points(links, graph.link[first], graph.way[first] == 0)
    after = _points(links, graph.link[last], graph.way[last] != 0)
    share = np.linspace(0.0, 1.0, _STEPS)[None, :, None]
    middle = 0.5 * (before[:, 1] + after[:, 1])  # where both links meet
    ends = before[:, 0][:, None], middle[:, None], after[:, 0][:, None]
    bends = (1 - share) ** 2 * ends[0] + 2 * share * (1 - share) * ends[1] + share**2 * ends[2]
    count = np.arange(len(flows) + 1, dtype=np.int64)
    shapes = Geometries("line", bends.reshape(-1, 2), count * _STEPS, count, count)
    numbers = ids_of(links.columns["link"])
    nodes = np.stack([ids_of(links.columns[name]) for name in ("from_node", "to_node")], axis=1)
    columns: dict[str, Any] = {
        "node": nodes[graph.link[first], 1 - graph.way[first]],
        "from_link": numbers[graph.link[first]],
        "to_link": numbers[graph.link[last]],
        "flow": flows.round(_DIGITS),
    }
    return Features(shapes, columns, {"flow": "h-1"}, links.crs, "Turning flows")


def _points(links: Features, rows: Ids, at_end: NDArray[np.bool_]) -> Floats:
    """Return a point on each link a little before its end and that end, shape (n, 2, 2) [m]; at its beginning else."""
    spans, xy = links.geometries.coordinate_spans(), links.geometries.coordinates[:, :2]
    known: dict[tuple[int, bool], Floats] = {}
    found = np.full((len(rows), 2, 2), np.nan)
    for number, (row, end) in enumerate(zip(rows.tolist(), at_end.tolist())):
        if (row, end) not in known:
            line = xy[spans[row] : spans[row + 1]]
            known[row, end] = _near_start(line[::-1] if end else line)
        found[number] = known[row, end]
    return found


def _near_start(line: Floats) -> Floats:
    """Return the point of a line that lies `_BACK` m from its beginning, and that beginning.

    >>> _near_start(np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 90.0)])).tolist()
    [[10.0, 30.0], [0.0, 0.0]]
    """
    if not len(line):
        return np.full((2, 2), np.nan)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    where = min(_BACK, _SHARE * along[-1])
    return np.array([[np.interp(where, along, line[:, 0]), np.interp(where, along, line[:, 1])], line[0]])
