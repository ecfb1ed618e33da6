"""Objects of the BRO as carriers: logs by kind, and features of what has no rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries, Logs
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.data.logs import KINDS
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources import crs
from dtwin_plugin.sources.gml import Shape, crs_of, ordered

from .cpt import ALWAYS
from .record import Record, geographic

if TYPE_CHECKING:
    from numpy.typing import NDArray

Found = Union[Logs, Features]
_KEPT = {"id", "surface", "lithoclass", "admixtures", *ALWAYS, *(name for names in KINDS.values() for name in names)}
_SITE_UNITS = {
    "surface": "m NAP", "final_depth": "m", "predrilled_depth": "m", "groundwater_depth": "m", "cone_area": "mm²",
    "highest_groundwater_depth": "m", "lowest_groundwater_depth": "m",
}  # fmt: skip
_ROWS = 1_000_000  # of one chunk


class Collector:
    """Puts objects together in chunks, and gives those without a place of their own the place of their well.

    Parameters
    ----------
    chunk : int
        Objects of one chunk.

    Attributes
    ----------
    wells : dict
        Place [RD] and height of the ground [m NAP] of the wells that are known, by their ids (`learn`).
    """

    def __init__(self, chunk: int, progress: Progress) -> None:
        self._chunk, self._progress = chunk, progress
        self._by_kind: dict[str, list[Record]] = {}
        self.wells: dict[str, tuple[tuple[float, float], float]] = {}
        self.placeless = 0

    def add(self, record: Record) -> Iterator[Found]:
        """Take an object, and yield the chunks that are full with it."""
        kind = self._by_kind.setdefault(record.kind, [])
        kind.append(record)
        if len(kind) >= self._chunk or sum(map(len, kind)) >= _ROWS:
            yield from self._cut(record.kind)

    def rest(self) -> Iterator[Found]:
        """Yield what is left, and tell what is not on the map."""
        for kind in list(self._by_kind):
            yield from self._cut(kind)
        if self.placeless:
            self._progress.warn(
                "{count} objects have no coordinates: read them with their wells (GMW) to see them on the map.",
                count=self.placeless,
            )

    def learn(self, record: Record) -> None:
        """Remember where a well is, for what has no place of its own."""
        place = self._place(record)
        if place is not None:
            self.wells[record.site["id"]] = place, record.site["surface"]

    def _cut(self, kind: str) -> Iterator[Found]:
        records = self._by_kind.pop(kind, [])
        if not records:
            return
        if kind in KINDS:
            yield self._logs(kind, records)
        else:
            yield from self._features(records)

    def _logs(self, kind: str, records: list[Record]) -> Logs:
        places = [self._place(record) for record in records]
        self.placeless += sum(place is None for place in places)
        sites = Features(_points(places), _known(table.from_rows([record.site for record in records])), _SITE_UNITS)
        counts = [len(record) for record in records]
        rows = _known(table.concatenate([record.rows for record in records], counts))
        starts = offsets_of(counts)
        units = {name: unit for record in records for name, unit in record.units.items() if name in rows}
        return Logs(kind, sites, starts, rows, units)

    def _features(self, records: list[Record]) -> Iterator[Features]:
        """Yield the members, places and dossiers, one kind of geometry each."""
        rows: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
        for record in records:
            own = {name: value for name, value in record.site.items() if name != "surface" or value == value}
            if not record.parts:
                place = self._place(record)
                self.placeless += place is None
                rows.setdefault("point", []).append((_point(place), own))
            for part in record.parts:
                if part.shape is not None:
                    rows.setdefault(part.shape.kind, []).append((_parts(part.shape), {**own, **part.row}))
                    continue
                known = self.wells.get(part.row.get("well") or "")
                self.placeless += known is None
                rows.setdefault("point", []).append((_point(known[0] if known else None), {**own, **part.row}))
        names = {"network": "monitoring network", "use": "use of groundwater", "resistance": "formation resistance"}
        for shape, items in rows.items():
            built = Geometries.build(shape, [parts for parts, _ in items])
            yield Features(built, _known(table.from_rows([row for _, row in items])), name=names[records[0].kind])

    def _place(self, record: Record) -> tuple[float, float] | None:
        """Return where an object is [RD]: as delivered, as its well, or transformed where there is nothing else."""
        if record.rd is not None:
            return record.rd
        if record.well in self.wells:
            place, surface = self.wells[record.well]
            if np.isnan(record.site["surface"]):
                record.site["surface"] = surface
            return place
        if not record.positions:
            return None
        if RD not in record.positions:
            name, position = next(iter(record.positions.items()))
            crs.require_grids()
            try:
                x, y = crs.to_rd([geographic(position, name)], name)[0].tolist()
                return x, y
            except CrsError:  # told below
                pass
        self._progress.warn("{name} lies outside the Netherlands and is left off the map.", name=record.site["id"])
        return None


def within(found: Found, extent: Extent | None) -> Found | None:
    """Return what touches an area, None if nothing does."""
    if extent is None:
        return found if len(found) else None
    sites = found.sites if isinstance(found, Logs) else found
    box = sites.geometries.bounds()
    touches = (box[:, 0] <= extent.x_max) & (box[:, 2] >= extent.x_min)
    touches &= (box[:, 1] <= extent.y_max) & (box[:, 3] >= extent.y_min)
    return found.take(np.flatnonzero(touches)) if touches.any() else None


def _points(places: Sequence[tuple[float, float] | None]) -> Geometries:
    return Geometries.build("point", map(_point, places))


def _point(place: tuple[float, float] | None) -> list[Any]:
    """Return the parts of a point; none where the place is unknown."""
    return [] if place is None else [[[place]]]


def _parts(shape: Shape) -> list[Any]:
    """Return the rings of each part in RD New."""
    name = crs_of(shape.srs) or RD

    def placed(ring: NDArray[np.float64]) -> NDArray[np.float64]:
        if name == RD and in_rd_bounds(*ring[:, :2].min(axis=0).tolist(), *ring[:, :2].max(axis=0).tolist()):
            return ring[:, :2]
        return crs.to_rd(ordered(ring[:, :2], name), name)

    return [[placed(ring) for ring in part] for part in shape.parts]


def _known(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the columns without those in which nothing is known, but for the ones that a carrier has at least."""

    def is_known(values: NDArray[Any]) -> bool:
        if values.dtype.kind == "O":
            return any(value is not None for value in values)
        return values.dtype.kind != "f" or bool(np.isfinite(values).any())

    return {name: values for name, values in columns.items() if name in _KEPT or is_known(values)}
