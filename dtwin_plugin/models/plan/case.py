"""All that a plan is tested on: its bodies, the ground, plots, roads, and what other models have found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features, Grid

PEIL_GIVEN, PEIL_GROUND = mark("given with the plan"), mark("ground at the entrance, from the terrain")
PEIL_OVER = mark("given with the plan, but far over the ground along the walls by the terrain")
PEIL_ROAD = mark("ground at the side of the nearest road, from the terrain: no entrance is known")
PEIL_MEAN = mark("mean ground along the walls, from the terrain: neither an entrance nor a road is known")


@dataclass(frozen=True)
class Body:
    """A building of the plan in space.

    Attributes
    ----------
    id : str
        As its outcomes name it.
    triangles : ndarray
        float64, shape (n, 3, 3): corners in RD and m NAP.
    kinds : ndarray
        Shape (n,), of str: "RoofSurface", "WallSurface", "GroundSurface", …; "" where the design does not say.
    outline : shapely geometry
        Polygons in RD of all that lies 0.5 m or more over the level of reference, overhangs included: what is lower is
        pavement or a terrace.
    foot : shapely geometry
        Polygons in RD of what stands on the ground: the outline at 0.5 to 1.5 m above the level of reference.
    peil : float
        Level of reference [m NAP]; NaN where it is not known.
    peil_from : str
        Where it comes from: `PEIL_GIVEN`, `PEIL_OVER`, `PEIL_GROUND`, `PEIL_ROAD` or `PEIL_MEAN`; "" where it is not
        known.
    peil_doubt : float
        How far it may be off because the ground slopes or has several entrances, or because it was given far over
        the ground [m]; what the terrain itself may be off comes on top of it. 0 where it is given.
    """

    id: str
    triangles: NDArray[np.float64]
    kinds: NDArray[Any]
    outline: BaseGeometry
    foot: BaseGeometry
    peil: float
    peil_from: str
    peil_doubt: float = 0.0


@dataclass(frozen=True)
class Case:
    """A plan and its surroundings; what is None was not given.

    Attributes
    ----------
    bodies : tuple of Body
        Of the plan.
    terrain : Grid or None
        Height of the ground [m NAP].
    plot : Features or None
        Polygons of the plots that the plan is built on.
    plots : Features or None
        Polygons of other plots, as of the cadastre (BRK).
    existing : Features or None
        Polygons of buildings that stay beside the plan (input "Existing buildings that stay"); without a feature where
        none does.
    base_map : Features or None
        Polygons of the BGT: column "klasse" ("wegdeel", "waterdeel", …) and "functie" ("rijbaan lokale weg", …).
    sun, noise, flood : Features or None
        Results of `facadesun` (points), of a noise model (points on facades) and of `flood` (buildings with a depth).
    cables : Features or None
        Lines of cables and pipes with their depth and uncertainty, as `loadklic` makes them.
    """

    bodies: tuple[Body, ...]
    terrain: Grid | None = None
    plot: Features | None = None
    plots: Features | None = None
    existing: Features | None = None
    base_map: Features | None = None
    sun: Features | None = None
    noise: Features | None = None
    flood: Features | None = None
    cables: Features | None = None
