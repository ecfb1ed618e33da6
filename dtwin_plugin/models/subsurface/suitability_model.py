"""The description of the suitability of the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid, Voxels

    from .criteria import Criterion
    from .suitability import Ground

    Floats = NDArray[np.float64]

USES = {
    "infiltration": mark("Infiltration of rain"),
    "trees": mark("Planting trees"),
    "closedheat": mark("Closed heat exchanger"),
    "openheat": mark("Open heat exchanger (wells)"),
    "shallowfoundation": mark("Building without piles"),
    "carpark": mark("Underground car park"),
}
_SCORES = ("soil", "groundwater", "claims", "slope")


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Judge every cell."""
    from .criteria import criteria
    from .suitability import suitability

    wanted = criteria(values["use"], values["criteria"])
    cells = _cells(values)
    ground, inside = _ground(values, cells, wanted, progress)
    found = suitability(ground, wanted, values["threshold"], values["draws"], values["vertical_range"], 1, progress)

    def grid(column: Floats, name: str) -> Grid:
        whole = np.full(inside.shape, np.nan)
        whole[inside] = column
        return cells.like(whole, "1", name)

    results: dict[str, Any] = {
        "suitability": grid(found.mean, "suitability"),
        "deviation": grid(found.deviation, "uncertainty of the suitability"),
        "chance": grid(found.chance, "chance that it is suitable"),
    }
    results.update({f"score_{name}": grid(found.scores[name], name) for name in _SCORES if name in found.scores})
    forbidden = [score for name, score in found.scores.items() if name.endswith("_knockout")]
    if forbidden:
        results["allowed"] = grid(np.min(forbidden, axis=0), "chance that it is allowed")
    known = np.isfinite(found.mean)
    if not known.any():
        raise InputError(
            "Nothing can be said of any cell: the soil is not known to the depth that the criteria ask.",
            hint="Choose an area with voxels, or criteria that are less deep.",
        )
    results["area"] = float((found.chance[known] >= 0.5).sum()) * cells.cell_size**2
    return results


def _cells(values: Values) -> Grid:
    """Return the cells of the answer: those of the area, on whole multiples of their size."""
    from dtwin_plugin.data import Grid

    size = values["cell_size"]
    box = values["extent"] or values["terrain"].extent
    left, top = np.floor(box.x_min / size) * size, np.ceil(box.y_max / size) * size
    columns = max(1, int(np.ceil((box.x_max - left) / size - 1e-9)))
    rows = max(1, int(np.ceil((top - box.y_min) / size - 1e-9)))
    return Grid(np.zeros((rows, columns), np.float32), float(left), float(top), size)


def _ground(
    values: Values, cells: Grid, wanted: tuple[Criterion, ...], progress: Progress
) -> tuple[Ground, NDArray[np.bool_]]:
    """Return what the criteria need of each cell that has ground, and which cells those are."""
    from dtwin_plugin.data.coverage import coverage

    from .ground import bilinear
    from .suitability import Ground

    rows, columns = cells.shape
    x, y = np.meshgrid(
        cells.x_min + (np.arange(columns) + 0.5) * cells.cell_size,
        cells.y_max - (np.arange(rows) + 0.5) * cells.cell_size,
    )
    heights = bilinear(values["terrain"], x, y)
    inside = np.isfinite(heights)
    if not inside.any():
        raise InputError("The terrain has no heights in this area.", hint="Choose another area or terrain.")
    x, y, height = x[inside], y[inside], heights[inside]
    water = np.full(len(x), float(values["groundwater"]))
    if values["groundwater_level"] is not None:
        water = height - values["groundwater_level"].sample(x, y)
    found = {"groundwater": water, "slope": _slope(heights, cells.cell_size)[inside]}
    for name in ("contamination", "protection"):
        areas = values[name]
        share = np.zeros(cells.shape) if areas is None else np.minimum(coverage(areas.geometries, cells), 1.0)
        found[name] = share[inside]
    deepest = max((criterion.bottom for criterion in wanted), default=0.0)
    soil = values["soil"]
    if soil.probability is None:
        progress.warn("The soil has no probabilities; its classes are taken as certain.")
    probability, depth = _column(soil, x, y, height, deepest, _chances)
    taken = None
    if values["claims"] is not None:
        taken = _taken_at(values["claims"], soil, x, y, height, depth)
    return Ground(probability, depth, soil.cell_size[2], found, taken), inside


