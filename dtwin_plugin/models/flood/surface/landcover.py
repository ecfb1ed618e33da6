"""Land cover on the cells of a run: roughness, what leaves and puddles hold, infiltration and the share to the sewer.

A raster counts before a polygon, a polygon before the number of the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.columns import numbers_of
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ...base import Field, Values
from ...problem import ERROR, WARNING, Problem, problem_of
from ..cells import on_cells
from .landcover_table import KLASSE, LIMITS, ROOF, UNKNOWN, Cover, cover_table, own_numbers, rows_for, with_own_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    Floats = NDArray[np.float64]

MM, HOUR = 1e-3, 3600.0  # m, s
LISTED = 8  # codes that one sentence names
LEVEL = "relatieve_hoogteligging"

LANDCOVER = Field(
    "landcover",
    "Land cover",
    "features",
    geometry="polygon",
    optional=True,
    doc="Polygons with a column klasse, such as those of Load BGT. Each gets the roughness, storage, infiltration and "
    "share to the sewer of its class, or of its own columns of these names; elsewhere the numbers hold.",
)
TABLE = Field(
    "landcover_table",
    "Table of land cover",
    "file",
    optional=True,
    advanced=True,
    doc="A CSV file with the columns of the one that ships, with your own numbers for each class.",
)
ROOFS = Field(
    "roofs",
    "Rain on roofs",
    "choice",
    default="sewer",
    choices={"sewer": "To the sewer, the rest onto the street", "street": "Onto the street"},
    advanced=True,
    doc="Where roofs drain to, when the share to the sewer is known; without a sewer all of it goes onto the street.",
)
INPUTS = (LANDCOVER,)
ADVANCED = (
    TABLE,
    Field(
        "interception",
        "Storage on leaves and in puddles",
        "number",
        "mm",
        0.0,
        0,
        50,
        advanced=True,
        doc="What stays where it falls before any rain flows. Puddles that the terrain itself has need no number.",
    ),
    ROOFS,
    Field(
        "roughness_map",
        "Roughness (Manning) as a raster",
        "grid",
        "s m-1/3",
        optional=True,
        advanced=True,
        doc="In place of the land cover and of the number where it has data.",
    ),
    Field(
        "interception_map",
        "Storage on leaves and in puddles as a raster",
        "grid",
        "mm",
        optional=True,
        advanced=True,
        doc="In place of the land cover and of the number where it has data.",
    ),
    Field(
        "sewer_share",
        "Share to the sewer",
        "grid",
        optional=True,
        advanced=True,
        doc="From 0 to 1, in place of that of the land cover where it has data.",
    ),
    Field(
        "sewer_capacity",
        "Capacity of the sewer",
        "number",
        "mm h-1",
        20.0,
        0,
        500,
        advanced=True,
        doc="What the sewer takes of surfaces that are connected to it, when the share to the sewer is known. 20 mm "
        "per hour is used by the national flood map.",
    ),
)
# input -> title, unit, limits that its values may touch
GRIDS = {
    "roughness_map": (mark("Roughness (Manning) as a raster"), "s m-1/3", 0.005, 1.0),
    "interception_map": (mark("Storage on leaves and in puddles as a raster"), "mm", 0.0, 100.0),
    "sewer_share": (mark("Share to the sewer"), "", 0.0, 1.0),
}


@dataclass(frozen=True)
class CoverMap:
    """Land cover on cells.

    Attributes
    ----------
    roughness : float or ndarray
        Manning's n [s m-1/3], one or shape (rows, cols).
    interception : float or ndarray
        What leaves and puddles hold [m].
    infiltration : ndarray or None
        What the class takes [m s-1]; NaN where no polygon lies, None without land cover.
    sewer : ndarray or None
        Share that is connected to the sewer, 0 to 1; None where it is not known.
    natural : ndarray or None
        Where the soil below decides on the infiltration; None without land cover: everywhere but below buildings.
    """

    roughness: float | Floats
    interception: float | Floats
    infiltration: Floats | None
    sewer: Floats | None
    natural: NDArray[np.bool_] | None


def classes_on(
    features: Features,
    rows: NDArray[np.int64],
    table: tuple[Cover, ...],
    terrain: Grid,
    covered: NDArray[np.integer] | None = None,
) -> NDArray[np.int64]:
    """Return the row of the table for each cell, shape (rows, cols); -1 where no polygon of a known class lies.

    Where polygons overlap, the ground level counts (relative height 0), then what lies nearest to it, above before
    below; of one level the class that stands lower in the table. Buildings, where they are given, are roofs.

    Parameters
    ----------
    features : Features
        Polygons; where levels matter with a column "relatieve_hoogteligging".
    rows : ndarray
        The row of each of them, below 0 for none.
    covered : ndarray, optional
        Shape (rows, cols): above 0 where a building stands.
    """
    level = _levels(features)
    rank = np.array([row.rank for row in table])[rows]
    order = np.lexsort((rank, level > 0, -np.abs(level)))
    order = order[rows[order] >= 0]
    found = labels(features.geometries.take(order), terrain)
    cells = np.append(UNKNOWN, rows[order])[found]
    roof = next((number for number, row in enumerate(table) if row.klasse == ROOF and not row.column), None)
    return cells if covered is None or roof is None else np.where(covered > 0, roof, cells)


def cover_of(values: Values, terrain: Grid, covered: NDArray[np.integer] | None) -> CoverMap:
    """Return the land cover of a run; numbers where neither polygons nor rasters are given.

    Parameters
    ----------
    values : mapping
        The inputs of `INPUTS` and `ADVANCED`, and "roughness".
    terrain : Grid
        The cells of the run.
    covered : ndarray or None
        Shape (rows, cols): 0 = no building, k = building k.
    """
    roughness: float | Floats = values["roughness"]
    interception: float | Floats = values["interception"] * MM
    infiltration, sewer, natural, roofs = None, None, None, None if covered is None else covered > 0
    if values["landcover"] is not None:
        table, rows = with_own_numbers(values["landcover"], cover_table(values["landcover_table"]))
        cells = classes_on(values["landcover"], rows, table, terrain, covered)
        roughness = _column(table, "roughness", cells, values["roughness"])
        interception = _column(table, "interception", cells, values["interception"]) * MM
        infiltration = _column(table, "infiltration", cells, np.nan) * MM / HOUR
        sewer = _column(table, "sewer", cells, 0.0)
        natural = np.array([row.soil for row in table] + [True])[cells]
        roofs = np.array([row.klasse == ROOF for row in table] + [False])[cells]
    maps = {name: on_cells(values[name], terrain) for name in GRIDS}
    roughness = _over(maps["roughness_map"], roughness)
    interception = _over(maps["interception_map"], interception, MM)
    if maps["sewer_share"] is not None:
        sewer = np.asarray(_over(maps["sewer_share"], 0.0 if sewer is None else sewer))
    if sewer is not None and roofs is not None and values["roofs"] == "street":
        sewer = np.where(roofs, 0.0, sewer)
    return CoverMap(roughness, interception, infiltration, sewer, natural)


def _column(table: tuple[Cover, ...], name: str, cells: NDArray[np.int64], elsewhere: float) -> Floats:
    return np.array([getattr(row, name) for row in table] + [elsewhere])[cells]  # -1 is the last


def _over(grid: Floats | None, below: float | Floats, unit: float = 1.0) -> float | Floats:
    return below if grid is None else np.where(np.isnan(grid), below, grid * unit)


def _levels(features: Features) -> Floats:
    """Return the relative height of each feature; 0 where it is not known."""
    found = numbers_of(features.columns, LEVEL, len(features))
    return np.where(np.isfinite(found), found, 0.0)


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with land cover, its table and its rasters."""
    yield from check_polygons(values)
    for name, (title, unit, least, most) in GRIDS.items():
        grid = values[name]
        if grid is None:
            continue
        low, high = float(np.nanmin(grid.values)), float(np.nanmax(grid.values))
        if low < least or high > most:
            yield Problem(
                "DT131",
                name,
                "{field} runs from {low:.6g} to {high:.6g} {unit}; expected {least} to {most}.",
                {"field": title, "low": low, "high": high, "unit": unit, "least": least, "most": most},
                ERROR,
            )
    if values["sewer_share"] is not None and values["landcover"] is None and values["infiltration"] > 0:
        yield Problem(
            "DT133",
            "sewer_share",
            "The share to the sewer is given, and infiltration and sewer take {found:g} mm/h everywhere; set that to "
            "what the soil takes alone.",
            {"found": values["infiltration"]},
            WARNING,
        )


