"""What documents of the BRO hold, counted as they stream past."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dtwin_plugin.data.crs import RD
from dtwin_plugin.data.logs import KINDS
from dtwin_plugin.sources.base import SourceInfo

from .record import Record, geographic

_NAMES = 200  # ids and columns that are told


class Facts:
    """Counts, places and names of the objects seen."""

    def __init__(self) -> None:
        self.roots: dict[str, None] = {}
        self.versions: dict[str, None] = {}
        self.objects: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self.regimes: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.ids: list[str] = []
        self.columns: dict[str, None] = {}
        self.positions: dict[str, tuple[float, ...]] = {}
        self._places: dict[str, list[tuple[float, float]]] = {}
        self.count = self.skipped = self.placeless = self.empty = 0

    def add(self, record: Record) -> None:
        """Count an object."""
        self.count += 1
        self.objects[record.name] += 1
        self.kinds[record.kind] += 1
        self.rows[record.kind] += len(record)
        self.empty += record.kind in KINDS and not len(record)
        for counter, name in ((self.regimes, "quality_regime"), (self.statuses, "status")):
            counter.update([record.site[name]] if record.site[name] else [])
        if len(self.ids) < _NAMES:
            self.ids.append(record.site["id"])
        for name in record.rows:
            self.columns[name] = None
        self.positions = self.positions or record.positions
        crs = RD if record.rd is not None else next(iter(record.positions), None)
        if crs is None:
            self.placeless += 1
        else:
            self._places.setdefault(crs, []).append(geographic(record.positions[crs], crs))

    def info(self, file: str) -> SourceInfo:
        """Return the facts."""
        crs = RD if RD in self._places else next(iter(self._places), None)
        carrier = "logs" if not self.kinds or set(self.kinds) & set(KINDS) else "features"
        label = " and ".join(self.versions) or "document"
        return SourceInfo(
            f"BRO {label}", carrier, crs, self._extent(crs), self.count, self._facts(), tuple(self._warnings(file, crs))
        )

    def _extent(self, crs: str | None) -> tuple[float, ...] | None:
        if crs is None:
            return None
        x, y = zip(*self._places[crs])
        return min(x), min(y), max(x), max(y)

    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "root": ", ".join(self.roots),
            "objects": dict(self.objects),
            "kinds": dict(self.kinds),
            "ids": self.ids,
            "rows": sum(self.rows.values()),
            "quality_regimes": dict(self.regimes),
            "statuses": dict(self.statuses),
            "columns": list(self.columns)[:_NAMES],
            "positions": self.positions,
        }
        if self.rows["borehole"]:
            facts["layers"] = self.rows["borehole"]
        if self.rows["network"]:
            facts["members"] = self.rows["network"]
        return {name: value for name, value in facts.items() if value not in ([], {}, "")}

    def _warnings(self, file: str, crs: str | None) -> list[str]:
        warnings = []
        other = sum(len(places) for name, places in self._places.items() if name != crs)
        if other:
            warnings.append(f"{file}: {other} objects are not in {crs}.")
        if self.placeless:
            warnings.append(
                f"{file}: {self.placeless} objects have no coordinates of their own, but those of their well."
            )
        if self.empty:
            warnings.append(f"{file}: {self.empty} objects have no measurements and no layers.")
        if self.skipped:
            warnings.append(f"{file}: {self.skipped} objects are of a kind that is not read here.")
        return warnings
