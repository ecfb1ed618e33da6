"""The description of measures against flooding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress

from ...base import Field, Model, Values
from ...problem import WARNING, Problem, problem_of
from .measures_table import BARRIER, MOST, Kind, kinds_of, measures_table, sizes_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Features, Grid

    from .measures import Layers

_SHOWN = 8  # places that one sentence names
CLASS = "maatregel"  # of the land cover, whose soil decides on the infiltration


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the measures."""
    try:
        table = measures_table(values["measures_table"])
    except InputError as error:
        yield problem_of("DT188", "measures_table", error)
        return
    if values["measures"] is None and values["measure_lines"] is None:
        yield Problem(
            "DT185",
            "measures",
            "No measures are given: the layers that come out are those of the run without measures.",
            {},
            WARNING,
        )
    for name in ("measures", "measure_lines"):
        features: Features | None = values[name]
        if features is not None and len(features):
            yield from _check_features(name, features, table, values["terrain"])
    yield from _check_sewers(values, table)


def _check_sewers(values: Values, table: dict[str, Kind]) -> Iterator[Problem]:
    """Yield which districts a larger sewer cannot make larger, as nobody says what they hold."""
    from ..sewers.sewer_districts import names_of, numbers_of_districts
    from .measures_table import SEWER

    areas, districts = values["measures"], values["sewer_districts"]
    if areas is None or districts is None or values["sewer_storage"] is not None:
        return
    if not any(kind is not None and kind.name == SEWER for kind in kinds_of(areas, table)):
        return
    numbers = numbers_of_districts(districts)
    without = np.flatnonzero(np.isnan(numbers["storage_mm"]) & np.isnan(numbers["storage_m3"]))
    if without.size:
        names = names_of(districts)
        yield Problem(
            "DT191",
            "sewer_storage",
            "Nothing says what the sewer districts {names} hold, so that a larger sewer adds no storage to them: give "
            "the storage of a district, which is that of the rule of the run.",
            {"names": ", ".join(names[k] for k in without[:_SHOWN])},
            WARNING,
        )


def _check_features(name: str, features: Features, table: dict[str, Kind], terrain: Grid) -> Iterator[Problem]:
    kinds = kinds_of(features, table)
    lines = name == "measure_lines"
    fitting = [kind is not None and (kind.name == BARRIER) == lines for kind in kinds]
    unknown = [str(k + 1) for k, fits in enumerate(fitting) if not fits]
    if unknown:
        yield Problem(
            "DT188",
            name,
            "Measures {numbers} are of no type that is known for this layer; expected in the column type: {expected}.",
            {
                "numbers": ", ".join(unknown[:_SHOWN]),
                "expected": ", ".join(kind for kind in table if (kind == BARRIER) == lines),
            },
        )
    for size, most in MOST.items():
        wanted = np.array([kind is not None and size in kind.sizes for kind in kinds])
        found = sizes_of(features, kinds, size)
        wrong = np.flatnonzero(wanted & ~((found >= 0) & (found <= most)))
        if wrong.size:
            yield Problem(
                "DT189",
                name,
                "Measure {number} has {found} for {column}; expected a number from 0 to {most}.",
                {"number": int(wrong[0]) + 1, "found": float(found[wrong[0]]), "column": size, "most": most},
            )
    box, area = features.geometries.bounds(), terrain.extent
    within = (box[:, 0] < area.x_max) & (box[:, 2] > area.x_min) & (box[:, 1] < area.y_max) & (box[:, 3] > area.y_min)
    if not within.all():
        yield Problem(
            "DT190",
            name,
            "Measures {numbers} lie outside the terrain, where they do nothing.",
            {"numbers": ", ".join(str(k + 1) for k in np.flatnonzero(~within)[:_SHOWN])},
            WARNING,
        )


