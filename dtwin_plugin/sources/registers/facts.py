"""What a register file holds, counted as it streams past."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.gml import Shape, crs_of, ordered

_NAMES = 200  # attributes that are told, and layers


class Facts:
    """Counts, extent and names of the objects seen."""

    def __init__(self) -> None:
        self.count = self.labels = self.without = self.linked = self.ended = 0
        self.types: Counter[str] = Counter()
        self.layers: Counter[str] = Counter()
        self.geometries: Counter[str] = Counter()
        self.srs: Counter[str] = Counter()
        self.classes: dict[str, str] = {}
        self.attributes: dict[str, None] = {}
        self.roots: dict[str, None] = {}
        self.names: dict[str, None] = {}
        self._low, self._high = np.full(2, np.inf), np.full(2, -np.inf)

    def row(self, row: dict[str, Any]) -> None:
        """See the attributes of an object."""
        if len(self.attributes) < _NAMES:
            self.attributes.update(dict.fromkeys(row))

    def shape(self, shape: Shape, inherited: str | None) -> None:
        """See a geometry."""
        self.geometries[shape.kind] += 1
        spelling = shape.srs or inherited or ""
        self.srs[spelling] += 1
        crs = crs_of(spelling) or RD
        for part in shape.parts:
            xy = ordered(part[0], crs)[:, :2]
            self._low, self._high = np.minimum(self._low, xy.min(axis=0)), np.maximum(self._high, xy.max(axis=0))

    @property
    def extent(self) -> tuple[float, ...] | None:
        """The rectangle around all geometries."""
        if not np.isfinite(self._low).all():
            return None
        return tuple(float(value) for value in (*self._low, *self._high))

    def info(self, file: str) -> SourceInfo:
        """Return the facts, and what a user should know."""
        crs, warnings = self._crs(file)
        if self.without:
            warnings.append(f"{file}: {self.without} of {self.count} objects have no geometry and are left out.")
        if self.linked:
            warnings.append(f"{file}: {self.linked} geometries refer to others or are of no single kind; left out.")
        if self.ended:
            warnings.append(f"{file}: {self.ended} of {self.count} objects are history: ended, replaced or gone.")
        facts = {
            "root": ", ".join(self.roots),
            "types": dict(self.types),
            "classes": self.classes,
            "layers": dict(list(self.layers.items())[:_NAMES]),
            "geometries": dict(self.geometries),
            "labels": self.labels,
            "current": self.count - self.ended,
            "without_geometry": self.without,
            "srs": {name or "not stated": count for name, count in self.srs.items()},
            "attributes": list(self.attributes),
        }
        return SourceInfo(
            " and ".join(self.names) or "GML", "features", crs, self.extent, self.count, facts, tuple(warnings)
        )

    def _crs(self, file: str) -> tuple[str | None, list[str]]:
        known = Counter({crs_of(name): count for name, count in self.srs.items() if crs_of(name)})
        names = [name for name in known if name]
        warnings = []
        extent = self.extent
        unstated = sum(count for name, count in self.srs.items() if not crs_of(name))
        if unstated and extent and in_rd_bounds(*extent) and all(is_rd(name) for name in names):
            if not known:
                warnings.append(f"{file} states no coordinate reference system; {RD} is assumed.")
            return (names or [RD])[0], warnings
        if len(names) > 1:
            warnings.append(f"{file} has several coordinate reference systems: {', '.join(names)}.")
        return (names[0] if names else None), warnings
