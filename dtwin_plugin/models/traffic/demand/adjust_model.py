"""The description of a matrix that is moved towards counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.matrices import Matrices, among, listed, rows_among
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.progress import Part, Progress

from ...base import Field, Model, Values
from ...problem import ERROR, Problem, problem_of
from ...term_table import TERMS, Row, term_table
from ..link_checks import check_amounts, check_links
from ..link_columns import both_ways, column, ids_of, texts_of
from ..matrix_files import MatrixFile
from ..matrix_files.files import STYLE, trips_of
from ..road_graph import RoadGraph, road_graph
from ..zone_shares import in_parts, parts_of
from .adjust import Adjusted, Counts, adjust, geh
from .desire_lines import histogram
from .fields import MATRIX_NAME
from .zone_costs import closed_to_cars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

NOTICE = "a fit, not a forecast"
_NEAR = 5.0  # GEH up to which a flow counts as near its count; as in DMRB
_PAIR = ("count_forward", "count_backward")


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    links: Features = values["links"]
    found = list(check_links(links, values["nodes"]))
    if not any(problem.level == ERROR for problem in found):
        found += check_amounts(links)
    yield from found
    if any(problem.level == ERROR for problem in found):
        return
    counted = _counted(links)
    if counted is None:
        text = "The links have no column {one}, {two} or count; give counts in vehicles an hour."
        yield Problem("DT368", "links", text, {"one": _PAIR[0], "two": _PAIR[1]})
    elif not np.isfinite(counted).any():
        yield Problem("DT368", "links", "No link has a count.")
    elif (counted < 0).any():
        text = "{count} counts are below 0; -1 often stands for what is not known: leave it empty."
        yield Problem("DT368", "links", text, {"count": int((counted < 0).sum())})
    try:
        zones, _ = trips_of(values["matrix"], values["matrix_name"] or "")
    except DtwinError as error:
        yield problem_of("DT360", "matrix", error)
        return
    known = sorted(set(texts_of(values["nodes"].columns.get("zone", np.empty(0)))) - {""})
    _, absent = rows_among(zones, known)
    if absent:
        text = "Zones {zones} of the matrix are not in the network, which has {found}."
        yield Problem("DT360", "nodes", text, {"zones": listed(absent), "found": listed(known)})


def _counted(links: Features) -> Floats | None:
    """Return counts by direction, shape (links, 2), or of both together, shape (links, 1); None without any."""
    if set(_PAIR) & set(links.columns):
        return both_ways(links, "count")
    return column(links, "count")[:, None] if "count" in links.columns else None


def counts_of(links: Features, roads: RoadGraph) -> tuple[Counts, NDArray[np.int64], NDArray[np.int64]]:
    """Return the counts on arcs, and of each its link and direction (2 = both together)."""
    counted = _counted(links)
    assert counted is not None  # looked at by the checks
    link, way = np.nonzero(np.isfinite(counted))
    number = np.full((len(links), 2), -1, np.int64)
    if counted.shape[1] == 2:
        number[link, way] = np.arange(len(link))
    else:
        number[link] = np.arange(len(link))[:, None]
        way = np.full(len(link), 2)
    real = np.flatnonzero(roads.link >= 0)
    row = number[roads.link[real], roads.way[real]]
    return Counts(counted[np.isfinite(counted)], real[row >= 0], row[row >= 0]), link, way


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Adjust; see `MATRIX_ADJUST` for what goes in and out."""
    from ..costs import Costs
    from ..graph import graph_of
    from ..shortest import skims

    links, factor = values["links"], values["factor"]
    bans = values["turn_bans"]
    moved, nodes, named = in_parts(links, values["nodes"])
    roads = road_graph(moved, nodes, bans.columns if bans is not None and len(bans) else None)
    parts = parts_of(roads.zone_names, named)
    zones, matrix = trips_of(values["matrix"], values["matrix_name"] or "")
    rows, _ = rows_among(zones, parts.zones)  # all are there, as the checks have seen
    hourly = among(matrix * factor, rows_among(parts.zones, zones)[0])
    counts, link, way = counts_of(links, roads)
    graph = graph_of(roads.tail, roads.head, roads.nodes, roads.zones, roads.first_through)
    costs = Costs(roads.free_time, roads.capacity, roads.bpr_b, roads.bpr_power)
    closed = closed_to_cars(links, roads)
    made = adjust(graph, costs, hourly, counts, values["rounds"], Part(progress, 0.05, 0.95), closed, parts)
    _tell_unreached(made, counts, ids_of(links.columns["link"])[link], progress)
    after = made.trips[np.ix_(rows, rows)] / factor
    ends = np.arange(roads.zones)
    time = skims(graph, np.where(closed, np.inf, made.times), np.empty((0, graph.arcs)), ends, ends)[0]
    time = parts.mean(time)[np.ix_(rows, rows)]
    name = values["matrix_name"] or "trips"
    return {
        "result": MatrixFile(Matrices(zones, {name: after})),
        "counts": _count_table(made, counts, ids_of(links.columns["link"])[link], way),
        "zones": _zone_table(zones, matrix, after),
        "lengths": _length_table(matrix, after, time),
        "statistics": term_table(_rows(made, counts, matrix, after, time)),
        "trips": float(after.sum()),
        "notice": NOTICE,
    }


