"""What the models of sunlight ask for alike, and the surfaces that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from ..base import Field, Values
from .drawn import standing
from .roofs import with_roofs, without
from .site import Site, site_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Grid

SURFACE_FIELDS = (
    Field(
        "surface",
        "Surface",
        "grid",
        "m",
        doc="Heights of the ground with what stands on it (DSM), or of the ground alone where buildings are given. It "
        "must reach farther than what you ask about: beyond its edge nothing throws a shadow.",
    ),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Surfaces in space, as of the 3DBAG; put on the surface.",
    ),
    Field(
        "plan",
        "Plan",
        "features",
        geometry="polygon",
        optional=True,
        doc="Surfaces in space of what is to be built, as of a design, or drawn outlines with the field height in m, "
        "and base in m NAP where it is known. Results are then given before and after.",
    ),
    Field(
        "removed",
        "Removed by the plan",
        "features",
        geometry="polygon",
        optional=True,
        doc="Outlines of what goes for the plan; it needs the terrain.",
    ),
    Field("terrain", "Terrain", "grid", "m", optional=True, doc="Height of the ground alone."),
)
CROWNS = (
    Field(
        "crowns",
        "Crowns of trees",
        "grid",
        "m",
        optional=True,
        doc="Heights of the tops of crowns in m NAP, on the cells of the surface; no data where there are none.",
    ),
    Field(
        "transmissivity",
        "Light through crowns",
        "number",
        "1",
        0.1,
        0.0,
        1.0,
        advanced=True,
        doc="Share that crowns let through: about 0.03 to 0.2 in leaf, and 0.5 in winter.",
    ),
)
STEP = Field(
    "step",
    "Time step",
    "number",
    "min",
    10.0,
    1.0,
    60.0,
    doc="Hours are counted in such steps; half of it takes twice.",
)
YEAR = Field("year", "Year", "integer", default=2026, minimum=1996, maximum=2100, advanced=True, doc="Of the days.")


def surfaces_of(values: Values) -> tuple[Grid, Grid | None]:
    """Return the surface as it is, and with the plan; None without a plan.

    Raises
    ------
    InputError
        If the plan reaches beyond the surface or rises nowhere over it, which would take no sun from anybody, or crowns
        or what is removed have other cells.
    """
    now = values["surface"]
    crowns = values.get("crowns")
    if crowns is not None and not _same_cells(crowns, now):
        raise InputError(
            "The crowns are not on the cells of the surface: {one} cells from {x:.1f}, {y:.1f}, and {other} of it.",
            hint="Make both on one extent and cell size.",
            one=crowns.shape,
            other=now.shape,
            x=crowns.x_min,
            y=crowns.y_max,
        )
    if values["buildings"] is not None:
        now = with_roofs(now, [values["buildings"].geometries])
    if values["plan"] is None:
        return now, None
    later = now
    if values["removed"] is not None:
        if values["terrain"] is None or not _same_cells(values["terrain"], now):
            raise InputError(
                "What the plan removes needs a terrain on the cells of the surface.", hint="Give the terrain too."
            )
        later = without(now, values["terrain"], values["removed"].geometries)
    plan = standing(values).geometries
    x_min, y_min, x_max, y_max = now.extent.bounds
    box = plan.bounds()
    if not (box[:, :2] >= (x_min, y_min)).all() or not (box[:, 2:] <= (x_max, y_max)).all():
        raise InputError(
            "The plan reaches beyond the surface, where it would throw no shadow.",
            hint="Choose a surface that covers the plan and what lies around it.",
        )
    built = with_roofs(later, [plan])
    if np.array_equal(built.values, later.values, equal_nan=True):
        raise InputError(
            "The plan rises nowhere over the surface, so that it would take no sun.",
            hint="Look whether its heights are in m NAP, and whether it has roofs.",
        )
    return now, built


def _same_cells(one: Grid, other: Grid) -> bool:
    near = 0.01 * other.cell_size
    places = zip((one.x_min, one.y_max, one.cell_size), (other.x_min, other.y_max, other.cell_size))
    return one.shape == other.shape and all(abs(a - b) <= near for a, b in places)


def place_of(grid: Grid) -> Site:
    """Return the place of the middle of a grid in RD."""
    box = grid.extent
    return site_of((box.x_min + box.x_max) / 2, (box.y_min + box.y_max) / 2)
