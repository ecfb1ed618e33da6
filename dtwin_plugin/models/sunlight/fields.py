"""What the models of sunlight ask for alike, and the surfaces that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """Return the surface as it is, and with the plan; None without a plan."""
    now = values["surface"]
    if values["buildings"] is not None:
        now = with_roofs(now, [values["buildings"].geometries])
    if values["plan"] is None:
        return now, None
    later = now
    if values["removed"] is not None:
        if values["terrain"] is None or values["terrain"].shape != now.shape:
            raise InputError(
                "What the plan removes needs a terrain on the cells of the surface.", hint="Give the terrain too."
            )
        later = without(now, values["terrain"], values["removed"].geometries)
    return now, with_roofs(later, [standing(values).geometries])


def place_of(grid: Grid) -> Site:
    """Return the place of the middle of a grid in RD."""
    box = grid.extent
    return site_of((box.x_min + box.x_max) / 2, (box.y_min + box.y_max) / 2)