def _tell_unreached(made: Adjusted, counts: Counts, links: NDArray[np.int64], progress: Progress) -> None:
    empty = (made.before <= 0) & (counts.values > 0)
    if empty.any():
        text = "No trips of the matrix pass {count} counts, of links {links}; no factor brings them there."
        progress.warn(text, count=int(empty.sum()), links=listed([str(one) for one in links[empty]]))


def _count_table(
    made: Adjusted, counts: Counts, links: NDArray[np.int64], way: NDArray[np.int64]
) -> dict[str, list[Any]]:
    return {
        "link": links.tolist(),
        "direction": [("forward", "backward", "both")[one] for one in way],
        "count": counts.values.tolist(),
        "before": made.before.tolist(),
        "after": made.after.tolist(),
        "geh_before": geh(made.before, counts.values).tolist(),
        "geh_after": geh(made.after, counts.values).tolist(),
    }


def _zone_table(zones: tuple[str, ...], before: Floats, after: Floats) -> dict[str, list[Any]]:
    return {
        "zone": list(zones),
        "begin_before": before.sum(axis=1).tolist(),
        "begin_after": after.sum(axis=1).tolist(),
        "end_before": before.sum(axis=0).tolist(),
        "end_after": after.sum(axis=0).tolist(),
    }


def _length_table(before: Floats, after: Floats, time: Floats) -> dict[str, list[Any]]:
    """Return the trips by their time before and after, in the same classes: times are those before the change."""
    first, second = histogram(before, time), histogram(after, time)  # the same pairs have trips, so the same classes
    return {
        "from": first["from"],
        "to": first["to"],
        "before": first["trips"],
        "after": second["trips"],
    }


def _rows(made: Adjusted, counts: Counts, before: Floats, after: Floats, time: Floats) -> Iterator[Row]:
    yield f"this matrix is {NOTICE}", float("nan"), "1"
    yield "counts", float(len(counts.values)), "1"
    for word, flows in (("before", made.before), ("after", made.after)):
        near = geh(flows, counts.values) <= _NEAR
        yield (
            f"root mean square difference to counts {word}",
            float(np.sqrt(np.mean((flows - counts.values) ** 2))),
            "h-1",
        )
        yield f"share of counts with GEH up to 5 {word}", 100.0 * float(near.mean()), "percent"
    yield "trips before", float(before.sum()), "1"
    yield "trips after", float(after.sum()), "1"
    used = before > 0
    yield "R2 of pairs after to before", _r2(before[used], after[used]), "1"
    ratio = after[used] / before[used]
    yield "smallest factor of a pair", float(ratio.min(initial=1.0)), "1"
    yield "largest factor of a pair", float(ratio.max(initial=1.0)), "1"
    yield "pairs that changed by more than half", float(((ratio < 0.5) | (ratio > 1.5)).sum()), "1"
    there = np.isfinite(time)
    for word, trips in (("before", before), ("after", after)):
        total = float(trips[there].sum())
        yield f"mean time of a trip {word}", float(trips[there] @ time[there]) / total if total else float("nan"), "min"


