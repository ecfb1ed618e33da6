"""Tables in batches of rows, a dict of columns each, from text or Parquet: numbers are float64, all else objects."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dtwin_plugin.errors import FormatError, MissingDependencyError, SourceError
from dtwin_plugin.sources.gef.header import to_number
from dtwin_plugin.sources.log_names import COLUMNS, TEXTS, delimiter_of, known
from dtwin_plugin.sources.osgeo_scope import osgeo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Batch = dict[str, NDArray[Any]]

ROWS = 50_000_000  # of one table: all tests of the BRO together
BATCH = 65_536


class Table(Protocol):
    """A table that tells its names at once and its rows in batches."""

    names: list[str]

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield columns of at most so many rows."""


def opened(path: Path) -> Table:
    """Return a table by its first bytes.

    Raises
    ------
    SourceError, FormatError
        If it is absent, broken, or too wide or long.
    MissingDependencyError
        If it is Parquet and neither GDAL nor pyarrow reads that here.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error
    if head != b"PAR1":
        return _checked(TextTable(path), path)
    with osgeo() as lib:
        gdal_reads = lib.gdal.GetDriverByName("Parquet") is not None
    # GDAL first: where it has Arrow itself, a second Arrow in the same program can crash it.
    return _checked(OgrTable(path, "Parquet") if gdal_reads else ParquetTable(path), path)


def _checked(table: Table, path: Path) -> Table:
    if len(table.names) > COLUMNS:
        raise FormatError(
            "{file} has {count} columns; expected {limit} at most.",
            file=path.name,
            count=len(table.names),
            limit=COLUMNS,
        )
    return table


class TextTable:
    """A table in CSV, with a comma, semicolon or tab between values."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = next(self._rows(), [])

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield columns; which are numbers is told by the first rows. Raises FormatError where it is no table."""
        rows = self._rows()
        next(rows, None)
        found = known(self.names)
        texts = {name for key, name in found.items() if key in TEXTS}
        sure = set(found.values()) - texts
        numeric: set[int] | None = None
        done = 0
        while chunk := list(itertools.islice(rows, size)):
            done += len(chunk)
            if done > ROWS:
                raise _too_long(self.path)
            columns = list(zip(*(_of_width(row, len(self.names)) for row in chunk)))
            if numeric is None:
                numeric = {
                    n
                    for n, name in enumerate(self.names)
                    if name in sure or (name not in texts and _are_numbers(columns[n]))
                }
            yield {
                name: _numbers(columns[n]) if n in numeric else _objects(columns[n])
                for n, name in enumerate(self.names)
            }

    def _rows(self) -> Iterator[list[str]]:
        try:
            with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
                head = stream.readline(100_000)
                stream.seek(0)
                for row in csv.reader((line.replace("\0", "") for line in stream), delimiter=delimiter_of(head)):
                    if any(cell.strip() for cell in row):
                        yield [cell.strip() for cell in row]
        except csv.Error as error:
            raise _broken(self.path, error) from error
        except OSError as error:
            raise SourceError("{file} cannot be read: {reason}.", file=self.path.name, reason=error) from error


class ParquetTable:
    """A table in Parquet, read with pyarrow."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            raise MissingDependencyError("pyarrow", "read tables in Parquet") from None
        self.path = path
        try:
            self._file = parquet.ParquetFile(path)
            rows, self.names = self._file.metadata.num_rows, list(self._file.schema_arrow.names)
        except (OSError, ValueError, MemoryError) as error:  # what pyarrow says of a broken file
            raise _broken(path, error) from error
        if rows > ROWS:
            raise _too_long(path)

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield columns; raises FormatError where the file is broken."""
        try:
            for batch in self._file.iter_batches(size):
                yield {name: _of_arrow(column) for name, column in zip(self.names, batch.columns)}
        except (OSError, ValueError) as error:
            raise _broken(self.path, error) from error


class OgrTable:
    """A table that GDAL reads."""

    def __init__(self, path: Path, driver: str) -> None:
        self.path = path
        with osgeo() as lib:
            flags = lib.gdal.OF_VECTOR | lib.gdal.OF_READONLY
            try:
                self._dataset = lib.call(lib.gdal.OpenEx, str(path.absolute()), flags, allowed_drivers=[driver])
            except RuntimeError as error:
                raise _broken(path, error) from error
            if self._dataset is None or not self._dataset.GetLayerCount():
                raise _broken(path, "no table")
            self._layer = self._dataset.GetLayer(0)
            definition = self._layer.GetLayerDefn()
            fields = [definition.GetFieldDefn(number) for number in range(definition.GetFieldCount())]
            self.names = [field.GetName() for field in fields]
            numbers = (lib.ogr.OFTInteger, lib.ogr.OFTInteger64, lib.ogr.OFTReal)
            self._numeric = [field.GetType() in numbers for field in fields]
        if self._layer.GetFeatureCount() > ROWS:
            raise _too_long(path)

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield columns; raises FormatError where the file is broken."""
        self._layer.ResetReading()
        while True:
            rows: list[list[Any]] = []
            with osgeo() as lib:
                try:
                    while len(rows) < size and (feature := lib.call(self._layer.GetNextFeature)) is not None:
                        rows.append([feature.GetField(number) for number in range(len(self.names))])
                except RuntimeError as error:
                    raise _broken(self.path, error) from error
            if not rows:
                return
            columns = list(zip(*rows))
            yield {
                name: np.array([np.nan if value is None else value for value in values], np.float64)
                if numeric
                else _objects(values)
                for name, numeric, values in zip(self.names, self._numeric, columns)
            }


def _of_arrow(column: Any) -> NDArray[Any]:
    import pyarrow as arrow

    kind = column.type
    if arrow.types.is_integer(kind) or arrow.types.is_floating(kind) or arrow.types.is_decimal(kind):
        return np.asarray(column.cast(arrow.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    if arrow.types.is_null(kind):
        return np.full(len(column), None, object)
    if arrow.types.is_string(kind) or arrow.types.is_large_string(kind) or arrow.types.is_dictionary(kind):
        return _objects(column.to_pylist())
    return _objects([None if value is None else str(value)[:1000] for value in column.to_pylist()])


def _of_width(row: list[str], width: int) -> list[str]:
    return row[:width] if len(row) >= width else row + [""] * (width - len(row))


def _are_numbers(texts: tuple[str, ...]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and all(to_number(text) == to_number(text) or text.lower() == "nan" for text in filled[:1000])


def _numbers(texts: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array([to_number(text) for text in texts], np.float64)


def _objects(values: Any) -> NDArray[Any]:
    kept = [None if value == "" else value for value in values]
    result = np.empty(len(kept), object)
    result[:] = kept
    return result


def _broken(path: Path, error: object) -> FormatError:
    return FormatError(
        "{file} is damaged or no table: {reason}.",
        hint="Download or export it again.",
        file=path.name,
        reason=str(error).split("\n")[0].rstrip(".")[:200],
    )


def _too_long(path: Path) -> FormatError:
    return FormatError("{file} has more than {limit} rows.", hint="Split it first.", file=path.name, limit=ROWS)
