"""Which solver runs, and how its edges behave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..base import WANTED, Field, Values
from ..problem import ERROR, WARNING, Problem
from .ground import Ground
from .solvers.flow import FlowSolver

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HELD = 1.0  # m s-1, that waves are held to: faster than rain runs down most streets, see docs/models/flood-schemes.md

ADVANCED = (
    Field(
        "boundary",
        "Edges of the area",
        "choice",
        default="open",
        choices={"open": "Water flows out freely", "closed": "Walls, no water passes"},
        advanced=True,
        doc="What happens at the edges of the area and of the terrain.",
    ),
    Field(
        "scheme",
        "Equations",
        "choice",
        default="inertial",
        choices={
            "inertial": "Local inertial: rain on a municipality",
            "held": "Local inertial, waves held to 1 m/s: rain on a district in half the time",
            "advection": "With momentum carried along: dam breaks, fast flow, weirs and bridges",
            "volumes": "Finite volumes of second order: dam breaks and eddies, and a check by another scheme",
        },
        advanced=True,
        doc="What the water obeys. Carrying momentum along takes up to twice as long, and matters where water runs "
        "faster than its own waves. Finite volumes take 3 to 5 times as long. With waves held to 1 m/s water that is "
        "deep answers later, and rain gives the same depths to a millimetre: not for rivers, breaches and surges.",
    ),
    Field(
        "coarse_factor",
        "Cells taken together",
        "integer",
        default=1,
        minimum=1,
        maximum=50,
        advanced=True,
        doc="Calculate on cells that are so many times as large, which know the terrain below them: 10 to 20 for a "
        "whole municipality, some 20 to 200 times as fast. No velocities then.",
    ),
    Field(
        "threads",
        "Threads",
        "integer",
        default=0,
        minimum=0,
        maximum=256,
        advanced=True,
        doc="Processors to use; 0 = all. The result is the same for the same number.",
    ),
)


# outputs for which discharges between the cells of the terrain must be known
MOVING = {"velocity_max", "hazard_max", "hazard_rating", "arrival", "duration", "mesh", "section_series"}


def check(values: Values) -> Iterator[Problem]:
    """Yield what the scheme cannot do."""
    if values["coarse_factor"] > 1 and values["scheme"] != "inertial":
        yield Problem(
            "DT110",
            "scheme",
            "Cells taken together obey the local inertial equations only: take 1 cell together, or choose these.",
            level=ERROR,
        )
    asked = sorted(MOVING & set(values.get(WANTED) or ()))
    if values["coarse_factor"] > 1 and asked:
        yield Problem(
            "DT200",
            "coarse_factor",
            "Cells taken together know no velocities: {outputs} will not be made. Take 1 cell together for these.",
            {"outputs": ", ".join(asked)},
            WARNING,
        )


def solver_of(values: Values, ground: Ground, soil_storage: NDArray[np.float64] | None) -> FlowSolver:
    """Return the solver of a run, at its start."""
    if values["coarse_factor"] > 1:
        from .solvers.subgrid_solver import SubgridSolver

        return SubgridSolver(
            ground.bed,
            ground.terrain.cell_size,
            values["roughness"],
            factor=values["coarse_factor"],
            boundary=values["boundary"],
            initial_depth=ground.water,
            soil_storage=soil_storage,
            threads=values["threads"] or None,
        )
    if values["scheme"] == "volumes":
        from .solvers.volume_solver import VolumeSolver

        return VolumeSolver(
            ground.bed,
            ground.terrain.cell_size,
            values["roughness"],
            boundary=values["boundary"],
            initial_depth=ground.water,
            soil_storage=soil_storage,
            threads=values["threads"] or None,
        )
    from .solvers.solver import InertialSolver

    return InertialSolver(
        ground.bed,
        ground.terrain.cell_size,
        values["roughness"],
        boundary=values["boundary"],
        initial_depth=ground.water,
        soil_storage=soil_storage,
        advection=values["scheme"] == "advection",
        fastest_wave=HELD if values["scheme"] == "held" else None,
        threads=values["threads"] or None,
    )
