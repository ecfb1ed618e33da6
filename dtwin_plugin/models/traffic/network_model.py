"""The model that makes a network of roads: its description, and what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from ..base import WANTED, Field, Model, Values, wanted
from ..problem import Problem, problem_of
from .network import Options, ZoneOptions, build
from .network_findings import DROPPED, ISLAND, ONE_WAY, counts_of, features_of
from .network_lines import CROSSINGS, ENDS, TOUCHING, VERTICES
from .network_result import Built, links_of, nodes_of, turns_of
from .network_turns import bans_of
from .network_zones import named_zones
from .road_classes import read_table
from .road_columns import columns_of

MEETING = {
    ENDS: mark("Only at their ends"),
    VERTICES: mark("At ends, and where vertices are shared"),
    TOUCHING: mark("Also where an end lies on a road"),
    CROSSINGS: mark("Also where roads cross"),
}
ROUTE, STREETS = "route", "streets"
LOADING = {
    ROUTE: mark("Over the connector of the fastest route"),
    STREETS: mark("Shared over connectors by length of street"),
}
MEET = Field(
    "meet", "Where roads meet", "choice", default=TOUCHING, choices=MEETING,
    doc="Away from their ends only where their level is equal (level, layer, relatieve_hoogteligging). Crossings are "
    "for drawings without levels in which every crossing is a junction.",
)  # fmt: skip
TOLERANCE = Field("tolerance", "Snapping distance", "number", "m", 0.5, 0.0, 20.0,
                  doc="Ends within it are one node; more than half the width of a road joins too much.")  # fmt: skip
JOIN = Field("join", "Join pieces of one road", "boolean", default=False, advanced=True,
             doc="Leave out nodes where only two pieces of one road meet.")  # fmt: skip
PATHS = Field("paths", "Paths without cars too", "boolean", default=False, advanced=True,
              doc="Cycle tracks, foot paths and tracks; cars do not use them.")  # fmt: skip
CLASSES = Field("classes", "Table of classes", "file", optional=True, advanced=True,
                doc="A CSV file with your own lanes, capacity, speed and BPR by class, in the columns of the table "
                "that ships (resources/traffic/classes.csv).")  # fmt: skip
INPUTS = (
    Field("roads", "Roads", "features", geometry="line",
          doc="Any lines: OpenStreetMap (highway), Geofabrik (fclass), NWB (RIJRICHTNG) and networks of this model are "
          "known by their columns; of others class, speed, direction and lanes_forward count where they are there."),
    Field("columns", "Names of columns", "text", optional=True,
          doc="Where they differ, such as speed=V85; class=WEGTYPE; direction=EENRICHTING; level=NIVEAU."),
    Field("turns", "Bans on turning", "features", geometry="point", optional=True,
          doc="Points at junctions with from_link and to_link as the roads have them in link, else their own number, "
          "and penalty in minutes, empty for a ban."),
    MEET,
    TOLERANCE,
    Field("zones", "Zones", "features", geometry="polygon", optional=True,
          doc="Districts, postcode areas or others; each gets a node that is connected to the network."),
    Field("zone_column", "Column with the name of a zone", "text", optional=True,
          doc="Default zone, buurtcode, wijkcode, postcode or another that is known; matrices need the same names."),
    Field("grid", "Size of square zones", "number", "m", minimum=50.0, maximum=20000.0, optional=True,
          doc="Without a layer of zones: squares of this size that have a road in them; half takes four times."),
    Field("loading", "Trips of a zone enter", "choice", default=ROUTE, choices=LOADING,
          doc="Over the connector of the fastest route alone, streets inside a zone stay empty; shared by the length "
          "of its streets they do not. Shares take more time: routes are sought for each pair of connectors."),
    Field("connectors", "Connectors of a zone", "integer", "1", 3, 1, 200,
          doc="At most: to the nodes in the zone that are nearest to its middle, or with shares to those with most "
          "street. With shares 10 or more reach most streets of a district."),
    Field("connector_distance", "Longest connector", "number", "m", 1000.0, 10.0, 50000.0, advanced=True,
          doc="To a node outside the zone, where it has none inside."),
    Field("connector_speed", "Speed on connectors", "number", "km h-1", 20.0, 1.0, 130.0, advanced=True,
          doc="Stands for the way from the door to the street."),
    JOIN,
    PATHS,
    CLASSES,
    Field("keep", "Keep other columns", "boolean", default=True, advanced=True,
          doc="Of the roads; only source, what the layer calls a road, otherwise."),
)  # fmt: skip
OUTPUTS = (
    Field("links", "Links", "features", geometry="line", style="network_links",
          doc="One for each piece of road between two nodes, with class, direction, speed, lanes, capacity, length, "
          "free time and BPR by direction; reach says whether cars come there and away."),
    Field("nodes", "Nodes", "features", geometry="point", style="network_nodes",
          doc="Where links meet, and one for each zone that only begins or ends a trip."),
    Field("turn_bans", "Bans on turning of the network", "features", geometry="point", optional=True,
          style="network_turns",
          doc="From link, node, to link, and the penalty in minutes, empty where one may not turn."),
    Field("problems", "Problems of the network", "features", geometry="point", optional=True, style="network_problems",
          doc="What was left out and why, dead ends, parts that are cut off, one-way streets that all lead one way, "
          "ends just beside another road, zones without a connector."),
    Field("zone_areas", "Zones of the network", "features", geometry="polygon", optional=True, advanced=True,
          style="network_zones", doc="With the names that the nodes have in zone."),
    Field("link_count", "Number of links", "integer", doc="Connectors counted in."),
    Field("node_count", "Number of nodes", "integer", doc="Those of zones counted in."),
    Field("dropped", "Lines left out", "integer", doc="No length, or there twice; each is in the layer of problems."),
    Field("unreachable", "Parts that cars cannot reach or leave", "integer", doc="Each is in the layer of problems."),
)  # fmt: skip


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    try:
        columns_of(values["roads"], values["columns"])
    except InputError as error:
        yield problem_of("DT340", "columns", error)
    if values["classes"] is not None and values["classes"].is_file():
        try:
            read_table(values["classes"])
        except InputError as error:
            yield problem_of("DT340", "classes", error)
    if values["zones"] is not None and len(values["zones"]):
        try:
            named_zones(values["zones"], values["zone_column"])
        except InputError as error:
            yield problem_of("DT348", "zones", error)
    turns = values["turns"]
    if turns is not None:
        missing = [name for name in ("from_link", "to_link") if name not in {one.lower() for one in turns.columns}]
        if missing:
            text = "Bans on turning have no column {missing}; expected from_link and to_link."
            yield Problem("DT349", "turns", text, {"missing": ", ".join(missing)})


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Make the network; see `ROAD_NETWORK` for what goes in and out."""
    table = read_table(values["classes"]) if values["classes"] is not None else None
    options = Options(values["meet"], values["tolerance"], values["join"], values["paths"], values["keep"],
                      values["columns"], table)  # fmt: skip
    shares = values["loading"] == STREETS
    zones = ZoneOptions(values["zones"], values["zone_column"], values["grid"], values["connectors"],
                        values["connector_distance"], values["connector_speed"], shares)  # fmt: skip
    bans = bans_of(values["turns"]) if values["turns"] is not None else []
    made = outputs_of(build(values["roads"], options, zones, bans, progress), progress)
    if values.get(WANTED) and wanted(values, "turn_bans") and "turn_bans" not in made:
        progress.warn("There are no bans on turning, so that their layer is not written.")
    return made


