"""The facts of a file, counted while its city objects pass."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import in_rd_bounds, is_rd

from .batch import Batch
from .header import Header
from .objects import NO_SURFACES, lod_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Facts:
    """Counts of types, geometries, levels of detail and attributes, and the extent of all vertices."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self.objects = self.vertices = 0
        self._types: Counter[str] = Counter()
        self._geometries: Counter[str] = Counter()
        self._lods: Counter[str] = Counter()
        self._attributes: dict[str, None] = {}
        self._appearance: Counter[str] = Counter(header.appearance)
        self._low, self._high = np.full(3, np.inf), np.full(3, -np.inf)

    def add_vertices(self, xyz: NDArray[np.float64]) -> None:
        """Count vertices."""
        self.vertices += len(xyz)
        if len(xyz):
            self._low = np.minimum(self._low, xyz.min(axis=0))
            self._high = np.maximum(self._high, xyz.max(axis=0))

    def add(self, batch: Batch) -> None:
        """Count the city objects of a batch."""
        self._appearance.update(batch.appearance)
        for family in batch.families:
            for identifier, item in family.objects.items():
                self.objects += 1
                self._types[item["type"]] += 1
                self._attributes.update(dict.fromkeys(item.get("attributes") or ()))
                for geometry in item.get("geometry") or ():
                    self._geometries[geometry["type"]] += 1
                    self._lods[lod_of(geometry, identifier, self._header.file)] += 1

    @property
    def extent(self) -> tuple[float, ...] | None:
        """The box around all vertices: x min, y min, z min, x max, y max, z max; None without vertices."""
        return (*self._low.tolist(), *self._high.tolist()) if self.vertices else None

    def as_dict(self) -> dict[str, Any]:
        """Return the facts by name."""
        templates = self._header.templates.get("templates")
        return {
            "version": self._header.version,
            "types": ordered(self._types),
            "geometries": ordered(self._geometries),
            "lods": ordered(self._lods),
            "vertices": self.vertices,
            "attributes": sorted(self._attributes),
            "transform": self._header.scale is not None,
            "extensions": list(self._header.extensions),
            "templates": len(templates) if isinstance(templates, list) else 0,
            "appearance": ordered(self._appearance),
            "stated_crs": self._header.stated_crs,
        }

    def warnings(self) -> list[str]:
        """Return what a user should know."""
        found = []
        if self._header.stated_crs is None:
            found.append("The file states no coordinate reference system.")
        elif self._header.crs is None:
            found.append(f"The coordinate reference system {self._header.stated_crs} is not known.")
        elif is_rd(self._header.crs) and self.extent and not in_rd_bounds(*self.extent[:2], *self.extent[3:5]):
            found.append("Coordinates lie outside the Netherlands, though the file says that they are in RD New.")
        if self._header.scale is None and self._header.version != "1.0":
            found.append(f"The file has no transform, which CityJSON {self._header.version} asks for.")
        for kind in NO_SURFACES:
            if self._geometries[kind]:
                found.append(f"{self._geometries[kind]} {kind} geometries have no surfaces and are left out.")
        return found


def ordered(counts: Counter[str]) -> dict[str, int]:
    """Return counts, the largest first and equal ones by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
