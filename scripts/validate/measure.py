"""The quantities that a case file may expect."""

import numpy as np

from dtwin_plugin.errors import FormatError

from .fields import field, read_table

WET = 0.02  # m; where a front or an arrival is


class Record:
    """A run: its solver, and what was kept of it at each stop."""

    def __init__(self, domain, bed, initial, solver):
        self.domain, self.bed, self.initial, self.solver = domain, bed, initial, solver
        self.times, self.depths = [], []
        self.outflow = [0.0]  # m3 so far

    def keep(self, time):
        self.times.append(time)
        self.depths.append(self.solver.depth)
        self.outflow.append(self.solver.volumes.outflow)

    def depth(self, at):
        """Return the depth [m] on the cells at the time of a value; default the end."""
        return self.depths[self.times.index(float(at["time"]))] if "time" in at else self.depths[-1]

    def rates(self):
        """Return the outflow [m3 s-1] in each piece."""
        return np.diff(self.outflow) / np.diff([0.0, *self.times])


def measured(item, run, folder):
    """Return the value of one expected quantity in a run."""
    quantity = item["quantity"]
    if quantity not in QUANTITIES:
        raise FormatError(
            "Quantity {name} is not known; known: {known}.", name=quantity, known=", ".join(sorted(QUANTITIES))
        )
    return QUANTITIES[quantity](item, run, folder)


def _point(item, values, run):
    return values[run.domain.cell(item["at"]["x"], item["at"]["y"])]


def _depth(item, run, folder):
    return _point(item, run.depth(item["at"]), run)


def _level(item, run, folder):
    """Water level; in a dry cell that of the nearest wet cell within `reach` cells, if one is given."""
    depth, reach = run.depth(item["at"]), item.get("reach", 0)
    row, column = run.domain.cell(item["at"]["x"], item["at"]["y"])
    level = (depth + run.bed)[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
    wet = depth[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] > item.get("wet", 0)
    if not wet.any():
        return np.nan
    r, c = np.nonzero(wet)
    middle = np.array([min(row, reach), min(column, reach)])
    nearest = np.argmin((r - middle[0]) ** 2 + (c - middle[1]) ** 2)
    return level[r[nearest], c[nearest]]


def _maximum(item, run, folder):
    return _point(item, run.solver.max_depth, run) if "at" in item else np.nanmax(run.solver.max_depth)


def _arrival(item, run, folder):
    """First time [s] at which a point is wet."""
    series = [_point(item, depth, run) for depth in run.depths]
    wet = np.nonzero(np.array(series) > item.get("wet", WET))[0]
    return run.times[wet[0]] if wet.size else np.inf


def _series_error(item, run, folder):
    """Largest difference [m] of the depth at a point from a table through time, once the table is wet."""
    table = read_table(folder / item["against"]["csv"])
    times, other = table[item["against"]["time"]], table[item["against"]["column"]]
    mine = np.interp(times, run.times, [_point(item, depth, run) for depth in run.depths])
    counts = (other > item.get("wet", WET)) & (times <= run.times[-1])
    return np.abs(mine - other)[counts].max()


def _outflow(item, run, folder):
    return run.rates()[run.times.index(float(item["at"]["time"]))]


def _difference(item, run, folder):
    """Depth or level minus the field that the case gives, on the cells that count."""
    values = run.depth(item.get("at", {}))
    if item.get("of") == "level":
        values = values + run.bed
    other = field(item["against"], run.domain, folder)
    low, high = item.get("x", (-np.inf, np.inf))
    counts = (run.domain.x >= low) & (run.domain.x <= high) & np.isfinite(values) & np.isfinite(other)
    if "wet" in item:
        counts &= np.maximum(values, other) > item["wet"]
    return (values - other)[counts], other[counts]


def _iou(item, run, folder):
    """Cells wet in both over cells wet in either."""
    mine, other = run.depth(item.get("at", {})) > item["wet"], field(item["against"], run.domain, folder) > item["wet"]
    return (mine & other).sum() / max((mine | other).sum(), 1)


def _front(item, run, folder):
    wet = run.depth(item.get("at", {})) > item.get("wet", WET)
    return run.domain.x[wet].max() if wet.any() else 0.0


def _roughness(item, run, folder):
    """Largest wiggle of the depth from cell to cell along the rows, relative to the depth."""
    depth = run.depths[-1][:, run.domain.x.shape[1] // 10 :]
    return np.abs(np.diff(depth, 2, axis=1) / depth[:, 1:-1]).max()


QUANTITIES = {
    "depth": _depth,
    "level": _level,
    "max_depth": _maximum,
    "min_depth": lambda item, run, folder: min(np.nanmin(depth) for depth in run.depths),
    "arrival": _arrival,
    "front": _front,
    "series_error": _series_error,
    "outflow": _outflow,
    "peak_outflow": lambda item, run, folder: run.rates().max(),
    "rain_volume": lambda item, run, folder: run.solver.volumes.rain,
    "inflow_volume": lambda item, run, folder: run.solver.volumes.inflow,
    "outflow_volume": lambda item, run, folder: run.solver.volumes.outflow,
    "infiltration_volume": lambda item, run, folder: run.solver.volumes.infiltration,
    "stored_volume": lambda item, run, folder: run.solver.volumes.stored,
    "mass_error": lambda item, run, folder: run.solver.volumes.error,
    "rmse": lambda item, run, folder: np.sqrt(np.mean(_difference(item, run, folder)[0] ** 2)),
    "mean_error": lambda item, run, folder: np.mean(np.abs(_difference(item, run, folder)[0])),
    "largest_error": lambda item, run, folder: np.abs(_difference(item, run, folder)[0]).max(),
    "relative_error": lambda item, run, folder: np.abs(np.divide(*_difference(item, run, folder))).max(),
    "wiggle": _roughness,
    "change": lambda item, run, folder: np.nanmax(np.abs(run.depths[-1] - run.initial)),
    "max_discharge": lambda item, run, folder: max(
        np.abs(run.solver.discharge_x).max(), np.abs(run.solver.discharge_y).max()
    ),
    "iou": _iou,
}
