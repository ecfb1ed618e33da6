"""A cone penetration test in a GEF: its columns by the numbers of their quantities, in the units of the carrier.

References
----------
GEF-CPT-Report 1.1.2: numbers of quantities (1 length, 2 cone, 3 friction, 4 ratio, 5-7 pore pressures, 8-10 and 21-22
inclinations, 11 depth, 13 corrected cone) and of measurement variables (1 area of the cone, 3 its
ratio, 13 depth dug before, 14 groundwater).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.log_files import Warn

from . import units
from .body import Rows
from .depth import completed, resultant
from .header import Column, Header

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS = {
    "depth": "m", "penetration_length": "m", "cone_resistance": "MPa", "corrected_cone_resistance": "MPa",
    "friction": "MPa", "friction_ratio": "%", "pore_pressure": "MPa", "pore_pressure_u1": "MPa",
    "pore_pressure_u3": "MPa", "inclination": "degree",
}  # fmt: skip
_PRESSURES = {
    2: "cone_resistance", 13: "corrected_cone_resistance", 3: "friction", 5: "pore_pressure_u1", 6: "pore_pressure",
    7: "pore_pressure_u3",
}  # fmt: skip
_ALWAYS = ("friction", "friction_ratio", "pore_pressure", "inclination", "penetration_length")
_STANDARD_CONE = 1000.0  # mm2, NEN-EN-ISO 22476-1
# Names that tell a quantity where a column has no number; the first that fits counts.
_NAMES = (
    (11, re.compile(r"gecorr.*diepte|corrected depth|^diepte|^depth", re.IGNORECASE)),
    (4, re.compile(r"getal|ratio|\brf\b", re.IGNORECASE)),
    (3, re.compile(r"wrijving|kleef|friction|sleeve|\bfs\b", re.IGNORECASE)),
    (2, re.compile(r"conus|punt|cone|tip|\bqc\b", re.IGNORECASE)),
    (1, re.compile(r"lengte|length", re.IGNORECASE)),
    (8, re.compile(r"helling|inclination", re.IGNORECASE)),
)


def cpt_rows(header: Header, rows: Rows, warn: Warn) -> dict[str, NDArray[Any]]:
    """Return the columns of a test by depth; `warn` hears what a user should know of them.

    Rows without a depth are left out. The friction ratio is computed where the file has none.

    Raises
    ------
    FormatError
        If it has no cone resistance, or neither a depth nor a length of penetration.
    """
    places = _places(header.columns())
    found: dict[int, NDArray[np.float64]] = {}
    for quantity, (place, column) in places.items():
        # A void of 0 is not believed of a depth: at the surface it is a measurement.
        void = math.nan if quantity in (1, 11) and column.void == 0 else column.void
        found[quantity] = rows.numbers(place, void) * _factor(header, quantity, column, warn)
    if not np.isfinite(found.get(2, np.empty(0))).any():
        raise FormatError(
            "{file} has no column with the cone resistance (quantity 2), without which it is no cone penetration test.",
            hint="Ask who made it for the whole file.",
            file=header.file,
        )
    depth, length, inclination = _depths(header, found)
    result: dict[str, NDArray[Any]] = {"depth": depth, "cone_resistance": found[2]}
    result |= {name: found[number] for number, name in _PRESSURES.items() if number in found and number != 2}
    result |= {"friction_ratio": found[4]} if 4 in found else {}
    result |= {"inclination": inclination} if inclination is not None else {}
    result |= {"penetration_length": length} if length is not None else {}
    for name in _ALWAYS:
        result.setdefault(name, np.full(len(depth), np.nan))
    if not np.isfinite(result["friction_ratio"]).any():
        result["friction_ratio"] = friction_ratio(result["friction"], result["cone_resistance"])
    return _in_order(header, result, warn)


def friction_ratio(friction: NDArray[np.float64], cone: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the friction ratio [%], NaN where the cone meets nothing.

    >>> friction_ratio(np.array([0.1, 0.1]), np.array([5.0, 0.0])).tolist()
    [2.0, nan]
    """
    result = np.full(len(cone), np.nan)
    np.divide(100.0 * friction, cone, out=result, where=cone > 0)
    return result


