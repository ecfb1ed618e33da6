"""The sewer network of a run: its fields, its checks, and where it is coupled to the cells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from ...attributes import chosen_column
from ...base import Field, Values
from ...problem import ERROR, Problem, problem_of
from ..structures.structures_input import cells_of, error, warning
from .sewer_inp import UNITS, Inp, Manhole, read_inp, rims, to_run
from .sewer_swmm import load_swmm, opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    from ..ground import Ground
    from .sewer_network import Couplings, SewerNetwork

    Floats = NDArray[np.float64]

INPUTS = (
    Field(
        "sewer_network",
        "Sewer network",
        "file",
        optional=True,
        doc="A SWMM input file (.inp), or a GWSW-Hyd set (zip, or its Knooppunt.csv), which is calculated along with "
        "the street. Needs the Python package swmm-toolkit.",
    ),
    Field(
        "sewer_inlets",
        "Inlets of the sewer",
        "features",
        geometry="point",
        optional=True,
        advanced=True,
        doc="Street inlets, each to the node that its column node names, else to the nearest one. The nodes themselves "
        "stay coupled.",
    ),
)
ADVANCED = (
    Field(
        "inlet_length",
        "Edge of an inlet",
        "number",
        "m",
        1.2,
        0.01,
        100,
        advanced=True,
        doc="Over which water falls into one street inlet; a gully of 0.3 by 0.3 m has 1.2 m. A node counts as four "
        "where street inlets are not given, else as one.",
    ),
    Field(
        "inlet_area",
        "Opening of an inlet",
        "number",
        "m2",
        0.06,
        0.001,
        100,
        advanced=True,
        doc="Of one street inlet, less what its bars cover. A node counts as four where street inlets are not given.",
    ),
)
OUTPUTS = (
    Field(
        "sewer_exchange",
        "Exchange with the sewer",
        "features",
        geometry="point",
        optional=True,
        style="sewer_exchange",
        doc="The coupled nodes with what they took from the street and brought to it [m3], their highest level and how "
        "long it stood above the rim.",
    ),
    Field(
        "sewer_balance",
        "Water balance of the sewer",
        "table",
        columns={"term": "1", "volume": "m3"},
        optional=True,
        doc="What the network took, brought and lost, as SWMM counts it.",
    ),
)
GULLIES = 4.0  # that a node stands for where street inlets are not given: 50 m of a street of 10 m, one for 125 m2
SHAFT = 1.17  # m2 of a manhole, as SWMM takes where nothing is known
ABOVE = 4.0  # m2, of the water over a rim at most: what stands there is not on the street too
REACH = 5.0  # m, within which a node under a building or without height finds its cell
UNEXPLAINED = 0.05  # share of the water in the network that SWMM may lose before it is told
DIFFERENCE = 0.5  # m between rim and ground, above which one of both is wrong


@dataclass(frozen=True)
class Placed:
    """Where nodes are coupled: names of the nodes in their order, rows and columns; those that are not, and why."""

    names: list[str]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    without: list[str]


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the sewer network."""
    path = values.get("sewer_network")
    if path is None or not path.is_file():
        return
    try:
        load_swmm()
        inp = read_inp(path)
    except DtwinError as failure:
        yield problem_of("DT146", "sewer_network", failure)
        return
    if inp.units not in UNITS:
        yield Problem(
            "DT147",
            "sewer_network",
            "The sewer network has flows in {found}; expected one of {expected}.",
            {"found": inp.units, "expected": ", ".join(UNITS)},
            ERROR,
        )
        return
    terrain = values["terrain"]
    placed = place(inp, terrain, np.asarray(terrain.values), None)
    if not placed.names:
        yield Problem(
            "DT148",
            "sewer_network",
            "None of the {count} nodes of the sewer network lies in the terrain; give their coordinates in RD.",
            {"count": len(inp.junctions)},
            ERROR,
        )
        return
    if placed.without:
        text = mark("Nodes of the sewer network without a place in the terrain, which are not coupled: {places}.")
        yield warning("DT149", "sewer_network", text, placed.without)
    yield from _check_rims(inp, placed, terrain)


