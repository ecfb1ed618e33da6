"""Point clouds in LAS, LAZ and COPC files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import Cancelled, CrsError, InputError
from dtwin_plugin.progress import Progress, Silent

from .base import SourceInfo
from .las_crs import StatedCrs, stated_crs
from .las_header import LasHeader, read_header
from .las_points import CHUNK, Points, point_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BOX_MARGIN = 1.0  # [m] by which points may lie outside the box that a header states


class LasSource:
    """A LAS 1.0 to 1.4, LAZ or COPC file, as points in RD New and m NAP.

    Parameters
    ----------
    path : str or path
    classes : int or collection of int, optional
        Only points of these LAS classes, such as 2 for ground.
    every : int
        Only one in so many points of the file, to look at it quickly.
    assume_crs : str, optional
        CRS of a file that states none, or one without an EPSG code.
    chunk : int
        Points of one chunk.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        classes: int | Collection[int] | None = None,
        every: int = 1,
        assume_crs: str | None = None,
        chunk: int = CHUNK,
    ) -> None:
        wanted = {classes} if isinstance(classes, int) else classes
        if wanted is not None and not all(0 <= number <= 255 for number in wanted):
            raise InputError("The classes of points are numbers from 0 to 255; found {found}.", found=sorted(wanted))
        if every < 1 or chunk < 1:
            raise InputError("One in {every} points cannot be read; expected 1 or more.", every=min(every, chunk))
        self.path, self.every, self.assume_crs, self.chunk = Path(path), int(every), assume_crs, chunk
        self.classes = None if wanted is None else np.array(sorted(wanted), np.uint8)

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; all points are looked at, chunk by chunk.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no LAS file, or broken.
        MissingDependencyError
            If laspy is not installed.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        header = read_header(self.path)
        stated = stated_crs(header.records, header.prefers_wkt)
        classes: Counter[int] = Counter()
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        withheld, done = 0, 0
        with point_chunks(self.path, header, self.chunk, colour=False) as (names, chunks):
            for points in chunks:
                _heed(progress, done, header.count)
                for axis, values in enumerate((points.x, points.y, points.z)):
                    low[axis], high[axis] = min(low[axis], values.min()), max(high[axis], values.max())
                for number, count in enumerate(np.bincount(points.classification, minlength=256)):
                    classes[number] += int(count)
                withheld += int(points.withheld.sum())
                done += len(points.x)
        box = (*low.tolist(), *high.tolist()) if done else None
        facts = {
            "version": header.version,
            "point_format": header.point_format,
            "compressed": header.compressed,
            "minimum": tuple(low.tolist()) if done else None,
            "maximum": tuple(high.tolist()) if done else None,
            "classes": {str(number): count for number, count in sorted(classes.items()) if count},
            "withheld": withheld,
            "extra_dimensions": list(names),
            "crs_name": stated.name,
            "vertical_crs": stated.vertical,
        }
        warnings = tuple(self._warnings(header, stated, box))
        return SourceInfo(f"LAS {header.version}", "points", stated.code, box, done, facts, warnings)

    def _warnings(self, header: LasHeader, stated: StatedCrs, box: tuple[float, ...] | None) -> Iterator[str]:
        if box is None:
            yield f"{self.path.name} has no points."
            return
        if not stated.code:
            yield f"{self.path.name} states no coordinate reference system that has an EPSG code."
        if stated.height_unit or not stated.heights_are_nap:
            yield self._heights_warning(stated)
        errors = np.abs(np.array(box) - (*header.minimum, *header.maximum))
        if not (errors <= _BOX_MARGIN).all():
            edges = ", ".join(f"{value:.2f}" for value in (*header.minimum, *header.maximum))
            yield f"{self.path.name} states another extent ({edges}) than its points have."

    def _heights_warning(self, stated: StatedCrs) -> str:
        unit = stated.height_unit
        if unit is not None:
            return f"{self.path.name} states heights in {unit.name}; they are multiplied by {unit.metres} to metres."
        return f"{self.path.name} states heights in {stated.vertical}; they are taken as m NAP."

    def _height_factor(self, header: LasHeader) -> float:
        """Return what a unit of height of the file is in metres."""
        unit = stated_crs(header.records, header.prefers_wkt).height_unit
        return 1.0 if unit is None else unit.metres

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[PointCloud]:
        """Yield chunks of the points in an area (None = all) that have one of the classes.

        Points that the file marks as withheld, which is deleted, are left out.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no LAS file, or broken.
        CrsError
            If the CRS is not known, or cannot be transformed to RD New.
        MissingDependencyError
            If laspy is not installed.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        header = read_header(self.path)
        if not header.count:
            progress.warn("{file} has no points.", file=self.path.name)
            return
        crs = self._crs(header, progress)
        if extent is not None and is_rd(crs) and _misses(header, extent):
            progress.warn("{file} lies outside the area {area}.", file=self.path.name, area=extent.bounds)
            return
        done, factor = 0, self._height_factor(header)
        with point_chunks(self.path, header, self.chunk) as (_, chunks):
            for points in chunks:
                _heed(progress, done, header.count)
                chosen = self._chosen(points, -done % self.every)
                done += len(points.x)
                cloud = cloud_of(points, chosen, crs, extent, factor)
                if len(cloud):
                    yield cloud
        progress.report(1.0)

    def _chosen(self, points: Any, first: int) -> NDArray[np.int64]:
        """Return the rows of a chunk to keep; `first` is the first row when one in `every` is read."""
        chosen = np.arange(first, len(points.x), self.every)
        keep = ~points.withheld[chosen]
        if self.classes is not None:
            keep &= np.isin(points.classification[chosen], self.classes)
        return chosen[keep]

    def _crs(self, header: LasHeader, progress: Progress) -> str:
        """Return the CRS to read in: the stated one, the one to assume, or RD New where the numbers fit."""
        stated = stated_crs(header.records, header.prefers_wkt)
        if stated.code:
            if stated.height_unit or not stated.heights_are_nap:
                progress.warn(self._heights_warning(stated))
            return stated.code
        assumed = normalise(self.assume_crs)
        if assumed is None and not stated.name and in_rd_bounds(*header.bounds):
            assumed = RD
        if assumed is None:
            raise CrsError(
                "{file} states the coordinate reference system {stated!r}, which has no EPSG code, and lies at x, y "
                "{minimum} to {maximum}."
                if stated.name
                else "{file} states no coordinate reference system, and lies at x, y {minimum} to {maximum}.",
                hint="Say which coordinate reference system it is in, such as EPSG:28992 for RD New.",
                file=self.path.name,
                stated=stated.name,
                minimum=_rounded(header.minimum),
                maximum=_rounded(header.maximum),
            )
        progress.warn(
            "{file} states no EPSG code for the coordinate reference system {stated!r}; {crs} is assumed."
            if stated.name
            else "{file} states no coordinate reference system; {crs} is assumed.",
            file=self.path.name,
            stated=stated.name,
            crs=assumed,
        )
        return assumed


def _heed(progress: Progress, done: int, count: int) -> None:
    if progress.is_cancelled():
        raise Cancelled
    progress.report(done / count, "{done} points", done=done)


def _rounded(place: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(number, 2) for number in place[:2])


def _misses(header: LasHeader, extent: Extent) -> bool:
    """Tell whether the stated box lies outside an area; a box that cannot be in RD New tells nothing."""
    return in_rd_bounds(*header.bounds) and not Extent(*header.bounds).buffered(_BOX_MARGIN).intersects(extent)


def cloud_of(
    points: Points, chosen: NDArray[np.int64], crs: str, extent: Extent | None, factor: float = 1.0
) -> PointCloud:
    """Return the chosen points that lie in an area, in RD New; `factor` is what a unit of height is in metres."""
    whole = len(chosen) == len(points.x)  # all in their own order, as for most files: nothing is copied
    columns = [points.x, points.y, points.z] if whole else [points.x[chosen], points.y[chosen], points.z[chosen]]
    if factor != 1.0:
        columns[2] = columns[2] * factor
    if not is_rd(crs):
        from .crs import to_rd

        columns = list(to_rd(np.column_stack(columns), crs).T)
    if extent is not None:
        x, y = columns[:2]
        inside = (x >= extent.x_min) & (x <= extent.x_max) & (y >= extent.y_min) & (y <= extent.y_max)
        if not inside.all():
            columns, chosen, whole = [column[inside] for column in columns], chosen[inside], False
    x, y, z = (np.ascontiguousarray(column) for column in columns)
    if whole:
        return PointCloud(x, y, z, points.classification, points.intensity, points.colour)
    colour = None if points.colour is None else points.colour[chosen]
    return PointCloud(x, y, z, points.classification[chosen], points.intensity[chosen], colour)
