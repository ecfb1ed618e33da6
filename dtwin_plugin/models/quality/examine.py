"""All tests of geometry, from points to buildings; a fault hides those that build on it, as in val3dity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Surfaces
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress, Silent

from . import polygons, rings
from .bodies import check_bodies
from .codes import Tolerances
from .found import Found
from .mesh import Mesh, mesh_of
from .piercing import check_piercing
from .planes import fit
from .shells import check_shells

if TYPE_CHECKING:
    from numpy.typing import NDArray


def examine(
    surfaces: Surfaces, tolerances: Tolerances | None = None, progress: Progress | None = None
) -> tuple[Found, Mesh]:
    """Return the faults of the geometry of surfaces, and the mesh that they are about; raises Cancelled."""
    tolerances, progress = tolerances or Tolerances(), progress or Silent()

    def step(fraction: float) -> None:
        if progress.is_cancelled():
            raise Cancelled
        progress.report(fraction)

    def stop() -> None:
        if progress.is_cancelled():
            raise Cancelled

    found = Found()
    whole = mesh_of(surfaces, tolerances.snap)
    step(0.2)
    mesh = whole.take(rings.check_points(whole, found))
    planes = fit(mesh)
    step(0.35)
    flat = polygons.check_flat(mesh, planes, tolerances, found)
    mesh, planes = mesh.take(flat), planes.take(flat, mesh)
    for check in (rings.check_simple, polygons.check_holes):
        good = check(mesh, planes, found, stop)
        mesh, planes = mesh.take(good), planes.take(good, mesh)
    step(0.5)
    good = polygons.check_folds(mesh, planes, tolerances, found)
    mesh, planes = mesh.take(good), planes.take(good, mesh)
    step(0.6)
    good = _bounding(mesh) & _unhurt(whole, mesh)[mesh.shell]
    mesh, planes = mesh.take(good), planes.take(good, mesh)
    if not len(mesh):
        return found, whole
    good = check_shells(mesh, found)
    mesh, planes = mesh.take(good), planes.take(good, mesh)
    step(0.75)
    if len(mesh):
        good = check_piercing(mesh, planes, found, stop)
        mesh, planes = mesh.take(good), planes.take(good, mesh)
    step(0.95)
    if len(mesh):
        check_bodies(mesh, planes, surfaces, tolerances, found, stop)
    return found, whole


def _bounding(mesh: Mesh) -> NDArray[np.bool_]:
    """Tell which polygons are of a geometry that is more than loose surfaces."""
    return np.asarray(~np.isin(mesh.shells.kind.astype(str), ("", "MultiSurface"))[mesh.shell])


def _unhurt(whole: Mesh, left: Mesh) -> NDArray[np.bool_]:
    """Tell which shells have all their polygons left."""
    count = len(whole.shells)
    return np.bincount(whole.shell, minlength=count) == np.bincount(left.shell, minlength=count)