def site_columns(header: Header) -> dict[str, float]:
    """Return what is known of the test as a whole: NaN where it is not."""
    return {
        "predrilled_depth": _sound(header.variable(13), 0.0, 200.0),
        "final_depth": _sound(header.variable(16), 1e-6, 2000.0),
        "cone_area": _sound(header.variable(1), 1.0, 1e5),
        "groundwater_depth": _sound(header.variable(14), 1e-6, 100.0),
        "area_ratio": _sound(header.variable(3), 1e-6, 1.0),
    }


def _places(columns: dict[int, Column]) -> dict[int, tuple[int, Column]]:
    """Return for each quantity its place and column; by its name where it has no number. The first counts."""
    places: dict[int, tuple[int, Column]] = {}
    for place, column in columns.items():
        if column.quantity:
            places.setdefault(column.quantity, (place, column))
    for place, column in columns.items():
        if not column.quantity:
            guessed = next((quantity for quantity, names in _NAMES if names.search(column.name)), 0)
            if guessed:
                places.setdefault(guessed, (place, column))
    return places


def _factor(header: Header, quantity: int, column: Column, warn: Warn) -> float:
    """Return what brings a column to the unit of the carrier; 1 with a warning where its unit is not known."""
    if quantity in _PRESSURES:
        known = units.PRESSURE
        newton = units.factor(column.unit, units.FORCE)
        if newton is not None and quantity in (2, 13):
            area = _sound(header.variable(1), 1.0, 1e5)
            if not math.isfinite(area):
                area = _STANDARD_CONE
                warn(
                    "{file} gives a force in {unit} in place of a cone resistance; a cone of 1000 mm2 is assumed.",
                    file=header.file,
                    unit=column.unit,
                )
            return newton / area
    elif quantity in (1, 11):
        known = units.LENGTH
    elif quantity in (8, 9, 10, 21, 22):
        known = units.ANGLE
    else:
        return 1.0
    value = units.factor(column.unit, known)
    # What leans is in degrees, whatever is left of the sign for it in the file.
    if value is None and known is not units.ANGLE:
        warn(
            "{file}: the unit {found!r} of column {column} is not known; {unit} is assumed.",
            file=header.file,
            found=column.unit[:30],
            column=column.name[:60],
            unit="m" if known is units.LENGTH else "MPa",
        )
    return 1.0 if value is None else value


def _depths(
    header: Header, found: dict[int, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Return depth, length and inclination, positive down."""
    length = _down(found.get(1))
    inclination = found.get(8)
    for pair in ((9, 10), (21, 22)):
        if (inclination is None or not np.isfinite(inclination).any()) and all(number in found for number in pair):
            inclination = resultant(found[pair[0]], found[pair[1]])
    depth = _down(found.get(11))
    if length is None and depth is None:
        raise FormatError(
            "{file} has neither a length of penetration (quantity 1) nor a depth (quantity 11).",
            hint="Ask who made it for the whole file.",
            file=header.file,
        )
    if length is not None:
        unknown = np.full(len(length), np.nan)
        depth = completed(unknown if depth is None else depth, length, inclination)
    assert depth is not None
    return depth, length, None if inclination is None else np.abs(inclination)


def _down(values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Return depths positive down: some writers count them as heights."""
    if values is None:
        return None
    known = values[np.isfinite(values)]
    return -values if len(known) and np.median(known) < 0 else values


def _in_order(header: Header, result: dict[str, NDArray[Any]], warn: Warn) -> dict[str, NDArray[Any]]:
    depth = result["depth"]
    kept = np.flatnonzero(np.isfinite(depth))
    if len(kept) < len(depth):
        missing = len(depth) - len(kept)
        warn("{file}: {count} rows have no depth and are left out.", file=header.file, count=missing)
    if not len(kept):
        raise FormatError("{file} has no rows with a depth.", hint="Export it again.", file=header.file)
    kept = kept[np.argsort(depth[kept], kind="stable")]
    return {name: values[kept] for name, values in result.items()}


def _sound(value: float, low: float, high: float) -> float:
    return value if low <= value <= high else math.nan
