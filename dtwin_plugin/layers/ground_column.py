"""What lies at a place from the roof to the deepest layer that is known, gathered from all layers: plain data."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from qgis.core import QgsMapLayer

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError
from dtwin_plugin.twin.privacy import is_public

from .privacy import level_of


@dataclass(frozen=True)
class Part:
    """Something in a column, from `bottom` to `top` [m NAP]; NaN where its height is not known.

    Attributes
    ----------
    kind : str
        "building", "water", "surface", "cable", "body", "soil" or "groundwater".
    name, note : str
        What it is, and how sure that is.
    colour : str
    source : str
        Name of its layer.
    distance : float
        From the place on the map [m]; 0 where it lies there.
    is_public : bool
        Whether it may be handed on.
    """

    kind: str
    top: float
    bottom: float
    name: str
    colour: str
    source: str
    note: str = ""
    distance: float = 0.0
    is_public: bool = True


@dataclass(frozen=True)
class GroundColumn:
    """All that is known at a place.

    Attributes
    ----------
    x, y : float
        [m].
    surface : float
        Height of the ground [m NAP], NaN where it is not known.
    parts : tuple of Part
        From the top down, as far as heights are known.
    """

    x: float
    y: float
    surface: float
    parts: tuple[Part, ...] = ()

    def depth(self, height: float) -> float:
        """Return how far a height [m NAP] is below the ground [m]."""
        return self.surface - height

    def public(self) -> GroundColumn:
        """Return the column without what may not be handed on."""
        return GroundColumn(self.x, self.y, self.surface, tuple(part for part in self.parts if part.is_public))


def part(layer: QgsMapLayer, kind: str, top: float, bottom: float, name: str, colour: str, note: str = "",
         distance: float = 0.0) -> Part:  # fmt: skip
    """Return a part that a layer tells of."""
    return Part(kind, top, bottom, name, colour, layer.name(), note, distance, is_public(level_of(layer)))


def ordered(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return parts from the top down; those without a height come last."""
    return tuple(sorted(parts, key=lambda p: (p.top != p.top, -p.top if p.top == p.top else 0.0, p.distance)))


def save_table(column: GroundColumn, path: Path) -> None:
    """Write a column as CSV, with a row for each part.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    names = [item.name for item in fields(Part) if item.name not in ("colour", "is_public", "top", "bottom")]
    heights = ("top_m_nap", "bottom_m_nap", "top_m_below_ground", "bottom_m_below_ground")
    try:
        with written_beside(path) as temporary, temporary.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(["x", "y", *names, *heights])
            for item in column.parts:
                numbers = (item.top, item.bottom, column.depth(item.top), column.depth(item.bottom))
                texts = ["" if math.isnan(number) else f"{number:.3f}" for number in numbers]
                values = [getattr(item, name) for name in names]
                writer.writerow([f"{column.x:.3f}", f"{column.y:.3f}",
                                 *(f"{v:.3f}" if isinstance(v, float) else v for v in values), *texts])  # fmt: skip
    except OSError as error:
        raise InputError(
            "{file} cannot be written.", hint="Check that the folder exists and that you may write there.",
            file=str(path),
        ) from error  # fmt: skip