def run(values: Values, progress: Progress) -> dict[str, Any]:
    """Put all measures into the layers; see `MEASURES` for what goes in and out."""
    from ..cells import on_cells
    from .measures import Layers, apply_areas, enlarged, raised

    terrain: Grid = values["terrain"]
    table = measures_table(values["measures_table"])

    def layer(name: str) -> Any:
        found = on_cells(values[name], terrain)
        return np.full(terrain.shape, np.nan) if found is None else np.array(found, float)

    capacity = layer("infiltration_capacity")
    if values["infiltration"] is not None:
        capacity = np.where(np.isnan(capacity), values["infiltration"], capacity)
    layers = Layers(
        np.array(terrain.values, float),
        capacity,
        layer("soil_storage"),
        layer("interception_map"),
        np.zeros(terrain.shape, bool),
    )
    areas: Features | None = values["measures"]
    buildings, districts = values["buildings"], values["sewer_districts"]
    if areas is not None and len(areas):
        apply_areas(layers, areas, table, terrain)
        if buildings is not None:
            buildings = raised(buildings, areas, table, values["threshold"], layers)
        storage = np.nan if values["sewer_storage"] is None else values["sewer_storage"]
        districts = enlarged(districts, areas, table, (storage, values["sewer_capacity"]), layers)
    results: dict[str, Any] = {
        "new_terrain": terrain.like(layers.terrain, "m", "Terrain with measures"),
        "new_buildings": buildings,
        "new_sewer_districts": districts,
        "new_structures": _barriers(values, table, layers),
        "new_landcover": _landcover(values, table),
    }
    for name, cells, unit in (
        ("infiltration_capacity", layers.capacity, "mm h-1"),
        ("soil_storage", layers.storage, "mm"),
        ("interception_map", layers.interception, "mm"),
    ):
        if np.isfinite(cells).any():  # a raster without any value is no input
            results[f"new_{name}"] = terrain.like(cells, unit, f"{name} with measures")
    results.update(_costs(layers, table, progress))
    return {name: value for name, value in results.items() if value is not None}


def _barriers(values: Values, table: dict[str, Kind], layers: Layers) -> Features | None:
    """Return barriers as levees beside the structures that there are."""
    from dtwin_plugin.data import Features

    from ..consequences.consequences_roads import water_on_lines

    lines: Features | None = values["measure_lines"]
    if lines is None or not len(lines):
        return values["structures"]
    kinds = kinds_of(lines, table)
    height = sizes_of(lines, kinds, "height")
    length = water_on_lines(values["terrain"], lines.geometries, ()).length
    for kind, one in zip(kinds, length):
        if kind is not None:
            layers.add_cost(kind, float(one))
    columns = {"type": np.full(len(lines), "levee", object), "raise": height}
    levees = Features(lines.geometries, columns, {"raise": "m"}, lines.crs)
    return levees if values["structures"] is None else Features.concatenate([values["structures"], levees])


def _landcover(values: Values, table: dict[str, Kind]) -> Features | None:
    """Return the land cover with what lets water into the soil above it."""
    from dtwin_plugin.data import Features

    from .measures_table import CRATES, PAVING, WADI

    cover, areas = values["landcover"], values["measures"]
    if cover is None or areas is None:
        return cover
    kinds = kinds_of(areas, table)
    soaking = [k for k, kind in enumerate(kinds) if kind is not None and kind.name in (WADI, PAVING, CRATES)]
    if not soaking:
        return cover
    lower = {name.lower(): name for name in cover.columns}
    shapes = areas.geometries.take(np.array(soaking))
    names = np.array([getattr(kinds[k], "name", "") for k in soaking], object)
    columns = {lower.get("klasse", "klasse"): np.full(len(soaking), CLASS, object), lower.get("type", "type"): names}
    return Features.concatenate([cover, Features(shapes, columns, crs=cover.crs)])


def _costs(layers: Layers, table: dict[str, Kind], progress: Progress) -> dict[str, Any]:
    """Return the table of costs and their sum, and tell which amounts nobody confirmed."""
    names = ("type", "quantity", "unit", "cost_low", "cost_mean", "cost_high")
    columns: dict[str, list[Any]] = {name: [row[k] for row in layers.rows] for k, name in enumerate(names)}
    used = [table[name] for name in dict.fromkeys(columns["type"])]
    columns["price_level"] = [table[name].price_level for name in columns["type"]]
    columns["confirmed"] = ["yes" if table[name].confirmed else "no" for name in columns["type"]]
    unsure = [kind.name for kind in used if not kind.confirmed]
    if unsure:
        progress.warn(
            "Sizes and costs of the table of measures are not confirmed for {types}.", types=", ".join(unsure)
        )
    return {"costs": columns, "cost": float(sum(columns["cost_mean"]))}


def _grid(name: str, title: str, unit: str, doc: str) -> Field:
    return Field(name, title, "grid", unit, optional=True, advanced=True, doc=doc)


def _features(name: str, title: str, geometry: str, doc: str) -> Field:
    return Field(name, title, "features", geometry=geometry, optional=True, doc=doc)


def _made(name: str, title: str, kind: str, doc: str, unit: str = "1", geometry: str = "", style: str = "") -> Field:
    return Field(name, title, kind, unit, geometry=geometry, optional=True, style=style, doc=doc)


