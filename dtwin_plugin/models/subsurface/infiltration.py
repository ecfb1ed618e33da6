"""How fast water sinks into the ground, and how much room there is for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .settlement import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .soil_table import SoilTable

    Floats = NDArray[np.float64]

_MM_PER_HOUR = 1000 / 24  # of a metre a day


def infiltration(columns: Columns, soils: SoilTable, water: Floats, depth: float) -> tuple[Floats, Floats]:
    """Return the capacity [mm/h] and the room above the groundwater [mm] of each column.

    The capacity is the harmonic mean of the conductivities of the layers from the ground to the groundwater or to
    `depth`, weighted by their thickness (layers in series, gradient 1). The room is the pore volume down to the
    groundwater. Both are 0 where the groundwater stands at the ground or above it, and NaN where a layer that counts is
    not known.

    Parameters
    ----------
    water : ndarray
        Level of the groundwater [m NAP].
    depth : float
        How deep layers count for the capacity [m].

    Examples
    --------
    Half a metre of sand (10 m/d) over half a metre of clay (0.005 m/d): 1 m in 0.05 + 100 days, 0.0099950 m/d.

    >>> from .soil_table import soil_table
    >>> ground = Columns(np.array([[6, 2]]), np.array([-0.25, -0.75]), 0.5, np.array([0.0]))
    >>> rate, room = infiltration(ground, soil_table(), np.array([-1.0]), 2.0)
    >>> rate.round(4).tolist(), room.round(6).tolist()
    ([0.4165], [400.0])
    """
    bottom = columns.middle - columns.thickness / 2
    top = np.minimum(bottom + columns.thickness, columns.ground[:, None])
    dry = np.clip(top - np.maximum(bottom, water[:, None]), 0.0, None)
    slow = np.clip(top - np.maximum(bottom, np.maximum(water, columns.ground - depth)[:, None]), 0.0, None)
    conductivity = soils.of("conductivity", columns.lithoclass)
    porosity = soils.of("porosity", columns.lithoclass)
    days = np.where(slow > 0, slow / conductivity, 0.0).sum(axis=1)
    length = slow.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(length > 0, length / days, np.where(np.isnan(columns.ground), np.nan, 0.0)) * _MM_PER_HOUR
    room = np.where(dry > 0, dry * porosity, 0.0).sum(axis=1) * 1000
    return rate, np.where(np.isnan(columns.ground), np.nan, room)
