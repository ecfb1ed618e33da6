"""How far the ground settles under a load or where the groundwater is lowered.

Each column of soil is cut in layers. The effective stress in the middle of a layer is the weight of what lies above
minus the pressure of the water. The strain follows from the stress before and after, by NEN-Bjerrum or by Koppejan.

References
----------
V12 : Verruijt (2012), Soil Mechanics, chapter 5 (stresses in a layer) and 16 (creep; Koppejan).
B67 : Bjerrum (1967), Engineering geology of Norwegian normally-consolidated marine clays. Geotechnique 17, 83-118.
H96 : Den Haan (1996), A compression model for non-brittle soft clays and peat. Geotechnique 46, 1-16 (isotaches).
N11 : NEN 9997-1, 6.6.2 (settlement of shallow foundations) and table 2.b.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .soil_table import SoilTable

    Floats = NDArray[np.float64]

WATER = 9.81  # kN m-3
_THICKEST = 0.1  # m; just below a load the stress changes much within half a metre
_NOTHING = 1e-6  # m; what rounding leaves of a layer above the ground
_AT_ONCE = 1_000_000  # layers: some 100 MB
_LEAST = 1.0  # kPa; the logarithm of less would blow up at the surface, where layers add nothing to speak of


@dataclass(frozen=True)
class Columns:
    """Columns of soil in layers of one thickness.

    Attributes
    ----------
    lithoclass : ndarray
        int, shape (columns, layers), from the top downwards; -1 where nothing is known.
    middle : ndarray
        float64, shape (layers,): height of the middle of each layer [m NAP].
    thickness : float
        Of a layer [m].
    ground : ndarray
        float64, shape (columns,): height of the ground [m NAP]; layers above it are air, and of the one that it cuts
        the part below it counts.
    """

    lithoclass: NDArray[np.int64]
    middle: Floats
    thickness: float
    ground: Floats

    @property
    def parts(self) -> Floats:
        """The thickness of each layer that lies below the ground [m], shape (columns, layers)."""
        top = self.middle + self.thickness / 2
        return np.clip(self.ground[:, None] - (top - self.thickness), 0.0, self.thickness)

    def part(self, chosen: slice, times: int) -> Columns:
        """Return some of the columns, each layer in so many layers."""
        step = self.thickness / times
        below = (self.thickness - step) / 2 - np.arange(times) * step
        middle = (self.middle[:, None] + below).ravel()
        return Columns(np.repeat(self.lithoclass[chosen], times, axis=1), middle, step, self.ground[chosen])


def effective_stress(columns: Columns, soils: SoilTable, water: Floats, load: Floats | float = 0.0) -> Floats:
    """Return the effective stress in the middle of what is ground of each layer [kPa], shape (columns, layers).

    Soil below the water level has its wet weight, and the water in it a hydrostatic pressure (V12, 5.2).

    Parameters
    ----------
    water : ndarray
        Level of the groundwater in each column [m NAP]; above the ground the water stands on it.
    load : ndarray or float
        On the ground of each column, wide compared to the depth of the layers [kPa].

    Examples
    --------
    Two metres of clay of 17 kN/m3 with water 1 m below the ground at 0 m NAP: in the middle of the lower metre
    17 + 17 / 2 - 9.81 / 2 kPa.

    >>> from .soil_table import soil_table
    >>> clay = Columns(np.array([[2, 2]]), np.array([-0.5, -1.5]), 1.0, np.array([0.0]))
    >>> effective_stress(clay, soil_table(), np.array([-1.0])).round(3).tolist()
    [[8.5, 20.595]]
    """
    parts = columns.parts
    bottom = columns.middle - columns.thickness / 2
    wet = np.clip(water[:, None] - bottom, 0.0, parts)
    dry_weight, wet_weight = (soils.of(name, columns.lithoclass) for name in ("weight", "weight_wet"))
    weight = np.nan_to_num(dry_weight * (parts - wet) + wet_weight * wet)
    above = np.cumsum(weight, axis=1) - weight
    middle = bottom + parts / 2
    own_wet = np.clip(water[:, None] - middle, 0.0, parts / 2)
    own = np.nan_to_num(dry_weight * (parts / 2 - own_wet) + wet_weight * own_wet)
    pond = np.clip(water - columns.ground, 0.0, None) * WATER
    pressure = np.clip(water[:, None] - middle, 0.0, None) * WATER
    return above + own + pond[:, None] + np.asarray(load, float).reshape(-1, 1) - pressure


def bjerrum_strain(
    before: Floats, after: Floats, days: float, cr: Floats, rr: Floats, ca: Floats, ocr: Floats
) -> Floats:
    """Return the strain after some days by NEN-Bjerrum, as isotaches (B67, H96) [1].

    e = RR lg(after / before) + Ca lg(1 + t / tau),  tau = 1 day (p / after)^((CR - RR) / Ca),  p = OCR x before.

    Where the stress passes p and t is long this is RR lg(p / before) + CR lg(after / p) + Ca lg(t), as N11 has it.
    Below p the creep fades out by itself. Without creep (Ca = 0) it is the same without its last term.

    Examples
    --------
    Normally consolidated clay, from 120 to 180 kPa, CR = 0.30 / 1.90, no creep: 4 m settle 0.111 m.

    >>> one = np.array([1.0])
    >>> strain = bjerrum_strain(120 * one, 180 * one, 1.0, 0.30 / 1.90 * one, 0 * one, 0 * one, one)
    >>> round(4 * float(strain[0]), 4)
    0.1112
    """
    low = np.maximum(before, _LEAST)
    high = np.maximum(after, _LEAST)
    past = low * ocr
    primary = rr * np.log10(high / low)
    with np.errstate(divide="ignore", invalid="ignore"):
        # lg(1 + t / tau) by logarithms, because t / tau may pass what a float holds
        power = np.log10(days) + (cr - rr) / ca * np.log10(high / past)
        creep = ca * np.logaddexp(0.0, power * np.log(10.0)) / np.log(10.0)
    instant = (cr - rr) * np.log10(np.maximum(high, past) / past)
    return primary + np.where(ca > 0, creep, instant)


def koppejan_strain(
    before: Floats, after: Floats, days: float, cp: tuple[Floats, Floats], cs: tuple[Floats, Floats], ocr: Floats
) -> Floats:
    """Return the strain after some days by Koppejan (V12, 16.2) [1].

    e = (1 / Cp + lg(t) / Cs) ln(p / before) + (1 / Cp' + lg(t) / Cs') ln(after / p), with p = OCR x before; where the
    stress stays below p only the first term, up to `after`.

    Parameters
    ----------
    cp, cs : tuple of ndarray
        Before and after p is passed.

    Examples
    --------
    Peat from 20 to 40 kPa, normally consolidated, Cp' = 7.5 and Cs' = 30, after 10,000 days: (1/7.5 + 4/30) ln 2.

    >>> one = np.array([1.0])
    >>> strain = koppejan_strain(20 * one, 40 * one, 1e4, (30 * one, 7.5 * one), (120 * one, 30 * one), one)
    >>> round(float(strain[0]), 4)
    0.1848
    """
    low, high = np.maximum(before, _LEAST), np.maximum(after, _LEAST)
    past = low * ocr
    first = np.log(np.minimum(high, past) / low)
    second = np.log(np.maximum(high, past) / past)
    time = np.log10(max(days, 1.0))
    return (1 / cp[0] + time / cs[0]) * first + (1 / cp[1] + time / cs[1]) * second


def settlement(
    columns: Columns,
    soils: SoilTable,
    water_before: Floats,
    water_after: Floats,
    load: Floats | float,
    days: float,
    method: str = "bjerrum",
) -> Floats:
    """Return how far the top of each layer settles [m], shape (columns, layers); the first one is the ground.

    Above 0 is downwards. Where the stress falls the ground rises, by its stiffness below the preconsolidation stress.
    NaN where a layer at or below it is not known. Soft soil that is younger than its preconsolidation stress tells
    settles by itself too: with nothing changed this is what it does.

    Parameters
    ----------
    method : {"bjerrum", "koppejan"}
    """
    times = max(1, int(np.ceil(columns.thickness / _THICKEST - 1e-9)))
    count, layers = columns.lithoclass.shape
    loads = np.broadcast_to(np.asarray(load, float), (count,))
    step = max(1, _AT_ONCE // max(1, layers * times))
    pieces = [np.zeros((0, layers))]
    for start in range(0, count, step):
        part = slice(start, start + step)
        own = columns.part(part, times)
        found = _settled(own, soils, water_before[part], water_after[part], loads[part], days, method)
        pieces.append(found[:, ::times])
    return np.concatenate(pieces)


def _settled(
    columns: Columns,
    soils: SoilTable,
    water_before: Floats,
    water_after: Floats,
    load: Floats,
    days: float,
    method: str,
) -> Floats:
    """Return how far the top of each layer settles, for layers that are thin enough for their middle to stand for."""
    before = effective_stress(columns, soils, water_before)
    after = effective_stress(columns, soils, water_after, load)

    def of(name: str) -> Floats:
        return soils.of(name, columns.lithoclass)

    if method == "bjerrum":
        strain = bjerrum_strain(before, after, days, of("cr"), of("rr"), of("ca"), of("ocr"))
    else:
        cp, cs = (of("cp_before"), of("cp_after")), (of("cs_before"), of("cs_after"))
        strain = koppejan_strain(before, after, days, cp, cs, of("ocr"))
    parts = columns.parts
    return np.cumsum(np.where(parts > _NOTHING, strain * parts, 0.0)[:, ::-1], axis=1)[:, ::-1]
