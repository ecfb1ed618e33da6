"""Time series as a source of files: the facts, and the stations with their last values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Extent, Features, Series
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo

from .reading import read_series
from .tabled import in_rd, last_values, within


class SeriesSource:
    """A file with time series of sensors."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._read: Series | None = None

    def series(self) -> Series:
        """Return all that is in it; raises SourceError, FormatError."""
        if self._read is None:
            self._read = read_series(self._path)
        return self._read

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; raises SourceError where it cannot be read."""
        series = self.series()
        box = series.stations.extent
        period = series.period
        facts = {
            "stations": len(series.stations),
            "observations": len(series),
            "without_value": int(np.isnan(series.values).sum()),
            "quantities": {item.key: item.unit or item.given for item in series.quantities[:200]},
            "times": [] if period is None else [f"{np.datetime_as_string(time, unit='s')}Z" for time in period],
        }
        crs = series.stations.crs if box is not None else None
        return SourceInfo(
            "time series",
            "features",
            crs,
            None if box is None else box.bounds,
            len(series.stations),
            facts,
            tuple(str(remark) for remark in series.remarks),
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield the stations with their last values, in RD New; raises SourceError, CrsError."""
        series = self.series()
        if extent is not None:
            series = within(series, extent)
        known = int((np.diff(series.stations.geometries.coordinate_spans()) > 0).sum())
        stations, empty = in_rd(last_values(series))
        outside = known + empty - len(stations)
        if outside:
            (progress or Silent()).warn(
                "{count} stations of {file} lie outside the Netherlands; they have no place here.",
                count=outside,
                file=self._path.name,
            )
        yield stations
