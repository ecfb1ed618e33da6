"""What changes through time in a case: discharges, levels, rain."""

import numpy as np

from dtwin_plugin.errors import FormatError

from .fields import field
from .tables import column, read_table, through_time

PER_HOUR = 1e-3 / 3600  # mm h-1 -> m s-1


def series(spec, folder):
    """Return a function of time: a number, rows [time, value], or a table; linear in between."""
    if isinstance(spec, (int, float)):
        return lambda time: float(spec)
    times, values = through_time(spec, folder) if isinstance(spec, dict) else np.array(spec, float).T
    values = values * float(spec.get("scale", 1.0)) if isinstance(spec, dict) else values
    return lambda time: float(np.interp(time, times, values))


class Rates:
    """Rain or infiltration [m s-1]: a number or cells that hold from each of `times` [s] until the next."""

    def __init__(self, times, values):
        self.times, self.values = np.asarray(times, float), values

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
