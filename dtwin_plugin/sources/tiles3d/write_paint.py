"""Which colour a surface has: by what it is, or by a value in classes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.surfaces import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Viridis in seven steps (Smith and Van der Walt 2015), and colours that are told apart (Okabe and Ito 2008).
_STEPS = ("#440154", "#443a83", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725")
_APART = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#8c564b", "#9edae5", "#98df8a")
_NONE = "#b5b5b5"  # without a value, or in no class


@dataclass(frozen=True)
class Paint:
    """A colour for each surface.

    Attributes
    ----------
    colours : sequence of str
        "#rrggbb".
    labels : sequence of str
        What each colour means.
    of_surface : ndarray
        The number of a colour for each surface.
    """

    colours: Sequence[str]
    labels: Sequence[str]
    of_surface: NDArray[np.int64]

    @property
    def legend(self) -> dict[str, str]:
        """What is told of the colours that are used."""
        used = np.unique(self.of_surface).tolist()
        return {self.labels[number]: self.colours[number] for number in used}

    def take(self, chosen: NDArray[np.int64]) -> Paint:
        """Return the colours of some surfaces."""
        return replace(self, of_surface=self.of_surface[chosen])


@dataclass(frozen=True)
class Class:
    """A colour for one value, or for numbers from `low` to `high`."""

    colour: str
    label: str
    value: Any = None
    low: float = math.nan
    high: float = math.nan


def by_kind(semantics: NDArray[Any], colours: Mapping[str, str]) -> Paint:
    """Return colours by what surfaces are.

    Parameters
    ----------
    semantics : ndarray
        Of each surface, as `Surfaces` has them.
    colours : mapping of str to str
        With one for "Unknown", which what has none of its own gets.
    """
    names = list(colours)
    number = {name: at for at, name in enumerate(names)}
    found = np.array([number.get(str(kind), number[UNKNOWN]) for kind in semantics], np.int64)
    return Paint(list(colours.values()), names, found)


def by_classes(values: NDArray[Any], classes: Sequence[Class], none: str) -> Paint:
    """Return the colour of the first class that each value is in; `none` is what the others are called.

    >>> by_classes(
    ...     np.array([1.0, 5.0, np.nan]), [Class("#ff0000", "low", low=0, high=2)], "no value"
    ... ).of_surface.tolist()
    [0, 1, 1]
    """
    found = np.full(len(values), len(classes), np.int64)
    numbers = np.array([_number(value) for value in values.tolist()])
    texts = np.array([_text(value) for value in values.tolist()], object)
    for at, item in reversed(list(enumerate(classes))):
        if item.value is None:
            found[(numbers >= item.low) & (numbers <= item.high)] = at
        else:
            found[texts == _text(item.value)] = at
    return Paint([*(item.colour for item in classes), _NONE], [*(item.label for item in classes), none], found)


def classes_for(values: NDArray[Any]) -> list[Class]:
    """Return classes for values that have none: numbers in seven that are equally full, else the most frequent values.

    >>> [item.label for item in classes_for(np.array(["a", "b", "a"], object))]
    ['a', 'b']
    >>> [item.label for item in classes_for(np.array([1.0, 2.0, np.nan]))][:2]
    ['1 - 1.14286', '1.14286 - 1.28571']
    """
    if values.dtype.kind in "iuf":
        numbers = values[np.isfinite(values.astype(float))].astype(float)
        edges = np.unique(np.quantile(numbers, np.linspace(0, 1, len(_STEPS) + 1))) if len(numbers) else numbers
        if len(edges) == 1:
            return [Class(_STEPS[0], f"{edges[0]:g}", low=edges[0], high=edges[0])]
        pairs = list(zip(edges[:-1].tolist(), edges[1:].tolist()))
        chosen = np.rint(np.linspace(0, len(_STEPS) - 1, max(len(pairs), 1))).astype(int).tolist()
        return [Class(_STEPS[k], f"{low:g} - {high:g}", low=low, high=high) for k, (low, high) in zip(chosen, pairs)]
    counts = Counter(text for text in map(_text, values.tolist()) if text)
    return [Class(colour, text, text) for colour, (text, _) in zip(_APART, counts.most_common())]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def _text(value: Any) -> str:
    """Return a value as a category is compared: numbers that are whole without a point."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
