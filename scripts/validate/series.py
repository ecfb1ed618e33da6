"""What changes through time in a case: discharges, levels, rain."""

import numpy as np

from dtwin_plugin.errors import FormatError

from .fields import field
from .tables import column, read_table, through_time

PER_HOUR = 1e-3 / 3600  # mm h-1 -> m s-1


class Series:
    """A value through time, linear between `times` [s] and the same before and after them.

    >>> Series([0, 10], [0, 20])(4.0)
    8.0
    >>> Series([0, 10], [0, 20]).mean(5.0, 15.0)
    17.5
    """

    def __init__(self, times, values):
        known = np.isfinite(times) & np.isfinite(values)
        self.times, self.values = np.asarray(times, float)[known], np.asarray(values, float)[known]
        in_order(self.times)
        steps = np.diff(self.times)
        self._sums = np.append(0.0, np.cumsum((self.values[1:] + self.values[:-1]) / 2 * steps))

    def __call__(self, time):
        return float(np.interp(time, self.times, self.values))

    def mean(self, begin, end):
        """Return the mean between two times: a value halfway would lose the corners of a hydrograph."""
        return (self._sum_until(end) - self._sum_until(begin)) / (end - begin)

    def _sum_until(self, time):
        k = int(np.clip(np.searchsorted(self.times, time, side="right") - 1, 0, len(self.times) - 1))
        since = time - self.times[k]
        return float(self._sums[k] + since * (self.values[k] + self(time)) / 2)


def in_order(times):
    """Refuse the times of a series that has none, or that go back: no value in between would be right."""
    if not len(times) or (np.diff(times) < 0).any():
        raise FormatError("The times of a series of the case must be numbers that do not go back.")


def series(spec, folder):
    """Return a value through time: a number, rows [time, value], or a table; linear in between."""
    if isinstance(spec, (int, float)):
        return Series([0.0], [float(spec)])
    times, values = through_time(spec, folder) if isinstance(spec, dict) else np.array(spec, float).T
    return Series(times, values * float(spec.get("scale", 1.0)) if isinstance(spec, dict) else values)


class Rates:
    """Rain or infiltration [m s-1]: a number or cells that hold from each of `times` [s] until the next."""

    def __init__(self, times, values):
        self.times, self.values = np.asarray(times, float), values
        in_order(self.times)

    def __call__(self, time):
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return self.values[place] if place >= 0 else 0.0


def rates(spec, domain, folder):
    """Return the rates of a case, given in mm h-1 unless a unit says otherwise.

    A number; rows [time, rate]; {"total", "duration"}; a table; frames [time, field]; zones with a column each; or any
    field, which holds all the time.
    """
    if isinstance(spec, (int, float)):
        return Rates([0.0], [spec * PER_HOUR])
    if isinstance(spec, list):
        times, values = np.array(spec, float).T
        return Rates(times, values * PER_HOUR)
    if "total" in spec:
        start, duration = float(spec.get("start", 0.0)), float(spec["duration"])
        return Rates([start, start + duration], [float(spec["total"]) * 1e-3 / duration, 0.0])
    if "frames" in spec:
        cells = [np.nan_to_num(field(one, domain, folder)) for _, one in spec["frames"]]
        return Rates([time for time, _ in spec["frames"]], [rate * PER_HOUR for rate in cells])
    if "zones" in spec:
        return _zones(spec, domain, folder)
    if "csv" in spec and "column" not in spec:
        return Rates(*_in_unit(*through_time(spec, folder), spec))
    return Rates([0.0], [np.nan_to_num(field(spec, domain, folder)) * PER_HOUR])


def _in_unit(times, values, spec):
    """Return times and rates [m s-1]: "mm" fell in the step up to each time, "mm step" in the one after it."""
    unit = spec.get("unit", "mm h-1")
    if unit in ("mm", "mm step"):
        steps = np.diff(times)
        fell = (values[1:] if unit == "mm" else values[:-1]) * 1e-3
        return times, np.append(fell / steps, 0.0)
    factors = {"mm h-1": PER_HOUR, "mm/h": PER_HOUR, "m s-1": 1.0, "m/s": 1.0, "mm s-1": 1e-3, "mm min-1": 1e-3 / 60}
    if unit not in factors:
        raise FormatError("The rain of a case is in {known} or mm; found {unit}.", known=", ".join(factors), unit=unit)
    return times, values * factors[unit]


def _zones(spec, domain, folder):
    """Return a rate for each zone of a raster: the columns of a table in the order of the zones, or as named."""
    zones, path = field(spec["zones"], domain, folder), folder / spec["csv"]
    table = read_table(path)
    times, _ = through_time(spec, folder)
    numbers = np.unique(zones[np.isfinite(zones)])
    named = spec.get("columns") or {
        f"{zone:g}": list(table)[k + 1] for k, zone in enumerate(numbers) if k + 1 < len(table)
    }
    missing = [f"{zone:g}" for zone in numbers if f"{zone:g}" not in named]
    if missing:
        raise FormatError("The zones {missing} of the case have no rain.", missing=", ".join(missing))
    columns = {zone: _in_unit(times, column(table, named[f"{zone:g}"], path), spec)[1] for zone in numbers}
    cells = [np.zeros(zones.shape) for _ in times]
    for zone, values in columns.items():
        for frame, value in zip(cells, values):
            frame[zones == zone] = value
    return Rates(times, cells)