def _column(
    soil: Voxels, x: Floats, y: Floats, height: Floats, deepest: float, values_of: Any
) -> tuple[Floats, Floats]:
    """Return values of the layers under places, from the top downwards, and their depths below the ground."""
    from .soil_columns import layers_above

    nx, ny, nz = soil.classes.shape
    i = np.floor((x - soil.x_min) / soil.cell_size[0]).astype(np.int64)
    j = np.floor((y - soil.y_min) / soil.cell_size[1]).astype(np.int64)
    known = (i >= 0) & (i < nx) & (j >= 0) & (j < ny)
    middle = soil.z_min + (np.arange(nz + layers_above(soil)) + 0.5) * soil.cell_size[2]
    half = soil.cell_size[2] / 2
    needed = (middle - half < height.max()) & (middle + half > height.min() - deepest)
    layers = np.flatnonzero(needed)[::-1]
    if not len(layers):
        raise InputError("The voxels do not reach the ground in this area.", hint="Choose other voxels or terrain.")
    columns = values_of(soil, layers)[np.where(known, i, 0), np.where(known, j, 0)]
    columns[~known] = np.nan
    return columns, height[:, None] - middle[layers]


def _chances(soil: Voxels, layers: NDArray[np.int64]) -> Floats:
    """Return the probability of each lithoclass, shape (x, y, layers, 10); NaN where the class is not known."""
    from .soil_columns import lithoclasses, raised

    count = max(LITHOCLASSES) + 1
    within = np.minimum(layers, soil.classes.shape[2] - 1)
    codes = np.where(layers > within, -1, lithoclasses(soil)[:, :, within])
    result = np.zeros((*codes.shape, count))
    by_name = {name: code for code, name in LITHOCLASSES.items()}
    if soil.probability is None:
        np.put_along_axis(result, np.maximum(codes, 0)[..., None], 1.0, axis=3)
    else:
        for index, name in enumerate(soil.names):
            if name in by_name:
                result[..., by_name[name]] += np.nan_to_num(soil.probability[:, :, within, index])
        # A class without a probability, such as made ground, is certain.
        alone = (result.sum(axis=3) <= 0) & (codes >= 0)
        rows = np.nonzero(alone)
        result[(*rows, codes[rows])] = 1.0
    result[codes < 0] = np.nan
    return np.take_along_axis(result, raised(codes >= 0, soil.cell_size[2])[..., None], axis=2)


def _taken_at(claims: Voxels, soil: Voxels, x: Floats, y: Floats, height: Floats, depth: Floats) -> Floats:
    """Return the share that is taken at the middle of each layer; NaN where it is not mapped."""
    if "taken" not in claims.layers:
        raise InputError(
            "The map of claims has no layer taken.", hint="Choose the result of Map what is taken in the ground."
        )
    nx, ny, nz = claims.classes.shape
    i = np.floor((x - claims.x_min) / claims.cell_size[0]).astype(np.int64)[:, None]
    j = np.floor((y - claims.y_min) / claims.cell_size[1]).astype(np.int64)[:, None]
    k = np.floor((height[:, None] - depth - claims.z_min) / claims.cell_size[2]).astype(np.int64)
    known = (i >= 0) & (i < nx) & (j >= 0) & (j < ny) & (k >= 0) & (k < nz)
    found = claims.layers["taken"][np.clip(i, 0, nx - 1), np.clip(j, 0, ny - 1), np.clip(k, 0, nz - 1)].astype(float)
    found[~known] = np.nan
    return found


def _slope(heights: Floats, size: float) -> Floats:
    """Return the slope of the ground [percent]; 0 across an area of one cell."""
    if min(heights.shape) < 2:
        return np.zeros(heights.shape)
    down, right = np.gradient(heights, size)
    slope: Floats = 100 * np.hypot(down, right)
    return np.where(np.isnan(slope) & np.isfinite(heights), 0.0, slope)


def _areas(name: str, title: str, doc: str) -> Field:
    return Field(name, title, "features", geometry="polygon", optional=True, doc=doc)


