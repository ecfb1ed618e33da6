"""Damage by the depth of water above the floor: a table that everybody may replace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from ...csv_table import number_of, rows_of, shipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

AMOUNTS = ("low", "mean", "high")
NO_USE = "none"


@dataclass(frozen=True)
class DamageTable:
    """Damage for each use.

    Attributes
    ----------
    curves : dict
        By use the depths above the floor [m], increasing, and the amounts low, mean and high [EUR per m2], shape
        (depths,) and (3, depths).
    unconfirmed : tuple of str
        Uses of which a row is not confirmed.
    price_levels : tuple of int
        Years of the amounts.
    """

    curves: dict[str, tuple[Floats, Floats]]
    unconfirmed: tuple[str, ...] = ()
    price_levels: tuple[int, ...] = ()

    def use_of(self, value: Any) -> str | None:
        """Return the first use of a text that is in the table; "none" for no use, None for one that is not there.

        >>> table = DamageTable({"winkelfunctie": (np.array([0.0]), np.zeros((3, 1)))})
        >>> table.use_of("bakkerij, winkelfunctie"), table.use_of(None), table.use_of("kerk")
        ('winkelfunctie', 'none', None)
        """
        text = "" if value is None or value != value else str(value).strip().lower()
        if not text:
            return NO_USE
        parts = [part.strip(" []'\"") for part in text.replace(";", ",").replace("|", ",").split(",")]
        return next((part for part in parts if part in self.curves), None)

    def amounts(self, use: str | None, depth: float, amount: str) -> float:
        """Return the damage at a depth above the floor [EUR per m2]: linear between rows, the last one beyond.

        NaN where the use is not in the table or the depth is not known; 0 at a depth of 0 and below.
        """
        if use not in self.curves or not np.isfinite(depth):
            return 0.0 if use == NO_USE else float("nan")
        if depth <= 0:
            return 0.0
        depths, values = self.curves[use]
        return float(np.interp(depth, depths, values[AMOUNTS.index(amount)]))


def damage_table(path: Path | None = None) -> DamageTable:
    """Return a table of damage, by default the one that ships.

    Raises
    ------
    InputError
        If a column is absent, an amount is no number of 0 or more, low, mean and high do not increase, or depths are
        given twice.

    Examples
    --------
    >>> damage_table().amounts("woonfunctie", 0.1, "mean")  # between 130 at 0.05 m and 260 at 0.15 m
    195.0
    """
    chosen = path or shipped("flood", "damage.csv")
    rows: dict[str, list[tuple[float, ...]]] = {}
    unconfirmed: dict[str, None] = {}
    years: set[int] = set()
    for row in rows_of(chosen, ("use", "depth", *AMOUNTS)):
        use = row["use"].lower()
        depth = number_of(row, "depth", 0, 100, chosen.name)
        amounts = [number_of(row, name, 0, 1e6, chosen.name) for name in AMOUNTS]
        if sorted(amounts) != amounts:
            raise InputError(
                "{file} has a low damage of {low}, a mean of {mean} and a high of {high} for {use}; expected them to "
                "increase.",
                file=chosen.name,
                low=amounts[0],
                mean=amounts[1],
                high=amounts[2],
                use=use,
            )
        rows.setdefault(use, []).append((depth, *amounts))
        if row.get("confirmed", "no").lower() not in ("yes", "ja"):
            unconfirmed[use] = None
        if row.get("price_level", "").isdigit():
            years.add(int(row["price_level"]))
    return DamageTable(
        {use: _curve(use, found, chosen.name) for use, found in rows.items()}, tuple(unconfirmed), tuple(sorted(years))
    )


def _curve(use: str, rows: Iterable[tuple[float, ...]], file: str) -> tuple[Floats, Floats]:
    found = np.array(sorted(rows))
    if len(np.unique(found[:, 0])) < len(found):
        raise InputError("{file} has a depth twice for {use}.", file=file, use=use)
    return found[:, 0], found[:, 1:].T
