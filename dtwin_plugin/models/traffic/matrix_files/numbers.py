"""Numbers as tables of others write them: with a point or a comma, and with points between thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.errors import FormatError

_THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+")
_WITH_COMMA = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d*)?")  # a point anywhere else is no mark of thousands
_UNKNOWN = ("", ".", "-", "na", "nan", "null", "none", "x")  # as CBS, R and databases write it


def decimal_of(texts: Iterable[str], separator: str, file: str) -> str:
    """Return what stands before the decimals in a table: "," or ".".

    Raises
    ------
    FormatError
        If numbers such as 1.250 may be thousands as well as decimals.

    Examples
    --------
    >>> decimal_of(["1.250,5", "3"], ";", "t.csv"), decimal_of(["1.25", "3"], ";", "t.csv")
    (',', '.')
    """
    if separator == ",":
        return "."
    points = thousands = 0
    for text in texts:
        if "," in text:
            return ","
        if "." in text and text.strip().lower() not in _UNKNOWN:
            points += 1
            thousands += bool(_THOUSANDS.fullmatch(text.strip()))
    if points and points == thousands:
        raise FormatError(
            "{file} has numbers such as 1.250 alone: the point may stand before decimals or between thousands.",
            hint="Save it with a decimal comma, or without points between thousands.",
            file=file,
        )
    return "."


def numbers_of(texts: Sequence[str], decimal: str) -> NDArray[np.float64] | None:
    """Return a column as numbers, NaN where a cell says that it is not known; None where it holds other texts.

    >>> numbers_of(["1.250,5", ""], ",").tolist(), numbers_of(["a"], "."), numbers_of(["1,5", "2.5"], ",")
    ([1250.5, nan], None, None)
    """
    found = np.empty(len(texts))
    for row, text in enumerate(texts):
        try:
            found[row] = float(text)
            if decimal == "." or "." not in text:
                continue
        except ValueError:
            pass
        clean = text.strip().lower()
        if clean in _UNKNOWN:
            found[row] = np.nan
            continue
        if decimal == ",":
            if "." in clean and not _WITH_COMMA.fullmatch(clean):
                return None
            clean = clean.replace(".", "").replace(",", ".")
        try:
            found[row] = float(clean)
        except ValueError:
            return None
    return found


def spoilt(texts: Sequence[str], decimal: str) -> int | None:
    """Return the row of the first text among numbers; None where all, or none at all, are numbers.

    >>> spoilt(["1", "2", "#N/A"], "."), spoilt(["north", "south", "3"], "."), spoilt(["1", ""], ".")
    (2, None, None)
    """
    kinds = [numbers_of([text], decimal) for text in texts if text.strip().lower() not in _UNKNOWN]
    good = sum(kind is not None for kind in kinds)
    if good == len(kinds) or good <= len(kinds) / 2:
        return None
    return next(row for row, text in enumerate(texts) if numbers_of([text], decimal) is None)