INPUTS = (
    Field("terrain", "Terrain", "grid", "m", doc="Height of the ground in m NAP, without the measures."),
    _features(
        "measures",
        "Measures as areas",
        "polygon",
        "Column type: green_roof, wadi, lowered_street, permeable_paving, infiltration_crates, larger_sewer or "
        "raised_threshold, with columns for their sizes; the page of this model lists them.",
    ),
    _features("measure_lines", "Barriers", "line", "Column type: barrier, and height above the ground [m]."),
    _features("buildings", "Buildings", "polygon", "Get a column threshold, for Consequences of a flood."),
    _features("sewer_districts", "Sewer districts", "polygon", "Get columns storage_mm and capacity_mmh."),
    _features("structures", "Structures", "line", "Of the run; the barriers are added to them as levees."),
    _features(
        "landcover",
        "Land cover",
        "polygon",
        "Of the run; what lets water into the soil is added to it, else paving there would take none.",
    ),
    Field(
        "infiltration",
        "Infiltration and sewer",
        "number",
        "mm h-1",
        None,
        0,
        500,
        optional=True,
        doc="The number of the run without land cover: fills the raster of the capacity, so that runs with and without "
        "measures differ by the measures alone.",
    ),
    _grid("infiltration_capacity", "Infiltration capacity", "mm h-1", "Of the run, where it has one."),
    _grid("soil_storage", "Storage of the soil", "mm", "Of the run, where it has one."),
    _grid("interception_map", "Storage on leaves and in puddles", "mm", "Of the run, where it has one."),
    Field(
        "measures_table",
        "Table of measures",
        "file",
        optional=True,
        advanced=True,
        doc="A CSV file with the columns of the one that ships, with your own sizes and costs.",
    ),
    Field(
        "threshold",
        "Threshold",
        "number",
        "m",
        0.15,
        0.0,
        5.0,
        advanced=True,
        doc="Of doors above the ground, before a threshold is raised, where no column tells.",
    ),
    Field(
        "sewer_capacity",
        "Capacity of a district",
        "number",
        "mm h-1",
        20.0,
        0,
        500,
        advanced=True,
        doc="Of sewer districts without a column for it, before their sewer becomes larger.",
    ),
    Field(
        "sewer_storage",
        "Storage of a district",
        "number",
        "mm",
        None,
        0,
        1000,
        optional=True,
        advanced=True,
        doc="Of sewer districts without a column for it; default no limit, to which nothing can be added.",
    ),
)
OUTPUTS = (
    Field("new_terrain", "Terrain with measures", "grid", "m", style="terrain", doc="For the run with measures."),
    _made("new_infiltration_capacity", "Infiltration capacity with measures", "grid", "For the run.", "mm h-1"),
    _made("new_soil_storage", "Storage of the soil with measures", "grid", "For the run.", "mm"),
    _made("new_interception_map", "Storage on leaves and in puddles with measures", "grid", "For the run.", "mm"),
    _made("new_landcover", "Land cover with measures", "features", "For the run.", geometry="polygon"),
    _made("new_sewer_districts", "Sewer districts with measures", "features", "For the run.", geometry="polygon"),
    _made("new_structures", "Structures with barriers", "features", "For the run.", geometry="line"),
    _made(
        "new_buildings",
        "Buildings with thresholds",
        "features",
        "For the run and its consequences.",
        geometry="polygon",
        style="footprints",
    ),
    Field(
        "costs",
        "Costs",
        "table",
        columns={
            "type": "1",
            "quantity": "1",
            "unit": "1",
            "cost_low": "EUR",
            "cost_mean": "EUR",
            "cost_high": "EUR",
            "price_level": "1",
            "confirmed": "1",
        },
        optional=True,
        doc="A row for each measure.",
    ),
    Field("cost", "Mean cost", "number", "EUR", doc="Of all measures, to build them."),
)
MEASURES = Model(
    id="floodmeasures",
    version="1.0.0",
    title="Measures against flooding",
    group="Water",
    summary="Green roofs, wadis, lowered streets, permeable paving, crates, larger sewers, barriers and thresholds, "
    "drawn on the map, become the layers of a run of Flooding under extreme rain, with what they cost.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "Stichting RIONED (2024). Kennisbank stedelijk water: infiltratievoorzieningen, wadi's, waterpasserende "
        "verhardingen. riool.net.",
        "Rijkswaterstaat and others (2018). Standaarden voor de stresstest wateroverlast.",
    ),
    validity="For comparing measures in one storm, with a run on the layers that this model makes without "
    "measures. Sizes and costs of the table that ships are assumptions that are "
    "marked so; maintenance, space and groundwater are not looked at.",
)
