"""The description of the quick scan of depressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.translate import mark

from ...base import Field, Model, Values
from ...problem import WARNING, Problem
from .. import ground
from ..cells import on_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

_GROUND = {item.name: item for item in (*ground.INPUTS, *ground.ADVANCED)}
HIGHEST = 350.0  # m NAP, of the country, with a margin
LOWEST = -30.0


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    from .depressions import MOST_CELLS

    terrain: Grid = values["terrain"]
    yield from implausible(terrain)
    cells = terrain.extent.area / (values["cell_size"] or terrain.cell_size) ** 2
    if cells > MOST_CELLS:
        yield Problem(
            "DT160",
            "cell_size",
            "The area has {cells:.0f} million cells; at most {most:.0f} million can be scanned at once. Choose a "
            "larger cell size or a smaller area.",
            {"cells": cells / 1e6, "most": MOST_CELLS / 1e6},
        )
    if values["runoff"] is None and values["losses"] >= values["rain"]:
        yield Problem(
            "DT161",
            "losses",
            "Of {rain:.6g} mm of rain {losses:.6g} mm is lost, so that nothing runs off; give more rain or less loss.",
            {"rain": values["rain"], "losses": values["losses"]},
            WARNING,
        )
    if values["runoff"] is not None and np.nanmin(values["runoff"].values) < 0:
        yield Problem(
            "DT162",
            "runoff",
            "The runoff is {lowest:.6g} mm at its lowest; expected 0 mm or more.",
            {"lowest": float(np.nanmin(values["runoff"].values))},
        )


def implausible(terrain: Grid) -> Iterator[Problem]:
    """Yield a warning where heights cannot be metres against NAP."""
    low, high = float(np.nanmin(terrain.values)), float(np.nanmax(terrain.values))
    if low < LOWEST or high > HIGHEST:
        yield Problem(
            "DT103",
            "terrain",
            "Terrain heights run from {low:.1f} to {high:.1f}; expected m NAP between -30 and 350.",
            {"low": low, "high": high},
            WARNING,
        )


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Scan the terrain and let the rain find its place."""
    from .depressions import catchments, depressions_of, fill, watched
    from .scan import depression_features, path_features

    terrain, bed, walls = _bed(values)
    progress.report(0.1, "finding depressions")
    found = depressions_of(bed, closed=values["boundary"] == "closed", walls=walls, progress=Part(progress, 0.1, 0.6))
    runoff = _runoff(values, terrain, np.isfinite(bed))
    filled = fill(found, runoff, Part(progress, 0.6, 0.7))
    progress.report(0.7, "tracing flow paths")
    routes = catchments(found, Part(progress, 0.7, 0.8))
    area = terrain.cell_size**2
    upstream = np.where(routes[1] > 0, routes[1] * area, np.nan)
    results: dict[str, Any] = {
        "depth": terrain.like(filled.depth, "m", "Water depth"),
        "accumulation": terrain.like(upstream, "m2", "Catchment area"),
    }
    least = values["least_volume"], values["least_catchment"]
    results["depressions"] = watched(progress, 0.8, depression_features, found, filled, terrain, least[0])
    results["paths"] = watched(progress, 0.9, path_features, found, filled, runoff, routes, terrain, least[1])
    stored = float(filled.depth.sum(dtype=np.float64, where=np.isfinite(filled.depth)))
    terms = ("runoff", "stored", "left")
    results["balance"] = {"term": list(terms), "volume": [v * area for v in (filled.rain, stored, filled.left)]}
    results["left"] = filled.left * area
    results["stored"] = stored * area
    results["mass_error"] = abs(filled.rain - stored - filled.left) / filled.rain if filled.rain else 0.0
    return results


def _bed(values: Values) -> tuple[Grid, NDArray[np.float32], NDArray[np.bool_] | None]:
    """Return the terrain on the cells of the scan, what water flows over, and cells that are walls."""
    from scipy import ndimage

    from dtwin_plugin.data.rasterise import labels
    from dtwin_plugin.data.resample import coarsened

    from ..buildings import fill_holes

    terrain, buildings = values["terrain"], values["buildings"]
    if values["cell_size"]:
        terrain = coarsened(terrain, values["cell_size"])
    bed = np.array(terrain.values, np.float32)
    walls = None
    if values["gaps"] == "fill":
        bed = fill_holes(bed)
    else:
        hole, _ = ndimage.label(np.isnan(bed), np.ones((3, 3)))
        walls = (hole > 0) & ~np.isin(hole, np.concatenate([hole[0], hole[-1], hole[:, 0], hole[:, -1]]))
    if buildings is not None:
        bed = ground.built(bed, labels(buildings.geometries, terrain), buildings, values["building_flow"])
    return terrain, bed, walls


