"""How much sun a mean year brings on the horizontal, month by month.

References
----------
KNMI, Daggegevens van het weer in Nederland, station 260 De Bilt, global radiation Q: the mean of the sums of each month
over all days of 2001 to 2020. KNMI gives J/cm2, of which 360 are a kWh/m2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# kWh/m2 in each month, from January; 1041.5 in the year
DE_BILT = (20.3, 36.8, 77.4, 124.1, 153.7, 158.1, 156.5, 130.7, 90.8, 53.8, 23.9, 15.4)
_MOST = 400.0  # kWh/m2 in a month: more than reaches the top of the air


def written(months: tuple[float, ...] = DE_BILT) -> str:
    """Return months as a form shows them: "20.3; 36.8; …"."""
    return "; ".join(f"{month:g}" for month in months)


def parsed_months(text: str) -> NDArray[np.float64]:
    """Return the twelve numbers of a text, with a semicolon, a space or a comma and a space between [kWh/m2].

    A comma within a number is that of decimals, as the Dutch write it.

    Raises
    ------
    InputError
        If there are not twelve, or one is no radiation of a month.

    >>> float(parsed_months(written()).sum().round(1))
    1041.5
    >>> float(parsed_months("20,3 " * 12)[0])
    20.3
    """
    parts = text.replace(";", " ").replace(", ", " ").split()
    try:
        months = np.array([float(part.strip(",").replace(",", ".")) for part in parts])
    except ValueError as error:
        raise InputError(
            "The radiation by month holds something that is no number: {text}.",
            hint="Write twelve numbers in kWh/m2, from January, with semicolons between.",
            text=text[:60],
        ) from error
    if len(months) != 12:
        raise InputError(
            "The radiation by month has {found} numbers in place of 12.",
            hint="Write twelve numbers in kWh/m2, from January, with semicolons between.",
            found=len(months),
        )
    if not ((months > 0) & (months < _MOST)).all():
        raise InputError(
            "The radiation of a month lies between 0 and {most} kWh/m2.",
            hint="Give sums of months in kWh/m2, not J/cm2 or W/m2.",
            most=_MOST,
        )
    return months
