"""The points of nodes: compressed chunks to columns, through lazrs, each chunk looked at before it is unpacked."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import MissingDependencyError

from ..las_header import LasHeader
from ..las_laszip import LASZIP, check_layers
from ..las_points import Points, as_format_error
from .hierarchy import wrong
from .layout import Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLOUR_AT = 30  # [bytes] into a point of format 7 or 8
_WITHHELD = 0x04


def points_of(header: LasHeader, nodes: Sequence[Node], data: Sequence[bytes], name: str) -> Points:
    """Return the points of nodes, in their order, in the file's own CRS.

    Parameters
    ----------
    data : sequence of bytes
        The compressed chunk of each node.

    Raises
    ------
    FormatError
        If a chunk cannot be unpacked, or is not of its node.
    MissingDependencyError
        If lazrs is not installed.
    """
    lazrs = _lazrs()
    record = header.records[LASZIP]
    for node, chunk in zip(nodes, data):
        if struct.unpack_from("<I", chunk, header.point_size)[0] != node.points:
            raise wrong(name, f"it gives a node {node.points} points, and the points say otherwise")
        check_layers(io.BytesIO(chunk), record, [(node.points, len(chunk))], -8, header.point_size, name)
    table = [(node.points, len(chunk)) for node, chunk in zip(nodes, data)]
    raw = np.zeros(sum(node.points for node in nodes) * header.point_size, np.uint8)
    with as_format_error(Path(name), (lazrs.LazrsError,)):
        packed = np.frombuffer(b"".join(data), np.uint8)
        lazrs.decompress_points_with_chunk_table(
            packed, record, raw, table, lazrs.DecompressionSelection(_wanted(lazrs))
        )
    return _columns(header, raw)


def _columns(header: LasHeader, raw: NDArray[np.uint8]) -> Points:
    names = ["x", "y", "z", "intensity", "flags", "classification"]
    formats: list[Any] = ["<i4", "<i4", "<i4", "<u2", "u1", "u1"]
    offsets = [0, 4, 8, 12, 15, 16]
    if header.point_format > 6:
        names, formats, offsets = [*names, "colour"], [*formats, ("<u2", 3)], [*offsets, _COLOUR_AT]
    layout = np.dtype(
        {"names": names, "formats": formats, "offsets": offsets, "itemsize": header.point_size}  # type: ignore[misc]
    )
    rows = raw.view(layout)
    x, y, z = (rows[axis] * scale + offset for axis, scale, offset in zip("xyz", header.scales, header.offsets))
    return Points(
        x,
        y,
        z,
        np.ascontiguousarray(rows["classification"]),
        (rows["flags"] & _WITHHELD) != 0,
        np.ascontiguousarray(rows["intensity"]),
        np.ascontiguousarray(rows["colour"]) if header.point_format > 6 else None,
    )


def _wanted(lazrs: Any) -> int:
    names = ("XY_RETURNS_CHANNEL", "Z", "CLASSIFICATION", "FLAGS", "INTENSITY", "RGB")
    return sum(getattr(lazrs, f"SELECTIVE_DECOMPRESS_{name}") for name in names)


def _lazrs() -> Any:
    try:
        import lazrs
    except ImportError:
        raise MissingDependencyError("laspy[lazrs]", "read LAS and LAZ point clouds") from None
    return lazrs
