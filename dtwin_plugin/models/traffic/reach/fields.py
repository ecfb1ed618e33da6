"""What both models of reachability ask for."""

from __future__ import annotations

from dtwin_plugin.translate import mark

from ...base import Field
from .modes import MODES

NETWORK = (
    Field("links", "Links", "features", geometry="line", doc="Of a road network, as Road network and the loaders of "
          "networks make them: link, from_node, to_node, direction, class, length and free_time of each direction."),
    Field("nodes", "Nodes", "features", geometry="point", optional=True, advanced=True, doc="Of the same network; "
          "needed only where nodes may not be driven through (through = false)."),
    Field("turn_bans", "Bans on turning", "features", geometry="point", optional=True, doc="Of the same network; for "
          "cars and emergency vehicles."),
)  # fmt: skip
TO, FROM = "to", "from"
MODE = (
    Field("mode", "Mode of travel", "choice", default="car", choices=MODES, doc="Cars drive at the free speed of the "
          "links, without congestion; on foot and on bicycle both directions of all links but motorways count."),
    Field("against", "Emergency vehicles drive against one-way streets", "boolean", default=False, advanced=True,
          doc="And make turns that are banned; at the time of the other direction."),
    Field("speed_factor", "Factor of the speed of emergency vehicles", "number", "1", 1.0, 0.3, 2.0, advanced=True,
          doc="On that of cars; take it from measured runs."),
    Field("walk_speed", "Speed on foot", "number", "km h-1", 5.0, 0.5, 15.0, advanced=True, doc="An assumption; about "
          "3 for older people."),
    Field("bicycle_speed", "Speed on bicycle", "number", "km h-1", 15.0, 2.0, 45.0, advanced=True,
          doc="An assumption, with stops at junctions in it."),
    Field("off_road_speed", "Speed beside roads", "number", "km h-1", 5.0, 0.5, 50.0, advanced=True,
          doc="Of the way between a place and the nearest road, in a straight line; it counts in the time."),
    Field("farthest", "Farthest from a road", "number", "m", 250.0, 1.0, 5000.0, advanced=True,
          doc="A place that is farther from each road that the mode can use has no way to it."),
)  # fmt: skip
CLOSING = (
    Field("flooded_roads", "Closed roads as areas", "features", geometry="polygon", optional=True, doc="Passable "
          "roads, a result of Consequences of a flood, as it is: what the mode cannot pass is closed. All areas of a "
          "layer without the column passable are closed."),
    Field("flooded_lines", "Closed roads as lines", "features", geometry="line", optional=True, doc="Passable road "
          "lines, a result of Consequences of a flood, or any lines: known by their number in link, else by place."),
    Field("depth", "Water depth", "grid", "m", optional=True, doc="The largest depth, of any flood model: a link on "
          "the ground with more than the limit anywhere along its line is closed."),
    Field("depth_limit", "Depth that is passed", "number", "m", minimum=0.0, maximum=5.0, optional=True,
          doc="Default 0.15 for cars and bicycles, 0.3 for emergency vehicles and people on foot; where the layer of "
          "closed roads says who passes, that counts for it."),
    Field("closed", "Closed links", "text", optional=True, doc="Numbers of links, with ; between them."),
    Field("overlap", "Least length on closed roads", "number", "m", 10.0, 0.1, 1000.0, advanced=True,
          doc="A link is closed where so much of it, or half of it, lies on closed roads; less would close what only "
          "crosses or begins there."),
    Field("tolerance", "Distance to closed lines", "number", "m", 2.0, 0.1, 50.0, advanced=True,
          doc="Within it a link lies on a closed line."),
)  # fmt: skip
CLOSED = Field("closed_links", "Closed links of the network", "features", geometry="line", optional=True,
               style="reach_closed", doc="Which links the scenario closes, by what, and how deep the water is."
               )  # fmt: skip
DIRECTIONS = {FROM: mark("From the places"), TO: mark("To the places")}
