"""What the surface of a run takes, put together from land cover, soil and sewer as the user gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...base import Values
from ...problem import Problem
from .. import units
from ..sewers import sewer_districts
from . import landcover, soil
from .surface import Sewer, Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..ground import Ground

    Floats = NDArray[np.float64]

MM, HOUR = 1e-3, 3600.0  # m, s

INPUTS = (*soil.INPUTS, *landcover.INPUTS)
ADVANCED = (*soil.ADVANCED, *landcover.ADVANCED)


@dataclass(frozen=True)
class Taking:
    """What the surface of a run takes.

    Attributes
    ----------
    roughness : float or ndarray
        Manning's n [s m-1/3], one or shape (rows, cols).
    infiltration : float or ndarray
        Constant rate of the soil [m s-1]; 0 where a law of `surface` takes its place.
    storage : ndarray or None
        What the soil takes at most [m], NaN = no limit; None without limit.
    sewer_share : ndarray or None
        Share of each cell that is connected to the sewer; None where it is not known.
    surface : Surface
        Leaves and puddles, the law of the soil and the sewer.
    """

    roughness: float | Floats
    infiltration: float | Floats
    storage: Floats | None
    sewer_share: Floats | None
    surface: Surface


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with soil and land cover, and which rasters are likely to be in another unit."""
    yield from units.check_heights(values)
    yield from units.check_soil(values)
    yield from soil.check(values)
    yield from landcover.check(values)


def taking_of(values: Values, ground: Ground) -> Taking:
    """Return what the surface of a run takes."""
    terrain, covered = ground.terrain, ground.covered
    cover = landcover.cover_of(values, terrain, covered)
    rate, storage = soil.soil_of(values, terrain, covered, cover)
    law = soil.law_of(values, rate, cover, terrain.shape)
    sewer = sewer_districts.sewer_of(values, ground, cover.sewer)
    if sewer is None and cover.sewer is not None and values.get("sewer_network") is None:
        sewer = Sewer(cover.sewer * values["sewer_capacity"] * MM / HOUR)
    surface = Surface(
        terrain.shape,
        interception=cover.interception if np.any(np.asarray(cover.interception) > 0) else None,
        law=law,
        sewer=sewer if sewer is not None and sewer.rate.any() else None,
    )
    if isinstance(rate, np.ndarray):
        rate.setflags(write=False)  # a solver that is given it twice can know that it is the same
    return Taking(cover.roughness, rate if law is None else 0.0, storage, cover.sewer, surface)
