"""The description of sun on facades, tested against a norm, before and after a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.panels import facing, panels
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ..base import Field, Model, Values, wanted
from .facades import HEAD, FacadePoints, facade_points, sun_on
from .fields import CROWNS, STEP, SURFACE_FIELDS, YEAR, place_of, surfaces_of
from .periods import NORMS, Norm, days_of, moments_through
from .position import sun_position

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid
    from dtwin_plugin.progress import Progress

_CHOICES = {
    "light": mark("TNO light: 2 hours, 19 February to 21 October"),
    "strict": mark("TNO strict: 3 hours, 21 January to 22 November"),
    "hague": mark("The Hague: 2 hours of sun above 10 degrees, 19 February to 21 October"),
    "own": mark("Own: hours and lowest sun as given, in the period of TNO light"),
}
MEETS, BELOW, FELL, WITHOUT = "meets", "below", "fell", "no sun"


def _norm(values: Values) -> Norm:
    if values["norm"] != "own":
        return NORMS[values["norm"]]
    return replace(NORMS["light"], hours=values["own_hours"], lowest=values["own_lowest"])


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    now, later = surfaces_of(values)
    if values["terrain"] is None or values["terrain"].shape != now.shape:
        raise InputError("The storeys need a terrain on the cells of the surface.", hint="Give the terrain too.")
    footprints, norm = values["footprints"], _norm(values)
    points = facade_points(
        footprints.geometries, values["terrain"], now, values["spacing"], values["storey"], values["sill"]
    )
    if not len(points):
        raise InputError("No facade was found.", hint="Give footprints of buildings that stand in the surface.")
    days = days_of(norm, values["year"], int(values["every"]) if values["every"] else None)
    before = _hours(values, points, now, days, norm, progress)
    after = None if later is None else _hours(values, points, later, days, norm, progress)
    verdict = _verdicts(before, after, norm)
    names = _names(footprints)
    columns: dict[str, Any] = {
        "building": names[points.buildings],
        "storey": points.storeys,
        "facing": facing(points.normals).round(1),
        "hours": before.min(axis=1).round(3),
        "day": days[before.argmin(axis=1)].astype(str).astype(object),
    }
    units = {"facing": "degree", "hours": "h"}
    if after is not None:
        columns.update(hours_after=after.min(axis=1).round(3), lost=((before - after).max(axis=1) * 60).round(1))
        units.update(hours_after="h", lost="min")
    columns["verdict"] = verdict
    made = Features(Geometries.points(points.places), columns, units, footprints.crs, "Sun on facades")
    shown = {"panels": replace(made, geometries=_panels(points, values))} if wanted(values, "panels") else {}
    return {
        "points": made,
        **shown,
        "tested": _buildings(footprints, points, before, after, norm),
        "summary": _summary(verdict, norm, len(points)),
    }


def _panels(points: FacadePoints, values: Values) -> Geometries:
    """Return a panel around each window: from the floor, or the head of the window below it, to its own head."""
    below = min(values["sill"], max(values["storey"] - HEAD, 0.0))
    widths = values["spacing"] if points.widths is None else points.widths
    return panels(points.places, points.normals, widths, below, HEAD)


def _names(footprints: Features) -> NDArray[Any]:
    for name in ("identificatie", "id", "object_id"):
        if name in footprints.columns:
            return np.array([str(value) for value in footprints.columns[name]], object)
    return np.array([str(number + 1) for number in range(len(footprints))], object)


def _hours(
    values: Values, points: FacadePoints, grid: Grid, days: NDArray[np.datetime64], norm: Norm, progress: Progress
) -> NDArray[np.float64]:
    """Return the hours of sun of each point on each day, shape (points, days).

    What reaches a point over all that is solid, but not over the crowns too, comes through crowns.
    """
    site = place_of(grid)
    moments, groups = moments_through(days, values["step"])
    sun = sun_position(moments, site.latitude, site.longitude)
    direct = sun_on(points, grid, sun, groups, norm.lowest, site.convergence, None, progress)
    counted: NDArray[np.float64] = direct.astype(float)
    crowns = values["crowns"]
    if crowns is not None:
        if crowns.shape != grid.shape:
            raise InputError("Crowns and surface differ in shape: {one} and {other}.", one=crowns.shape,
                             other=grid.shape)  # fmt: skip
        both = grid.like(np.fmax(grid.values, crowns.values), "m", "Surface")
        clear = sun_on(points, both, sun, groups, norm.lowest, site.convergence, None, progress)
        counted = clear + values["transmissivity"] * (direct - clear)
    return counted * (values["step"] / 60.0)


def _verdicts(before: NDArray[np.float64], after: NDArray[np.float64] | None, norm: Norm) -> NDArray[Any]:
    """Return what each point is: meeting the norm on all days, below it, below it through the plan, or never lit.

    A point that has no sun on any day without the plan, as at the north side, is not tested.
    """
    least = before.min(axis=1)
    found = np.where(least >= norm.hours - 1e-9, MEETS, BELOW).astype(object)
    if after is not None:
        below = after.min(axis=1) < norm.hours - 1e-9
        found = np.where(below, np.where(found == MEETS, FELL, BELOW), MEETS).astype(object)
    found[before.max(axis=1) == 0] = WITHOUT
    return found


def _buildings(
    footprints: Features,
    points: FacadePoints,
    before: NDArray[np.float64],
    after: NDArray[np.float64] | None,
    norm: Norm,
) -> Features:
    """Return the footprints with the hours of their sunniest point: a dwelling needs one facade that meets the norm."""
    columns, units = {}, {}
    best = {"hours_best": before} if after is None else {"hours_best": before, "hours_best_after": after}
    for name, hours in best.items():
        found = np.full(len(footprints), np.nan)
        np.fmax.at(found, points.buildings, hours.min(axis=1))
        columns[name], units[name] = found, "h"
    last = list(columns.values())[-1]
    first = columns["hours_best"]
    enough, still = first >= norm.hours - 1e-9, last >= norm.hours - 1e-9
    verdict = np.where(still, MEETS, np.where(enough, FELL, BELOW)).astype(object)
    verdict[np.isnan(first)] = None
    return footprints.with_columns({**columns, "sun_verdict": verdict}, units)


def _summary(verdict: NDArray[Any], norm: Norm, count: int) -> dict[str, list[Any]]:
    names = (MEETS, BELOW, FELL, WITHOUT)
    counts = [int((verdict == name).sum()) for name in names]
    return {"verdict": list(names), "points": counts, "share": [round(100 * found / count, 1) for found in counts]}


FACADE_SUN = Model(
    id="facadesun",
    version="1.0.0",
    title="Sun on facades",
    group="Sunlight",
    summary="Possible hours of sun at the windows of each storey, tested against a norm, before and after a plan: "
    "which windows fall below it through the plan, and how many minutes they lose.",
    inputs=(
        Field("footprints", "Footprints", "features", geometry="polygon", doc="Of the buildings that are tested."),
        *(replace(field, optional=False) if field.name == "terrain" else field for field in SURFACE_FIELDS),
        Field(
            "norm", "Norm", "choice", default="light", choices=_CHOICES, doc="No national law: municipalities choose."
        ),
        Field("own_hours", "Own hours", "number", "h", 2.0, 0.0, 24.0, advanced=True, doc="Of an own norm."),
        Field("own_lowest", "Own lowest sun", "number", "degree", 0.0, 0.0, 45.0, advanced=True, doc="Of an own norm."),
        Field(
            "every",
            "Test each so many days",
            "integer",
            minimum=1,
            maximum=60,
            optional=True,
            advanced=True,
            doc="Tests the whole period, which high sun may make harder; default its ends, when the sun is lowest.",
        ),
        Field("storey", "Height of a storey", "number", "m", 3.0, 2.0, 8.0, doc="The same for all buildings."),
        Field("sill", "Height of sills", "number", "m", 0.75, 0.0, 3.0, doc="Above the floor; TNO takes 0.75."),
        Field(
            "spacing",
            "Distance of points",
            "number",
            "m",
            2.0,
            0.2,
            20.0,
            doc="Along a facade; half of it takes twice.",
        ),
        STEP,
        YEAR,
        *CROWNS,
    ),
    outputs=(
        Field(
            "points",
            "Sun on facades",
            "features",
            geometry="point",
            style="sun_points",
            doc="Least hours of sun of the days at each window, that day, minutes lost, and whether the norm is met.",
        ),
        Field(
            "panels",
            "Sun on facades as panels",
            "features",
            geometry="polygon",
            optional=True,
            style="sun_panels",
            doc="The same as panels on the walls, for the 3D view.",
        ),
        Field(
            "tested",
            "Buildings and sun",
            "features",
            geometry="polygon",
            style="sun_buildings",
            doc="Hours of the sunniest window: a dwelling needs one facade that meets the norm.",
        ),
        Field(
            "summary",
            "Points by outcome",
            "table",
            columns={"verdict": "1", "points": "1", "share": "percent"},
            doc="How many points meet the norm, are below it, fall below it through the plan, or never have sun.",
        ),
    ),
    run=_run,
    references=(
        "Reda, I., Andreas, A. (2004). Solar position algorithm for solar radiation applications. Solar Energy 76, "
        "577-589. The norms are those of TNO (light and strict), as Dutch municipalities apply them.",
        "Amanatides, J., Woo, A. (1987). A fast voxel traversal algorithm for ray tracing. Eurographics, 3-10.",
    ),
    validity="Windows are not known: points stand on all walls. Overhangs and balconies are not in it, and trees only "
    "where their crowns are given. Cells of 0.5 m or less; light is followed from 0.7 of a cell before the wall.",
)
