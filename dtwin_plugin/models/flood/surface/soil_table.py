"""Classes of soil by their texture, for Green-Ampt: pores, suction and conductivity, after Rawls et al. (1983)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from ...csv_table import number_of, rows_of, shipped

MM, HOUR = 1e-3, 3600.0  # m, s
COLUMNS = ("soil", "title", "porosity", "suction", "conductivity")


class Soil(NamedTuple):
    """A class of soil: effective `porosity` [1], `suction` at the front [m] and `conductivity` [m s-1]."""

    title: str
    porosity: float
    suction: float
    conductivity: float


@lru_cache(maxsize=1)
def soils_of() -> dict[str, Soil]:
    """Return the classes of the table that ships, by their names.

    >>> silt = soils_of()["silt_loam"]
    >>> silt.porosity, round(silt.suction, 4), round(silt.conductivity * 3.6e6, 1)
    (0.486, 0.1668, 6.5)
    """
    table = shipped("flood", "soils.csv")
    found = {}
    for row in rows_of(table, COLUMNS):
        porosity = number_of(row, "porosity", 0, 1, table.name)
        suction = number_of(row, "suction", 0, 5000, table.name) * MM
        conductivity = number_of(row, "conductivity", 0, 5000, table.name) * MM / HOUR
        found[row["soil"]] = Soil(row["title"], porosity, suction, conductivity)
    return found
