"""Cloud optimised point clouds, on disk or on a server: only the parts of an area at a resolution are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent

from ..base import SourceInfo
from ..crs import extent_from_rd
from ..http_range import FileRanges, HttpRanges, Listener, Ranges, RangeStream, together
from ..las import LasSource, cloud_of
from ..las_crs import stated_crs
from ..las_header import LasHeader, header_of
from ..las_points import CHUNK
from ..requests_transport import RequestsTransport
from ..stop import stop_if_asked
from ..transport import Transport
from .chunks import points_of
from .hierarchy import Box, Hierarchy, read_info
from .layout import Node

if TYPE_CHECKING:
    from typing import BinaryIO

_MARGIN = 0.01  # [m] around an area in another CRS, for the rounding of its corners


class CopcSource(LasSource):
    """A COPC 1.0 file, as points in RD New and m NAP.

    Parameters
    ----------
    path : str or path
        A file, or an address that begins with http:// or https://.
    transport : Transport, optional
        Carries the requests to a server.
    resolution : float, optional
        Distance between points that is enough [m]; deeper levels are not read. Default all points.
    classes, every, assume_crs, chunk
        As of `LasSource`.
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
        self.url = str(path) if str(path).startswith(("http://", "https://")) else None
        local = unquote(urlsplit(self.url).path).rpartition("/")[2] if self.url else path
        super().__init__(local, classes=classes, every=every, assume_crs=assume_crs, chunk=chunk)
        if resolution is not None and not resolution > 0:
            raise InputError("The distance between points must be above 0 m; found {found}.", found=resolution)
        self.resolution, self._transport, self._listener = resolution, transport, Listener()
        self._opened: tuple[Ranges, LasHeader, Hierarchy | None] | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes that were read from the file or its server until now."""
        return self._opened[0].read_bytes if self._opened else 0

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; classes are counted in a file on disk, and of one on a server only the index is read.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no COPC file, or broken.
        UnavailableError
            If its server does not answer, or gives no parts of files.
        MissingDependencyError
            If laspy is not installed.
        Cancelled
            If the user stops it.
        """
        ranges, header, hierarchy = self.open(progress)
        facts: dict[str, Any] = {} if hierarchy is None else {"spacing": hierarchy.info.spacing}
        if self.url is None:
            info = super().describe(progress)
            if hierarchy is not None:
                facts["levels"] = max((key.level for key, _ in hierarchy.chosen(None, None)), default=0) + 1
            return replace(info, format=f"COPC 1.0 (LAS {header.version})", facts={**info.facts, **facts})
        stated = stated_crs(header.records, header.prefers_wkt)
        box = (*header.minimum, *header.maximum) if header.count else None
        facts.update(
            version=header.version,
            point_format=header.point_format,
            compressed=True,
            minimum=header.minimum,
            maximum=header.maximum,
            bytes=ranges.size,
            crs_name=stated.name,
            vertical_crs=stated.vertical,
        )
        warnings = tuple(self._warnings(header, stated, box))
        return SourceInfo(f"COPC 1.0 (LAS {header.version})", "points", stated.code, box, header.count, facts, warnings)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[PointCloud]:
        """Yield chunks of the points in an area (None = all) that have one of the classes.

        Points that the file marks as withheld, which is deleted, are left out.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no COPC file, or broken.
        UnavailableError
            If its server does not answer, gives no parts of files, or the file changes.
        CrsError
            If the CRS is not known, or cannot be transformed to RD New.
        MissingDependencyError
            If lazrs is not installed.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        ranges, header, hierarchy = self.open(progress)
        if hierarchy is None:
            progress.warn("{file} has no points.", file=self.path.name)
            return
        crs = self._crs(header, progress)
        nodes = [node for _, node in hierarchy.chosen(_box_in(extent, crs), self.resolution)]
        if not nodes:
            area = None if extent is None else extent.bounds
            progress.warn("{file} lies outside the area {area}.", file=self.path.name, area=area)
        whole, done, factor = sum(node.points for node in nodes), 0, self._height_factor(header)
        for batch, data in self._batches(ranges, nodes, progress):
            progress.report(done / whole, "{done} points", done=done)
            points = points_of(header, batch, data, ranges.name)
            chosen = self._chosen(points, -done % self.every)
            done += len(points.x)
            cloud = cloud_of(points, chosen, crs, extent, factor)
            if len(cloud):
                yield cloud
        progress.report(1.0)

    def open(self, progress: Progress | None = None) -> tuple[Ranges, LasHeader, Hierarchy | None]:
        """Return the file with its header and hierarchy, None for one without points; looked at once."""
        self._listener.progress = progress
        if self._opened is None:
            ranges: Ranges
            if self.url is None:
                ranges = FileRanges(self.path)
            else:
                ranges = HttpRanges(self.url, self._transport or RequestsTransport(), self._listener)
            header = header_of(cast("BinaryIO", RangeStream(ranges)), ranges.size, ranges.name)
            info = read_info(header, ranges.name)
            self._opened = ranges, header, Hierarchy(ranges, header, info) if header.count else None
        return self._opened

    def _batches(
        self, ranges: Ranges, nodes: list[Node], progress: Progress
    ) -> Iterator[tuple[list[Node], list[bytes]]]:
        """Yield nodes of about a chunk of points with their bytes, parts beside each other read at once."""
        for group in together([(node.offset, node.size) for node in nodes]):
            first, last = nodes[group[0]], nodes[group[-1]]
            stop_if_asked(progress)
            block = ranges.read(first.offset, last.offset + last.size - first.offset)
            batch: list[Node] = []
            for number in group:
                batch.append(nodes[number])
                if sum(node.points for node in batch) >= self.chunk:
                    yield batch, _parts(block, first.offset, batch)
                    stop_if_asked(progress)
                    batch = []
            if batch:
                yield batch, _parts(block, first.offset, batch)


def _parts(block: bytes, start: int, nodes: list[Node]) -> list[bytes]:
    return [block[node.offset - start : node.offset - start + node.size] for node in nodes]


def _box_in(extent: Extent | None, crs: str) -> Box | None:
    """Return an area in the CRS of a file."""
    if extent is None:
        return None
    return extent.bounds if is_rd(crs) else extent_from_rd(extent.buffered(_MARGIN), crs)
