"""Kinds of measures, what they are called, their usual sizes and costs: a table that everybody may replace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_with_comma
from dtwin_plugin.errors import InputError

from ...attributes import chosen_column
from ...csv_table import number_of, rows_of, shipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

GREEN_ROOF, WADI, STREET, PAVING = "green_roof", "wadi", "lowered_street", "permeable_paving"
CRATES, SEWER, BARRIER, THRESHOLD = "infiltration_crates", "larger_sewer", "barrier", "raised_threshold"
KINDS = (GREEN_ROOF, WADI, STREET, PAVING, CRATES, SEWER, BARRIER, THRESHOLD)
MOST = {
    "storage_mm": 1000.0,
    "depth": 5.0,
    "infiltration_mmh": 2000.0,
    "volume": 1e5,
    "capacity_mmh": 500.0,
    "height": 5.0,
}


@dataclass(frozen=True)
class Kind:
    """One kind of measure.

    Attributes
    ----------
    name : str
        One of `KINDS`.
    names : tuple of str
        What a layer may call it, in small letters.
    sizes : dict of str to float
        Columns with their usual value.
    cost : tuple of float
        Low, mean and high [EUR per unit].
    unit : str
        Of the cost: m2, m3, m, or 1 for each building.
    price_level : int or None
    confirmed : bool
    source : str
    """

    name: str
    names: tuple[str, ...]
    sizes: dict[str, float]
    cost: tuple[float, float, float]
    unit: str
    price_level: int | None
    confirmed: bool
    source: str


def measures_table(path: Path | None = None) -> dict[str, Kind]:
    """Return the kinds of measures by name, by default those of the table that ships.

    Raises
    ------
    InputError
        If a column is absent, a kind is not one that the model knows, or a number is none.

    Examples
    --------
    >>> measures_table()["wadi"].sizes
    {'depth': 0.3, 'infiltration_mmh': 20.0}
    """
    chosen = path or shipped("flood", "measures.csv")
    found = {}
    for row in rows_of(chosen, ("type", "size", "default", "cost_low", "cost_mean", "cost_high", "cost_unit")):
        name = row["type"].lower()
        if name not in KINDS:
            raise InputError(
                "{file} has the type {found}; expected one of {expected}.",
                file=chosen.name,
                found=name,
                expected=", ".join(KINDS),
            )
        sizes = {row["size"]: number_of(row, "default", 0, 1e6, chosen.name)}
        if row.get("extra"):
            sizes[row["extra"]] = number_of(row, "extra_default", 0, 1e6, chosen.name)
        cost = tuple(number_of(row, f"cost_{end}", 0, 1e7, chosen.name) for end in ("low", "mean", "high"))
        names = (name, name.replace("_", " "), *(one.strip().lower() for one in row.get("names", "").split(";")))
        found[name] = Kind(
            name,
            names,
            sizes,
            (cost[0], cost[1], cost[2]),
            row["cost_unit"],
            int(row["price_level"]) if row.get("price_level", "").isdigit() else None,
            row.get("confirmed", "no").lower() in ("yes", "ja"),
            row.get("source", ""),
        )
    return found


def kinds_of(features: Features, table: dict[str, Kind]) -> list[Kind | None]:
    """Return the kind of each measure, from its column type (or soort, maatregel); None where it is not known."""
    column = chosen_column(features, None, ("type", "soort", "maatregel"))
    if column is None:
        return [None] * len(features)
    said = [str(value or "").strip().lower() for value in column.tolist()]
    return [next((kind for kind in table.values() if one in kind.names), None) for one in said]


def sizes_of(features: Features, kinds: list[Kind | None], name: str) -> NDArray[np.float64]:
    """Return a size of each measure: of its column, else the usual one of its kind; NaN where it has none."""
    column = chosen_column(features, None, (name,))
    given: list[Any] = [None] * len(features) if column is None else column.tolist()
    usual = [np.nan if kind is None else kind.sizes.get(name, np.nan) for kind in kinds]
    return np.array([_number(value, default) for value, default in zip(given, usual)], float)


def _number(value: Any, default: float) -> float:
    """Return a size: the usual one where none is given, -1 where it is no number."""
    if value is None or value != value or value == "":
        return default
    found = number_with_comma(value)
    return -1.0 if np.isnan(found) else found
