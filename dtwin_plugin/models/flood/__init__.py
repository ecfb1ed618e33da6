"""Flooding under extreme rain: the description; the physics stand in `solver` and `kernels`."""

from __future__ import annotations

from ..base import Field, Model
from .model import check, run

_INPUTS = (
    Field(
        "terrain",
        "Terrain",
        "grid",
        "m",
        doc="Height of the ground in m NAP, without buildings and trees (AHN DTM).",
    ),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Footprints. Water flows around them, and each gets the largest water depth at its walls.",
    ),
    Field("extent", "Area", "extent", optional=True, doc="The part of the terrain to calculate; default all of it."),
    Field(
        "cell_size",
        "Cell size",
        "number",
        "m",
        minimum=0.1,
        maximum=100,
        optional=True,
        doc="A whole multiple of the terrain's; default its own. Halving it takes 8 times as long.",
    ),
    Field(
        "rain",
        "Rain",
        "number",
        "mm",
        70.0,
        0,
        1000,
        doc="Total of the storm. 70 mm in 1 hour is the Dutch stress test of once in 100 years in 2050.",
    ),
    Field("rain_duration", "Duration of the rain", "number", "h", 1.0, 0.01, 240, doc="The rain falls evenly in it."),
    Field(
        "rain_series",
        "Rain series",
        "table",
        columns={"minutes": "min", "rain": "mm"},
        optional=True,
        advanced=True,
        doc="Rain that fell in the step that ends at each minute, used instead of the total; the first row starts it.",
    ),
    Field("after", "Time after the rain", "number", "h", 1.0, 0, 240, doc="Water still flows to its lowest place."),
    Field(
        "infiltration",
        "Infiltration and sewer",
        "number",
        "mm h-1",
        20.0,
        0,
        500,
        doc="What soil and sewer take together, everywhere. 20 mm per hour is used by the national flood map.",
    ),
    Field(
        "infiltration_capacity",
        "Infiltration capacity",
        "grid",
        "mm h-1",
        optional=True,
        doc="In place of the number where it has data; under buildings nothing infiltrates then. That of the soil "
        "knows no paving and no sewer: leave paved places without data, so that the number holds there.",
    ),
    Field(
        "soil_storage",
        "Storage of the soil",
        "grid",
        "mm",
        optional=True,
        doc="What the soil takes at most: once full, it infiltrates no more. No limit where it has no data; under "
        "buildings nothing infiltrates then.",
    ),
    Field(
        "roughness",
        "Roughness (Manning)",
        "number",
        "s m-1/3",
        0.03,
        0.005,
        1,
        advanced=True,
        doc="Manning's n: 0.015 asphalt, 0.03 gardens, 0.05 rough green.",
    ),
    Field(
        "boundary",
        "Edges of the area",
        "choice",
        default="open",
        choices={"open": "Water flows out freely", "closed": "Walls, no water passes"},
        advanced=True,
        doc="What happens at the edges of the area and of the terrain.",
    ),
    Field(
        "building_flow",
        "Water and buildings",
        "choice",
        default="block",
        choices={"block": "Water flows around buildings", "open": "Water flows through buildings"},
        advanced=True,
        doc="Roofs drain onto the street in both cases.",
    ),
    Field(
        "gaps",
        "Cells without data",
        "choice",
        default="fill",
        choices={"fill": "Fill enclosed holes from around", "wall": "Walls, no water passes"},
        advanced=True,
        doc="AHN has holes under buildings and water. Holes that touch the edge always stay walls.",
    ),
    Field(
        "interval",
        "Interval of the maps",
        "number",
        "min",
        15.0,
        1,
        1440,
        advanced=True,
        doc="Time between the maps of the series. Each map takes 4 bytes a cell.",
    ),
    Field(
        "start",
        "Start of the storm",
        "datetime",
        optional=True,
        advanced=True,
        doc="Date and time of the first rain, for the time axis of the maps; default 1 January 2000, 0:00.",
    ),
    Field(
        "threads",
        "Threads",
        "integer",
        default=0,
        minimum=0,
        maximum=256,
        advanced=True,
        doc="Processors to use; 0 = all. The result is the same for the same number.",
    ),
)

_OUTPUTS = (
    Field(
        "depth_max",
        "Largest water depth",
        "grid",
        "m",
        style="water_depth",
        doc="Largest depth at each place in the run.",
    ),
    Field(
        "depth",
        "Water depth through time",
        "grid",
        "m",
        style="water_depth",
        optional=True,
        doc="A band for each map, with its time.",
    ),
    Field(
        "building_depth",
        "Water at buildings",
        "features",
        geometry="polygon",
        style="building_depth",
        optional=True,
        doc="The buildings with the largest and the mean water depth at their walls [m] and its class: "
        "dry < 0.05, wet < 0.15, nuisance < 0.30, damage.",
    ),
    Field(
        "balance",
        "Water balance",
        "table",
        columns={"term": "1", "volume": "m3"},
        optional=True,
        doc="Volumes of rain, infiltration, outflow and what is stored at the end.",
    ),
    Field(
        "flooded_area",
        "Flooded area",
        "number",
        "m2",
        doc="Area with a largest depth above 0.05 m, open water included.",
    ),
    Field("mass_error", "Mass balance error", "number", doc="Unexplained volume as a share of the rain."),
)

FLOOD = Model(
    id="flood",
    version="1.1.0",
    title="Flooding under extreme rain",
    group="Water",
    summary="Which areas are expected to flood under extreme rain? Rain on every cell flows over the terrain by the "
    "local inertial equations, around the buildings, into the soil and the sewer.",
    inputs=_INPUTS,
    outputs=_OUTPUTS,
    run=run,
    check=check,
    references=(
        "Bates, P.D., Horritt, M.S., Fewtrell, T.J. (2010). A simple inertial formulation of the shallow water "
        "equations. Journal of Hydrology 387, 33-45. doi:10.1016/j.jhydrol.2010.03.027",
        "de Almeida, G.A.M., Bates, P., Freer, J.E., Souvignet, M. (2012). Improving the stability of a simple "
        "formulation of the shallow water equations. Water Resources Research 48, W05528. doi:10.1029/2011WR011570",
    ),
    validity="Sub-critical flow over streets and gardens at 0.5 to 5 m. No sewer network: its capacity is part of the "
    "infiltration. Soil that is full stays full: it does not drain in the run. Not for dam breaks, whose momentum the "
    "equations leave out.",
)
