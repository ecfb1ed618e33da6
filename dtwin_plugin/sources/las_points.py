"""The points of a LAS file through laspy, a chunk at a time; whatever goes wrong in there is FormatError."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from dtwin_plugin.errors import FormatError, MissingDependencyError, SourceError

from .las_header import LasHeader
from .las_laszip import LASZIP, check_layers, is_layered

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 500_000  # points: about 0.3 s of work, so that the user can stop it
_MAX_CHUNK = 64 << 20  # [bytes] of one chunk as it is in the file
# What laspy, NumPy and struct raise beside their own exceptions where bytes are not what they should be.
_BROKEN = (ValueError, ArithmeticError, struct.error, EOFError, LookupError, MemoryError)
_AT_ONCE = 64 << 20  # [bytes] of an unpacked chunk of the file up to which chunks are unpacked whole, several at once
_LAYERED = 1 << 30  # [bytes] the same where chunks are layered, and can only be unpacked whole


@dataclass(frozen=True)
class Points:
    """Columns of one chunk, as the file has them: x, y, z in its own CRS."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    classification: NDArray[np.uint8]
    withheld: NDArray[np.bool_]
    intensity: NDArray[np.uint16]
    colour: NDArray[np.uint16] | None


@contextmanager
def point_chunks(
    path: Path, header: LasHeader, chunk: int = CHUNK, colour: bool = True
) -> Iterator[tuple[tuple[str, ...], Iterator[Points]]]:
    """Open a file whose header was checked; give the names of its extra dimensions, and its points by chunks.

    Parameters
    ----------
    chunk : int
        Points of one chunk; fewer where points are large.
    colour : bool
        Whether colours and intensities are wanted, which cost time to unpack.

    Raises
    ------
    SourceError, FormatError, MissingDependencyError
    """
    laspy, errors = _laspy(header.compressed)
    with ExitStack() as stack:
        with as_format_error(path, errors):
            stream = stack.enter_context(path.open("rb"))
            backend = _backend(laspy, stream, header, path.name) if header.compressed and header.count else None
            stream.seek(0)
            reader = laspy.open(
                stream,
                closefd=False,
                laz_backend=backend,
                read_evlrs=False,
                decompression_selection=_selection(laspy, colour),
            )
            names = tuple(str(name) for name in reader.header.point_format.extra_dimension_names)
        size = max(1, min(chunk, _MAX_CHUNK // header.point_size))
        yield names, _chunks(path, errors, reader, size, colour)


def _chunks(path: Path, errors: tuple[type[Exception], ...], reader: Any, size: int, colour: bool) -> Iterator[Points]:
    """Yield the points; the yield stands outside, because an error of the caller is not the file's."""
    left = reader.header.point_count
    while left > 0:
        with as_format_error(path, errors):
            record = reader.read_points(size)
            if len(record) != min(size, left):
                raise EOFError(f"{left - len(record)} points are missing")
            points = _columns(record, colour)
        left -= len(record)
        yield points


def _columns(record: Any, colour: bool) -> Points:
    x, y, z = (np.asarray(record[axis], np.float64) for axis in ("x", "y", "z"))
    has_colour = colour and "red" in record.point_format.dimension_names
    return Points(
        x,
        y,
        z,
        np.asarray(record["classification"], np.uint8),
        np.asarray(record["withheld"]).astype(bool),
        np.asarray(record["intensity"], np.uint16),
        np.column_stack([record[name] for name in ("red", "green", "blue")]) if has_colour else None,
    )


def _laspy(compressed: bool) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return laspy, and what it and the library below it raise on broken files."""
    try:
        import laspy

        errors: tuple[type[Exception], ...] = (laspy.errors.LaspyException,)
        if compressed:
            import lazrs

            errors = (*errors, lazrs.LazrsError)
    except ImportError:
        raise MissingDependencyError("laspy[lazrs]", "read LAS and LAZ point clouds") from None
    return laspy, errors


def _selection(laspy: Any, colour: bool) -> Any:
    """Return what to unpack of point formats 6 to 10; other formats are always unpacked whole."""
    choice = laspy.DecompressionSelection
    wanted = choice.XY_RETURNS_CHANNEL | choice.Z | choice.CLASSIFICATION | choice.FLAGS
    return wanted | choice.INTENSITY | choice.RGB if colour else wanted


def _backend(laspy: Any, stream: BinaryIO, header: LasHeader, name: str) -> Any:
    """Return how to unpack: small chunks several at once, large ones point by point.

    The table of chunks is held against the file first, because room is made for what it says.
    """
    import lazrs

    stream.seek(header.offset)
    table = lazrs.read_chunk_table(stream, lazrs.LazVlr(header.records[LASZIP]))
    packed = sum(size for _, size in table)
    if packed > header.size - header.offset:
        raise _damaged(name, f"its chunks would take {packed} bytes, and the file has {header.size}")
    if sum(count for count, _ in table) < header.count:
        raise _damaged(name, f"its chunks have fewer than the {header.count} points that it states")
    largest = header.point_size * max(count for count, _ in table)
    if is_layered(header.records[LASZIP]):
        if largest > _LAYERED:
            raise _damaged(name, f"one of its chunks would take {largest} bytes when unpacked")
        check_layers(stream, header.records[LASZIP], table, header.offset, header.point_size, name)
        return laspy.LazBackend.LazrsParallel
    return laspy.LazBackend.LazrsParallel if largest <= _AT_ONCE else laspy.LazBackend.Lazrs


@contextmanager
def as_format_error(path: Path, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn what a library raises on a broken file into FormatError."""
    broken: tuple[type[Exception], ...] = (*errors, *_BROKEN)
    try:
        yield
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error
    except broken as error:
        raise _damaged(path.name, error or type(error).__name__) from error
    except BaseException as error:
        # A failed assertion of lazrs, which is written in Rust, comes as an exception that has no importable name.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(path.name, "its points cannot be unpacked") from error


def _damaged(name: str, reason: object) -> FormatError:
    return FormatError(
        "{file} is damaged or ends too soon: {reason}.",
        hint="Download or export it again.",
        file=name,
        reason=str(reason).split("\n")[0].rstrip("."),
    )