def _score(name: str, title: str) -> Field:
    doc = "Mean score of this criterion alone, from 0 (bad) to 1 (good)."
    return Field(f"score_{name}", title, "grid", optional=True, style="suitability", doc=doc)


SUITABILITY = Model(
    id="suitability",
    version="1.0.0",
    title="Suitability of the ground for a use",
    group="Subsurface",
    summary="Where the ground suits infiltration, trees, heat exchangers, building without piles or a car park: "
    "weighted "
    "and knock-out criteria on soil, groundwater, claims, slope, contamination and protection, with the uncertainty "
    "that "
    "the probabilities of the soil give.",
    inputs=(
        Field("use", "Use", "choice", default="infiltration", choices=USES, doc="Chooses the criteria."),
        Field("soil", "Soil", "voxels", doc="Lithoclasses with their probabilities, as Load GeoTOP gives them."),
        Field("terrain", "Terrain", "grid", "m", doc="Heights of the ground in m NAP."),
        Field("extent", "Area", "extent", optional=True, doc="Default that of the terrain."),
        Field(
            "groundwater",
            "Groundwater below the ground",
            "number",
            "m",
            1.0,
            -5,
            100,
            doc="In a wet season, everywhere.",
        ),
        Field(
            "groundwater_level",
            "Groundwater level",
            "grid",
            "m",
            optional=True,
            doc="In m NAP, in place of one depth everywhere.",
        ),
        Field("claims", "Taken ground", "voxels", optional=True, doc="From Map what is taken in the ground."),
        _areas("contamination", mark("Contaminated soil"), mark("Areas with polluted soil.")),
        _areas(
            "protection", mark("Protected areas"), mark("Areas where groundwater, archaeology or nature is protected.")
        ),
        Field("cell_size", "Cell size", "number", "m", 10.0, 0.5, 1000, doc="Halving it takes four times as long."),
        Field(
            "criteria",
            "Criteria",
            "table",
            columns={"use": "1", "criterion": "1", "kind": "1"},
            optional=True,
            advanced=True,
            doc="A table in place of the plugin's own, which is a start to talk about; the page of this model names "
            "its "
            "columns.",
        ),
        Field("threshold", "Suitable from", "number", "1", 0.6, 0, 1, advanced=True, doc="Score, for the chance."),
        Field(
            "draws",
            "Draws",
            "integer",
            "1",
            200,
            1,
            10000,
            advanced=True,
            doc="How often the soil is drawn; 200 give a chance to 4 percent, four times as many to half of that.",
        ),
        Field(
            "vertical_range",
            "Range along a column",
            "number",
            "m",
            2.0,
            0,
            100,
            advanced=True,
            doc="How far up and down soil is mostly alike; 0 draws each voxel by itself, which hides uncertainty.",
        ),
    ),
    outputs=(
        Field(
            "suitability",
            "Suitability",
            "grid",
            style="suitability",
            doc="Mean of the weighted score, from 0 (bad, or forbidden) to 1 (good).",
        ),
        Field(
            "deviation", "Uncertainty of the suitability", "grid", style="uncertainty", doc="Standard deviation of it."
        ),
        Field(
            "chance", "Chance that it is suitable", "grid", style="chance", doc="How often the score is high enough."
        ),
        _score("soil", mark("Score of the soil")),
        _score("groundwater", mark("Score of the groundwater")),
        _score("claims", mark("Score of the claims")),
        _score("slope", mark("Score of the slope")),
        Field(
            "allowed",
            "Chance that it is allowed",
            "grid",
            optional=True,
            style="chance",
            doc="0 where a knock-out criterion forbids the use.",
        ),
        Field("area", "Suitable area", "number", "m2", doc="Of cells that are suitable with a chance of half or more."),
    ),
    run=run,
    references=(
        "Malczewski, J. (1999). GIS and Multicriteria Decision Analysis. Wiley.",
        "Stafleu, J. et al. (2011). 3D modelling of the shallow subsurface of Zeeland, the Netherlands. Neth. J. "
        "Geosci. "
        "90, 293-310.",
    ),
    validity="For choosing between places, not for a design. Weights and limits are choices: the table that ships is a "
    "start. Of the uncertainties only that of the soil is in the chance.",
)
