"""Objects with a geometry and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from . import columns as table
from .crs import RD
from .geometries import Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .extent import Extent


@dataclass(frozen=True)
class Features:
    """Geometries and their attributes.

    Attributes
    ----------
    geometries : Geometries
        One feature each.
    columns : dict of str to ndarray
        Attribute values, one a feature; NaN or None means unknown.
    units : dict of str to str
        Unit of a column, where it has one.
    name : str
        What the features are, for a legend ("buildings").
    """

    geometries: Geometries
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    crs: str = RD
    name: str = ""

    def __post_init__(self) -> None:
        for column, values in self.columns.items():
            if len(values) != len(self.geometries):
                raise InputError(
                    "Column {column} has {found} values for {expected} features.",
                    column=column,
                    found=len(values),
                    expected=len(self.geometries),
                )

    def __len__(self) -> int:
        return len(self.geometries)

    @property
    def extent(self) -> Extent | None:
        """The rectangle around all features, None if there is no coordinate."""
        return self.geometries.extent(self.crs)

    def with_columns(self, columns: dict[str, NDArray[Any]], units: dict[str, str] | None = None) -> Features:
        """Return the same features with columns added or replaced."""
        return replace(self, columns={**self.columns, **columns}, units={**self.units, **(units or {})})

    def take(self, chosen: NDArray[np.int64]) -> Features:
        """Return the chosen features, in the order given."""
        return replace(
            self,
            geometries=self.geometries.take(chosen),
            columns={name: values[chosen] for name, values in self.columns.items()},
        )

    def within(self, extent: Extent) -> Features:
        """Return the features whose box touches an area."""
        box = self.geometries.bounds()
        touches = (
            (box[:, 0] <= extent.x_max)
            & (box[:, 2] >= extent.x_min)
            & (box[:, 1] <= extent.y_max)
            & (box[:, 3] >= extent.y_min)
        )
        return self.take(np.flatnonzero(touches))

    @classmethod
    def concatenate(cls, pieces: Sequence[Features]) -> Features:
        """Join features of one kind of geometry and one CRS."""
        units = {name: unit for piece in pieces for name, unit in piece.units.items()}
        return cls(
            Geometries.concatenate([piece.geometries for piece in pieces]),
            table.concatenate([piece.columns for piece in pieces], [len(piece) for piece in pieces]),
            units,
            pieces[0].crs,
            pieces[0].name,
        )