def _r2(before: Floats, after: Floats) -> float:
    """Return the square of the correlation; 1 where nothing varies."""
    if len(before) < 2 or not before.std() or not after.std():
        return 1.0
    return float(np.corrcoef(before, after)[0, 1] ** 2)


MATRIX_ADJUST = Model(
    id="matrixadjust",
    version="1.0.0",
    title="Matrix to counts",
    group="Traffic",
    summary="What would a matrix of trips be that fits counts on roads better? A fit and not a forecast: what changed "
    "is reported with it.",
    inputs=(
        Field("matrix", "Matrix of trips", "file", doc="Of vehicles, in OMX, CSV or TNTP."),
        MATRIX_NAME,
        Field("factor", "Factor to an hour", "number", "1", 1.0, 1e-6, 1000.0, doc="Trips of the matrix times this are "
              "those of the hour of the counts, such as 0.08 for a matrix of a day; the result is divided by it."),
        Field("links", "Links", "features", geometry="line", doc="As Road network makes them, with counts [veh/h] in "
              "count_forward and count_backward, or of both directions together in count; empty where nobody counted."),
        Field("nodes", "Nodes", "features", geometry="point", doc="With the zones, as Road network makes them."),
        Field("turn_bans", "Turn bans", "features", geometry="point", optional=True, doc="As Road network makes them."),
        Field("rounds", "Rounds", "integer", default=5, minimum=1, maximum=50, doc="Of moving the matrix and finding "
              "the ways of its trips anew. More fit the counts better and keep less of what the matrix knew."),
    ),
    outputs=(
        Field("result", "Matrix after", "file", style=STYLE, doc="A fit to these counts, not a forecast."),
        Field("counts", "Counts and flows", "table", columns={"link": "1", "direction": "1", "count": "h-1",
              "before": "h-1", "after": "h-1", "geh_before": "1", "geh_after": "1"}, doc="Each count with the flow "
              "before and after, and GEH: up to 5 is near."),
        Field("zones", "Trips of zones", "table", columns={"zone": "1", "begin_before": "1", "begin_after": "1",
              "end_before": "1", "end_after": "1"}, doc="That begin and end in each zone, before and after."),
        Field("lengths", "Trips by time", "table", columns={"from": "min", "to": "min", "before": "1", "after": "1"},
              doc="Before and after: counts alone tend to make trips shorter."),
        Field("statistics", "Statistics", "table", columns=TERMS, doc="How near the counts are, and how much the "
              "matrix changed."),
        Field("trips", "Trips", "number", doc="After, in the unit of the matrix."),
        Field("notice", "Notice", "text", doc="What the matrix is and is not."),
    ),
    run=run,
    check=check,
    any_crs=True,
    beside=True,
    references=(
        "Spiess, H. (1990). A gradient approach for the O-D matrix adjustment problem. Publication CRT-693, Centre de "
        "recherche sur les transports, Université de Montréal.",
        "Ortúzar, J. de D. & Willumsen, L.G. (2011). Modelling Transport, 4th edition, chapter 12. Wiley.",
    ),
    validity="For small corrections of a matrix that is right in the main, with counts of one hour and one year that "
    "agree with each other. It does not tell what traffic will be: a forecast starts from how many trips are made.",
    uncertainty="Many matrices give the same counts. Hold some counts back, and look whether they fit better as well.",
)  # fmt: skip
