"""Entwine point tiles, in a folder or on a server: only the nodes of an area at a resolution are read."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import CrsError, FormatError, InputError
from dtwin_plugin.progress import Progress, Silent

from ..base import SourceInfo
from ..copc.layout import Key
from ..crs import extent_from_rd
from ..las import LasSource, cloud_of
from ..las_header import read_header
from ..las_points import CHUNK, Points, point_chunks
from ..stop import stop_if_asked
from ..transport import Transport
from .description import DATA_TYPES, Description, parse, scaled, unpacked
from .files import Files
from .hierarchy import Hierarchy, name_of

_DEEPEST = 30
_MARGIN = 0.01  # [m] around an area in another CRS


class EptSource(LasSource):
    """Point tiles of which nodes are LAZ, plain binary or Zstandard, as points in RD New and m NAP.

    Parameters
    ----------
    path : str or path
        The `ept.json`, its folder, or its address (http:// or https://).
    transport, resolution, classes, every, assume_crs, chunk
        As of `CopcSource`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        transport: Transport | None = None,
        classes: int | Collection[int] | None = None,
        resolution: float | None = None,
        every: int = 1,
        assume_crs: str | None = None,
        chunk: int = CHUNK,
    ) -> None:
        super().__init__(path, classes=classes, every=every, assume_crs=assume_crs, chunk=chunk)
        if resolution is not None and not resolution > 0:
            raise InputError("The distance between points must be above 0 m; found {found}.", found=resolution)
        self.resolution, self._files = resolution, Files(path, transport)
        self._opened: tuple[Description, Hierarchy] | None = None
        self._progress: Progress | None = None

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; classes are counted in a folder on disk, and of an address only the description is read.

        Raises
        ------
        SourceError, FormatError
            If it is absent, or not what it says it is.
        UnavailableError
            If its server does not answer.
        MissingDependencyError
            If what unpacks the points is not installed.
        Cancelled
            If the user stops it.
        """
        described, hierarchy = self.open(progress)
        facts = {
            "version": described.version,
            "data_type": described.data_type,
            "dimensions": list(described.columns),
            "spacing": described.spacing,
            "crs_name": described.stated.name,
            "vertical_crs": described.stated.vertical,
        }
        box, count = described.conforming, described.points
        if self._files.local:
            classes: Counter[int] = Counter()
            low, high, count = np.full(3, np.inf), np.full(3, -np.inf), 0
            for points in self._nodes(hierarchy, described, None, progress or Silent()):
                for axis, values in enumerate((points.x, points.y, points.z)):
                    low[axis], high[axis] = min(low[axis], values.min()), max(high[axis], values.max())
                classes.update(Counter(dict(enumerate(np.bincount(points.classification).tolist()))))
                count += len(points.x)
            facts["classes"] = {str(number): found for number, found in sorted(classes.items()) if found}
            box = (*low.tolist(), *high.tolist()) if count else box
        warnings = []
        if not described.stated.code:
            warnings.append(f"{self._files.name} states no coordinate reference system that has an EPSG code.")
        if count != described.points:
            warnings.append(f"{self._files.name} states {described.points} points and has {count}.")
        extent = box if count else None
        return SourceInfo("EPT", "points", described.stated.code, extent, count, facts, tuple(warnings))

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[PointCloud]:
        """Yield chunks of the points in an area (None = all) that have one of the classes; raises as `CopcSource`."""
        progress = progress or Silent()
        described, hierarchy = self.open(progress)
        crs, unit = self._own_crs(described, progress), described.stated.height_unit
        factor = 1.0 if unit is None else unit.metres
        box = None
        if extent is not None:
            box = extent.bounds if is_rd(crs) else extent_from_rd(extent.buffered(_MARGIN), crs)
        done = 0
        for points in self._nodes(hierarchy, described, box, progress):
            chosen = self._chosen(points, -done % self.every)
            done += len(points.x)
            cloud = cloud_of(points, chosen, crs, extent, factor)
            if len(cloud):
                yield cloud
        if not done:
            area = None if extent is None else extent.bounds
            progress.warn("{file} lies outside the area {area}.", file=self._files.name, area=area)
        progress.report(1.0)

    def open(self, progress: Progress | None = None) -> tuple[Description, Hierarchy]:
        """Return the description and the hierarchy; looked at once."""
        self._progress = progress
        if self._opened is None:
            described = parse(self._files.read("ept.json", progress), self._files.name)

            def page(key: Key) -> bytes:
                return self._files.read(f"ept-hierarchy/{name_of(key)}.json", self._progress)

            self._opened = described, Hierarchy(described, page, self._files.name)
        return self._opened

    def _nodes(
        self, hierarchy: Hierarchy, described: Description, box: tuple[float, float, float, float] | None,
        progress: Progress,
    ) -> Iterator[Points]:  # fmt: skip
        deepest = _DEEPEST
        if self.resolution is not None:
            deepest = min(_DEEPEST, max(0, math.ceil(math.log2(described.spacing / self.resolution) - 1e-9)))
        nodes = list(hierarchy.chosen(box, deepest))
        whole, done = sum(count for _, count in nodes), 0
        for key, count in nodes:
            stop_if_asked(progress)
            progress.report(done / whole, "{done} points", done=done)
            done += count
            inner = f"ept-data/{name_of(key)}{DATA_TYPES[described.data_type]}"
            data = self._files.read(inner, progress)
            yield from (
                self._laszip(data, count, key)
                if described.data_type == "laszip"
                else self._binary(data, count, described, inner)
            )

    def _laszip(self, data: bytes, count: int, key: Key) -> Iterator[Points]:
        with tempfile.TemporaryDirectory(prefix="dtwin-") as folder:
            path = Path(folder) / f"{name_of(key)}.laz"
            path.write_bytes(data)
            header = read_header(path)
            if header.count != count:
                raise _unequal(path.name, count, header.count)
            with point_chunks(path, header, self.chunk) as (_, chunks):
                yield from chunks

    def _binary(self, data: bytes, count: int, described: Description, inner: str) -> Iterator[Points]:
        if described.data_type == "zstandard":
            data = unpacked(data, count * described.layout.itemsize + 1, inner)
        if len(data) != count * described.layout.itemsize:
            raise _unequal(inner, count, len(data) // described.layout.itemsize)
        rows, columns = np.frombuffer(data, described.layout), described.columns
        x, y, z = (scaled(rows, columns[axis]) for axis in "XYZ")
        colours = [np.asarray(rows[name], np.uint16) for name in ("Red", "Green", "Blue") if name in columns]
        yield Points(
            x,
            y,
            z,
            np.asarray(rows["Classification"], np.uint8) if "Classification" in columns else np.zeros(count, np.uint8),
            np.asarray(rows["Withheld"], bool) if "Withheld" in columns else np.zeros(count, bool),
            np.asarray(rows["Intensity"], np.uint16) if "Intensity" in columns else np.zeros(count, np.uint16),
            np.column_stack(colours) if len(colours) == 3 else None,
        )

    def _own_crs(self, described: Description, progress: Progress) -> str:
        if described.stated.code:
            if described.stated.height_unit or not described.stated.heights_are_nap:
                progress.warn(self._heights_warning(described.stated))
            return described.stated.code
        assumed = normalise(self.assume_crs)
        box = described.conforming
        if assumed is None and not described.stated.name and in_rd_bounds(box[0], box[1], box[3], box[4]):
            assumed = RD
        if assumed is None:
            raise CrsError(
                "{file} states no coordinate reference system that has an EPSG code.",
                hint="Say which coordinate reference system it is in, such as EPSG:28992 for RD New.",
                file=self._files.name,
            )
        progress.warn(
            "{file} states no coordinate reference system; {crs} is assumed.", file=self._files.name, crs=assumed
        )
        return assumed


def _unequal(name: str, expected: int, found: int) -> FormatError:
    return FormatError(
        "{file} has {found} points where its hierarchy has {expected}.",
        hint="Download it again.",
        file=name,
        found=found,
        expected=expected,
    )
