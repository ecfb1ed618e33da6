"""The descriptions of what is taken in the ground, and of looking for a corridor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .clash_model import CLASH, KINDS

if TYPE_CHECKING:
    from .claims import Block
    from .clash import Objects

_PRESENT = [
    CLASH.input(name) for name in ("present_lines", "present_areas", "present_xy", "present_z", "present_diameter")
]
_TERRAIN = Field("terrain", "Terrain", "grid", "m", doc="Heights of the ground in m NAP; the map follows it downwards.")


def _ground(values: Values, deepest: float) -> tuple[Block, Objects]:
    from .claims import Block
    from .clash import objects

    terrain = values["terrain"]
    heights = terrain.values[np.isfinite(terrain.values)]
    if not len(heights):
        raise InputError("The terrain has no heights in this area.", hint="Choose another area or terrain.")
    block = Block.around(values["extent"], float(heights.min()) - deepest, float(heights.max()), values["cell_size"])
    layers, width = [values["present_lines"], values["present_areas"]], values["present_diameter"]
    return block, objects(layers, "other", values["present_xy"], values["present_z"], diameter=width)


def _run_claims(values: Values, progress: Progress) -> dict[str, Any]:
    from .claims import by_depth, claims, columns_inside

    block, present = _ground(values, values["depth"])
    inside = None if values["area"] is None else columns_inside(values["area"], block)
    found = claims(block, present, values["terrain"], values["samples"], inside, progress)
    kept = np.isfinite(found.layers["taken"]) & (found.layers["depth"] <= values["depth"])
    for values_of in found.layers.values():
        values_of[~kept] = np.nan
    found.classes[~kept] = -1
    volume = float(np.prod(found.cell_size))
    return {
        "cells": found,
        "table": by_depth(found, values["layer"]),
        "taken": float(np.nansum(found.layers["taken"], dtype=np.float64)) * volume,
        "taken_most": float(np.nansum(found.layers["taken_most"], dtype=np.float64)) * volume,
    }


def _run_corridor(values: Values, progress: Progress) -> dict[str, Any]:
    from .corridor import Wanted, costs, ways
    from .required import required

    places = values["places"].geometries.coordinates
    if len(places) < 2:
        raise InputError("A corridor needs two places; found {count}.", count=len(places))
    wanted = Wanted(
        values["kind"],
        values["diameter"] / 1000,
        values["cover"],
        values["deepest"],
        values["depth_cost"],
        values["risk"],
    )
    block, present = _ground(values, wanted.deepest)
    cost, room = costs(block, present, required(values["distances"]), wanted, values["terrain"], progress)
    found = ways(block, cost, room, places[0, :2], places[-1, :2], wanted, values["alternatives"])
    shapes = Geometries.build("line", [[[way.points.tolist()]] for way in found])
    columns: dict[str, Any] = {
        "rank": np.arange(1, len(found) + 1),
        "kind": np.full(len(found), wanted.kind, object),
        "diameter": np.full(len(found), values["diameter"]),
        "length": np.array([way.length for way in found]),
        "cost": np.array([way.cost for way in found]),
        "room": np.array([way.nearest for way in found]),
        "risky": np.array([way.risky for way in found]),
    }
    units = {"diameter": "mm", "length": "m", "cost": "m", "room": "m", "risky": "m"}
    return {"ways": Features(shapes, columns, units, name="corridors"), "found": len(found)}


CLAIMS = Model(
    id="claims",
    version="1.0.0",
    title="Map what is taken in the ground",
    group="Subsurface",
    summary="Which share of each cell below a street is taken by cables, pipes and other things, by theme and depth: "
    "as "
    "they are drawn, and at the most given how uncertain their places are.",
    inputs=(
        Field(
            "extent", "Area", "extent", doc="A street or a crossing; twice as long and wide takes four times as long."
        ),
        *_PRESENT,
        _TERRAIN,
        Field(
            "area",
            "Only within",
            "features",
            geometry="polygon",
            optional=True,
            doc="Only columns of cells with their middle inside count, such as those of the street itself.",
        ),
        Field("depth", "Depth", "number", "m", 3.0, 0.1, 100, doc="How deep the map goes below the ground."),
        Field("cell_size", "Cell size", "number", "m", 1.0, 0.1, 25, doc="Halving it gives eight times the cells."),
        Field(
            "layer", "Layers of the table", "number", "m", 0.5, 0.05, 25, doc="Thickness of the layers that are summed."
        ),
        Field(
            "samples",
            "Samples along a side",
            "integer",
            "1",
            5,
            1,
            20,
            advanced=True,
            doc="Places in each direction of a cell that are looked at; 5 tell a pipe of a fifth of the cell.",
        ),
    ),
    outputs=(
        Field(
            "cells",
            "Taken ground",
            "voxels",
            style="claims",
            doc="Cells with the theme that takes most, the share of "
            "each theme, the share taken and the share that may be taken.",
        ),
        Field(
            "table",
            "Taken by depth",
            "table",
            columns={"theme": "1", "depth": "m", "volume": "m3", "share": "percent"},
            doc="Volume and share by theme, for each layer below the ground.",
        ),
        Field("taken", "Taken", "number", "m3", doc="Volume taken as drawn; things of unknown depth are not in it."),
        Field("taken_most", "Taken at the most", "number", "m3", doc="Volume in which something may lie."),
    ),
    run=_run_claims,
    references=(
        "COB (2016). Handleiding ondergrondse ordening (for the purpose: ordering the claims on the subsurface).",
    ),
    validity="Things that are not in the given layers take no room here. Volumes of many metres "
    "together are right within a few percent; the share of one cell is not, of what is thinner than its samples lie "
    "apart.",
)

CORRIDOR = Model(
    id="corridor",
    version="1.0.0",
    title="Find a corridor for a pipe",
    group="Subsurface",
    summary="The cheapest way between two places through ground that is free, with alternatives. It keeps the required "
    "distances from everything as drawn; where the uncertainties take the room away, a metre costs more.",
    inputs=(
        Field("extent", "Area", "extent", doc="Where to look; the terrain must cover it."),
        Field("places", "Begin and end", "features", geometry="point", doc="The first and the last point are joined."),
        *_PRESENT,
        _TERRAIN,
        Field(
            "kind", "What is to be laid", "choice", default="pipe", choices=KINDS, doc="Chooses the required distances."
        ),
        Field(
            "diameter", "Outer diameter", "number", "mm", 200.0, 1, 10000, doc="Of the pipe or bundle, with its duct."
        ),
        Field("cover", "Least cover", "number", "m", 0.6, 0, 50, doc="Depth of its top below the ground."),
        Field("deepest", "Greatest depth", "number", "m", 2.5, 0.1, 50, doc="Depth of its bottom below the ground."),
        CLASH.input("distances"),
        Field("cell_size", "Cell size", "number", "m", 0.25, 0.05, 5, doc="Halving it gives eight times the cells."),
        Field("alternatives", "Ways", "integer", "1", 3, 1, 10, doc="How many ways to look for."),
        Field(
            "depth_cost",
            "Cost of depth",
            "number",
            "m-1",
            0.3,
            0,
            10,
            advanced=True,
            doc="How much more a metre of pipe costs for each metre that it lies deeper.",
        ),
        Field(
            "risk",
            "Cost of risk",
            "number",
            "1",
            5.0,
            1,
            1000,
            advanced=True,
            doc="How many times more a metre costs where something may lie too near: trial pits.",
        ),
    ),
    outputs=(
        Field(
            "ways",
            "Corridors",
            "features",
            geometry="line",
            style="corridors",
            doc="Axes in space with their length, "
            "cost, the room beside what is required, and the length along which something may lie too near.",
        ),
        Field("found", "Ways found", "integer", doc="Number of different ways."),
    ),
    run=_run_corridor,
    references=("Dijkstra, E.W. (1959). A note on two problems in connexion with graphs. Numer. Math. 1, 269-271.",),
    validity="A way follows middles of cells and is straightened where that costs no more: it shows that room is "
    "there, and "
    "is no design. Bends are not limited.",
)
