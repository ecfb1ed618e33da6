"""Settlement where the layers of the ground were seen: at boreholes and cone penetration tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress

from .ground_models import SETTLEMENT, YEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .settlement import Columns

    Floats = NDArray[np.float64]

STEP = 0.1  # m; layers thinner than this count for what the middles of steps meet of them
_DEEPEST = 200.0  # m
NOTHING = 6  # a class that is known, for what lies below the end of a site and does not count
_COLUMNS = ("site", "z_max", "z_min", "lithoclass")


def columns_of(sticks: Features) -> tuple[Columns, NDArray[np.int64], Floats]:
    """Return layers as columns of soil, the first row of each site, and how deep each was seen [m].

    Parameters
    ----------
    sticks : Features
        A row a layer, with the columns "site", "z_max" and "z_min" [m NAP] and "lithoclass".

    Returns
    -------
    Columns
        The ground of a site is the top of its highest layer. A step between layers, where nothing was described, is not
        known; below the last layer there is nothing that settles.

    Raises
    ------
    InputError
        If a column is absent.
    """
    from .settlement import Columns

    missing = [name for name in _COLUMNS if name not in sticks.columns]
    if missing:
        raise InputError(
            "The layer has no field {field}; found {found}.",
            hint="Choose the sticks of Load soundings and boreholes.",
            field=missing[0],
            found=", ".join(sticks.columns) or "-",
        )
    names, first, site = np.unique(sticks.columns["site"].astype(str), return_index=True, return_inverse=True)
    top, bottom = (np.asarray(sticks.columns[name], float) for name in ("z_max", "z_min"))
    ground, end = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    np.fmax.at(ground, site, top)
    np.fmin.at(end, site, bottom)
    deep = np.clip(ground - end, 0.0, _DEEPEST)
    steps = int(np.ceil(deep.max(initial=0.0) / STEP - 1e-9))
    below = (np.arange(steps) + 0.5) * STEP
    classes = np.full((len(names), steps), -1, np.int64)
    from_step = np.ceil((ground[site] - top) / STEP - 0.5 - 1e-9).astype(np.int64)
    to_step = np.ceil((ground[site] - bottom) / STEP - 0.5 - 1e-9).astype(np.int64)
    for row in range(len(sticks)):
        classes[site[row], max(0, from_step[row]) : to_step[row]] = sticks.columns["lithoclass"][row]
    # Each site counts from its own ground, so that all columns begin at 0.
    columns = Columns(classes, -below, STEP, np.zeros(len(names)))
    columns.lithoclass[below[None, :] > deep[:, None]] = NOTHING
    return columns, first.astype(np.int64), deep


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from .changes import lowering_at
    from .settlement import settlement
    from .soil_table import soil_table

    sticks = values["sticks"]
    columns, first, deep = columns_of(sticks)
    soils, days = soil_table(values["soils"]), values["years"] * YEAR
    before = np.full(len(first), -values["groundwater"])
    spans = sticks.geometries.coordinate_spans()
    places = sticks.geometries.coordinates[spans[first]][:, :2]
    after = before - lowering_at(places[:, 0], places[:, 1], values["lowering_grid"], values["lowering"])
    load, method = values["load"], values["method"]
    loaded = settlement(columns, soils, before, after, load, days, method)
    alone = settlement(columns, soils, before, before, 0.0, days, method)
    below = (np.arange(columns.lithoclass.shape[1]) + 0.5) * STEP > deep[:, None]
    seen = [np.where(below, 0.0, -np.diff(part, axis=1, append=0.0)).sum(axis=1) for part in (loaded, alone)]
    unknown = ((columns.lithoclass < 0) & ~below).sum(axis=1) * STEP
    result = Features(
        Geometries.points(places),
        {
            "site": sticks.columns["site"][first],
            "settlement": seen[0],
            "without": seen[1],
            "depth": deep,
            "unknown": unknown,
        },
        {"settlement": "m", "without": "m", "depth": "m", "unknown": "m"},
        name="settlement",
    )
    known = np.isfinite(seen[0])
    if not known.all():
        progress.warn(
            "{count} of {total} sites have layers of unknown soil; their settlement is not known.",
            count=int((~known).sum()),
            total=len(known),
        )
    return {"sites": result, "most": float(np.nanmax(seen[0])) if known.any() else None}


SETTLEMENT_SITES = Model(
    id="settlementsites",
    version="1.1.0",
    title="Settlement at boreholes and cone tests",
    group="Subsurface",
    summary="How far the ground settles by a load or lower groundwater at the places where its layers were described "
    "or "
    "measured; of a cone test by the soil that it behaves like.",
    inputs=(
        Field(
            "sticks",
            "Layers",
            "features",
            geometry="line",
            doc="The sticks of Load soundings and boreholes: a row a layer.",
        ),
        *(
            SETTLEMENT.input(name)
            for name in ("groundwater", "lowering", "lowering_grid", "load", "years", "method", "soils")
        ),
    ),
    outputs=(
        Field(
            "sites",
            "Settlement at sites",
            "features",
            geometry="point",
            style="settlement_sites",
            doc="Settlement with the change and without it, the depth that was seen, and what of it is unknown.",
        ),
        Field("most", "Largest settlement", "number", "m", doc="Of all sites that are known."),
    ),
    run=_run,
    references=SETTLEMENT.references,
    validity="What lies below the end of a borehole or cone test is taken not to settle. The class of a cone test is "
    "how "
    "the soil behaves, not what it is: peat is often seen as clay. An exploration, no design.",
)