def _check_rims(inp: Inp, placed: Placed, terrain: Grid) -> Iterator[Problem]:
    top = rims(inp)
    ground = np.asarray(terrain.values)[placed.row, placed.column]
    gaps = [(name, float(z - top[name])) for name, z in zip(placed.names, ground) if abs(z - top[name]) > DIFFERENCE]
    if gaps:
        text = mark("Rims of nodes differ more than {limit} m from the ground (ground - rim): {places}.")
        shown = [f"{name} {gap:+.2f}" for name, gap in gaps]
        yield warning("DT150", "sewer_network", text, shown, limit=DIFFERENCE)
    junctions = inp.junctions
    sunk = [
        name
        for name, z in zip(placed.names, ground)
        if np.isnan(top[name]) and np.isfinite(z) and z <= junctions[name].invert
    ]
    if sunk:
        text = mark("Nodes whose bottom lies above the ground, and whose rim is not known: {places}; correct them.")
        yield error("DT151", "sewer_network", text, sunk)


def place(inp: Inp, terrain: Grid, bed: NDArray[np.floating], covered: NDArray[np.integer] | None) -> Placed:
    """Return where the junctions of a network are coupled.

    A node under a building, or where the terrain has no height, goes to the nearest free cell within 5 m.

    Parameters
    ----------
    bed : ndarray
        Heights of the cells of the terrain [m NAP], shape (rows, cols).
    covered : ndarray or None
        Above 0 in cells under a building, shape (rows, cols).
    """
    free = np.isfinite(bed) if covered is None else np.isfinite(bed) & (covered == 0)
    names, rows, columns, without = [], [], [], []
    where = inp.coordinates
    for name in inp.junctions:
        cell = nearest_free(np.array(where[name]), terrain, free) if name in where else None
        if cell is None:
            without.append(name)
            continue
        names.append(name)
        rows.append(cell[0])
        columns.append(cell[1])
    return Placed(names, np.array(rows, np.int64), np.array(columns, np.int64), without)


