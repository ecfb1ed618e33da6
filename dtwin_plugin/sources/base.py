"""What every source offers: a cheap description, and reading by area in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, Union

from dtwin_plugin.data import Extent, Features, Grid, Logs, PointCloud, Surfaces, Voxels
from dtwin_plugin.progress import Progress

Carrier = Union[Grid, Features, Surfaces, PointCloud, Logs, Voxels]


@dataclass(frozen=True)
class SourceInfo:
    """The facts of a source, found without keeping its contents in memory.

    Attributes
    ----------
    format : str
        Name and version ("CityJSON 2.0", "GeoTIFF").
    carrier : {"grid", "features", "surfaces", "points", "logs", "voxels"}
        What reading gives.
    crs : str or None
        As the source states it, normalised ("EPSG:7415").
    extent : tuple of float or None
        x min, y min, (z min,) x max, y max(, z max) in the source's CRS.
    count : int
        Objects, points or cells.
    facts : dict
        What else is known, by plain names: "types", "geometries", "lods", "attributes", "classes", "times", …
    warnings : tuple of str
        What a user should know before relying on it.
    """

    format: str
    carrier: str
    crs: str | None
    extent: tuple[float, ...] | None
    count: int
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as plain data for JSON."""
        return asdict(self)


class Source(Protocol):
    """A file or a service that carriers are read from.

    A class takes its path or URL first and its options by keyword, and opens nothing until it is asked.
    """

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; raises SourceError where it cannot be read."""

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Carrier]:
        """Yield chunks of what touches `extent` (None = all), in RD New and m NAP; raises SourceError, CrsError."""
