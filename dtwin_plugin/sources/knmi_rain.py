"""Rain of the KNMI as it is downloaded: hours of a weather station (uurgeg), or days of a rain station (neerslaggeg).

Both are text with a row of names (`YYYYMMDD` among them) above the numbers; rain is in 0.1 mm. The KNMI writes -1 for
less than 0.05 mm, which counts as 0 here, and leaves blank what was not measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import FormatError, InputError, SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TENTH = 0.1  # mm
TRACE = -1
# column of the rain -> length of a step [s]; a day of rain ends at 8:00 UTC of its date
STEPS = {"RH": 3600, "RD": 86_400}
MORNING = np.timedelta64(8, "h")


@dataclass(frozen=True)
class RainSeries:
    """Rain of one station.

    Attributes
    ----------
    station : str
        The number of the station.
    ends : ndarray
        datetime64[s], UTC: the end of each step, increasing.
    rain : ndarray
        float64 [mm] in each step; NaN where it was not measured.
    step : float
        Length of a step [s].
    """

    station: str
    ends: NDArray[np.datetime64]
    rain: NDArray[np.float64]
    step: float

    def wettest(self, hours: float) -> slice:
        """Return the steps of the most rain in some hours, whole steps; those with a gap do not count.

        Raises
        ------
        InputError
            If no such period was measured whole.

        Examples
        --------
        >>> ends = np.datetime64("2011-06-28T01", "s") + np.arange(5) * np.timedelta64(3600, "s")
        >>> RainSeries("260", ends, np.array([1.0, 7.0, np.nan, 2.0, 4.0]), 3600.0).wettest(2)
        slice(0, 2, None)
        """
        count = max(1, round(hours * 3600 / self.step))
        if count > self.rain.size:
            raise InputError(
                "The series has {found:.0f} hours; {wanted:g} were asked.",
                hint="Choose a shorter period.",
                found=self.rain.size * self.step / 3600,
                wanted=hours,
            )
        total = np.convolve(self.rain, np.ones(count), "valid")
        span = (self.ends[count - 1 :] - self.ends[: self.ends.size - count + 1]) / np.timedelta64(1, "s")
        total[span != (count - 1) * self.step] = np.nan  # steps are missing between them
        if np.isnan(total).all():
            raise InputError(
                "No {wanted:g} hours of the series were measured without a gap.",
                hint="Choose a shorter period.",
                wanted=hours,
            )
        first = int(np.nanargmax(total))
        return slice(first, first + count)


def read_rain(path: Path, station: str = "") -> RainSeries:
    """Return the rain of a station from a text of the KNMI.

    Parameters
    ----------
    station : str, optional
        Its number, where the file has more than one.

    Raises
    ------
    SourceError
        If the file cannot be read.
    FormatError
        If it has no rain of the KNMI, or more than one station and none is chosen.
    """
    try:
        lines = path.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=str(error)) from error
    names, first = _names(lines, path)
    column = next((name for name in STEPS if name in names), "")
    if not column or (column == "RH" and "HH" not in names):
        raise FormatError(
            "{file} has no column RH (rain of an hour) or RD (rain of a day); it has {found}.",
            hint="Download it from the KNMI with rain among its columns.",
            file=path.name,
            found=", ".join(names),
        )
    rows = [[text.strip() for text in line.split(",")] for line in lines[first:] if line[:1] not in ("#", "")]
    rows = [row for row in rows if len(row) > names.index(column)]
    stations = sorted({row[names.index("STN")] for row in rows})
    chosen = station or (stations[0] if len(stations) == 1 else "")
    if chosen not in stations:
        raise FormatError(
            "{file} has the stations {found}; choose one of them.", file=path.name, found=", ".join(stations) or "-"
        )
    kept = [row for row in rows if row[names.index("STN")] == chosen]
    ends = np.array([_end(row, names, path) for row in kept], "datetime64[s]")
    rain = np.array([_rain(row[names.index(column)], path) for row in kept], float)
    order = np.argsort(ends, kind="stable")
    return RainSeries(chosen, ends[order], rain[order], float(STEPS[column]))


def _names(lines: list[str], path: Path) -> tuple[list[str], int]:
    for number, line in enumerate(lines):
        names = [name.strip() for name in line.lstrip("# ").split(",")]
        if names[0] == "STN" and "YYYYMMDD" in names:
            return names, number + 1
    raise FormatError(
        "{file} has no row of names with STN and YYYYMMDD.",
        hint="Choose hours (uurgeg) or days of rain (neerslaggeg) as the KNMI gives them.",
        file=path.name,
    )


def _end(row: list[str], names: list[str], path: Path) -> np.datetime64:
    day = row[names.index("YYYYMMDD")]
    try:
        date = np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:8]}", "s")
        hours = np.timedelta64(int(row[names.index("HH")]), "h") if "HH" in names else MORNING
    except ValueError as error:
        raise FormatError("{file} has a row without a date: {row}.", file=path.name, row=",".join(row)[:60]) from error
    return date + hours


def _rain(text: str, path: Path) -> float:
    if not text:
        return np.nan
    try:
        tenths = float(text)
    except ValueError:
        tenths = np.nan
    if tenths == TRACE:
        return 0.0
    if not tenths >= 0:
        raise FormatError("{file} has {found} for rain; expected 0.1 mm.", file=path.name, found=repr(text))
    return tenths * TENTH
