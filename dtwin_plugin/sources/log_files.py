"""Files that each hold a place or a few with rows, such as GEF: one file, or all of a zip or a folder."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Union

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries, Logs
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.crs import in_rd_bounds, is_rd
from dtwin_plugin.errors import CrsError, DtwinError, FormatError, SourceError
from dtwin_plugin.progress import Progress, Silent

from . import crs as policy
from .archive import Member, members
from .base import SourceInfo
from .stop import stop_if_asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

Warn = Callable[..., None]  # the `warn` of a Progress
Stop = Callable[[], None]  # raises Cancelled where the user wants to stop
CHUNK = 200  # places; each has a few thousand rows
_SITE_UNITS = {
    "surface": "m", "predrilled_depth": "m", "final_depth": "m", "groundwater_depth": "m", "cone_area": "mm2",
    "screen_top": "m NAP", "screen_bottom": "m NAP", "tube_top": "m NAP",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Coordinates as they stand in a file, their CRS (None if it is not known), and the surface [m NAP]."""

    x: float = math.nan
    y: float = math.nan
    crs: str | None = None
    surface: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there are coordinates at all."""
        return math.isfinite(self.x) and math.isfinite(self.y)

    def check(self, file: str) -> None:
        """Tell that the coordinates and their CRS are known, and in RD New where they say so; raises CrsError."""
        if not self.known:
            raise CrsError(
                "{file} has no coordinates.",
                hint="Give its position in RD New, or ask who made it for the coordinates.",
                file=file,
            )
        if self.crs is None:
            raise CrsError(
                "{file} has the coordinates {x:g}, {y:g} in a system that it does not state, and not in RD New.",
                hint="Give its position in RD New.",
                file=file,
                x=self.x,
                y=self.y,
            )
        if is_rd(self.crs) and not in_rd_bounds(self.x, self.y, self.x, self.y):
            raise CrsError(
                "{file} has the coordinates {x:g}, {y:g}, which are not in RD New.",
                hint="Give its position in RD New.",
                file=file,
                x=self.x,
                y=self.y,
            )

    def in_rd(self, file: str) -> tuple[float, float]:
        """Return the coordinates in RD New; raises CrsError where they are not known or not in the Netherlands."""
        self.check(file)
        if is_rd(self.crs):
            return self.x, self.y
        moved = policy.to_rd(np.array([[self.x, self.y]]), self.crs)[0]
        return float(moved[0]), float(moved[1])


@dataclass(frozen=True)
class Found:
    """One place of a file.

    Attributes
    ----------
    kind : str
        A kind of `Logs`; any other name gives features without rows.
    file : str
    place : Place
    site : dict
        What is known of the place, one value a name; "id" is needed.
    rows : dict of str to ndarray
    units : dict of str to str
        Of the rows.
    facts : dict
        For who describes the file.
    """

    kind: str
    file: str
    place: Place
    site: dict[str, Any]
    rows: dict[str, NDArray[Any]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def carrier(self) -> Logs | Features:
        """Return it in RD New; raises CrsError where it cannot be placed."""
        x, y = self.place.in_rd(self.file)
        values = {**self.site, "file": self.file}
        columns: dict[str, NDArray[Any]] = {name: column([value]) for name, value in values.items()}
        columns["surface"] = np.array([self.place.surface])
        units = {name: unit for name, unit in _SITE_UNITS.items() if name in columns}
        sites = Features(Geometries.points(np.array([[x, y]])), columns, units, name=self.kind)
        if not self.rows:
            return sites
        starts = np.array([0, len(next(iter(self.rows.values())))], np.int64)
        units = {name: unit for name, unit in self.units.items() if name in self.rows}
        return Logs(self.kind, sites, starts, self.rows, units)


class LogFiles(ABC):
    """What sources of such files have in common.

    Parameters
    ----------
    path : str or path
        A file, a zip of files, or a folder.
    position : pair of float, optional
        x, y in RD New of what has no coordinates.
    chunk : int
        Places of one chunk.
    """

    suffixes: tuple[str, ...] = ()
    most = 16 << 20  # bytes of one file, which is read whole

    def __init__(self, path: str | Path, *, position: Sequence[float] | None = None, chunk: int = CHUNK) -> None:
        self.path, self.chunk = Path(path), max(1, chunk)
        self.position = None if position is None else (float(position[0]), float(position[1]))

    @abstractmethod
    def one(self, data: bytes, file: str, warn: Warn, stop: Stop) -> list[Found]:
        """Return the places of one file; raises SourceError where it has none. Long work calls `stop`."""

    @abstractmethod
    def label(self, found: Sequence[Found]) -> str:
        """Return the name of the format with its versions."""

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, by reading all of it.

        Raises
        ------
        SourceError, FormatError
            If it is absent, or no file of this kind.
        Cancelled
            If the user stops it.
        """
        told = Silent()
        places = []
        for found in self._found(told.warn, progress or Silent()):
            places.append(_light(found))
            try:
                found.place.check(found.file)
            except CrsError as error:
                told.warnings.append(str(error))
        crs = {found.place.crs for found in places} - {None}
        box = [(found.place.x, found.place.y) for found in places if found.place.known]
        kinds = Counter(found.kind for found in places)
        return SourceInfo(
            self.label(places),
            "logs" if any(found.rows for found in places) else "features",
            crs.pop() if len(crs) == 1 else None,
            (*map(min, zip(*box)), *map(max, zip(*box))) if box else None,
            len(places),
            places[0].facts if len(places) == 1 else _sums(places, kinds),
            tuple(dict.fromkeys(told.warnings)),
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Union[Logs, Features]]:
        """Yield chunks of what lies in an area (None = all), one kind each.

        Raises
        ------
        SourceError, FormatError
            As `describe`.
        CrsError
            If a file cannot be placed; of several files it is left out, with a warning.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        pieces: dict[str, list[Logs | Features]] = {}
        several = len(self._members()) > 1
        for found in self._found(progress.warn, progress):
            try:
                carrier = found.carrier()
            except CrsError as error:
                if not several:
                    raise
                progress.warn(error.message, **error.values)
                continue
            sites = carrier.sites if isinstance(carrier, Logs) else carrier
            if extent is not None and not len(sites.within(extent)):
                continue
            pieces.setdefault(found.kind, []).append(carrier)
            if len(pieces[found.kind]) >= self.chunk:
                yield _joined(pieces.pop(found.kind))
        for group in pieces.values():
            yield _joined(group)

    def _found(self, warn: Warn, progress: Progress) -> Iterator[Found]:
        """Yield what each file holds; of several those that are refused are left out with a warning."""
        files = self._members()
        if not files:
            raise FormatError(
                "{file} holds no files that end in {suffixes}.", file=self.path.name, suffixes=", ".join(self.suffixes)
            )
        refused: list[DtwinError] = []
        for number, member in enumerate(files):
            stop_if_asked(progress)
            progress.report(number / len(files), "Reading {file}", file=member.name)
            try:
                places = self.one(self._bytes(member), member.name, warn, partial(stop_if_asked, progress))
            except SourceError as error:
                refused.append(error)
                if len(files) > 1:
                    warn(error.message, **error.values)
                continue
            yield from places
        if len(refused) == len(files):
            raise refused[0]

    def _members(self) -> list[Member]:
        if self.path.is_dir():
            files = sorted(path for path in self.path.rglob("*") if self._is_wanted(path.name) and path.is_file())
            return [Member(path, (), path.stat().st_size) for path in files]
        return list(members(self.path, self._is_wanted))

    def _is_wanted(self, name: str) -> bool:
        return name.lower().endswith(self.suffixes)

    def _bytes(self, member: Member) -> bytes:
        with member.open() as stream:
            data = stream.read(self.most + 1)
        if len(data) > self.most:
            limit = self.most >> 20
            raise FormatError(
                "{file} is larger than {limit} MB, which no file of its kind is.", file=member.name, limit=limit
            )
        return data


def _light(found: Found) -> Found:
    """Return a place with nothing of its rows but that it has them."""
    return replace(found, rows={name: values[:0] for name, values in found.rows.items()})


def _sums(places: list[Found], kinds: Counter[str]) -> dict[str, Any]:
    """Return the facts of several places together."""
    facts: dict[str, Any] = {
        "files": len({found.file for found in places}),
        "kinds": dict(kinds),
        "rows": sum(found.facts.get("rows", 0) for found in places),
        "ids": [str(found.site["id"]) for found in places[:CHUNK]],
    }
    reports = Counter(str(found.facts["report"]) for found in places if found.facts.get("report"))
    return {**facts, "reports": dict(reports)} if reports else facts


def _joined(pieces: list[Logs | Features]) -> Logs | Features:
    logs = [piece for piece in pieces if isinstance(piece, Logs)]
    if logs:
        return Logs.concatenate(logs)
    return Features.concatenate([piece for piece in pieces if isinstance(piece, Features)])