def nearest_free(point: Floats, terrain: Grid, free: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return row and column of the nearest free cell within 5 m of a point [m]; None without one, or outside.

    >>> from dtwin_plugin.data import Grid
    >>> free = np.array([[True, False, False]])
    >>> nearest_free(np.array([2.5, 0.5]), Grid(free.astype(np.float32), 0.0, 1.0, 1.0), free)
    (0, 0)
    """
    row, column = (int(found[0]) for found in cells_of(point[None, :], terrain))
    if not (0 <= row < free.shape[0] and 0 <= column < free.shape[1]):
        return None
    if free[row, column]:
        return row, column
    reach = int(np.ceil(REACH / terrain.cell_size))
    top, left = max(row - reach, 0), max(column - reach, 0)
    found = np.argwhere(free[top : row + reach + 1, left : column + reach + 1]) + (top, left)
    far = np.hypot(found[:, 0] - row, found[:, 1] - column) * terrain.cell_size
    if not len(found) or far.min() > REACH:
        return None
    best = found[int(far.argmin())]
    return int(best[0]), int(best[1])


@contextmanager
def network_of(values: Values, ground: Ground, progress: Progress) -> Iterator[SewerNetwork | None]:
    """Give the network of a run, open; None without one.

    Raises
    ------
    InputError, MissingDependencyError, Cancelled
        If it cannot be run.
    """
    from .sewer_network import SewerNetwork

    if values.get("sewer_network") is None:
        yield None
        return
    inp = read_inp(values["sewer_network"])
    if inp.units not in UNITS:
        raise InputError("The sewer network has flows in {found}; expected CMS, LPS or MLD.", found=inp.units)
    placed = place(inp, ground.terrain, ground.bed, ground.covered)
    if placed.without:
        progress.warn("{count} nodes of the sewer network are not coupled to the street.", count=len(placed.without))
    bed = np.asarray(ground.bed[placed.row, placed.column], float)
    given = rims(inp)
    rim = np.array([given[name] for name in placed.names], float)
    rim = np.where(np.isnan(rim), bed, rim)
    junctions = inp.junctions
    depth = np.array([max(top - junctions[name].invert, 0.1) for name, top in zip(placed.names, rim)])
    above = max(SHAFT, min(ground.terrain.cell_size**2, ABOVE))
    areas = np.array([junctions[name].area for name in placed.names], float)
    areas = np.where(areas > 0, areas, SHAFT)
    over = np.maximum(areas, above)
    holes = {name: Manhole(float(y), float(a), float(b)) for name, y, a, b in zip(placed.names, depth, areas, over)}
    couplings = _couplings(values, ground, placed, bed, rim, over)
    where = inp.coordinates
    places = np.array([where[name] for name in placed.names], float).reshape(-1, 2)
    with opened(to_run(inp, holes), placed.names, UNITS[inp.units], progress) as swmm:
        network = SewerNetwork(swmm, couplings, placed.names, places, ground.terrain.cell_size)
        yield network
        if network.unexplained > UNEXPLAINED:
            progress.warn(
                "SWMM does not explain {share:.1%} of the water in the sewer network: its steps are too coarse for it.",
                share=network.unexplained,
            )


def _couplings(values: Values, ground: Ground, placed: Placed, bed: Floats, rim: Floats, above: Floats) -> Couplings:
    """Return the nodes and the street inlets as couplings."""
    from .sewer_network import Couplings

    node = np.arange(len(placed.names), dtype=np.int64)
    row, column = placed.row, placed.column
    inlets = values.get("sewer_inlets")
    if inlets is not None and len(inlets) and len(node):
        free = np.isfinite(ground.bed)
        if ground.covered is not None:
            free &= ground.covered == 0
        extra = [found for found in _inlet_cells(inlets, ground.terrain, free, placed) if found is not None]
        numbers = np.array(extra, np.int64).reshape(-1, 3)
        node = np.concatenate([node, numbers[:, 0]])
        row, column = np.concatenate([row, numbers[:, 1]]), np.concatenate([column, numbers[:, 2]])
        bed = np.asarray(ground.bed[row, column], float)
        rim = rim[node]
        ones = np.ones(len(node))
    else:
        ones = np.full(len(node), GULLIES)
    return Couplings(
        node, row, column, bed, rim, ones * values["inlet_length"], ones * values["inlet_area"], above[node]
    )


def _inlet_cells(
    inlets: Features, terrain: Grid, free: NDArray[np.bool_], placed: Placed
) -> Iterator[tuple[int, int, int] | None]:
    """Yield the node, row and column of each inlet; None for one outside the terrain."""
    numbers = {name: k for k, name in enumerate(placed.names)}
    named = chosen_column(inlets, None, ("node", "knooppunt", "put"))
    spans = inlets.geometries.coordinate_spans()
    for k in range(len(inlets)):
        if spans[k] == spans[k + 1]:
            continue
        cell = nearest_free(inlets.geometries.coordinates[spans[k], :2], terrain, free)
        if cell is None:
            yield None
            continue
        node = None if named is None else numbers.get(str(named[k]))
        if node is None:
            node = int(np.hypot(placed.row - cell[0], placed.column - cell[1]).argmin())
        yield node, cell[0], cell[1]


def exchange_features(network: SewerNetwork, crs: str) -> Features:
    """Return the coupled nodes with what they exchanged."""
    columns: dict[str, Any] = {
        "node": np.array(network.names, object),
        "taken": network.taken,
        "brought": network.brought,
        "level_max": network.highest,
        "minutes_over": network.over / 60.0,
    }
    units = {"taken": "m3", "brought": "m3", "level_max": "m", "minutes_over": "min"}
    return Features(Geometries.points(network.places), columns, units, crs, "sewer nodes")
