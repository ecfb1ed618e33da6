"""The description of the consequences of a flood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...attributes import column_of
from ...base import Field, Model, Values
from ...problem import WARNING, Problem
from ...term_table import TERMS
from .consequences_run import run

if TYPE_CHECKING:
    from dtwin_plugin.data import Features, Grid

# fields that name a column, and the layers of which one must have it
_COLUMNS = {
    "use_field": ("buildings",),
    "floor_field": ("buildings",),
    "threshold_field": ("buildings", "vulnerable", "vulnerable_areas"),
    "residents_field": ("buildings", "addresses"),
}


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    depth: Grid = values["depth_max"]
    found = float(np.nanmax(depth.values))
    if float(np.nanmin(depth.values)) < 0:
        yield Problem("DT183", "depth_max", "The water depth is below 0 m; choose a map of depths.", {})
    elif found > 20:
        yield Problem(
            "DT184",
            "depth_max",
            "The water depth is up to {found:.1f}; expected m, and not mm or a level.",
            {"found": found},
            WARNING,
        )
    if all(values[name] is None for name in ("buildings", "roads", "road_lines", "vulnerable", "vulnerable_areas")):
        yield Problem("DT185", "buildings", "Nothing is given to look at: give buildings, roads or vulnerable objects.")
    if values["car_depth"] > min(values["lorry_depth"], values["emergency_depth"]):
        yield Problem(
            "DT186",
            "car_depth",
            "Cars pass {car} m of water, more than lorries ({lorry} m) or emergency vehicles ({emergency} m) do.",
            {"car": values["car_depth"], "lorry": values["lorry_depth"], "emergency": values["emergency_depth"]},
            WARNING,
        )
    yield from _check_columns(values)


def _check_columns(values: Values) -> Iterator[Problem]:
    """Yield columns that are named and that no layer has: their numbers would be those of the form, without a word."""
    for name, sources in _COLUMNS.items():
        wanted = (values[name] or "").strip()
        layers: list[Features] = [values[source] for source in sources if values[source] is not None]
        if wanted and layers and not any(column_of(layer, (wanted,)) for layer in layers):
            yield Problem(
                "DT179",
                name,
                "There is no column {column}; found {columns}.",
                {"column": wanted, "columns": ", ".join(column for layer in layers for column in layer.columns) or "-"},
            )


def _features(name: str, title: str, geometry: str, doc: str) -> Field:
    return Field(name, title, "features", geometry=geometry, optional=True, doc=doc)


def _made(name: str, title: str, geometry: str, doc: str, style: str) -> Field:
    return Field(name, title, "features", geometry=geometry, optional=True, style=style, doc=doc)


INPUTS = (
    Field("depth_max", "Largest water depth", "grid", "m", doc="As Flooding under extreme rain gives it."),
    Field("terrain", "Terrain", "grid", "m", doc="Height of the ground in m NAP, as the flood was calculated on."),
    _features("buildings", "Buildings", "polygon", "Footprints, with columns for use, floor, threshold and residents."),
    _features(
        "roads",
        "Roads",
        "polygon",
        "Areas of roads. Of a BGT layer the carriageways and what vehicles drive on beside them count, on the ground.",
    ),
    _features("road_lines", "Roads as lines", "line", "Centre lines, where there are no areas."),
    _features(
        "vulnerable", "Vulnerable objects", "point", "Such as substations, surgeries and entrances below ground."
    ),
    _features("vulnerable_areas", "Vulnerable areas", "polygon", "Such as schools, hospitals and tunnels, as areas."),
    _features("addresses", "Addresses", "point", "To count residents, in place of a column of the buildings."),
    Field("velocity", "Largest velocity", "grid", "m s-1", optional=True, doc="Adds its largest value to roads."),
    Field("duration", "Duration", "grid", "min", optional=True, doc="Adds its largest value to buildings and roads."),
    Field(
        "threshold",
        "Threshold",
        "number",
        "m",
        0.15,
        0.0,
        5.0,
        doc="Of doors above the 75th percentile of the ground around, where no column tells better.",
    ),
    Field(
        "margin",
        "Margin of the level",
        "number",
        "m",
        0.1,
        0.0,
        2.0,
        doc="What level and threshold may be wrong by together: within it, water inside is uncertain.",
    ),
    Field(
        "damage_table",
        "Table of damage",
        "file",
        optional=True,
        advanced=True,
        doc="CSV with the columns use, depth [m above the floor], low, mean and high [EUR per m2] and price_level, "
        "in place of the one that ships.",
    ),
    Field(
        "price_factor",
        "Factor of the amounts",
        "number",
        "1",
        1.0,
        0.1,
        10,
        advanced=True,
        doc="Brings the amounts from the price level of the table, 2010 for the one that ships, to that of now.",
    ),
    Field("use_field", "Column of the use", "text", optional=True, advanced=True, doc="Default use or gebruiksdoel."),
    Field(
        "default_use",
        "Use without a column",
        "text",
        default="woonfunctie",
        advanced=True,
        doc="Of all buildings, where there is no column of the use.",
    ),
    Field(
        "floor_field",
        "Column of the floor",
        "text",
        optional=True,
        advanced=True,
        doc="Height of the floor in m NAP; default floor_level or vloerpeil.",
    ),
    Field(
        "threshold_field",
        "Column of the threshold",
        "text",
        optional=True,
        advanced=True,
        doc="Height of the threshold above the ground in m; default threshold or drempel.",
    ),
    Field(
        "residents_field",
        "Column of the residents",
        "text",
        optional=True,
        advanced=True,
        doc="Of buildings or addresses; default residents, inwoners or bewoners.",
    ),
    Field(
        "household",
        "Residents of an address",
        "number",
        "1",
        2.1,
        0,
        100,
        advanced=True,
        doc="Where no column tells; 2.1 is about the mean of Dutch households (CBS).",
    ),
    Field("lane", "Width of a lane", "number", "m", 3.0, 0.5, 20, advanced=True, doc="That a vehicle needs."),
    Field("car_depth", "Depth for cars", "number", "m", 0.15, 0, 2, advanced=True, doc="Up to which cars pass."),
    Field("lorry_depth", "Depth for lorries", "number", "m", 0.3, 0, 2, advanced=True, doc="Up to which lorries pass."),
    Field(
        "emergency_depth",
        "Depth for emergency vehicles",
        "number",
        "m",
        0.3,
        0,
        2,
        advanced=True,
        doc="Up to which fire engines and ambulances pass.",
    ),
    Field(
        "reach",
        "Reach of vulnerable points",
        "number",
        "m",
        2.0,
        0,
        50,
        advanced=True,
        doc="Water within this distance of a point counts.",
    ),
)
OUTPUTS = (
    _made(
        "building_consequences",
        "Water in buildings",
        "polygon",
        "Depth at the wall, level above the threshold, water inside (yes, uncertain, no), damage and residents.",
        "building_water",
    ),
    _made(
        "road_passability",
        "Passable roads",
        "polygon",
        "Largest depth, depth at the worst stretch, who can pass, and flooded lengths.",
        "road_passable",
    ),
    _made("road_line_passability", "Passable road lines", "line", "The same, of roads as lines.", "road_passable"),
    _made(
        "vulnerable_water",
        "Water at vulnerable objects",
        "point",
        "Largest depth within reach, and whether it is above the threshold.",
        "vulnerable_water",
    ),
    _made(
        "vulnerable_area_water",
        "Water at vulnerable areas",
        "polygon",
        "Largest depth in the area or beside it, and whether it is above the threshold.",
        "vulnerable_water",
    ),
    Field(
        "summary",
        "Summary",
        "table",
        columns=TERMS,
        optional=True,
        doc="Numbers of buildings, roads and objects, lengths, damage and residents.",
    ),
    Field("buildings_inside", "Buildings with water inside", "number", doc="Without those that are uncertain."),
    Field("damage_mean", "Mean damage", "number", "EUR", doc="Direct damage to buildings, at the price level chosen."),
)
CONSEQUENCES = Model(
    id="floodconsequences",
    version="1.0.0",
    title="Consequences of a flood",
    group="Water",
    summary="Which buildings get water inside, which roads can be passed and by whom, which vulnerable objects are "
    "reached, how many residents are affected and what is the damage? From a map of "
    "the largest depth.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "STOWA (2013). WaterSchadeSchatter (WSS), gebruikershandleiding. STOWA 2013-11.",
        "Pregnolato, M., Ford, A., Wilkinson, S.M., Dawson, R.J. (2017). The impact of flooding on road transport: a "
        "depth-disruption function. Transportation Research Part D 55, 67-81. doi:10.1016/j.trd.2017.06.020",
    ),
    validity="For comparing places, events and measures. The damage is that of an average building of its use at the "
    "price level of the table, and not for single claims; thresholds that were not measured decide much of it.",
)
