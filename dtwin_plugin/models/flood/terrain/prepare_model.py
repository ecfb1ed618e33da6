"""The description of the preparation of a terrain for water."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from ...base import Field, Model, Values
from ...problem import Problem
from .. import ground
from ..scan.scan_model import HIGHEST, LOWEST, implausible

if TYPE_CHECKING:
    from dtwin_plugin.data import Grid

_GROUND = {item.name: item for item in ground.INPUTS}
_WHOLE = 0.99  # share of heights that are whole numbers, from which they are not metres


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong beyond the limits of single fields."""
    terrain: Grid = values["terrain"]
    heights = terrain.values[np.isfinite(terrain.values)]
    low, high = float(heights.min()), float(heights.max())
    whole = float((heights == np.round(heights)).mean())
    if (low < LOWEST or high > HIGHEST) and whole > _WHOLE:
        yield Problem(
            "DT177",
            "terrain",
            "Terrain heights are whole numbers from {low:.0f} to {high:.0f}, which look like centimetres or "
            "decimetres; expected metres. Convert them first.",
            {"low": low, "high": high},
        )
    else:
        yield from implausible(terrain)
    base_map = values["base_map"]
    if base_map is not None and len(base_map) and "klasse" not in base_map.columns:
        yield Problem(
            "DT178",
            "base_map",
            "The base map has no column klasse; expected a layer of Load BGT. It has {columns}.",
            {"columns": ", ".join(base_map.columns) or "-"},
        )
    for layer, names in (("culverts", ("start_level", "end_level")), ("walls", ("wall_top",))):
        for name in names:
            if values[name] and (values[layer] is None or values[name] not in values[layer].columns):
                yield Problem(
                    "DT179",
                    name,
                    "There is no column {column}; found are {columns}.",
                    {"column": values[name], "columns": ", ".join(values[layer].columns) if values[layer] else "-"},
                )


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Prepare the terrain."""
    from .prepare import Drawn, Wishes, prepared
    from .prepare_findings import DONE, ERROR, KINDS

    wishes = Wishes(
        holes=values["holes"],
        decks=values["decks"],
        water=values["water"],
        longest=values["longest"],
        crest=values["crest"],
        dam=values["dam"],
        spike=values["spike"],
        culvert_columns=(values["start_level"], values["end_level"] or values["start_level"]),
        wall_column=values["wall_top"],
    )
    drawn = Drawn(values["base_map"], values["buildings"], values["culverts"], values["walls"])
    ready, change, findings = prepared(values["terrain"], drawn, values["cell_size"], wishes, progress)
    severities = [KINDS[row[0]][0] for row in findings.rows]
    errors = severities.count(ERROR)
    if errors:
        progress.warn(
            "{count} findings must be looked at before a run; they are in the layer of findings.", count=errors
        )
    return {
        "prepared": ready,
        "change": change,
        "findings": findings.features(),
        "errors": errors,
        "open_findings": len(severities) - severities.count(DONE),
    }


def _column(name: str, title: str, doc: str) -> Field:
    return Field(name, title, "text", optional=True, advanced=True, doc=doc)


FLOOD_TERRAIN = Model(
    id="floodterrain",
    version="1.0.0",
    title="Terrain for water",
    group="Water",
    summary="Makes a terrain ready for the flood model: decks of bridges are taken off, holes filled, open water made "
    "level, culverts and passages opened, and thin walls kept in larger cells. Lists as a map layer what must be "
    "looked at before a run, and what was changed.",
    inputs=(
        _GROUND["terrain"],
        Field(
            "base_map",
            "Base map (BGT)",
            "features",
            geometry="polygon",
            optional=True,
            doc="Polygons of Load BGT, with their relative height: decks, passages below ground and open water.",
        ),
        Field(
            "buildings",
            "Buildings",
            "features",
            geometry="polygon",
            optional=True,
            doc="Footprints. Those without ground around them are listed; the terrain is not raised.",
        ),
        Field(
            "culverts",
            "Culverts and passages",
            "features",
            geometry="line",
            optional=True,
            doc="Lines that become a channel of one cell, from the lowest of both ends or the levels that they have.",
        ),
        Field(
            "walls",
            "Walls and kerbs",
            "features",
            geometry="line",
            optional=True,
            doc="Lines along which the highest cell of the terrain, or the top that they have, is kept.",
        ),
        replace(_GROUND["extent"], doc=mark("The part of the terrain to prepare; default all of it.")),
        replace(_GROUND["cell_size"], doc=mark("A whole multiple of the terrain's; default its own.")),
        Field("decks", "Take decks off", "boolean", default=True, doc="Draw the bed below them through."),
        Field("water", "Level open water", "boolean", default=True, doc="One level for each water body."),
        Field("holes", "Fill holes", "boolean", default=True, doc="Enclosed holes, from around: under buildings too."),
        Field(
            "longest",
            "Longest passage",
            "number",
            "m",
            60.0,
            0,
            1000,
            advanced=True,
            doc="What passes below the ground over a longer distance is a tunnel and stays closed.",
        ),
        Field(
            "crest",
            "Lowest wall",
            "number",
            "m",
            0.1,
            0,
            10,
            advanced=True,
            doc="Height from which a thin wall or kerb is kept in larger cells; 0 keeps none.",
        ),
        Field(
            "dam",
            "Highest false dam",
            "number",
            "m",
            0.0,
            0,
            1,
            advanced=True,
            doc="Passes of one cell up to this height are cut through; 0 cuts none. More cuts through real kerbs too.",
        ),
        Field(
            "spike",
            "Spikes and pits from",
            "number",
            "m",
            1.0,
            0.01,
            100,
            advanced=True,
            doc="Difference from the cells around from which a cell is listed; it is not changed.",
        ),
        _column("start_level", mark("Column of the level at the start of a culvert"), mark("Its bottom in m NAP.")),
        _column("end_level", mark("Column of the level at the end of a culvert"), mark("Default that of the start.")),
        _column("wall_top", mark("Column of the top of a wall"), mark("In m NAP.")),
    ),
    outputs=(
        Field("prepared", "Terrain for water", "grid", "m", style="terrain", doc="Height of the bed in m NAP."),
        Field(
            "change",
            "Change of the terrain",
            "grid",
            "m",
            style="terrain_change",
            optional=True,
            doc="Prepared less original; no data where the original has no height.",
        ),
        Field(
            "findings",
            "Findings in the terrain",
            "features",
            geometry="point",
            style="terrain_findings",
            optional=True,
            doc="With a code, severity (error, warning, done), sentence, height change [m] and area [m2].",
        ),
        Field("errors", "Errors", "integer", doc="Findings that must be looked at before a run."),
        Field("open_findings", "Open findings", "integer", doc="Errors and warnings together."),
    ),
    run=run,
    check=check,
    references=(
        "Ministerie van Infrastructuur en Milieu (2013). Basisregistratie grootschalige topografie: gegevenscatalogus "
        "BGT 1.1.1 (relatieve hoogteligging).",
        "Saad, Y. (2003). Iterative methods for sparse linear systems, 2nd edition. SIAM. Algorithm 9.1.",
    ),
    validity="Decks and passages are as good as the relative heights of the base map. Beds that are not measured are "
    "drawn from beside; a culvert of one cell lets more water through than its pipe: take culverts with a diameter in "
    "the flood model where that matters.",
)
