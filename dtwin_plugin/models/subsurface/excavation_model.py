"""The description of a building pit."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .ground_models import SETTLEMENT

TABLE = {"lithoclass": "1", "soil": "1", "volume": "m3", "loose_volume": "m3", "mass": "t"}


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Dig, and count what comes out."""
    from .excavation import by_class, pit
    from .soil_columns import lithoclasses
    from .soil_table import soil_table

    found = pit(values["outline"], values["bottom"], values["slope"], values["terrain"], values["cell_size"])
    progress.report(0.6)
    volumes = {-1: found.volume}
    if values["soil"] is not None:
        soil = values["soil"]
        of_class, codes = by_class(found, soil), lithoclasses(soil)
        code_of = {int(index): int(code) for index, code in zip(soil.classes.ravel(), codes.ravel())}
        volumes = {}
        for index, volume in of_class.items():
            code = code_of.get(index, -1)
            volumes[code] = volumes.get(code, 0.0) + volume
    soils = soil_table(values["soils"])
    table: dict[str, list[Any]] = {name: [] for name in TABLE}
    for code in sorted(volumes):
        loose = float(soils.of("bulking", np.array([code]))[0])
        weight = float(soils.of("weight", np.array([code]))[0]) / 9.81
        row = (code, LITHOCLASSES.get(code, "-"), volumes[code], volumes[code] * loose, volumes[code] * weight)
        for name, value in zip(TABLE, row):
            table[name].append(None if value != value else value)
    from .excavation import coverage

    built = float((coverage(values["outline"].geometries, found.floor) * found.depth).sum()) * found.area
    return {
        "depth": found.floor.like(np.where(found.depth > 0, found.depth, np.nan), "m", "depth of the pit"),
        "balance": table,
        "volume": found.volume,
        "backfill": max(0.0, found.volume - built),
        "surplus": min(found.volume, built),
    }


EXCAVATION = Model(
    id="excavation",
    version="1.0.0",
    title="Volume of a building pit",
    group="Subsurface",
    summary="What is dug for a pit with straight or sloping sides, by class of soil, and what is filled back or left "
    "over.",
    inputs=(
        Field(
            "outline",
            "Outline of the bottom",
            "features",
            geometry="polygon",
            doc="The building, or the pit at its bottom.",
        ),
        Field("bottom", "Height of the bottom", "number", "m", -3.0, -200, 500, doc="In m NAP."),
        Field(
            "slope",
            "Slope of the sides",
            "number",
            "1",
            0.0,
            0,
            20,
            doc="Metres outwards for each metre upwards; 0 is a wall.",
        ),
        SETTLEMENT.input("terrain"),
        Field(
            "soil",
            "Soil",
            "voxels",
            optional=True,
            doc="Lithoclasses, as Load GeoTOP gives them, for the volume of each.",
        ),
        Field(
            "cell_size",
            "Cell size",
            "number",
            "m",
            0.25,
            0.01,
            10,
            advanced=True,
            doc="Halving it gives four times the cells.",
        ),
        SETTLEMENT.input("soils"),
    ),
    outputs=(
        Field(
            "depth", "Depth of the pit", "grid", "m", style="pit", doc="Below the ground; without data outside the pit."
        ),
        Field(
            "balance",
            "Soil balance",
            "table",
            columns=TABLE,
            doc="Volume in place and loose, and mass, of each class of soil.",
        ),
        Field("volume", "Volume", "number", "m3", doc="What is dug, as it lies in the ground."),
        Field(
            "backfill",
            "Filled back",
            "number",
            "m3",
            doc="Between the sides of the pit and upright walls on the outline.",
        ),
        Field("surplus", "Left over", "number", "m3", doc="What the building takes the place of."),
    ),
    run=run,
    references=("Levien, R. (2016). Inside the fastest font renderer in the world (exact area coverage of cells).",),
    validity="A flat bottom and sides of one slope. Groundwater, stability and sheet piles are not looked at.",
)
