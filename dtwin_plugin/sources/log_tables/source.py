"""Tables of boreholes and cone penetration tests as a source of logs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Geometries, Logs
from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd, normalise
from dtwin_plugin.errors import CrsError, FormatError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources import crs as policy
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.log_names import kind_of
from dtwin_plugin.sources.stop import stop_if_asked

from .build import logs_of, runs
from .tables import BATCH, Table, opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 10 * BATCH  # rows of one place: 13 km of a test, a row every 2 cm
_KINDS = {"PAR1": "Parquet"}


class LogTableSource:
    """A table with a row a layer or a depth, in CSV or Parquet, as logs in RD New and m NAP.

    Columns are known by their names: an id, x, y, and of a borehole top, bottom and soil, of a test depth and cone
    resistance; "surface" is in m NAP, depths are below it, in m, and pressures in MPa. Further columns are kept.

    Parameters
    ----------
    path : str or path
    assume_crs : str, optional
        Of the coordinates, which a table cannot state; RD New where the numbers fit.
    batch : int
        Rows that are read at a time.
    """

    def __init__(self, path: str | Path, *, assume_crs: str | None = None, batch: int = BATCH) -> None:
        self.path, self.assume_crs, self.batch = Path(path), assume_crs, max(1, batch)

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; all rows are read.

        Raises
        ------
        SourceError, FormatError
            If it is absent, broken, or no table of boreholes or tests.
        MissingDependencyError
            If it is Parquet, and neither GDAL nor pyarrow reads that here.
        Cancelled
            If the user stops it.
        """
        told = Silent()
        table, kind = self._table()
        count = rows = 0
        outside: CrsError | None = None
        low, high, deepest = np.full(2, np.inf), np.full(2, -np.inf), -math.inf
        for logs, xy, delivered in self._logs(table, kind, told, progress or Silent()):
            count, rows = count + len(logs), rows + delivered
            sound = xy[np.isfinite(xy).all(axis=1)]
            outside = outside or self._outside(sound)
            if len(sound):
                low, high = np.minimum(low, sound.min(axis=0)), np.maximum(high, sound.max(axis=0))
            depth = logs.rows["depth" if kind == "cpt" else "bottom"]
            deepest = max(deepest, float(depth.max())) if len(depth) else deepest
        box = (*low.tolist(), *high.tolist()) if np.isfinite(low).all() else None
        if not count:
            told.warn("{file} has no rows.", file=self.path.name)
        crs = normalise(self.assume_crs) or (RD if box and in_rd_bounds(*box) else None)
        if outside is not None and crs is None:
            told.warnings.append(str(outside))
        with self.path.open("rb") as stream:
            label = _KINDS.get(stream.read(4).decode("latin-1"), "CSV")
        facts: dict[str, Any] = {
            "kind": kind,
            "rows": rows,
            "columns": table.names,
            "sites": count,
            "depth": deepest if math.isfinite(deepest) else None,
        }
        if label == "CSV":
            facts["lines"] = _lines(self.path)
        return SourceInfo(f"Table of logs ({label})", "logs", crs, box, count, facts, tuple(told.warnings))

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Logs]:
        """Yield chunks of the places in an area (None = all).

        Raises
        ------
        SourceError, FormatError, MissingDependencyError
            As `describe`.
        CrsError
            If no CRS is assumed and the numbers are not in RD New.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        table, kind = self._table()
        for logs, xy, _ in self._logs(table, kind, progress, progress):
            placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
            if len(placed) < len(logs):
                progress.warn(
                    "{file}: {count} objects have no coordinates and are left out.",
                    file=self.path.name,
                    count=len(logs) - len(placed),
                )
            logs = logs.take(placed)
            if not len(logs):
                continue
            moved = self._in_rd(xy[placed])
            logs = replace(logs, sites=replace(logs.sites, geometries=Geometries.points(moved)))
            if extent is not None:
                inside = (moved >= extent.bounds[:2]).all(axis=1) & (moved <= extent.bounds[2:]).all(axis=1)
                logs = logs.take(np.flatnonzero(inside))
            if len(logs):
                yield logs
        progress.report(1.0)

    def _table(self) -> tuple[Table, str]:
        table = opened(self.path)
        kind = kind_of(table.names)
        if kind is None:
            raise FormatError(
                "{file} is no table of boreholes or cone penetration tests; it has the columns {columns}.",
                hint="Name its columns nr, x, y, surface, and top, bottom, lith or depth, coneresistance.",
                file=self.path.name,
                columns=", ".join(table.names)[:200] or "none",
            )
        return table, kind

    def _logs(
        self, table: Table, kind: str, told: Progress, progress: Progress
    ) -> Iterator[tuple[Logs, NDArray[np.float64], int]]:
        """Yield logs of whole places, their coordinates and the number of rows that they were made of.

        The last place of a batch may go on in the next: its rows wait.
        """
        waiting: dict[str, NDArray[Any]] = {}
        seen: set[Any] = set()
        scattered = lost = 0
        for batch in self._batches(table, progress):
            if waiting:
                batch = {name: np.concatenate([waiting[name], values]) for name, values in batch.items()}
            end = int(runs(batch)[-2])
            count = len(next(iter(batch.values())))
            if count - end > _MOST:
                raise FormatError(
                    "{file} has more than {limit} rows of one place.",
                    hint="Check the column with the names of the places.",
                    file=self.path.name,
                    limit=_MOST,
                )
            waiting = {name: values[end:] for name, values in batch.items()}
            if end:
                logs, xy = logs_of({name: values[:end] for name, values in batch.items()}, kind)
                scattered, lost = scattered + _again(logs, seen), lost + end - int(logs.starts[-1])
                yield logs, xy, end
        if waiting:
            logs, xy = logs_of(waiting, kind)
            size = len(next(iter(waiting.values())))
            scattered, lost = scattered + _again(logs, seen), lost + size - int(logs.starts[-1])
            yield logs, xy, size
        if scattered:
            told.warn(
                "{file}: the rows of {count} places do not stand together; they are several places.",
                file=self.path.name,
                count=scattered,
            )
        if lost:
            told.warn("{file}: {count} rows have no depth and are left out.", file=self.path.name, count=lost)

    def _batches(self, table: Table, progress: Progress) -> Iterator[dict[str, NDArray[Any]]]:
        for batch in table.batches(self.batch):
            stop_if_asked(progress)
            if len(next(iter(batch.values()))):
                yield batch

    def _in_rd(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        crs = normalise(self.assume_crs)
        if crs is not None and not is_rd(crs):
            return policy.to_rd(xy, crs)
        outside = self._outside(xy)
        if outside is not None:
            raise outside
        return xy

    def _outside(self, xy: NDArray[np.float64]) -> CrsError | None:
        """Return the error of the first place that is not in RD New, None where all are."""
        for x, y in xy.tolist():
            if not in_rd_bounds(x, y, x, y):
                return CrsError(
                    "{file} states no coordinate reference system, and has a place at x, y {x:g}, {y:g}.",
                    hint="Say which coordinate reference system it is in, such as EPSG:28992 for RD New.",
                    file=self.path.name,
                    x=x,
                    y=y,
                )
        return None


def _again(logs: Logs, seen: set[Any]) -> int:
    """Return how many places have an id that was there before."""
    again = 0
    for name in logs.sites.columns["id"].tolist():
        again += name in seen
        seen.add(name)
    return again


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        count, last = 0, b"\n"
        while piece := stream.read(1 << 20):
            count, last = count + piece.count(b"\n"), piece[-1:]
    return count + (last != b"\n")
