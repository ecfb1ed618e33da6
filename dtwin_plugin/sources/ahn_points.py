"""Points of the AHN by area: from tiles of 1 km on a download service, of which only the bytes of the area are read."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.data.crs import RD_NAP, in_rd_bounds, is_rd
from dtwin_plugin.errors import Cancelled, CrsError, InputError, OfflineError, UnavailableError
from dtwin_plugin.progress import Part, Progress, Silent

from .base import SourceInfo
from .copc import CopcSource
from .stop import stop_if_asked
from .transport import Transport

TILE = 1000  # m
_MOST = 400  # tiles, about the largest municipalities
_SHOWN = 6


class AhnPointsSource:
    """Tiles of the AHN as COPC, named by their south-west corner in RD.

    Parameters
    ----------
    transport : Transport
        Asked again with `retry.Retrying`, whose settings are kept if it is one.
    urls : mapping of str to str, optional
        Name of a version to its address with {x} and {y} [m], the newest first; those of the catalogue if absent.
    classes, resolution
        As of `CopcSource`.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        urls: dict[str, str] | None = None,
        classes: int | Collection[int] | None = None,
        resolution: float | None = None,
    ) -> None:
        self.urls = versions() if urls is None else urls
        if not self.urls:
            raise InputError(
                "The catalogue has no tiles of AHN points.",
                hint="Add an entry of kind copc whose address has the corner of a tile as x and y in braces.",
            )
        self._transport, self.classes, self.resolution = transport, classes, resolution
        self.missing: list[str] = []
        self.used: dict[str, int] = {}

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return what is known without asking anything: the versions and their addresses."""
        facts = {"versions": list(self.urls), "tile": TILE, "urls": list(self.urls.values())}
        return SourceInfo("COPC", "points", RD_NAP, None, 0, facts)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[PointCloud]:
        """Yield chunks of the points in an area, tile by tile, each from the newest version that has it.

        Raises
        ------
        InputError
            If there is no area, or it is too large.
        CrsError
            If the area is not in RD New.
        UnavailableError
            If the service does not answer, or has none of the tiles.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        corners = corners_of(extent)
        self.missing, self.used = [], {}
        found: set[tuple[int, int]] = set()
        for number, (x, y) in enumerate(corners):
            stop_if_asked(progress)
            part = Part(progress, number / len(corners), (number + 1) / len(corners))
            assert extent is not None
            cut = extent.intersection(Extent(x, y, x + TILE, y + TILE, extent.crs))
            source = self._tile(x, y, part)
            if source is None or cut is None:
                continue
            for points in source.read(cut, part):
                yield _new(points, x, y, found)
            found.add((x, y))
        if not self.used:
            raise UnavailableError(
                "The AHN service has none of the {count} tiles of this area: {tiles}.",
                hint="Choose another area, or check the address in the catalogue.",
                count=len(corners),
                tiles=_list(self.missing),
            )
        if self.missing:
            progress.warn(
                "{count} of {all} tiles are missing, so that the points have gaps: {tiles}.",
                count=len(self.missing),
                all=len(corners),
                tiles=_list(self.missing),
            )
        progress.report(1.0, "Points of {versions}", versions=", ".join(sorted(self.used)))

    def _tile(self, x: int, y: int, progress: Progress) -> CopcSource | None:
        """Return a tile of the newest version that has it, None if none has."""
        for name, url in self.urls.items():
            address = url.format(x=f"{x:06d}", y=f"{y:06d}")
            source = CopcSource(address, transport=self._transport, classes=self.classes, resolution=self.resolution)
            try:
                source.open(progress)
            except (Cancelled, OfflineError):
                raise
            except UnavailableError as error:
                if error.values.get("status") not in (403, 404, 410):
                    raise
                continue
            self.used[name] = self.used.get(name, 0) + 1
            return source
        self.missing.append(f"{x:06d}_{y:06d}")
        return None


def versions() -> dict[str, str]:
    """Return the versions of the AHN in the catalogue whose tiles are named by a corner, the newest first."""
    found = {
        name: entry.url
        for name, entry in catalogue.entries().items()
        if name.startswith("ahn") and entry.kind == "copc" and entry.url and "{x}" in entry.url and "{y}" in entry.url
    }
    return {name.partition("-")[0].upper(): found[name] for name in sorted(found, reverse=True)}


def corners_of(extent: Extent | None) -> list[tuple[int, int]]:
    """Return the south-west corners of the tiles of an area, row by row.

    >>> corners_of(Extent(84_500, 446_900, 85_000, 447_100))
    [(84000, 446000), (84000, 447000)]

    Raises
    ------
    InputError
        If there is no area, or it is too large.
    CrsError
        If it is not in RD New.
    """
    if extent is None:
        raise InputError("The points of the AHN need an area.", hint="Draw one, or choose a municipality.")
    if not is_rd(extent.crs) or not in_rd_bounds(*extent.bounds):
        raise CrsError("The area {area} is not in RD New.", hint="Draw the area again.", area=extent.bounds)
    first_x, first_y = (math.floor(edge / TILE) for edge in (extent.x_min, extent.y_min))
    last_x, last_y = (math.ceil(edge / TILE) for edge in (extent.x_max, extent.y_max))
    columns, rows = max(1, last_x - first_x), max(1, last_y - first_y)
    if columns * rows > _MOST:
        raise InputError(
            "The area has {count} tiles of 1 km; at most {limit} are loaded at once.",
            hint="Choose a smaller area.",
            count=columns * rows,
            limit=_MOST,
        )
    return [((first_x + c) * TILE, (first_y + r) * TILE) for r in range(rows) for c in range(columns)]


def _new(points: PointCloud, x: int, y: int, found: set[tuple[int, int]]) -> PointCloud:
    """Return the points of a tile without those on an edge that a tile before it has too."""
    keep = np.ones(len(points), bool)
    if (x - TILE, y) in found:
        keep &= points.x > x
    if (x, y - TILE) in found:
        keep &= points.y > y
    return points.take(keep)


def _list(tiles: list[str]) -> str:
    more = f", … ({len(tiles)})" if len(tiles) > _SHOWN else ""
    return ", ".join(tiles[:_SHOWN]) + more
