"""Gathers observations one by one and makes series of them, with what was wrong told once."""

from __future__ import annotations

import math
from array import array
from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Series
from dtwin_plugin.data.columns import from_rows
from dtwin_plugin.data.series import INVALID, UNKNOWN, Quantity, Remark
from dtwin_plugin.errors import FormatError

from .times import as_moment

CRS84 = "OGC:CRS84"
_MOST = 20_000_000  # observations; the minute of the whole country has less than one million
_MOST_STATIONS = 1_000_000
_LONGEST = 500  # characters of an id or a name
_NEVER = int(np.datetime64("NaT", "ms").astype(np.int64))


def number_of(value: Any) -> float:
    """Return a result as a number, NaN where it is none.

    >>> [number_of(value) for value in (1, "2.5", "2,5", True, None, "wet", 1e999)]
    [1.0, 2.5, 2.5, 1.0, nan, nan, nan]
    """
    if isinstance(value, str):
        value = value.strip()
        value = value.replace(",", ".") if value.count(",") == 1 and "." not in value else value
    try:
        found = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def place_of(value: Any) -> tuple[float, float] | None:
    """Return the first two coordinates of a point, None where they are no numbers."""
    if not isinstance(value, (list, tuple)) or len(value) < 2:
        return None
    if any(isinstance(item, bool) or not isinstance(item, (int, float)) for item in value[:2]):
        return None
    x, y = number_of(value[0]), number_of(value[1])
    return None if math.isnan(x) or math.isnan(y) else (x, y)


class Builder:
    """Stations, quantities and observations of one source.

    >>> build = Builder("x")
    >>> build.add(build.station("a", place=(4.9, 52.4)), build.quantity("NO2", "ug/m3"), 0, 21.5)
    >>> series = build.series()
    >>> series.values.tolist(), series.stations.columns["station"].tolist()
    ([21.5], ['a'])
    """

    def __init__(self, source: str, crs: str = CRS84) -> None:
        self.source, self.crs = source, crs
        self.published: int | None = None
        self._stations: dict[str, int] = {}
        self._rows: list[dict[str, Any]] = []
        self._places: list[list[tuple[float, float]]] = []
        self._quantities: dict[Quantity, int] = {}
        self._numbers: dict[tuple[str, ...], int] = {}
        self._index = array("q"), array("q")
        self._times = array("q"), array("q"), array("q")
        self._values, self._qualities = array("d"), array("B")
        self._extras: dict[str, dict[int, float]] = {}
        self._remarks: dict[str, tuple[dict[str, Any], int]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def station(self, name: Any, /, place: Any = None, **columns: Any) -> int:
        """Return the number of a station; a place is one (x, y) or those of a line, and what is known is kept."""
        text = str(name)[:_LONGEST]
        if text not in self._stations:
            if len(self._rows) >= _MOST_STATIONS:
                raise FormatError("{file} has more than {limit} stations.", file=self.source, limit=_MOST_STATIONS)
            self._stations[text] = len(self._rows)
            self._rows.append({"station": text, "name": None})
            self._places.append([])
        number = self._stations[text]
        self._rows[number].update({key: _cell(value) for key, value in columns.items() if value not in (None, "")})
        if place is not None and len(place):
            self._places[number] = [place] if isinstance(place[0], (int, float)) else list(place)
        return number

    def is_within(self, name: str, box: tuple[float, float, float, float]) -> bool:
        """Tell whether a station is known to lie in a box (x min, y min, x max, y max) of its own coordinates."""
        places = self._places[self._stations[name]] if name in self._stations else []
        return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in places)

    @property
    def stations(self) -> tuple[str, ...]:
        """The ids of all stations, in order."""
        return tuple(self._stations)

    def quantity(self, name: str, unit: str = "", given: str = "", detail: str = "", title: str = "") -> int:
        """Return the number of a quantity."""
        key = name, unit, given, detail, title
        number = self._numbers.get(key)
        if number is None:  # looked up by what is given, as that is done for each value
            found = Quantity(name[:_LONGEST], unit, given, detail[:_LONGEST], title[:_LONGEST])
            number = self._numbers[key] = self._quantities.setdefault(found, len(self._quantities))
        return number

    def add(
        self,
        station: int,
        quantity: int,
        begin: int,
        value: float,
        end: int | None = None,
        result: int | None = None,
        quality: int = UNKNOWN,
        **extras: float,
    ) -> None:
        """Add an observation; times in ms since 1970 UTC, NaN where there is no value."""
        row = len(self._values)
        if row >= _MOST:
            raise FormatError(
                "{file} has more than {limit} values.", hint="Read a part of it.", file=self.source, limit=_MOST
            )
        if not _NEVER < begin <= (begin if end is None else end) < -_NEVER:
            self.remark("{file} has values whose period ends before it begins; they are left out.", file=self.source)
            return
        self._index[0].append(station)
        self._index[1].append(quantity)
        self._times[0].append(begin)
        self._times[1].append(begin if end is None else end)
        self._times[2].append(_NEVER if result is None else result)
        self._values.append(value)
        self._qualities.append(quality)
        for name, extra in extras.items():
            if not math.isnan(extra):
                self._extras.setdefault(name, {})[row] = extra

    def add_result(
        self, station: int, quantity: int, begin: int, value: Any, end: int | None = None, result: int | None = None
    ) -> None:
        """Add a result of any type: what is no number is no value, and told."""
        found = number_of(value)
        if math.isnan(found) and value is not None:
            self.remark(
                "{file} has results that are no numbers, such as {found}; they count as no value.",
                file=self.source,
                found=repr(value)[:60],
            )
        self.add(station, quantity, begin, found, end, result, INVALID if math.isnan(found) else UNKNOWN)

    def remark(self, message: str, **values: Any) -> None:
        """Keep a sentence of the first time that it holds, and count the others."""
        first, times = self._remarks.get(message, (values, 0))
        self._remarks[message] = first, times + 1

    def series(self) -> Series:
        """Return all that was added; stations that are points and lines become points, the middle of each line."""
        lines = bool(self._places) and all(len(place) > 1 for place in self._places)
        if lines:
            shapes = Geometries.build("line", [[[place]] for place in self._places])
        else:
            middles = [place[(len(place) - 1) // 2 : (len(place) - 1) // 2 + 1] for place in self._places]
            shapes = Geometries.build("point", [[[place]] if place else [] for place in middles])
        columns = from_rows(self._rows) or {"station": np.empty(0, object)}
        rows = len(self._values)
        begins, ends, results = (np.array(level, np.int64).astype("datetime64[ms]") for level in self._times)
        return Series(
            self.source,
            Features(shapes, columns, crs=self.crs, name="stations"),
            tuple(self._quantities),
            np.array(self._index[0], np.int64),
            np.array(self._index[1], np.int64),
            begins,
            ends,
            results,
            np.array(self._values, float),
            np.array(self._qualities, np.uint8),
            {name: _filled(found, rows) for name, found in self._extras.items()},
            as_moment(self.published),
            tuple(Remark(message, values, times) for message, (values, times) in self._remarks.items()),
        )


def _filled(found: dict[int, float], rows: int) -> np.ndarray:
    values = np.full(rows, np.nan)
    values[np.fromiter(found, np.int64, len(found))] = np.fromiter(found.values(), float, len(found))
    return values


def _cell(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value
