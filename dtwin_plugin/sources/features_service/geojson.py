"""GeoJSON and JSON-FG features to carriers, a page at a time (RFC 7946, 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, RD_NAP
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    ToRd = Callable[[NDArray[np.float64]], NDArray[np.float64]]

KIND_OF = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_MOST = 2000  # attributes of the objects of a page
_DEEPEST = 8  # levels of collections within collections
_BROKEN = (TypeError, ValueError, KeyError, IndexError, OverflowError, AttributeError)
_Parts = list  # of parts of rings of coordinates, as JSON has them
_Group = list  # of (properties, parts)


@dataclass
class Tally:
    """What was left out or changed on the way."""

    without: int = 0
    unreadable: int = 0
    split: int = 0

    def tell(self, progress: Progress, name: str) -> None:
        """Warn of what was left out."""
        if self.without:
            progress.warn("{name}: {count} objects have no geometry and are left out.", name=name, count=self.without)
        if self.unreadable:
            progress.warn(
                "{name}: {count} objects have a geometry that cannot be read and are left out.",
                name=name,
                count=self.unreadable,
            )
        if self.split:
            progress.warn(
                "{name}: {count} collections of geometries are split into their parts.", name=name, count=self.split
            )


def chunks(items: list[Any], to_rd: ToRd, tally: Tally, name: str) -> Iterator[Features]:
    """Yield features in RD, those of one kind of geometry together.

    Parameters
    ----------
    items : list
        As JSON has them; whatever is no feature counts as unreadable.
    to_rd : callable
        Brings coordinates (n, 2) or (n, 3) to RD.
    """
    groups: dict[str, _Group] = {kind: [] for kind in ("point", "line", "polygon")}
    for item in items:
        _sort(item, groups, tally)
    for kind, group in groups.items():
        if group:
            shapes, rows = _shapes(kind, group, tally)
            if rows:
                yield carrier(shapes, rows, to_rd, name)


def carrier(shapes: Geometries, rows: list[dict[str, Any]], to_rd: ToRd, name: str) -> Features:
    """Return features of geometries in a server's coordinates and their attributes.

    Raises
    ------
    FormatError
        If they have more attributes than any register, as each takes memory for every object.
    """
    if len(set(chain.from_iterable(rows))) > _MOST:
        raise FormatError("{name} has more than {limit} attributes.", name=name, limit=_MOST)
    moved = Geometries(shapes.kind, to_rd(shapes.coordinates), shapes.rings, shapes.parts, shapes.features)
    return Features(moved, table.from_rows(rows), crs=RD_NAP if moved.has_z else RD, name=name)


def _sort(item: Any, groups: dict[str, _Group], tally: Tally) -> None:
    """Put a feature with those of its kind."""
    try:
        geometry = item.get("place") or item["geometry"]  # JSON-FG has solids and other CRS's in "place"
        if geometry is None:
            tally.without += 1
            return
        if geometry["type"] not in KIND_OF and geometry["type"] != "GeometryCollection":
            geometry = item["geometry"]
        row = _row(item)
        if geometry["type"] == "GeometryCollection":
            tally.split += 1
            parts = list(_flat(geometry, _DEEPEST))
        else:
            parts = [geometry]
        pairs = [(KIND_OF[part["type"]], _parts(part)) for part in parts]
    except _BROKEN:
        tally.unreadable += 1
        return
    for kind in dict.fromkeys(kind for kind, _ in pairs):
        joined = [part for other, several in pairs if other == kind for part in several]
        if joined:
            groups[kind].append((row, joined))
    if not any(several for _, several in pairs):
        tally.without += 1


def _row(item: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes; the feature's own id only where no attribute identifies it."""
    row = item.get("properties") or {}
    if not isinstance(row, dict):
        raise TypeError
    identity = item.get("id")
    if isinstance(identity, (str, int)) and not _IDENTIFYING & row.keys():
        return {"id": str(identity), **row}
    return row


_IDENTIFYING = {"id", "lokaal_id", "identificatie"}


def _flat(geometry: dict[str, Any], deepest: int) -> Iterator[dict[str, Any]]:
    if deepest == 0:
        raise ValueError
    for part in geometry["geometries"]:
        if part["type"] == "GeometryCollection":
            yield from _flat(part, deepest - 1)
        else:
            yield part


def _parts(geometry: dict[str, Any]) -> _Parts[Any]:
    """Return parts of rings of coordinates."""
    kind, found = geometry["type"], geometry["coordinates"]
    if not isinstance(found, list):
        raise TypeError
    if not found:
        return []
    if kind == "Polygon":
        return [found]
    if kind == "MultiPolygon":
        return found
    if kind == "LineString":
        return [[found]]
    if kind == "Point":
        return [[[found]]]
    return [[part] for part in found] if kind == "MultiLineString" else [[[point]] for point in found]


def _shapes(kind: str, group: _Group[Any], tally: Tally) -> tuple[Geometries, list[dict[str, Any]]]:
    """Return the geometries of one kind; one that cannot be read is found by trying each alone."""
    try:
        return _built(kind, [parts for _, parts in group]), [row for row, _ in group]
    except _BROKEN:
        good = []
        for row, parts in group:
            try:
                _built(kind, [parts])
                good.append((row, parts))
            except _BROKEN:
                tally.unreadable += 1
    return _built(kind, [parts for _, parts in good]), [row for row, _ in good]


def _built(kind: str, features: list[_Parts[Any]]) -> Geometries:
    parts = list(chain.from_iterable(features))
    rings = list(chain.from_iterable(parts))
    if kind == "polygon":
        rings = [ring if ring[0] == ring[-1] else [*ring, ring[0]] for ring in rings]
    points = list(chain.from_iterable(rings))
    widths = set(map(len, points))
    if len(widths) > 1 or max(widths, default=2) > 3:
        width = min(max(widths), 3)
        points = [(*point[:width], *[np.nan] * (width - len(point))) for point in points]
        widths = {width} if min(widths) > 1 else {0}
    width = widths.pop() if widths else 2
    if width < 2 or not all(map(len, parts)) or not all(map(len, rings)):
        raise ValueError
    flat = np.fromiter(chain.from_iterable(points), np.float64, count=len(points) * width).reshape(-1, width)
    if not np.isfinite(flat[:, :2]).all():
        raise ValueError
    return Geometries(kind, flat, *(_offsets(level) for level in (rings, parts, features)))


def _offsets(level: list[Any]) -> NDArray[np.int64]:
    counts = np.fromiter(map(len, level), np.int64, count=len(level))
    return offsets_of(counts)
