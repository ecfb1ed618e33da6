"""The schemes that a case may ask for, and the cases that more than one of them runs."""

from importlib import import_module

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.flood.scheme import HELD

from .flood_cases import catchment, dam_break, lake, ridge, sheet_flow, thacker

# name -> module and class within the model, and what else the class is given
SCHEMES = {
    "inertial": ("solver", "InertialSolver", {}),
    "held": ("solver", "InertialSolver", {"fastest_wave": HELD}),
    "advection": ("solver", "InertialSolver", {"advection": True}),
    "volumes": ("volume_solver", "VolumeSolver", {}),
    "subgrid": ("subgrid_solver", "SubgridSolver", {"factor": 10}),
}
FULL = ("advection", "volumes")  # those that keep the advection of momentum


def solver_of(case, terrain, cell_size, roughness, **options):
    """Return the solver that a case asks for.

    Raises
    ------
    FormatError
        If the scheme is not known, or not there.
    """
    name = case.get("scheme", "inertial")
    if name not in SCHEMES:
        raise FormatError("Scheme {name} is not known; known: {known}.", name=name, known=", ".join(SCHEMES))
    module, kind, more = SCHEMES[name]
    try:
        solver = getattr(import_module(f"dtwin_plugin.models.flood.solvers.{module}"), kind)
    except (ImportError, AttributeError) as error:
        raise FormatError("Scheme {name} is not there: {error}.", name=name, error=error) from error
    more = dict(more)
    if case.get("precision") == 64:
        more["dtype"] = np.float64
    more |= {key: case[key] for key in ("theta", "courant", "threads", "factor") if key in case}
    try:
        return solver(terrain, cell_size, roughness, **options, **more)
    except TypeError as error:
        raise FormatError("Scheme {name} cannot run the case: {error}.", name=name, error=error) from error


def there(name):
    """Return whether a scheme can be asked for."""
    try:
        solver_of({"scheme": name}, np.zeros((4, 4)), 1.0, 0.03)
    except FormatError:
        return False
    return True


def cases():
    """Yield the flow that its momentum carries, for the schemes that keep it, and rain with waves that are held."""
    for name in filter(there, FULL):
        # upwind differences of first order wear off what swings to and fro; those of second order do not
        gate = (0.06, "first order on 100 cells across the water") if name == "advection" else ()
        for case in (dam_break(0.0), dam_break(0.1), thacker("planar", *gate), thacker("curved", *gate)):
            yield under(name, case)
        yield under(name, ridge())
    for case in (
        lake(32, 1e-6, "what float32 resolves of 5 m"),
        sheet_flow(0.01, 3600, 0.025, "as without"),
        sheet_flow(0.2, 3600, 0.025, "as without"),
        catchment(),
    ):
        yield under("held", case)


def under(name, case):
    """Return a case as a scheme of this name runs it."""
    return {**case, "scheme": name, "case": f"{case['case']}, {name}"}
