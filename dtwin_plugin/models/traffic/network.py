"""From a layer of roads to a network: the steps in their order, for the model and for the loaders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress

from .network_build import attributes_of, halved, joined, loops_in, roads_of, streets_of
from .network_checks import ALL, findings_of, gaps_of, reach_of
from .network_lines import VERTICES
from .network_result import Built, network_of
from .network_turns import Ban, turns_of
from .network_zones import connectors_of, grid_zones, named_zones
from .osm_values import BACKWARD, BOTH, CLOSED, FORWARD
from .road_classes import Table, flags_of, shipped_table
from .road_columns import Columns, columns_of
from .zone_shares import SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .network_build import Roads
    from .network_findings import Finding
    from .network_zones import Connectors

_OURS = ("link", "from_node", "to_node", "fid", "ogc_fid", "reach", "zone", "toll", "surface", "tunnel", SHARE)


@dataclass(frozen=True)
class Options:
    """How a network is made.

    Attributes
    ----------
    where : str
        How roads meet: "ends", "vertices", "touching", "crossings".
    tolerance : float
        Within which ends are one place [m].
    join, paths, keep : bool
        Whether nodes at which nothing happens go, roads without cars are taken, and other columns stay.
    names : str or None
        Names of columns, as `speed=V85`.
    table : Table or None
        Of classes; None for the one that ships.
    """

    where: str = VERTICES
    tolerance: float = 0.5
    join: bool = False
    paths: bool = False
    keep: bool = True
    names: str | None = None
    table: Table | None = None


@dataclass(frozen=True)
class ZoneOptions:
    """Which zones there are and how they are connected.

    Attributes
    ----------
    areas : Features or None
        Polygons.
    column : str or None
        With their names.
    grid : float or None
        Size of square zones [m], where there are no areas.
    count : int
        Connectors of one zone at most.
    farthest : float
        Longest connector to a node outside the zone [m].
    speed : float
        On connectors [km/h].
    shares : bool
        Whether connectors share the trips of a zone by the length of its streets, which get a node in their middle.
    """

    areas: Features | None = None
    column: str | None = None
    grid: float | None = None
    count: int = 3
    farthest: float = 1000.0
    speed: float = 20.0
    shares: bool = False


def build(layer: Features, options: Options, zones: ZoneOptions, bans: Sequence[Ban], progress: Progress) -> Built:
    """Return the network of a layer of roads.

    Raises
    ------
    InputError
        If a column that was named is not there, or no row is a road.
    Cancelled
        If the user stops it.
    """
    table = options.table or shipped_table()
    columns = columns_of(layer, options.names)
    _tell_strange(columns, progress)
    _tell_zero(columns, progress)
    roads, findings, skipped = roads_of(
        layer.geometries, columns, table, options.where, options.tolerance, options.paths, lambda: _stop(progress)
    )
    if not len(roads.ends):
        raise InputError(
            "None of the {count} lines is a road that cars drive on.",
            hint="Check the column with the class, and whether paths are to be taken too.", count=len(layer),
        )  # fmt: skip
    _stop(progress)
    progress.report(0.5, "Roads are cut into links")
    turns, lost = turns_of(bans, roads, columns)
    if options.join:
        roads = joined(roads, columns, {int(node) - 1 for node in turns["via_node"]})
    if zones.shares:  # so that those who live along a street drive over half of it, and not all from its ends
        roads = halved(roads, streets_of(roads, columns, table))
    if options.join or zones.shares:
        turns, _ = turns_of(bans, roads, columns)
    made = attributes_of(roads, columns, table)
    cars = flags_of(table, made["class"], "cars")
    directions = made["direction"]
    made["reach"], reached = reach_of(roads, directions, cars)
    findings += loops_in(roads, columns)
    findings += findings_of(roads, directions, cars, made["reach"], made["length"].astype(float))
    findings += gaps_of(roads, made["level"].astype(float), cars) + lost
    _stop(progress)
    progress.report(0.7, "The network is checked")
    made = {**made, **_rest(layer, columns, roads, made, options.keep)}
    good = cars & flags_of(table, made["class"], "connect")
    streets = streets_of(roads, columns, table) if zones.shares else None
    areas, connectors, unconnected = _zones(roads, good, reached, streets, zones, layer.crs)
    findings += unconnected
    names = areas.columns["zone"] if areas is not None else np.empty(0, object)
    network = network_of(roads, made, connectors, names, table, zones.speed, layer.crs)
    shift = 0 if connectors is None else len(connectors.xy)
    turns["via_node"] = [node + shift for node in turns["via_node"]]
    return Built(network, turns, _shifted(findings, shift), areas, skipped, columns.kind)


def _zones(
    roads: Roads,
    good: NDArray[np.bool_],
    reached: NDArray[Any],
    streets: NDArray[np.bool_] | None,
    zones: ZoneOptions,
    crs: str,
) -> tuple[Features | None, Connectors | None, list[Finding]]:
    if zones.areas is not None:
        areas = named_zones(zones.areas, zones.column)
    elif zones.grid:
        areas = grid_zones(roads, zones.grid, crs)
    else:
        return None, None, []
    nodes = np.zeros(len(roads.nodes), bool)
    nodes[roads.ends[good].ravel()] = True
    nodes &= reached == ALL
    connectors, lost = connectors_of(areas, roads, nodes, zones.count, zones.farthest, streets)
    return areas, connectors, lost


def _rest(layer: Features, columns: Columns, roads: Roads, made: dict[str, Any], keep: bool) -> dict[str, NDArray[Any]]:
    """Return what the layer calls its roads, and its other columns."""
    rows = roads.lines.rows
    rest: dict[str, NDArray[Any]] = {"source": columns.texts["source"][rows]}
    ours = {*made, *_OURS, "source"}
    for name, values in layer.columns.items() if keep else ():
        if name.lower() not in ours:
            rest[name] = values[rows]
    return rest


def _shifted(findings: list[Finding], shift: int) -> list[Finding]:
    """Return findings with the numbers that nodes have behind those of zones."""
    from dataclasses import replace

    return [replace(one, node=one.node + shift) if one.node else one for one in findings]


def _tell_strange(columns: Columns, progress: Progress) -> None:
    for name, found in columns.strange.items():
        progress.warn(
            "{count} roads have a {column} that is not understood ({values}): that of their class is taken.",
            count=sum(found.values()), column=name, values=", ".join(one for one, _ in found.most_common(5)),
        )  # fmt: skip


def _tell_zero(columns: Columns, progress: Progress) -> None:
    """Say for how many roads a speed, lanes or capacity that cannot be is replaced by that of their class."""
    words = np.array([word or BOTH for word in columns.texts["direction"]], object)
    shut = {"forward": (BACKWARD, CLOSED), "backward": (FORWARD, CLOSED)}
    for name in ("speed", "lanes", "capacity"):
        wrong = np.zeros(len(words), bool)
        for way, never in shut.items():
            given = columns.numbers[name if name == "speed" else f"{name}_{way}"]
            wrong |= (given <= 0) & ~np.isin(words, never)
        if wrong.any():
            progress.warn(
                "{count} roads have a {column} of 0 or less in a direction that is open: that of their class is taken.",
                count=int(wrong.sum()), column=name,
            )  # fmt: skip


def _stop(progress: Progress) -> None:
    if progress.is_cancelled():
        raise Cancelled