def _runoff(values: Values, terrain: Grid, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return what runs off each cell [m]."""
    given = on_cells(values["runoff"], terrain)
    depth = max(0.0, values["rain"] - values["losses"]) if given is None else np.nan_to_num(given, nan=0.0)
    return np.where(inside, np.float32(depth) / np.float32(1000), np.float32(0))


FLOOD_SCAN = Model(
    id="floodscan",
    version="1.0.0",
    title="Quick scan of depressions",
    group="Water",
    summary="Where does rain gather, in seconds for a whole municipality? All depressions of the terrain, how far a "
    "given depth of rain fills each, where they spill, and the paths along which water flows. A first look before "
    "the flood model, and its initial state.",
    inputs=(
        _GROUND["terrain"],
        replace(_GROUND["buildings"], doc=mark("Footprints. Water flows around them; roofs drain onto the street.")),
        replace(_GROUND["extent"], doc=mark("The part of the terrain to scan; default all of it.")),
        replace(
            _GROUND["cell_size"],
            doc=mark("A whole multiple of the terrain's; default its own. Halving it takes 4 times as long."),
        ),
        Field("rain", "Rain", "number", "mm", 70.0, 0, 1000, doc="All that falls, on every cell."),
        Field(
            "losses",
            "Losses",
            "number",
            "mm",
            20.0,
            0,
            1000,
            doc="What soil and sewer take of it. The national map takes 20 mm for each hour of rain.",
        ),
        Field(
            "runoff",
            "Runoff",
            "grid",
            "mm",
            optional=True,
            doc="What runs off each place, in place of rain less losses; no data counts as 0.",
        ),
        Field(
            "boundary",
            "Edges of the area",
            "choice",
            default="open",
            choices={"open": "Water flows out freely", "closed": "Walls, no water passes"},
            advanced=True,
            doc="What happens where the terrain ends.",
        ),
        _GROUND["building_flow"],
        _GROUND["gaps"],
        Field(
            "least_volume",
            "Smallest depression",
            "number",
            "m3",
            1.0,
            0,
            1e9,
            advanced=True,
            doc="Capacity from which a depression is in the layer; all of them count in the depth.",
        ),
        Field(
            "least_catchment",
            "Smallest catchment",
            "number",
            "m2",
            1000.0,
            0,
            1e12,
            advanced=True,
            doc="Area from which the path of its water is drawn.",
        ),
    ),
    outputs=(
        Field("depth", "Water depth", "grid", "m", style="water_depth", doc="When all water has found its place."),
        Field(
            "depressions",
            "Depressions",
            "features",
            geometry="polygon",
            style="depressions",
            optional=True,
            doc="Capacity and volume [m3], how full it is, area [m2], level at which it spills [m] and the depression "
            "that it spills into (0 = out of the area).",
        ),
        Field(
            "paths",
            "Flow paths",
            "features",
            geometry="line",
            style="flow_paths",
            optional=True,
            doc="With the catchment [m2] and what this rain brings along [m3].",
        ),
        Field(
            "accumulation",
            "Catchment area",
            "grid",
            "m2",
            style="accumulation",
            optional=True,
            doc="The area whose water passes each cell once all depressions are full.",
        ),
        Field(
            "balance",
            "Water balance",
            "table",
            columns={"term": "1", "volume": "m3"},
            optional=True,
            doc="Volumes of what runs off, what is stored and what leaves the area.",
        ),
        Field("stored", "Stored in depressions", "number", "m3", doc="The volume of the map of depths."),
        Field("left", "Flows out of the area", "number", "m3", doc="What no depression holds."),
        Field("mass_error", "Mass balance error", "number", doc="Unexplained volume as a share of the runoff."),
    ),
    run=run,
    check=check,
    references=(
        "Barnes, R., Callaghan, K.L., Wickert, A.D. (2020). Computing water flow through complex landscapes - Part 2: "
        "Finding hierarchies in depressions and morphological segmentations. Earth Surface Dynamics 8, 431-445. "
        "doi:10.5194/esurf-8-431-2020",
        "Barnes, R., Callaghan, K.L., Wickert, A.D. (2021). Computing water flow through complex landscapes - Part 3: "
        "Fill-Spill-Merge: flow routing in depression hierarchies. Earth Surface Dynamics 9, 105-121. "
        "doi:10.5194/esurf-9-105-2021",
        "Cordonnier, G., Bovy, B., Braun, J. (2019). A versatile, linear complexity algorithm for flow routing in "
        "topographies with depressions. Earth Surface Dynamics 7, 549-562. doi:10.5194/esurf-7-549-2019",
    ),
    validity="Where water stands in the end, without time: no depth of what flows, no velocity, no sewer that drains "
    "a depression later. On flat ground small errors of the terrain decide where it spills; run the flood model there.",
)
