"""Rates of trips: how many begin and end a day for each dwelling, job, pupil, as a table that everybody makes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ...csv_table import number_of, rows_of, shipped
from ..tables import name_of

EXAMPLE = "rates_example.csv"
PERSONS, VEHICLES = "persons", "vehicles"
TO_PRODUCTIONS, TO_ATTRACTIONS, NOT = "productions", "attractions", "none"
BALANCES = {
    TO_PRODUCTIONS: mark("Attractions follow productions"),
    TO_ATTRACTIONS: mark("Productions follow attractions"),
    NOT: mark("Leave both as they are"),
}
_HIGHEST = 10_000.0  # trips a day for one of anything
_COLUMNS = ("purpose", "variable", "production", "attraction", "counts")


class Rate(NamedTuple):
    """Trips of a purpose for one of a variable.

    Attributes
    ----------
    purpose, variable, period : str
        Names as columns have them; period is "" for a whole day.
    production, attraction : float
        Trips that a zone makes, and that it draws, for one of the variable.
    balance : str
        Which sum of the purpose is kept, a key of `BALANCES`; "" where the run says so for all purposes.
    """

    purpose: str
    variable: str
    period: str
    production: float
    attraction: float
    balance: str = ""

    @property
    def part(self) -> str:
        """What a column of this purpose and period is called.

        >>> Rate("work", "jobs", "morning", 0.1, 0.4).part
        'work_morning'
        """
        return f"{self.purpose}_{self.period}" if self.period else self.purpose


class Rates(NamedTuple):
    """A table of rates.

    Attributes
    ----------
    counts : str
        `PERSONS` or `VEHICLES`: what the trips are of.
    example : bool
        Whether it is the one that ships, of invented numbers.
    """

    rows: tuple[Rate, ...]
    counts: str
    example: bool
    file: str

    @property
    def variables(self) -> tuple[str, ...]:
        """What zones must have."""
        return tuple(dict.fromkeys(row.variable for row in self.rows))

    @property
    def one_way(self) -> tuple[str, ...]:
        """Variables that trips of a whole day only leave, or only come to: those who went out are not seen coming back.

        >>> Rates((Rate("work", "jobs", "", 0.0, 1.0),), "vehicles", False, "").one_way
        ('jobs',)
        """
        day = [row for row in self.rows if not row.period]
        sums = {row.variable: [0.0, 0.0] for row in day}
        for row in day:
            for side, rate in enumerate((row.production, row.attraction)):
                sums[row.variable][side] += rate
        return tuple(name for name, both in sums.items() if min(both) == 0 < max(both))

    @property
    def parts(self) -> tuple[str, ...]:
        """Purposes, with their period where they have one."""
        return tuple(dict.fromkeys(row.part for row in self.rows))


def rates_of(path: Path | None = None) -> Rates:
    """Return a table of rates, by default the example that ships.

    Raises
    ------
    InputError
        If a column is missing, a number is outside its limits, a row stands twice, or trips are of both kinds.

    Examples
    --------
    >>> rates_of().example, rates_of().counts
    (True, 'vehicles')
    """
    chosen = path or shipped("traffic", EXAMPLE)
    found: dict[tuple[str, str, str], Rate] = {}
    kinds = set()
    for row in rows_of(chosen, _COLUMNS):
        production, attraction = (number_of(row, at, 0, _HIGHEST, chosen.name) for at in ("production", "attraction"))
        purpose, variable, period = (name_of(row.get(column, "")) for column in ("purpose", "variable", "period"))
        rate = Rate(purpose, variable, period, production, attraction, name_of(row.get("balance", "")))
        key = rate.purpose, rate.variable, rate.period
        if not rate.purpose or not rate.variable or key in found:
            raise InputError(
                "{file} has no purpose or variable, or has {purpose} for {variable} twice.",
                hint="Give each purpose one row a variable and period.",
                file=chosen.name,
                purpose=rate.purpose or "-",
                variable=rate.variable or "-",
            )
        found[key] = rate
        kinds.add(row["counts"].lower())
    if len({bool(rate.period) for rate in found.values()}) > 1:
        raise InputError(
            "{file} has rows with a period and rows without: trips would count twice.",
            hint="Give a period in all rows or in none.",
            file=chosen.name,
        )
    if len(kinds) != 1 or not kinds <= {PERSONS, VEHICLES}:
        raise InputError(
            "{file} has {found} in the column counts; expected persons or vehicles, the same in all rows.",
            file=chosen.name,
            found=", ".join(sorted(kinds))[:60] or "-",
        )
    _expect_balance(found.values(), chosen.name)
    return Rates(tuple(found.values()), kinds.pop(), path is None or chosen.name == EXAMPLE, chosen.name)


def _expect_balance(rows: Iterable[Rate], file: str) -> None:
    """Raise InputError where the rows of a purpose do not say the same of its balance."""
    known: dict[str, str] = {}
    for row in rows:
        if row.balance not in ("", *BALANCES) or known.setdefault(row.part, row.balance) != row.balance:
            raise InputError(
                "{file} has the balance {found} for {purpose}; expected productions, attractions or none, the same in "
                "all rows of a purpose.",
                file=file,
                found=row.balance or "-",
                purpose=row.part,
            )
