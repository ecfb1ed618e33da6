"""The choice of the equations reaches the solver, and what does not go together is said before the run."""

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.models.flood import FLOOD, scheme
from dtwin_plugin.models.flood.ground import Ground

TERRAIN = Grid(np.zeros((6, 8), np.float32), 0, 6, 1.0, unit="m")


def values_of(**chosen):
    defaults = {field.name: field.default for field in FLOOD.inputs}
    return {**defaults, "terrain": TERRAIN, "roughness": 0.03, **chosen}


@pytest.mark.parametrize(("choice", "carried"), [("inertial", False), ("advection", True)])
def test_the_choice_reaches_the_solver(choice, carried):
    solver = scheme.solver_of(values_of(scheme=choice), Ground(TERRAIN, TERRAIN.values, None, None), None)
    assert ("velocity_x" in solver.state_arrays()) == carried


@pytest.mark.parametrize(("choice", "codes"), [("inertial", []), ("advection", [("DT110", "error")])])
def test_cells_taken_together_know_one_scheme(choice, codes):
    found = scheme.check(values_of(scheme=choice, coarse_factor=2))
    assert [(problem.code, problem.level) for problem in found] == codes
