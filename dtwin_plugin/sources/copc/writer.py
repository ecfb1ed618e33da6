"""Write points as COPC, which QGIS shows without an index of its own and any LAZ reader reads.

Kept are x, y, z (to the millimetre), class, intensity and colour: what the carrier has. Returns, GPS time and scan
angles are not in the carrier and are written as one return, 0 and 0.

References
----------
COPC specification 1.0 (copc.io, 2021).
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from dtwin_plugin.data import PointCloud
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.crs import RD_NAP
from dtwin_plugin.errors import InputError, MissingDependencyError, SourceError
from dtwin_plugin.paths import version
from dtwin_plugin.progress import Progress, Silent

from ..las_laszip import LASZIP
from ..osgeo_scope import osgeo
from ..stop import stop_if_asked
from . import layout, octree
from .layout import Info, Key, Node
from .records import SCALE
from .spill import Spill

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_MEMORY = 8_000_000  # points: about 1 GB at most while they are sorted
_BATCH = 1_000_000  # points that are compressed in one go: 0.2 s

_Piece = tuple[Key, "NDArray[np.void]"]


def write_copc(
    chunks: Iterable[PointCloud],
    path: str | Path,
    *,
    crs: str = RD_NAP,
    progress: Progress | None = None,
    in_memory: int = IN_MEMORY,
) -> int:
    """Write a point cloud as COPC 1.0 and return the number of its points.

    Parameters
    ----------
    chunks : iterable of PointCloud
        The first one tells whether there are colours.
    path : str or path
        Written beside and renamed.
    crs : str
        Of the points, as EPSG code.
    in_memory : int
        Points kept in memory; more go through files beside the result, which take as much room as 30 bytes a point.

    Raises
    ------
    InputError
        If there are no points, or a coordinate does not fit.
    SourceError
        If the file cannot be written.
    MissingDependencyError
        If lazrs is not installed.
    Cancelled
        If the user stops it; nothing is left.
    """
    target, progress = Path(path), progress or Silent()
    folder = target.with_name(f".{uuid.uuid4().hex[:8]}-points")
    try:
        spill = _collect(chunks, folder, in_memory, progress)
        with written_beside(target) as temporary, temporary.open("wb+") as stream:
            _Writer(stream, spill, _wkt(crs), progress).write()
        return spill.count
    except OSError as error:
        raise SourceError(
            "{file} cannot be written: {reason}.",
            hint="Check the folder and the free space.",
            file=target.name,
            reason=error.strerror or str(error),
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _collect(chunks: Iterable[PointCloud], folder: Path, in_memory: int, progress: Progress) -> Spill:
    """Take all points in; the first ones tell whether there are colours."""
    spill: Spill | None = None
    warned = False
    for chunk in chunks:
        stop_if_asked(progress)
        if not len(chunk):
            continue
        spill = spill or Spill(folder, in_memory, 6 if chunk.colour is None else 7)
        if spill.point_format == 6 and chunk.colour is not None and not warned:
            progress.warn("Only a part of the points has colours; they are left out.")
            warned = True
        spill.add(chunk)
    if spill is None:
        raise InputError("There are no points to write.", hint="Choose another area or other classes.")
    return spill


class _Writer:
    """One file: the points node by node, then the hierarchy, and the header last."""

    def __init__(self, stream: BinaryIO, spill: Spill, wkt: bytes, progress: Progress) -> None:
        self.stream, self.spill, self.progress = stream, spill, progress
        lazrs = _lazrs()
        self.vlr = lazrs.LazVlr.new_for_compression(spill.point_format, 0, True)
        self.records = [
            layout.record(layout.INFO, bytes(layout.INFO_SIZE)),
            layout.record(LASZIP, bytes(self.vlr.record_data())),
            layout.record(layout.WKT, wkt),
        ]
        self.offset = layout.HEADER_SIZE + sum(map(len, self.records))
        stream.write(bytes(self.offset))
        self.compressor = lazrs.ParLasZipCompressor(stream, self.vlr)
        self.keys: list[Key] = []
        self.low = spill.low
        self.side = int((spill.high - spill.low).max()) + 1
        self.done = 0

    def write(self) -> None:
        """Write the whole file."""
        above: dict[Key, list[NDArray[np.void]]] = {}
        for level, found in self.spill.columns(self.low, self.side, lambda: stop_if_asked(self.progress)):
            self._put(self._pieces(found, level, above))
        self._put((key, np.concatenate(parts)) for key, parts in sorted(above.items()))
        self.compressor.done()
        end = self.stream.seek(0, 2)
        nodes = self._nodes()
        start = end + layout.EXTENDED_SIZE
        pages, root_size = layout.hierarchy_bytes(nodes, start)
        self.stream.seek(end)
        self.stream.write(layout.extended_record(layout.HIERARCHY, len(pages)) + pages)
        half = self.side * SCALE / 2
        x, y, z = (float(edge) * SCALE + half for edge in self.low)
        info = Info((x, y, z), half, 2 * half / 2**octree.CELLS, start, root_size)
        self.records[0] = layout.record(layout.INFO, info.to_bytes())
        low, high = (tuple(float(edge) * SCALE for edge in corner) for corner in (self.spill.low, self.spill.high))
        software = f"dtwin_plugin {version()}"
        head = layout.header_bytes(
            self.spill.point_format, self.spill.count, (low, high), SCALE, self.records, end, software
        )
        self.stream.seek(0)
        self.stream.write(head)
        self.progress.report(1.0)

    def _pieces(
        self, found: NDArray[np.void], level: int, above: dict[Key, list[NDArray[np.void]]]
    ) -> Iterator[_Piece]:
        """Yield the nodes of a column; those of levels that columns share are kept in `above`."""
        codes, rows, levels = octree.order_and_levels(found["place"], self.low, self.side, level)
        stop_if_asked(self.progress)
        rows, nodes = octree.by_node(codes, rows, levels)
        del codes, levels
        points = _taken(found, rows)
        for key, start, stop in nodes:
            if key.level < level:
                above.setdefault(key, []).append(points[start:stop].copy())
            else:
                yield key, points[start:stop]

    def _put(self, pieces: Iterable[_Piece]) -> None:
        """Compress nodes, several at once."""
        batch: list[NDArray[Any]] = []
        size = 0
        for key, points in pieces:
            self.keys.append(key)
            batch.append(points.view(np.uint8))
            size += len(points)
            if size >= _BATCH:
                self._compress(batch, size)
                batch, size = [], 0
        if batch:
            self._compress(batch, size)

    def _compress(self, batch: list[NDArray[Any]], size: int) -> None:
        stop_if_asked(self.progress)
        self.compressor.compress_chunks(batch)
        self.done += size
        self.progress.report(self.done / self.spill.count, "{done} points written", done=self.done)

    def _nodes(self) -> dict[Key, Node]:
        """Return where each node came, from the table of compressed chunks."""
        self.stream.seek(self.offset)
        at, nodes = self.offset + 8, {}
        for key, (count, size) in zip(self.keys, _lazrs().read_chunk_table(self.stream, self.vlr)):
            nodes[key] = Node(at, size, count)
            at += size
        return nodes


def _taken(found: NDArray[np.void], rows: NDArray[np.int64]) -> NDArray[np.void]:
    """Return records by their rows, in two threads; rows of bytes are taken six times as fast as records."""
    result = np.empty(len(rows), found.dtype)
    source, target = (records.view(np.uint8).reshape(len(records), -1) for records in (found, result))

    def take(part: slice) -> None:
        # A mode, because with "raise" NumPy takes to a buffer first and copies that.
        source.take(rows[part], axis=0, out=target[part], mode="clip")

    middle = len(rows) // 2
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(take, slice(middle, None))
        take(slice(0, middle))
        later.result()
    return result


def _lazrs() -> Any:
    try:
        import lazrs
    except ImportError:
        raise MissingDependencyError("lazrs", "write point clouds") from None
    return lazrs


def _wkt(crs: str) -> bytes:
    """Return a CRS as well-known text, version 1 as LAS 1.4 asks."""
    with osgeo() as lib:
        reference = lib.osr.SpatialReference()
        lib.call(reference.SetFromUserInput, crs)
        return str(reference.ExportToWkt()).encode("utf-8") + b"\0"