def check_polygons(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the polygons of land cover and with the table."""
    try:
        table = cover_table(values["landcover_table"])
    except InputError as error:
        yield problem_of("DT130", "landcover_table", error)
        return
    features: Features | None = values["landcover"]
    if features is None or not len(features):
        return
    if KLASSE not in features.columns:
        yield Problem(
            "DT128",
            "landcover",
            "The land cover has no column klasse; it has {found}. Load it with Load BGT, or add the column.",
            {"found": ", ".join(features.columns) or "-"},
            ERROR,
        )
        return
    yield from _check_codes(features, table)
    yield from _check_own_numbers(features)


def _check_codes(features: Features, table: tuple[Cover, ...]) -> Iterator[Problem]:
    """Yield the codes that the table has no row for, with how many there are and where the first of them lies."""
    unknown = np.flatnonzero(rows_for(features, table) == UNKNOWN)
    if not unknown.size:
        return
    box = features.geometries.bounds()
    places: dict[str, list[int]] = {}
    for index in unknown:
        places.setdefault(str(features.columns[KLASSE][index]), []).append(int(index))
    told = [
        f"{code} ({len(at)} x, at {box[at[0], [0, 2]].mean():.0f}, {box[at[0], [1, 3]].mean():.0f})"
        for code, at in sorted(places.items(), key=lambda item: -len(item[1]))
    ]
    yield Problem(
        "DT129",
        "landcover",
        "The table of land cover has no row for {count} polygons: {codes}. The numbers of the form hold there; add "
        "rows to a table of your own.",
        {"count": int(unknown.size), "codes": ", ".join(told[:LISTED]) + (", ..." if len(told) > LISTED else "")},
        WARNING,
    )


def _check_own_numbers(features: Features) -> Iterator[Problem]:
    """Yield which numbers that polygons have of their own cannot be."""
    box = features.geometries.bounds()
    for name, numbers in own_numbers(features).items():
        least, most = LIMITS[name]
        wrong = np.flatnonzero((numbers < least) | (numbers > most))
        if wrong.size:
            at = box[wrong[0]]
            yield Problem(
                "DT131",
                "landcover",
                "The column {column} of the land cover has {count} numbers outside {least} to {most}, the first of "
                "them {found:.6g} at {place}.",
                {
                    "column": name,
                    "count": int(wrong.size),
                    "least": least,
                    "most": most,
                    "found": float(numbers[wrong[0]]),
                    "place": f"{at[[0, 2]].mean():.0f}, {at[[1, 3]].mean():.0f}",
                },
                ERROR,
            )
