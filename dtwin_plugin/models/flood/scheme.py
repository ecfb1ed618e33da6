"""Which solver runs, and how its edges behave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Field, Values
from .flow import FlowSolver
from .ground import Ground

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


def solver_of(values: Values, ground: Ground, soil_storage: NDArray[np.float64] | None) -> FlowSolver:
    """Return the solver of a run, at its start."""
    from .solver import InertialSolver

    return InertialSolver(
        ground.bed,
        ground.terrain.cell_size,
        values["roughness"],
        boundary=values["boundary"],
        soil_storage=soil_storage,
        threads=values["threads"] or None,
    )
