"""The descriptions of shadow at moments and of hours of sun on the ground and on roofs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Field, Model, Values, wanted
from .fields import CROWNS, STEP, SURFACE_FIELDS, YEAR, place_of, surfaces_of
from .periods import moments_at, moments_through, parsed_days, parsed_times
from .position import sun_position
from .shadow import FILTERED, LIT, Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid
    from dtwin_plugin.progress import Progress

_DAYS = Field(
    "days",
    "Days",
    "text",
    default="21-3, 21-6, 23-9, 22-12",
    doc="Day and month, with a comma between: 19-2, 21-10. A year may follow.",
)


def surface_of(values: Values, grid: Grid) -> Surface:
    """Return what throws shadows: the heights of a grid [m NAP], the crowns over them, and where north is."""
    crowns = values["crowns"]
    return Surface(grid.values, grid.cell_size, None if crowns is None else crowns.values, place_of(grid).convergence)


def _run_shadow(values: Values, progress: Progress) -> dict[str, Any]:
    now, later = surfaces_of(values)
    site = place_of(now)
    moments = moments_at(parsed_days(values["days"], values["year"]), parsed_times(values["times"]))
    sun = sun_position(moments, site.latitude, site.longitude)
    order = np.argsort(moments)
    made: dict[str, Any] = {
        "sun": {
            "time": [str(moments[k]) for k in order],
            "elevation": [round(float(sun.elevation[k]), 3) for k in order],
            "azimuth": [round(float(sun.azimuth[k]), 3) for k in order],
        }
    }
    shares = np.zeros(3, np.float32)
    shares[FILTERED], shares[LIT] = values["transmissivity"], 1.0
    for name, grid in (("light", now), ("light_after", later)):
        if grid is not None and wanted(values, name):
            light = shares[surface_of(values, grid).light(sun)][order]
            light[:, ~np.isfinite(grid.values)] = np.nan
            made[name] = grid.like(light, "1", "Light", moments[order])
    return made


def _run_hours(values: Values, progress: Progress) -> dict[str, Any]:
    now, later = surfaces_of(values)
    days = parsed_days(values["days"], values["year"])
    made: dict[str, Any] = {}
    hours = _hours(values, now, days, progress)
    made["hours"] = now.like(hours.min(axis=0), "h", "Hours of sun")
    made["hours_by_day"] = now.like(hours, "h", "Hours of sun", days.astype("datetime64[s]"))
    made["summary"] = {
        "day": [str(day) for day in days],
        "mean": [round(float(np.nanmean(band)), 3) for band in hours],
        "none": [round(float((band == 0).sum() * now.cell_size**2), 1) for band in hours],
    }
    if later is not None:
        after = _hours(values, later, days, progress)
        made["hours_after"] = now.like(after.min(axis=0), "h", "Hours of sun with the plan")
        made["lost"] = now.like((after - hours).min(axis=0), "h", "Change of the hours of sun")
    return made


def _hours(values: Values, grid: Grid, days: NDArray[np.datetime64], progress: Progress) -> NDArray[np.float32]:
    """Return the hours of sun of each day, shape (days, rows, cols); NaN without data."""
    site, surface = place_of(grid), surface_of(values, grid)
    found = np.empty((len(days), *grid.shape), np.float32)
    for number, day in enumerate(days):
        moments, _ = moments_through(np.array([day]), values["step"])
        sun = sun_position(moments, site.latitude, site.longitude)
        low = sun.elevation < values["lowest"]
        direct, through = surface.counts(sun._replace(elevation=np.where(low, -90.0, sun.elevation)), None, progress)
        found[number] = (direct + values["transmissivity"] * through) * (values["step"] / 60)
    found[:, ~np.isfinite(grid.values)] = np.nan
    return found


_REFERENCES = (
    "Ratti, C., Richens, P. (1999). Urban texture analysis with image processing techniques. CAAD Futures, 49-64.",
    "Reda, I., Andreas, A. (2004). Solar position algorithm for solar radiation applications. Solar Energy 76, "
    "577-589.",
)
_VALIDITY = (
    "Shadows end within a cell of the exact ones: take cells of 0.5 m or less for single walls. The surface has no "
    "overhangs. Possible sun, without clouds."
)

SHADOW = Model(
    id="shadow",
    version="1.0.0",
    title="Shadow at moments",
    group="Sunlight",
    summary="Where buildings, trees and the ground throw their shadow at moments of a day, before and after a plan: "
    "the twelve pictures of a shadow study by default.",
    inputs=(
        *SURFACE_FIELDS,
        _DAYS,
        Field(
            "times",
            "Times",
            "text",
            default="9:00, 12:00, 15:00",
            doc="Civil time in the Netherlands, with a comma between; summer time is reckoned with.",
        ),
        YEAR,
        *CROWNS,
    ),
    outputs=(
        Field(
            "light",
            "Light",
            "grid",
            "1",
            series=True,
            style="sun_light",
            doc="1 in the sun, 0 in shadow, and the share that crowns let through; a band for each moment, in UTC.",
        ),
        Field(
            "light_after",
            "Light with the plan",
            "grid",
            "1",
            series=True,
            optional=True,
            style="sun_light",
            doc="The same with the plan.",
        ),
        Field(
            "sun",
            "Position of the sun",
            "table",
            columns={"time": "1", "elevation": "degree", "azimuth": "degree"},
            doc="At each moment (UTC): above the horizon without refraction, and clockwise from north.",
        ),
    ),
    run=_run_shadow,
    references=_REFERENCES,
    validity=_VALIDITY,
)

SUN_HOURS = Model(
    id="sunhours",
    version="1.0.0",
    title="Hours of sun",
    group="Sunlight",
    summary="Possible hours of sun on the ground, gardens and roofs on days of the year, before and after a plan.",
    inputs=(
        *SURFACE_FIELDS,
        _DAYS,
        STEP,
        Field(
            "lowest",
            "Lowest sun that counts",
            "number",
            "degree",
            0.0,
            0.0,
            45.0,
            doc="Sun below it is not counted; The Hague takes 10.",
        ),
        YEAR,
        *CROWNS,
    ),
    outputs=(
        Field("hours", "Hours of sun", "grid", "h", style="sun_hours", doc="On the day with the least of those given."),
        Field(
            "hours_by_day",
            "Hours of sun by day",
            "grid",
            "h",
            series=True,
            advanced=True,
            optional=True,
            style="sun_hours",
            doc="A band for each day.",
        ),
        Field(
            "hours_after",
            "Hours of sun with the plan",
            "grid",
            "h",
            optional=True,
            style="sun_hours",
            doc="On the day with the least of those given.",
        ),
        Field(
            "lost",
            "Change of the hours of sun",
            "grid",
            "h",
            optional=True,
            style="sun_change",
            doc="With the plan, on the day that it takes most; below 0 is less sun.",
        ),
        Field(
            "summary",
            "Days",
            "table",
            columns={"day": "1", "mean": "h", "none": "m2"},
            doc="Mean hours of sun of each day, and the area that has none.",
        ),
    ),
    run=_run_hours,
    references=_REFERENCES,
    validity=_VALIDITY,
)
