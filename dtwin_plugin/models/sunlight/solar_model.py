"""The description of the radiation on roofs in a mean year, and what panels on them would yield."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.surface_rows import surfaces_of as surfaces_in
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Part
from dtwin_plugin.translate import mark

from ..base import Field, Model, Values
from .climate import parsed_months, written
from .fields import CROWNS, SURFACE_FIELDS, place_of, surfaces_of
from .radiation import MeanYear, best, mean_year
from .roof_points import RoofPoints, roof_points
from .solar import Received, received
from .solar_roofs import Panels, by_building, by_month, by_roof

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid
    from dtwin_plugin.progress import Progress

ROOF = "RoofSurface"


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    roofs, owners = _roofs(values["buildings"])
    now, later = surfaces_of(values)
    year = mean_year(parsed_months(values["monthly"]), place_of(now))
    points = roof_points(roofs.geometries, values["area"])
    if not len(points):
        raise InputError("No roof was found.", hint="Choose a layer with roofs that do not stand upright.")
    half = 1.0 if later is None else 0.5
    before = _received(values, points, now, year, Part(progress, 0.0, half))
    if np.isnan(before.shaded).all():
        raise InputError("The roofs lie beside the surface.", hint="Choose a surface that covers the buildings.")
    after = None if later is None else _received(values, points, later, year, Part(progress, half, 1.0))
    panels = Panels(
        best(year, values["albedo"]),
        values["usable"] / 100,
        values["cover"],
        values["efficiency"] / 100,
        values["performance"],
    )
    made = by_roof(roofs, owners, points, before, after, panels)
    return {
        "roofs": made,
        "totals": by_building(made),
        "months": by_month(points, before, year),
        "yearly_yield": round(float(np.nansum(made.columns["pv_yield"])), 0),
    }


def _received(values: Values, points: RoofPoints, grid: Grid, year: MeanYear, progress: Progress) -> Received:
    crowns, through = values["crowns"], values["transmissivity"]
    return received(points, grid, year, crowns, through, values["albedo"], None, progress)


def _roofs(buildings: Features) -> tuple[Features, NDArray[Any]]:
    """Return the roofs of a layer, a feature for each face, and the building that each belongs to."""
    surfaces = surfaces_in(buildings)
    chosen = np.flatnonzero(surfaces.semantics == ROOF)
    if not len(chosen):
        raise InputError(
            "The layer has no roofs: its field {field} names no {name}.",
            hint="Load the buildings at a level of detail with roofs, as 2.2 of the 3DBAG.",
            field="surface",
            name=ROOF,
        )
    rows = surfaces.objects[chosen]
    ids, lods = surfaces.columns["id"][rows], surfaces.columns["lod"][rows]
    if len(set(zip(ids, lods))) > len(set(ids)):
        raise InputError(
            "Buildings have roofs at more than one level of detail: {lods}.",
            hint="Load or select one level of detail.",
            lods=", ".join(sorted({str(lod) for lod in lods})),
        )
    parents = surfaces.columns["parent"][rows]
    owners = [str(parent) if parent else str(name) for parent, name in zip(parents, ids)]
    # a layer has a feature for all roofs of an object together, whose faces look many ways
    feature = np.repeat(np.arange(len(buildings)), np.diff(buildings.geometries.features))[chosen]
    columns = {name: values[feature] for name, values in buildings.columns.items()}
    roofs = replace(buildings, geometries=surfaces.geometries.take(chosen), columns=columns)
    return roofs, np.array(owners, object)


_PERCENT = "percent"
SOLAR_ROOFS = Model(
    id="solarroofs",
    version="1.0.0",
    title="Solar potential of roofs",
    group="Sunlight",
    summary="Radiation on each roof in a mean year, with the shade of what stands around, which part of it suits solar "
    "panels, and what they would yield; before and after a plan.",
    inputs=(
        *(
            replace(field, optional=False, doc=mark("Surfaces in space with their roofs, as of the 3DBAG at LoD 2.2."))
            if field.name == "buildings"
            else field
            for field in SURFACE_FIELDS
        ),
        Field(
            "monthly",
            "Radiation on the horizontal by month",
            "text",
            default=written(),
            doc="Twelve sums in kWh/m2, from January. Default De Bilt, mean of 2001 to 2020 (KNMI): 1041.5 in the "
            "year; the coast has more, the east less.",
        ),
        Field(
            "usable",
            "Suitable from",
            "number",
            _PERCENT,
            70.0,
            0.0,
            100.0,
            doc="Of what the best plane gets under a free sky. A flat roof gets 86 percent, a north side 54.",
        ),
        Field(
            "cover",
            "Share that panels cover",
            "number",
            "1",
            0.7,
            0.05,
            1.0,
            doc="Of what is suitable: edges, windows, chimneys and rows on flat roofs take their part. An assumption.",
        ),
        Field(
            "efficiency",
            "Efficiency of panels",
            "number",
            _PERCENT,
            20.0,
            1.0,
            50.0,
            doc="Of modules under standard conditions, as on their data sheet.",
        ),
        Field(
            "performance",
            "Performance ratio",
            "number",
            "1",
            0.8,
            0.1,
            1.0,
            doc="What is left after heat, wires, the inverter and dirt.",
        ),
        *CROWNS,
        Field("albedo", "Light that the ground sends back", "number", "1", 0.2, 0.0, 1.0, advanced=True,
              doc="Share; 0.2 for towns without snow."),
        Field(
            "area",
            "Area of a point",
            "number",
            "m2",
            1.0,
            0.1,
            25.0,
            advanced=True,
            doc="Each point stands for so much of a roof; half of it takes twice.",
        ),
    ),
    outputs=(
        Field(
            "roofs",
            "Solar potential of roofs",
            "features",
            geometry="polygon",
            style="sun_roofs",
            doc="Slope, the way it faces, area, radiation, loss by shade, suitable area and yield of each roof.",
        ),
        Field(
            "totals",
            "Solar potential by building",
            "table",
            columns={"building": "1", "area": "m2", "radiation": "kW h m-2", "energy": "kW h", "usable": "m2",
                     "pv_yield": "kW h"},
            doc="Sums of the roofs of each building.",
        ),
        Field(
            "months",
            "Months",
            "table",
            columns={"month": "1", "horizontal": "kW h m-2", "diffuse": "kW h m-2", "free": "kW h m-2",
                     "roofs": "kW h m-2"},
            doc="Radiation on the horizontal, the diffuse part of it, and on all roofs without and with shade.",
        ),
        Field("yearly_yield", "Yield of all panels in a year", "number", "kW h", doc="Sum over all roofs."),
    ),
    run=_run,
    references=(
        "Duffie, J. A., Beckman, W. A. (2013). Solar Engineering of Thermal Processes, 4th ed. Wiley, chapter 2.",
        "Erbs, D. G., Klein, S. A., Duffie, J. A. (1982). Estimation of the diffuse radiation fraction for hourly, "
        "daily and monthly-average global radiation. Solar Energy 28, 293-302.",
        "Hay, J. E., Davies, J. A. (1980). Calculation of the solar radiation incident on an inclined surface. "
        "Proceedings of the First Canadian Solar Radiation Data Workshop, 59-72.",
        "KNMI (2022). Daggegevens van het weer in Nederland, station 260 De Bilt, 2001-2020.",
    ),
    validity="A mean year; single years differ by 10 percent either way, and so may the results for a roof. Things "
    "lower than 0.3 m above the plane of a roof, as panes and low chimneys, shade nothing. Not a design of panels.",
)  # fmt: skip
