"""Rows gathered by class and kind of geometry until there are enough for a chunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, RD_NAP, is_rd
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.sources import crs as policy
from dtwin_plugin.sources.gml import Shape, ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COORDINATES = 1_000_000  # in all rows that wait


class Batch:
    """Rows that wait, by class, kind of geometry and CRS."""

    def __init__(self, rows: int) -> None:
        self._limit, self._rows, self._coordinates = rows, 0, 0
        self._groups: dict[tuple[str, str, str], list[tuple[dict[str, Any], Shape]]] = {}

    def add(self, klasse: str, row: dict[str, Any], shape: Shape, crs: str) -> None:
        """Add a row."""
        self._groups.setdefault((klasse, shape.kind, crs), []).append((row, shape))
        self._rows += 1
        self._coordinates += sum(len(ring) for part in shape.parts for ring in part)

    @property
    def full(self) -> bool:
        """Whether it is time to take the chunks."""
        return self._rows >= self._limit or self._coordinates >= _COORDINATES

    def take(self) -> Iterator[Features]:
        """Yield what waits as features in RD, and begin anew; raises CrsError."""
        groups, self._groups, self._rows, self._coordinates = self._groups, {}, 0, 0
        for (klasse, kind, crs), items in groups.items():
            shapes = geometries_of(kind, [shape for _, shape in items])
            if not is_rd(crs):
                moved = policy.to_rd(ordered(shapes.coordinates, crs), crs)
                shapes = Geometries(kind, moved, shapes.rings, shapes.parts, shapes.features)
            columns = {"klasse": table.column([klasse] * len(items)), **table.from_rows([row for row, _ in items])}
            yield Features(shapes, columns, crs=RD_NAP if shapes.has_z else RD, name=klasse)


def geometries_of(kind: str, shapes: list[Shape]) -> Geometries:
    """Return shapes of one kind as ragged arrays; with heights if any has one, and then NaN where one has none."""
    rings = [ring for shape in shapes for part in shape.parts for ring in part]
    width = max((ring.shape[1] for ring in rings), default=2)
    coordinates = np.concatenate([_wide(ring, width) for ring in rings]) if rings else np.empty((0, 2))
    return Geometries(
        kind,
        coordinates,
        offsets_of([len(ring) for ring in rings]),
        offsets_of([len(part) for shape in shapes for part in shape.parts]),
        offsets_of([len(shape.parts) for shape in shapes]),
    )


def _wide(ring: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return ring if ring.shape[1] == width else np.column_stack([ring, np.full(len(ring), np.nan)])