def outputs_of(built: Built, progress: Progress) -> dict[str, Any]:
    """Return a network as the outputs of this model, and tell what was left out."""
    counts, network = counts_of(built.findings), built.network
    dropped = sum(one.severity == DROPPED for one in built.findings)
    if built.skipped:
        progress.warn("{count} lines are no road that cars drive on and are left out.", count=built.skipped)
    if dropped:
        progress.warn("{count} lines are left out: no length, or there twice; see the problems.", count=dropped)
    cut_off = counts[ISLAND] + counts[ONE_WAY]
    if cut_off:
        progress.warn("Cars cannot reach or leave {count} parts of the network; see the problems.", count=cut_off)
    made: dict[str, Any] = {
        "links": links_of(network), "nodes": nodes_of(network), "link_count": len(network.start),
        "node_count": len(network.nodes), "dropped": dropped, "unreachable": cut_off,
    }  # fmt: skip
    if built.turns["from_link"]:
        made["turn_bans"] = turns_of(network, built.turns)
    if built.findings:
        made["problems"] = features_of(built.findings, network.crs)
    if built.zones is not None:
        made["zone_areas"] = built.zones
    return made


ROAD_NETWORK = Model(
    id="roadnetwork",
    version="1.0.0",
    title="Road network",
    group="Traffic",
    summary="Links and nodes of any layer of roads, with speed, lanes and capacity, checked for what keeps traffic "
    "from going round, and zones that are connected to it: what models of traffic calculate on.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "OpenStreetMap Wiki (2024): Key:highway, Key:oneway, Key:maxspeed, Key:lanes, Relation:restriction.",
        "NDW (2024). Handleiding NWB, version 1.1.",
        "Bureau of Public Roads (1964). Traffic Assignment Manual. U.S. Department of Commerce.",
        "Tarjan, R. (1972). Depth-first search and linear graph algorithms. SIAM Journal on Computing 1(2), 146-160.",
    ),
    validity="For cars. Lanes, capacity and speed that the layer does not tell are those of the class, most of which "
    "are assumptions: put measured ones in columns or in a table of your own before results are used. Junctions take "
    "no time but that of penalties on turning.",
    any_crs=True,
    beside=True,
)
