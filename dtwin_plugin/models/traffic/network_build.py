"""A network of any lines of roads: nodes where they meet, links between them, and what is taken where none is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .network_findings import LOOP, SHORT, TWICE, Finding
from .network_lines import SAME, Lines, cut, single_lines, snapped
from .osm_values import BACKWARD, BOTH, CLOSED, FORWARD
from .road_classes import CONNECTOR, DEFAULT, STREETS, Table, flags_of, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries

    from .road_columns import Columns

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

_MINUTES = 0.06  # of a metre at 1 km/h


class Roads(NamedTuple):
    """Links between nodes, before zones are connected.

    Attributes
    ----------
    lines : Lines
        One for each link; the row says which road of the layer it is a piece of.
    ends : ndarray
        int64, shape (links, 2): the node at the begin and at the end.
    nodes : ndarray
        x and y [m], shape (nodes, 2).
    """

    lines: Lines
    ends: Whole
    nodes: Floats


def roads_of(
    geometries: Geometries,
    columns: Columns,
    table: Table,
    where: str,
    tolerance: float,
    paths: bool,
    pause: Callable[[], None] = lambda: None,
) -> tuple[Roads, list[Finding], int]:
    """Return links and nodes, what was found on the way, and how many rows are no road.

    Parameters
    ----------
    where : str
        How roads meet; see `network_lines.cut`.
    tolerance : float
        Within which ends are one place [m].
    paths : bool
        Whether roads without cars, such as cycle tracks, are taken.
    pause : callable
        Called between steps; stops the work by raising.
    """
    classes = columns.texts["class"]
    named = np.array([one if one is not None else DEFAULT for one in classes], object)
    wanted = np.array([one not in ("", CONNECTOR) for one in named], bool)  # connectors are made anew
    if not paths:
        wanted &= flags_of(table, named, "cars") | ~np.isin(named, list(table))
    lines = single_lines(geometries)
    chosen = wanted[lines.rows]
    skipped = int((~wanted).sum())
    lines, findings = _long_enough(lines.take(chosen), columns, SAME)
    level = np.nan_to_num(columns.numbers["level"])[lines.rows]
    pause()
    lines = cut(lines, level, where, tolerance)
    pause()
    lines, ends, nodes = snapped(lines, tolerance)
    lines, ends, more = _without_specks(lines, ends, columns, tolerance)
    findings += more
    pause()
    stay, more = _without_copies(lines, ends, columns, max(tolerance, SAME))
    findings += more
    return _numbered(lines.take(stay), ends[stay], nodes), findings, skipped


def joined(roads: Roads, columns: Columns, bans: set[int]) -> Roads:
    """Return roads without nodes at which nothing happens: where two pieces of one road meet and no other.

    Parameters
    ----------
    bans : set of int
        Nodes that stay.
    """
    degree = np.bincount(roads.ends.ravel(), minlength=len(roads.nodes))
    at: dict[int, list[int]] = {}
    for link, pair in enumerate(roads.ends):
        for node in pair:
            at.setdefault(int(node), []).append(link)
    xy, ends, alive = list(roads.lines.xy), roads.ends.copy(), np.ones(len(roads.ends), bool)
    first, last = roads.lines.begin.copy(), roads.lines.end.copy()
    for node in np.flatnonzero(degree == 2):
        one, two = (at[int(node)] * 2)[:2]
        if one == two or int(node) in bans or roads.lines.rows[one] != roads.lines.rows[two]:
            continue
        if ends[one, 0] == node:
            one, two = two, one
        if ends[one, 1] != node or ends[two, 0] != node or last[one] != first[two]:
            continue
        xy[one] = np.concatenate([xy[one], xy[two][1:]])
        ends[one, 1], last[one], alive[two] = ends[two, 1], last[two], False
        other = at[int(ends[two, 1])]
        other[other.index(two)] = one
    lines = Lines(xy, roads.lines.rows, first, last).take(alive)
    return _numbered(lines, ends[alive], roads.nodes)


def halved(roads: Roads, chosen: NDArray[np.bool_]) -> Roads:
    """Return roads with a node in the middle of some links, shape (links,)."""
    lines, nodes = roads.lines, list(roads.nodes)
    xy: list[Floats] = []
    ends: list[tuple[int, int]] = []
    for line, pair, cut_it in zip(lines.xy, roads.ends.tolist(), chosen.tolist()):
        if not cut_it:
            xy.append(line)
            ends.append((pair[0], pair[1]))
            continue
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        middle = np.array([np.interp(along[-1] / 2, along, values) for values in line.T])
        before, behind = line[along < along[-1] / 2], line[along > along[-1] / 2]
        xy += [np.vstack([before, middle]), np.vstack([middle, behind])]
        ends += [(pair[0], len(nodes)), (len(nodes), pair[1])]
        nodes.append(middle)
    times = 1 + chosen.astype(np.int64)
    begin, end = np.repeat(lines.begin, times), np.repeat(lines.end, times)
    first = np.flatnonzero(np.repeat(chosen, times))[::2]  # of both halves
    end[first] = begin[first + 1] = (begin[first] + end[first]) / 2
    return _numbered(Lines(xy, np.repeat(lines.rows, times), begin, end), np.array(ends, np.int64), np.array(nodes))


def _long_enough(lines: Lines, columns: Columns, least: float) -> tuple[Lines, list[Finding]]:
    long = lines.lengths() > least
    return lines.take(long), [_dropped(lines, n, columns) for n in np.flatnonzero(~long) if len(lines.xy[n])]


def _without_specks(
    lines: Lines, ends: Whole, columns: Columns, tolerance: float
) -> tuple[Lines, Whole, list[Finding]]:
    """Leave out what begins and ends at one place because it is shorter than the distance within which ends snap."""
    speck = (ends[:, 0] == ends[:, 1]) & (lines.lengths() <= 2 * max(tolerance, SAME))
    findings = [_dropped(lines, n, columns) for n in np.flatnonzero(speck)]
    return lines.take(~speck), ends[~speck], findings


def _without_copies(
    lines: Lines, ends: Whole, columns: Columns, tolerance: float
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """Leave out roads that lie on another of the same direction; two one-way streets against each other both stay."""
    import shapely

    stay, findings = np.ones(len(ends), bool), []
    low, high = ends.min(axis=1, initial=2**62), ends.max(axis=1, initial=-1)
    order = np.lexsort((np.arange(len(ends)), high, low))
    same = np.flatnonzero((low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1]))
    groups: dict[tuple[int, int], list[int]] = {}
    for n in np.unique(np.concatenate([same, same + 1])):
        link = int(order[n])
        groups.setdefault((int(low[link]), int(high[link])), []).append(link)
    for group in groups.values():
        kept: list[int] = []
        for link in sorted(group):
            shape = shapely.LineString(lines.xy[link])
            twin = next(
                (
                    other
                    for other in kept
                    if _one_way(link, ends, lines, columns) & _one_way(other, ends, lines, columns)
                    and shapely.hausdorff_distance(shape, shapely.LineString(lines.xy[other])) <= tolerance
                ),
                None,
            )
            if twin is None:
                kept.append(link)
                continue
            stay[link] = False
            twin_name = _source(columns, int(lines.rows[twin]))
            findings.append(_found(TWICE, lines, link, columns, {"other": twin_name}))
    return stay, findings


def _one_way(link: int, ends: Whole, lines: Lines, columns: Columns) -> frozenset[tuple[int, bool]]:
    """Return from which of its nodes one may drive along a link."""
    direction = columns.texts["direction"][lines.rows[link]] or BOTH
    first, last = (int(node) for node in ends[link])
    ways = {BOTH: {first, last}, FORWARD: {first}, BACKWARD: {last}, CLOSED: {-1}}[direction]
    return frozenset((way, direction == CLOSED) for way in ways)


def _numbered(lines: Lines, ends: Whole, nodes: Floats) -> Roads:
    """Return roads with the nodes that are in use, numbered as they come."""
    used, first = np.unique(ends.ravel(), return_index=True)
    order = used[np.argsort(first)]
    number = np.full(len(nodes), -1, np.int64)
    number[order] = np.arange(len(order))
    return Roads(lines, number[ends] if len(ends) else ends, nodes[order] if len(order) else nodes[:0])


def loops_in(roads: Roads, columns: Columns) -> list[Finding]:
    """Return links that begin and end at one node."""
    loops = np.flatnonzero(roads.ends[:, 0] == roads.ends[:, 1])
    return [_found(LOOP, roads.lines, int(n), columns, {}, int(n) + 1, int(roads.ends[n, 0]) + 1) for n in loops]


def streets_of(roads: Roads, columns: Columns, table: Table) -> NDArray[np.bool_]:
    """Return the links along which trips begin and end, shape (links,)."""
    classes = np.array([columns.texts["class"][row] or DEFAULT for row in roads.lines.rows], object)
    return np.isin(classes, STREETS) & flags_of(table, classes, "cars") & flags_of(table, classes, "connect")


def attributes_of(roads: Roads, columns: Columns, table: Table) -> dict[str, NDArray[Any]]:
    """Return the columns of links (see docs/models/roadnetwork.md), filled by class where the layer says nothing."""
    rows, numbers, texts = roads.lines.rows, columns.numbers, columns.texts
    classes = np.array([texts["class"][row] or DEFAULT for row in rows], object)
    known = np.array([one if one in table else DEFAULT for one in classes], object)
    directions = np.array([texts["direction"][row] or BOTH for row in rows], object)
    share = roads.lines.end - roads.lines.begin
    length = roads.lines.lengths()
    length = np.where(numbers["length"][rows] > 0, numbers["length"][rows] * share, length)
    speed = _or(numbers["speed"][rows], values_of(table, known, "speed"))
    made: dict[str, NDArray[Any]] = {
        "class": classes, "name": texts["name"][rows], "direction": directions, "speed": speed, "length": length,
        "bpr_b": _or(numbers["bpr_b"][rows], values_of(table, known, "bpr_b"), zero=True),
        "bpr_power": _or(numbers["bpr_power"][rows], values_of(table, known, "bpr_power"), zero=True),
    }  # fmt: skip
    for side, shut in (("forward", (BACKWARD, CLOSED)), ("backward", (FORWARD, CLOSED))):
        open_ = ~np.isin(directions, shut)
        lanes = _or(numbers[f"lanes_{side}"][rows], values_of(table, known, "lanes"))
        capacity = _or(numbers[f"capacity_{side}"][rows], lanes * values_of(table, known, "capacity_lane"))
        given = numbers[f"free_time_{side}"][rows] * share
        time = np.where(np.isfinite(given), given, _MINUTES * length / speed)
        made[f"lanes_{side}"] = np.where(open_, lanes, 0.0)
        made[f"capacity_{side}"] = np.where(open_, capacity, 0.0)
        made[f"free_time_{side}"] = np.where(open_, time, np.nan)
    made["level"] = np.nan_to_num(numbers["level"][rows])
    if np.isfinite(numbers["toll"][rows]).any():
        made["toll"] = np.nan_to_num(numbers["toll"][rows] * share)
    for name in ("surface", "tunnel"):
        if any(value is not None for value in texts[name][rows]):
            made[name] = texts[name][rows]
    return made


def _or(given: Floats, default: Floats, zero: bool = False) -> Floats:
    return np.where((given >= 0) if zero else (given > 0), given, default)


def _dropped(lines: Lines, number: int, columns: Columns) -> Finding:
    return _found(SHORT, lines, number, columns, {})


def _found(
    code: str, lines: Lines, number: int, columns: Columns, values: dict[str, object], link: int = 0, node: int = 0
) -> Finding:
    xy = lines.xy[number]
    x, y = xy[len(xy) // 2]
    return Finding(code, float(x), float(y), values, node, link, _source(columns, int(lines.rows[number])))


def _source(columns: Columns, row: int) -> str:
    """Return what the layer calls a road: its id, else its name, else its row from 1."""
    return str(columns.texts["source"][row] or columns.texts["name"][row] or row + 1)
