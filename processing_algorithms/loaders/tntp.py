"""Networks of the TNTP format, with which methods of assignment are compared, as layers of a road network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import CrsError, FormatError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.models.traffic.network_model import OUTPUTS
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AMERSFOORT = (155_000.0, 463_000.0)  # the origin of RD New: where what has no place is drawn
_GEOJSON, _WGS84 = (".geojson", ".json"), "EPSG:4326"  # of which it is by RFC 7946
_LENGTHS = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mi": 1609.344}  # m
_TIMES = {"min": 1.0, "h": 60.0, "s": 1.0 / 60.0, "0.01 h": 0.6}  # min
_SPEEDS = {"km/h": 1.0, "mph": 1.609344, "ft/min": 0.018288, "m/s": 3.6}  # km/h
_LENGTH_TITLES = {"m": mark("Metre"), "km": mark("Kilometre"), "ft": mark("Foot"), "mi": mark("Mile")}
_TIME_TITLES = {"min": mark("Minute"), "h": mark("Hour"), "s": mark("Second"), "0.01 h": mark("Hundredth of an hour")}
_SPEED_TITLES = {
    "km/h": mark("Kilometres an hour"), "mph": mark("Miles an hour"), "ft/min": mark("Feet a minute"),
    "m/s": mark("Metres a second"),
}  # fmt: skip


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.models.traffic.tntp import read_network
    from dtwin_plugin.models.traffic.tntp_layers import Scales, arcs_of, links_of, nodes_of

    net = read_network(values["net"])
    arcs = arcs_of(net)
    xy, crs = _places(values, arcs, net.numbers, progress)
    scales = Scales(_LENGTHS[values["length_unit"]], _TIMES[values["time_unit"]], _SPEEDS[values["speed_unit"]])
    links = links_of(arcs, xy, net.numbers, min(net.zones, net.first_through), scales, crs)
    nodes = nodes_of(xy, net.numbers, net.zones, net.first_through, crs)
    return {"links": links, "nodes": nodes, "link_count": len(links), "node_count": len(nodes)}


def _places(
    values: Values, arcs: Any, numbers: NDArray[np.int64], progress: Progress
) -> tuple[NDArray[np.float64], str]:
    """Return x and y of each node, and their system: RD New in the Netherlands, UTM elsewhere, else a drawing."""
    from dtwin_plugin.models.traffic.tntp_layers import drawn, layout
    from dtwin_plugin.sources import crs as policy

    path, given = values["nodes_file"], values["crs"]
    if path is None:
        progress.warn("There are no places of nodes: neighbours are drawn near each other, in no scale.")
        return drawn(layout(arcs, len(numbers)), _AMERSFOORT, None), RD
    places = _known_places(path, numbers)
    name = normalise(given or (_WGS84 if path.suffix.lower() in _GEOJSON else None))
    if given and name is None:
        raise CrsError(
            "The coordinate reference system {crs} is not known.",
            hint="State it as an EPSG code, such as EPSG:28992 for RD New.",
            crs=repr(given),
        )
    low, high = places.min(axis=0), places.max(axis=0)
    if name is None and not in_rd_bounds(low[0], low[1], high[0], high[1]):
        progress.warn("The coordinates of {file} are in a system that is not told: they are drawn around the middle of "
                      "the Netherlands. State one where it is known.", file=path.name)  # fmt: skip
        return drawn(places, _AMERSFOORT, values["scale"]), RD
    if name is None or is_rd(name):
        return places, RD
    degrees = places if policy.is_geographic(name) else None
    if degrees is None:
        return places, name
    return policy.between(places, name, utm := policy.utm_of(*degrees.mean(axis=0))), utm


def _known_places(path: Path, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return x and y of nodes, of a node file of TNTP or of points in GeoJSON."""
    from dtwin_plugin.models.traffic.tntp import read_nodes
    from dtwin_plugin.models.traffic.tntp_layers import geojson_nodes

    read = geojson_nodes if path.suffix.lower() in _GEOJSON else read_nodes
    known, found = read(path)
    places = np.full((len(numbers), 2), np.nan)
    at = np.searchsorted(numbers, known).clip(max=len(numbers) - 1)
    mine = numbers[at] == known
    places[at[mine]] = found[mine]
    missing = numbers[~np.isfinite(places).all(axis=1)]
    if len(missing):
        raise FormatError(
            "{file} has no place of {count} nodes, such as {some}.", hint="Choose the node file of this network.",
            file=path.name, count=len(missing), some=", ".join(map(str, missing[:5])),
        )  # fmt: skip
    return places


LOAD_TNTP = Model(
    id="loadtntp",
    version="1.0.0",
    title="Load TNTP network",
    group=GROUP,
    summary="Links and nodes of a network in the TNTP format, in which networks are exchanged to compare methods of "
    "assignment; the file with trips goes into the assignment as it is.",
    inputs=(
        Field("net", "Network file", "file", doc="Such as SiouxFalls_net.tntp."),
        Field("nodes_file", "File with places of nodes", "file", optional=True,
              doc="Such as SiouxFalls_node.tntp, or points in GeoJSON; without it nodes lie near their neighbours."),
        Field("crs", "Coordinate system of the places", "text", optional=True,
              doc="Such as EPSG:4326 for longitude and latitude; left out for a drawing in a unit of its own."),
        Field("length_unit", "Unit of length", "choice", default="km", choices=_LENGTH_TITLES,
              doc="As the file tells it (README, header)."),
        Field("time_unit", "Unit of time", "choice", default="min", choices=_TIME_TITLES,
              doc="Minutes keep the numbers of the file, with which published optima were calculated."),
        Field("speed_unit", "Unit of speed", "choice", default="km/h", choices=_SPEED_TITLES, doc="Of the file."),
        Field("scale", "Scale of a drawing", "number", "m", minimum=1e-6, maximum=1e9, optional=True, advanced=True,
              doc="Metres of one unit of the places, where their system is not told; default 5 km wide."),
    ),
    outputs=tuple(item for item in OUTPUTS if item.name in ("links", "nodes", "link_count", "node_count")),
    run=_run,
    references=("Transportation Networks for Research Core Team (2024). Transportation Networks for Research.",),
    validity="Links are straight between their nodes. Many of these networks are not of this world: their length, "
    "speed and place are good for drawing alone. They are for research only.",
)  # fmt: skip
