"""What `ept.json` says, checked.

References
----------
Entwine Point Tile format, version 1.1.0 (entwine.io, 2021).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError, MissingDependencyError

from ..las_crs import StatedCrs, from_wkt

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA_TYPES = {"laszip": ".laz", "binary": ".bin", "zstandard": ".zst"}
_KINDS = {"signed": "i", "unsigned": "u", "float": "f"}
_LARGEST = 256 << 20  # bytes of a node when unpacked


@dataclass(frozen=True)
class Column:
    """A dimension of the schema; a value is the stored number times the scale plus the offset."""

    name: str
    scale: float
    offset: float


@dataclass(frozen=True)
class Description:
    """The facts of a point cloud.

    Attributes
    ----------
    bounds, conforming : tuple of float
        x min, y min, z min, x max, y max, z max of the cube of the octree, and of the points.
    span : int
        Cells of a node along an axis: the distance between points at the root is the side of the cube by it.
    layout : dtype
        Of a point where nodes are binary.
    """

    data_type: str
    points: int
    bounds: tuple[float, ...]
    conforming: tuple[float, ...]
    span: int
    columns: dict[str, Column]
    layout: np.dtype[Any]
    stated: StatedCrs
    version: str

    @property
    def spacing(self) -> float:
        """Distance between points at the root [units of the CRS]."""
        return (self.bounds[3] - self.bounds[0]) / self.span


def parse(data: bytes, name: str) -> Description:
    """Return the description in the bytes of `ept.json`.

    Raises
    ------
    FormatError
        If it is not one, or says what cannot be true.
    """
    document = json_of(data, name)
    try:
        schema = document["schema"]
        names = [str(item["name"]) for item in schema]
        formats = [f"<{_KINDS[item['type']]}{int(item['size'])}" for item in schema]
        layout = np.dtype(list(zip(names, formats)))
        columns = {
            str(item["name"]): Column(str(item["name"]), float(item.get("scale", 1)), float(item.get("offset", 0)))
            for item in schema
        }
        srs = document.get("srs") or {}
        found = Description(
            str(document["dataType"]),
            int(document["points"]),
            _box(document["bounds"]),
            _box(document.get("boundsConforming") or document["bounds"]),
            int(document["span"]),
            columns,
            layout,
            _crs(srs),
            str(document.get("version", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _wrong(name, f"{error or type(error).__name__}") from error
    _check(found, str(document.get("hierarchyType", "json")), name)
    return found


def _check(found: Description, hierarchy: str, name: str) -> None:
    if found.data_type not in DATA_TYPES or hierarchy != "json":
        raise _wrong(name, f"points of type {found.data_type} and a hierarchy of type {hierarchy} are not read")
    if found.span < 1 or found.points < 0 or not {"X", "Y", "Z"} <= set(found.columns):
        raise _wrong(name, "it has no X, Y and Z, or a span or number of points below 0")
    if not all(math.isfinite(c.scale) and math.isfinite(c.offset) and c.scale for c in found.columns.values()):
        raise _wrong(name, "a scale or an offset of it is no number")
    if found.data_type == "zstandard":
        zstandard()


def unpacked(data: bytes, limit: int, name: str) -> bytes:
    """Return a node compressed with Zstandard, of at most so many bytes; raises FormatError, MissingDependencyError."""
    if limit > _LARGEST:
        raise _wrong(name, f"a node of it would take {limit} bytes when unpacked")
    module = zstandard()
    try:
        with module.ZstdDecompressor().stream_reader(data) as stream:
            return bytes(stream.read(limit))
    except module.ZstdError as error:
        raise _wrong(name, f"a node cannot be unpacked, {error}") from error


def zstandard() -> Any:
    """Return the package zstandard; raises MissingDependencyError."""
    try:
        import zstandard as module
    except ImportError:
        raise MissingDependencyError("zstandard", "read points that are compressed with it") from None
    return module


def json_of(data: bytes, name: str) -> dict[str, Any]:
    """Return a JSON object; raises FormatError."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _wrong(name, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _wrong(name, "it is not a JSON object")
    return document


def scaled(rows: NDArray[np.void], column: Column) -> NDArray[np.float64]:
    """Return the values of a column."""
    return np.asarray(rows[column.name] * column.scale + column.offset, np.float64)


def _box(numbers: Any) -> tuple[float, ...]:
    box = tuple(float(number) for number in numbers)
    if len(box) != 6 or not all(map(math.isfinite, box)) or any(box[n] > box[n + 3] for n in range(3)):
        raise ValueError("its bounds are no box")
    return box


def _crs(srs: dict[str, Any]) -> StatedCrs:
    found = from_wkt(str(srs.get("wkt") or ""))
    if str(srs.get("authority", "")).upper() == "EPSG" and srs.get("horizontal"):
        vertical = srs.get("vertical")
        code = "7415" if (str(srs["horizontal"]), str(vertical)) == ("28992", "5709") else str(srs["horizontal"])
        return StatedCrs(f"EPSG:{code}", found.name, f"EPSG:{vertical}" if vertical else None, found.height_unit)
    return found


def _wrong(name: str, reason: str) -> FormatError:
    return FormatError(
        "{file} is not a description of point tiles (EPT) that is read here: {reason}.",
        hint="Download it again, or ask its owner for COPC.",
        file=name,
        reason=reason.replace("\n", " ")[:200].rstrip("."),
    )
