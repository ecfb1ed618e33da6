"""Norms of time by the use of a building: a table that ships, and a user's own in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from ...attributes import chosen_column
from ...csv_table import number_of, rows_of, shipped
from ..link_columns import texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

USES = ("use", "gebruiksdoel", "gebruiksdoelen", "gebruik", "function")
PEOPLE = ("residents", "inwoners", "bewoners", "people")


def norms_of(path: Path | None) -> dict[str, float]:
    """Return the norm of each use [min].

    Raises
    ------
    InputError
        If the table cannot be read, or has a use twice.

    Examples
    --------
    >>> norms_of(None)["celfunctie"], norms_of(None)["kantoorfunctie"]
    (5.0, 10.0)
    """
    chosen = path or shipped("traffic", "norms.csv")
    found: dict[str, float] = {}
    for row in rows_of(chosen, ("use", "minutes")):
        use = row["use"].lower()
        if not use or use in found:
            raise InputError("{file} has the use {use} twice, or a row without one.", file=chosen.name, use=use or "-")
        found[use] = number_of(row, "minutes", 0.0, 1000.0, chosen.name)
    return found


def norm_of_uses(texts: list[str], norms: dict[str, float], other: float) -> NDArray[np.float64]:
    """Return the norm of each object [min]; of more uses the strictest, and another one where none is in the table.

    >>> norm_of_uses(["woonfunctie,kantoorfunctie", "", "shed"], {"woonfunctie": 8.0, "kantoorfunctie": 10.0}, 15.0)
    array([ 8., 15., 15.])
    """
    values = []
    for text in texts:
        words = [word.strip(" '\"[]()").lower() for word in text.replace(";", ",").split(",")]
        values.append(min((norms[word] for word in words if word in norms), default=other))
    return np.array(values, float)


def names_of(layers: list[Features], named: str | None) -> list[str]:
    """Return the name of each facility of layers: of the column that is named or usual, else its number from 1."""
    texts = []
    for layer in layers:
        values = chosen_column(layer, named, ("name", "naam", "id", "identificatie"))
        texts += [""] * len(layer) if values is None else texts_of(values)
    return [text or str(row + 1) for row, text in enumerate(texts)]
