"""Columns of the layers of a road network as arrays, whatever type a file gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.data.matrices import zone_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

NONE = -1  # no link, no node
WAYS = ("forward", "backward")
OPEN = {"both": (True, True), "forward": (True, False), "backward": (False, True), "closed": (False, False)}
_NO = ("false", "no", "0", "0.0", "f", "nee", "n")


def ids_of(values: Sequence[Any] | NDArray[Any]) -> Ids:
    """Return numbers of links or nodes; -1 for what is no whole number of 0 or more.

    >>> ids_of([7, 7.0, "7", 7.5, None, "x"]).tolist()
    [7, 7, 7, -1, -1, -1]
    """
    found = np.array([number_of(value) for value in _plain(values)])
    with np.errstate(invalid="ignore"):
        whole = (found >= 0) & (found < 2**53) & (found == np.floor(found))
    return np.where(whole, found, NONE).astype(np.int64)


def texts_of(values: Sequence[Any] | NDArray[Any]) -> list[str]:
    """Return names, as of zones; "" for none, and whole numbers without a point.

    >>> texts_of([3, 4.0, float("nan"), None, " B1 "])
    ['3', '4', '', '', 'B1']
    """
    return [zone_text(value) for value in _plain(values)]


def flags_of(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.bool_]:
    """Return what is not said to be false: numbers, words and booleans.

    >>> flags_of([True, 0, "no", None, "ja"]).tolist()
    [True, False, False, True, True]
    """
    return np.array([str(value).strip().lower() not in _NO for value in _plain(values)], bool)


def column(features: Features, name: str, default: float = np.nan) -> Floats:
    """Return a column as numbers, NaN where it has none; the default everywhere where there is no such column."""
    values = features.columns.get(name)
    if values is None:
        return np.full(len(features), default)
    return np.array([number_of(value) for value in values.tolist()], float)


def both_ways(features: Features, name: str, default: float = np.nan) -> Floats:
    """Return a quantity of both directions, shape (links, 2): of the columns `_forward` and `_backward`, or of one."""
    pair = column_pair(features, name) or (name, name)
    return np.stack([column(features, one, default) for one in pair], axis=1)


def column_pair(features: Features, name: str) -> tuple[str, str] | None:
    """Return the columns of both directions, one twice where it stands for both; None where there is none."""
    forward, backward = (f"{name}_{way}" for way in WAYS)
    if forward in features.columns or backward in features.columns:
        return forward, backward
    return (name, name) if name in features.columns else None


def open_ways(links: Features) -> NDArray[np.bool_]:
    """Return in which directions links are open, shape (links, 2); without a column `direction` in both.

    A word that is not known closes a link: it is told by the checks.
    """
    words = links.columns.get("direction")
    given = ["both"] * len(links) if words is None else [str(word).strip().lower() for word in words.tolist()]
    return np.array([OPEN.get(word, (False, False)) for word in given], bool).reshape(-1, 2)


def columns_of(table: Mapping[str, Any], name: str) -> list[Any]:
    """Return a column of a table whose names may be in capitals; nothing where it has none."""
    found = {key.lower(): key for key in table}
    return list(table[found[name]]) if name in found else []


def _plain(values: Sequence[Any] | NDArray[Any]) -> list[Any]:
    return list(values.tolist() if isinstance(values, np.ndarray) else values)
