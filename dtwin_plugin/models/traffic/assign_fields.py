"""What the model of traffic assignment asks for and gives."""

from __future__ import annotations

from ..base import Field

EQUILIBRIUM, MSA, INCREMENTAL, NOTHING = "equilibrium", "msa", "incremental", "all"
METHODS = {
    EQUILIBRIUM: "User equilibrium",
    MSA: "Successive averages (MSA)",
    INCREMENTAL: "Incremental",
    NOTHING: "All or nothing",
}
COSTS = {"bpr": "BPR (1964)", "conical": "Conical (Spiess 1990)"}
OF = {"hour": "An hour of the period", "period": "The whole period", "day": "A whole day"}

NETWORK = (
    Field("links", "Links", "features", geometry="line", doc="Of a road network, as Road network and the loaders of "
          "networks make them: link, from_node, to_node, direction, free_time and capacity of each direction."),
    Field("nodes", "Nodes", "features", geometry="point", doc="Of the same network; zone names the zone that trips "
          "begin and end in, and through = false a node that nobody drives through."),
    Field("turn_bans", "Bans on turning", "features", geometry="point", optional=True, doc="Of the same network: "
          "points with from_link, via_node, to_link and the penalty in minutes, empty for a turn that is banned."),
)  # fmt: skip
DEMAND = (
    Field("demand", "Trips", "file", doc="Matrices from zone to zone in vehicles, as OMX, CSV (origin, destination, "
          "trips, or a square) or TNTP. Matrices that bear the name of a class of vehicles, or of a class and a period "
          "as in car_morning, are known by it; a single one is of all traffic."),
    Field("demand_of", "Trips are of", "choice", default="hour", choices=OF, doc="Flows come out in vehicles an hour "
          "of the period; trips of a day are spread over it by the table of periods."),
    Field("classes", "Matrices of classes", "text", optional=True, doc="Where matrices have other names: "
          "car=work+other; truck=freight; matrices with a + between them are added up."),
    Field("periods", "Periods", "text", default="afternoon", doc="Of the table of periods, with ; between them, or "
          "all. Each is assigned on its own and takes its time; for day, evening and night of the noise of roads hours "
          "are averaged, and those of periods that are not assigned are estimated by their shares."),
    Field("factor", "Factor of trips", "number", "1", 1.0, 0.0, 100.0, advanced=True, doc="Multiplies all trips, for "
          "growth or a test."),
    Field("periods_table", "Table of periods", "file", optional=True, advanced=True, doc="CSV with period, from_hour, "
          "to_hour and share, in percent of the trips of a day; without it a table of assumptions that ships."),
    Field("vehicles_table", "Table of vehicles", "file", optional=True, advanced=True, doc="CSV with class, noise "
          "(light, medium or heavy, or shares such as light:94 medium:4 heavy:2), pcu, value_of_time in EUR an hour "
          "and closed_on, the classes of roads that it may not use; without it a table of assumptions that ships."),
)  # fmt: skip
METHOD = (
    Field("method", "Method", "choice", default=EQUILIBRIUM, choices=METHODS, doc="In an equilibrium nobody can find a "
          "faster route. Successive averages come near it slowly, the others not at all: all or nothing leaves "
          "congestion out."),
    Field("cost_function", "Time with traffic", "choice", default="bpr", choices=COSTS, advanced=True,
          doc="How time grows with flow over capacity, by bpr_b and bpr_power of the links; conical takes its own "
          "steepness from bpr_power and grows less beyond capacity."),
    Field("target_gap", "Gap to reach", "number", "1", 1e-5, 1e-9, 0.1, doc="Share of all time that could still be "
          "saved on faster routes. 1E-4 will do for a map of flows, 1E-6 for the difference of two variants; ten times "
          "smaller takes some more rounds."),
    Field("iterations", "Rounds at most", "integer", "1", 500, 1, 100_000, doc="Where the gap is not reached by then "
          "the result says so."),
    Field("increments", "Increments", "integer", "1", 10, 2, 1000, advanced=True, doc="Of the incremental method: "
          "parts of the trips that are assigned one after another."),
    Field("toll_weight", "Minutes for a unit of toll", "number", "min", minimum=0.0, maximum=1000.0, optional=True,
          advanced=True, doc="Without it the value of time of each class tells it, for tolls in EUR."),
    Field("length_weight", "Minutes for a kilometre", "number", "min km-1", 0.0, 0.0, 100.0, advanced=True,
          doc="Added to the time when routes are chosen."),
    Field("preload", "Column with flow on the links", "text", optional=True, advanced=True, doc="Traffic that is there "
          "in any case, such as buses, in passenger cars an hour: the name of a column, or of a pair that ends in "
          "_forward and _backward. It slows others down and is not in the flows."),
    Field("threads", "Threads", "integer", "1", 0, 0, 256, advanced=True, doc="How many processors a run may use; 0 "
          "for all. The result does not change."),
)  # fmt: skip
SELECTED = (
    Field("select_links", "Links to select", "text", optional=True, doc="Numbers of links with ; between them: where "
          "do those who use any of them come from and go to? 12+ is the link along its line alone, 12- against it."),
    Field("select_layer", "Links to select on the map", "features", geometry="line", optional=True, advanced=True,
          doc="The same links with \"selected features only\" or with a filter; they are added to those by number."),
    Field("select_zones", "Zones to select", "text", optional=True, doc="Names of zones with ; between them: "
          "the result shows which way trips from and to them go."),
)  # fmt: skip
INPUTS = (*NETWORK, *DEMAND, *METHOD, *SELECTED)
OUTPUTS = (
    Field("flows", "Traffic flows", "features", geometry="line", style="traffic_flows", doc="The links with flow in "
          "vehicles an hour, flow over capacity, time and speed of each direction, in the busiest of the periods; and "
          "what the noise of roads reads: light, medium and heavy vehicles an hour of day, evening and night."),
    Field("flows_by_period", "Traffic flows by period", "features", geometry="line", optional=True, advanced=True,
          style="traffic_flows_by_period", doc="A row for each link and period, which the temporal controller shows "
          "one after another."),
    Field("selected_flows", "Flows over selected links", "features", geometry="line", optional=True,
          style="traffic_selected", doc="Where those who use any of the selected links drive, in the busiest period."),
    Field("zone_flows", "Flows of selected zones", "features", geometry="line", optional=True,
          style="traffic_selected", doc="Where those drive who come from or go to the selected zones."),
    Field("selected_trips", "Trips over selected links", "table", optional=True,
          columns={"origin": "1", "destination": "1", "trips": "h-1"},
          doc="Between which zones those drive who use any of the selected links."),
    Field("turning_flows", "Turning flows", "features", geometry="line", optional=True, advanced=True,
          style="traffic_turns", doc="A line for each turn that somebody makes: at which node, from which link, to "
          "which, how many vehicles an hour; in the busiest period."),
    Field("skims", "Times between zones", "file", optional=True, advanced=True, style="OMX (*.omx);;CSV (*.csv)",
          doc="Matrices of time in min, length in km and toll on the fastest route with the traffic of each period, by "
          "class."),
    Field("unassigned", "Trips without a route", "table", optional=True,
          columns={"period": "1", "class": "1", "origin": "1", "destination": "1", "trips": "h-1"},
          doc="Trips between zones that no open road joins: they are in no flow."),
    Field("convergence", "Convergence", "table", optional=True, columns={"period": "1", "iteration": "1", "gap": "1"},
          doc="The gap after each round."),
    Field("summary", "Summary of the assignment", "table", optional=True,
          columns={"period": "1", "term": "1", "value": "1", "unit": "1"},
          doc="Trips, vehicle kilometres and hours, delay, gap and rounds of each period."),
    Field("gap", "Gap", "number", doc="The largest of the periods."),
    Field("converged", "Gap reached", "boolean", doc="Whether every period has reached the gap."),
    Field("vehicle_km", "Vehicle kilometres", "number", "km h-1", doc="Of an hour of the busiest period."),
    Field("vehicle_hours", "Vehicle hours", "number", "h", doc="Of an hour of the busiest period."),
    Field("without_route", "Trips without a route in all", "number", "h-1",
          doc="Of an hour of the period that has most."),
)  # fmt: skip
