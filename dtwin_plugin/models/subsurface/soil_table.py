"""How soils behave, by class: a table that everybody may replace by what a laboratory found.

Weights and stiffnesses of the table that ships are in the manner of table 2.b of NEN 9997-1 for a soil of middling
consistency of each class; stiffnesses below the preconsolidation stress are taken a quarter as compressible, and
conductivities and porosities are of the order that textbooks give. They are a start to work from: soils of one class
differ by a factor of two and more in stiffness, and of ten and more in conductivity.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

# column -> its unit; an empty value of cs_before or cs_after is no creep
COLUMNS = {
    "weight": "kN m-3",
    "weight_wet": "kN m-3",
    "cr": "1",
    "rr": "1",
    "ca": "1",
    "cp_before": "1",
    "cp_after": "1",
    "cs_before": "1",
    "cs_after": "1",
    "ocr": "1",
    "conductivity": "m d-1",
    "porosity": "1",
    "bulking": "1",
}
_ENDLESS = ("cs_before", "cs_after")


@dataclass(frozen=True)
class SoilTable:
    """A row for each class of soil.

    Attributes
    ----------
    columns : dict of str to ndarray
        float64, shape (10,): a value for each lithoclass 0 to 9 of the columns in `COLUMNS`; NaN where the table lacks
        a class.
    """

    columns: dict[str, NDArray[np.float64]]

    def of(self, name: str, lithoclass: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return a column for classes; NaN for a class below 0 or one that the table has not.

        >>> soil_table().of("weight", np.array([2, -1])).tolist()
        [17.0, nan]
        """
        known = np.append(self.columns[name], np.nan)
        return known[np.where((lithoclass >= 0) & (lithoclass < len(known) - 1), lithoclass, -1)]


def soil_table(rows: Mapping[str, Sequence[Any]] | None = None) -> SoilTable:
    """Return a table of soils, by default the one that ships.

    Raises
    ------
    InputError
        If a column is absent, or a value is no number above 0 (cr, rr and ca may be 0).
    """
    if rows is None:
        with plugin_file("resources", "subsurface", "soils.csv").open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
        rows = {name: [line[name] for line in lines] for name in lines[0]}
    missing = [name for name in ("lithoclass", *COLUMNS) if name not in rows]
    if missing:
        raise InputError(
            "The table of soils has no column {column}; expected {expected}.",
            column=missing[0],
            expected=", ".join(("lithoclass", *COLUMNS)),
        )
    columns = {name: np.full(max(LITHOCLASSES) + 1, np.nan) for name in COLUMNS}
    for number, code in enumerate(rows["lithoclass"]):
        for name, values in columns.items():
            values[_class(code)] = _number(name, rows[name][number])
    return SoilTable(columns)


def _class(code: Any) -> int:
    try:
        found = int(float(code))
    except (TypeError, ValueError):
        found = -1
    if found not in LITHOCLASSES:
        raise InputError(
            "The table of soils has the class {found}; expected a lithoclass from 0 to 9.", found=str(code)
        )
    return found


def _number(name: str, value: Any) -> float:
    if name in _ENDLESS and value in (None, ""):
        return np.inf
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = np.nan
    if not (found > 0 or (found == 0 and name in ("cr", "rr", "ca"))):
        raise InputError(
            "The table of soils has {found} for {column}; expected a number above 0.", found=str(value), column=name
        )
    return found
