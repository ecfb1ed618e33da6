"""Points in text files: x, y, z and what else a line has, with or without a line of names."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, PointCloud
from dtwin_plugin.data.crs import RD, in_rd_bounds, normalise
from dtwin_plugin.errors import CrsError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Progress, Silent

from .base import SourceInfo
from .las_points import Points
from .stop import stop_if_asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 100_000  # lines: about 0.3 s
_LONGEST = 10_000  # characters of a line
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d{1,3})?")
_NAMES = {
    "x": ("x", "easting", "east", "e", "rd_x", "rdx", "x_coordinaat"),
    "y": ("y", "northing", "north", "n", "rd_y", "rdy", "y_coordinaat"),
    "z": ("z", "height", "hoogte", "elevation", "h", "nap", "z_coordinaat"),
    "intensity": ("i", "intensity", "intensiteit"),
    "red": ("r", "red", "rood"),
    "green": ("g", "green", "groen"),
    "blue": ("b", "blue", "blauw"),
    "class": ("class", "classification", "klasse", "classificatie"),
}


@dataclass(frozen=True)
class Layout:
    """How lines are to be read: what stands between values, which column is what, and lines before the first point."""

    delimiter: str | None
    columns: dict[str, int]
    skip: int
    named: bool


def looks_like_points(head: bytes) -> bool:
    r"""Tell whether a file begins with a line of names that has x, y and z, as text files of points do.

    >>> looks_like_points(b"x,y,z,class\n1,2,3,4\n"), looks_like_points(b"name;value\n")
    (True, False)
    """
    if b"\0" in head[:512]:
        return False
    line = head.decode("utf-8-sig", "replace").lstrip().split("\n")[0].strip().lstrip("#/ ")
    return len(line) < 500 and {"x", "y", "z"} <= set(_named(_split(line, _delimiter(line))))


class XyzSource:
    """A text file of points, as points in RD New and m NAP.

    Parameters
    ----------
    path : str or path
    classes : int or collection of int, optional
        Only points of these classes.
    every : int
        Only one in so many points.
    assume_crs : str, optional
        Of the file, which cannot state one; RD New where the numbers fit.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        classes: int | Collection[int] | None = None,
        every: int = 1,
        assume_crs: str | None = None,
    ) -> None:
        wanted = {classes} if isinstance(classes, int) else classes
        if every < 1:
            raise InputError("One in {every} points cannot be read; expected 1 or more.", every=every)
        self.path, self.every, self.assume_crs = Path(path), int(every), assume_crs
        self.classes = None if wanted is None else np.array(sorted(wanted))

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; all lines are read.

        Raises
        ------
        SourceError, FormatError
            If it is absent, or a line has no three numbers.
        Cancelled
            If the user stops it.
        """
        layout, count = self._layout(), 0
        classes: Counter[int] = Counter()
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for points in self._chunks(layout, progress or Silent()):
            for axis, values in enumerate((points.x, points.y, points.z)):
                low[axis], high[axis] = min(low[axis], values.min()), max(high[axis], values.max())
            classes.update(Counter(dict(enumerate(np.bincount(points.classification).tolist()))))
            count += len(points.x)
        box = (*low.tolist(), *high.tolist()) if count else None
        facts = {
            "columns": sorted(layout.columns, key=layout.columns.__getitem__),
            "named": layout.named,
            "classes": {str(number): found for number, found in sorted(classes.items()) if found},
        }
        return SourceInfo("Text (x, y, z)", "points", None, box, count, facts, tuple(self._warnings(layout, box)))

    def _warnings(self, layout: Layout, box: tuple[float, ...] | None) -> Iterator[str]:
        if box is None:
            yield f"{self.path.name} has no points."
            return
        yield f"{self.path.name} cannot state a coordinate reference system."
        if not layout.named:
            yield f"{self.path.name} does not name its columns; they are taken as x (east), y (north), height."
            swapped = in_rd_bounds(box[1], box[0], box[4], box[3])
            if swapped and not in_rd_bounds(box[0], box[1], box[3], box[4]):
                yield f"In {self.path.name} north seems to stand before east: the columns fit RD the other way."

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[PointCloud]:
        """Yield chunks of the points in an area (None = all) that have one of the classes.

        Raises
        ------
        SourceError, FormatError
            If it is absent, or a line has no three numbers.
        CrsError
            If no CRS is assumed and the numbers are not in RD New.
        Cancelled
            If the user stops it.
        """
        from .las import cloud_of

        progress, layout = progress or Silent(), self._layout()
        assumed, done = normalise(self.assume_crs), 0
        if not layout.named:
            progress.warn(
                "{file} does not name its columns; they are taken as x (east), y (north), height.", file=self.path.name
            )
        for points in self._chunks(layout, progress):
            crs = assumed or self._rd(points)
            chosen = np.arange(-done % self.every, len(points.x), self.every)
            done += len(points.x)
            if self.classes is not None:
                chosen = chosen[np.isin(points.classification[chosen], self.classes)]
            cloud = cloud_of(points, chosen, crs, extent)
            if len(cloud):
                yield cloud
        progress.report(1.0)

    def _rd(self, points: Points) -> str:
        box = tuple(float(edge) for edge in (points.x.min(), points.y.min(), points.x.max(), points.y.max()))
        if not in_rd_bounds(*box):
            raise CrsError(
                "{file} states no coordinate reference system, and lies at x, y {minimum} to {maximum}.",
                hint="Say which coordinate reference system it is in, such as EPSG:28992 for RD New.",
                file=self.path.name,
                minimum=box[:2],
                maximum=box[2:],
            )
        return RD

    def _layout(self) -> Layout:
        """Return how the lines are to be read, by the first ones."""
        skip = 0
        names: list[str] = []
        for number, line in enumerate(self._lines()):
            text = line.strip().lstrip("#/").strip()
            delimiter = _delimiter(text)
            parts = _split(text, delimiter)
            if len(parts) >= 3 and all(_NUMBER.fullmatch(part) for part in parts[:3]):
                named = _named(names)
                if {"x", "y", "z"} <= set(named):
                    return Layout(delimiter, named, skip, True)
                more = ("red", "green", "blue") if len(parts) == 6 else ()
                return Layout(delimiter, {name: at for at, name in enumerate(("x", "y", "z", *more))}, skip, False)
            if number >= 20:
                break
            if len(parts) >= 3:
                names = parts
            skip = number + 1
        raise FormatError(
            "{file} has no lines of x, y and z.",
            hint="Export it with three numbers or more on a line, with spaces, commas or semicolons between them.",
            file=self.path.name,
        )

    def _chunks(self, layout: Layout, progress: Progress) -> Iterator[Points]:
        rows: list[list[str]] = []
        width = max(layout.columns.values()) + 1
        for number, line in enumerate(self._lines()):
            if number < layout.skip or not line.strip() or line.lstrip()[:1] in "#/":
                continue
            parts = _split(line.strip(), layout.delimiter)
            if len(parts) < width:
                raise self._bad(number, line)
            rows.append(parts)
            if len(rows) >= _CHUNK:
                stop_if_asked(progress)
                yield self._points(rows, layout, number)
                rows = []
        if rows:
            yield self._points(rows, layout, number)

    def _points(self, rows: list[list[str]], layout: Layout, last: int) -> Points:
        values = {}
        for name, at in layout.columns.items():
            try:
                values[name] = np.array([float(row[at].replace(",", ".")) for row in rows])
            except ValueError:
                raise self._bad(last, " ".join(rows[-1])) from None
            if not all(map(math.isfinite, (values[name].min(), values[name].max()))):
                raise self._bad(last, "nan")
        count = len(rows)

        def column(name: str, kind: type, most: int) -> NDArray[np.int64]:
            found = values.get(name, np.zeros(count))
            return np.clip(found, 0, most).astype(kind)

        has_colour = {"red", "green", "blue"} <= set(values)
        factor = 257 if has_colour and max(values[name].max() for name in ("red", "green", "blue")) <= 255 else 1
        colours = [column(name, np.uint16, 65535) * np.uint16(factor) for name in ("red", "green", "blue")]
        return Points(
            values["x"],
            values["y"],
            values["z"],
            column("class", np.uint8, 255),  # type: ignore[arg-type]
            np.zeros(count, bool),
            column("intensity", np.uint16, 65535),  # type: ignore[arg-type]
            np.column_stack(colours) if has_colour else None,
        )

    def _lines(self) -> Iterator[str]:
        try:
            with self.path.open(encoding="utf-8-sig", errors="replace") as stream:
                while line := stream.readline(_LONGEST):
                    if len(line) >= _LONGEST:
                        raise FormatError(
                            "{file} has a line of more than {limit} characters; it is no text file of points.",
                            file=self.path.name,
                            limit=_LONGEST,
                        )
                    yield line
        except FileNotFoundError:
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(self.path)) from None
        except OSError as error:
            raise SourceError("{file} cannot be read: {reason}.", file=self.path.name, reason=error) from error

    def _bad(self, number: int, line: str) -> FormatError:
        return FormatError(
            "Up to line {number} {file} has a line that does not have the numbers of its columns: {found!r}.",
            hint="Remove the line, or export the file again.",
            file=self.path.name,
            number=number + 1,
            found=line.strip()[:60],
        )


def _delimiter(line: str) -> str | None:
    """Return what stands between values; None for spaces."""
    return next((mark for mark in (";", "\t") if mark in line), "," if line.count(",") >= 2 else None)


def _split(line: str, delimiter: str | None) -> list[str]:
    return [part.strip().strip('"') for part in line.split(delimiter)]


def _named(names: list[str]) -> dict[str, int]:
    """Return which column is what, by the names of the columns."""
    lower = [name.lower() for name in names]
    return {
        key: next(lower.index(known) for known in spellings if known in lower)
        for key, spellings in _NAMES.items()
        if any(known in lower for known in spellings)
    }
