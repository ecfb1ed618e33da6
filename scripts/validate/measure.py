"""The quantities that a case file may expect."""

import numpy as np

from dtwin_plugin.errors import FormatError

from .fields import field
from .tables import through_time

WET = 0.02  # m; where a front or an arrival is


class Record:
    """A run: its solver, and what was kept of it at each stop, on the cells of the case."""

    def __init__(self, domain, bed, initial, solver, view):
        self.domain, self.bed, self.initial, self.solver, self.view = domain, bed, initial, solver, view
        self.times, self.depths = [], []
        self.outflow = [0.0]  # m3 so far
        self.lowest = 0.0  # m

    def keep(self, time):
        self.times.append(time)
        self.depths.append(np.array(self.view.back(self.solver.depth)))
        self.outflow.append(self.solver.volumes.outflow)
        self.lowest = min(self.lowest, float(np.nanmin(self.depths[-1])))

    @property
    def deepest(self):
        """Largest depth of the run [m]."""
        return self.view.back(self.solver.max_depth)

    def depth(self, at):
        """Return the depth [m] on the cells at the time of a value; default the end."""
        return self.depths[self.times.index(float(at["time"]))] if "time" in at else self.depths[-1]

    def water(self, item):
        """Return what a value is about on the cells: `of` is depth (default), max_depth or level [m]."""
        of = item.get("of", "depth")
        if of not in ("depth", "max_depth", "level", "max_level"):
            raise FormatError("A value is of depth, max_depth, level or max_level; found {of}.", of=of)
        depth = np.asarray(self.deepest if of.startswith("max") else self.depth(item.get("at", {})), float)
        return depth + self.bed if of.endswith("level") else depth

    def rates(self):
        """Return the outflow [m3 s-1] in each piece."""
        return np.diff(self.outflow) / np.diff([0.0, *self.times])

    def at_point(self, item):
        """Return the depth or level at a point at each stop."""
        cell = self.domain.cell(item["at"]["x"], item["at"]["y"])
        lift = self.bed[cell] if item.get("of") == "level" else 0.0
        return np.array([float(depth[cell]) + lift for depth in self.depths])


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
    at, reach = item["at"], item.get("reach", 0)
    depth = run.deepest if item.get("of") == "max_level" else run.depth(at)
    row, column = run.domain.cell(at["x"], at["y"])
    near = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
    level, wet = (depth + run.bed)[near], depth[near] > item.get("wet", 0)
    if not wet.any():
        return np.nan
    r, c = np.nonzero(wet)
    nearest = np.argmin((r - min(row, reach)) ** 2 + (c - min(column, reach)) ** 2)
    return level[r[nearest], c[nearest]]


def _maximum(item, run, folder):
    return _point(item, run.deepest, run) if "at" in item else np.nanmax(run.deepest)


def _arrival(item, run, folder):
    """First time [s] at which a point is wet."""
    wet = np.nonzero(run.at_point({**item, "of": "depth"}) > item.get("wet", WET))[0]
    return run.times[wet[0]] if wet.size else np.inf


def _against_series(item, run, folder):
    """Return what a point has minus a table through time, where that is wet."""
    spec = {"value" if key == "column" else key: name for key, name in item["against"].items()}
    times, other = through_time(spec, folder)
    mine = np.interp(times, [0.0, *run.times], [_start(item, run), *run.at_point(item)])
    counts = np.isfinite(other) & (times <= run.times[-1])
    if item.get("of") != "level":
        counts &= other > item.get("wet", WET)
    if not counts.any():
        raise FormatError("The table {file} has no value to compare with in the time of the case.", file=spec["csv"])
    return (mine - other)[counts]


def _start(item, run):
    cell = run.domain.cell(item["at"]["x"], item["at"]["y"])
    return float(run.initial[cell]) + (run.bed[cell] if item.get("of") == "level" else 0.0)


def _outflow(item, run, folder):
    """Outflow in the piece that ends then; over `mean` seconds around that time if it is given."""
    time = float(item["at"]["time"])
    if "mean" not in item:
        return run.rates()[run.times.index(time)]
    half = float(item["mean"]) / 2
    window = np.clip([time - half, time + half], 0.0, run.times[-1])
    volume = np.interp(window, [0.0, *run.times], run.outflow)
    return (volume[1] - volume[0]) / (window[1] - window[0])


def _difference(item, run, folder):
    """Depth or level minus the field that the case gives, on the cells that count."""
    values, other = run.water(item), field(item["against"], run.domain, folder)
    low, high = item.get("x", (-np.inf, np.inf))
    south, north = item.get("y", (-np.inf, np.inf))
    counts = (run.domain.x >= low) & (run.domain.x <= high) & (run.domain.y >= south) & (run.domain.y <= north)
    counts &= np.isfinite(values) & np.isfinite(other) & _within(item, run, folder)
    if "wet" in item:
        counts &= np.maximum(values, other) > item["wet"]
    if not counts.any():
        raise FormatError("No cell counts for {quantity} of the case.", quantity=item["quantity"])
    return (values - other)[counts], other[counts]


def _within(item, run, folder):
    """Return the cells that count: those of `within`, but none of `without`."""
    from .areas import covered

    counts = np.ones(run.domain.x.shape, bool)
    if "within" in item:
        counts &= covered(item["within"], run.domain, folder)
    return counts & ~covered(item["without"], run.domain, folder) if "without" in item else counts


def _iou(item, run, folder):
    """Cells wet in both over cells wet in either; cells without data in one of both do not count."""
    mine, other = run.water(item), field(item["against"], run.domain, folder)
    counts = np.isfinite(mine) & np.isfinite(other) & _within(item, run, folder)
    wet, also = (mine > item["wet"]) & counts, (other > item["wet"]) & counts
    return (wet & also).sum() / max((wet | also).sum(), 1)


def _wet_area(item, run, folder):
    wet = (run.water(item) > item.get("wet", WET)) & _within(item, run, folder)
    return wet.sum() * run.domain.cell_size**2


def _volume(item, run, folder):
    return np.nansum(np.where(_within(item, run, folder), run.water(item), 0.0)) * run.domain.cell_size**2


def _front(item, run, folder):
    wet = run.depth(item.get("at", {})) > item.get("wet", WET)
    return run.domain.x[wet].max() if wet.any() else 0.0


def _roughness(item, run, folder):
    """Largest wiggle of the depth from cell to cell along the flow, relative to the depth; not in the first tenth."""
    depth = np.rot90(run.depths[-1], {"east": 0, "south": 1, "west": 2, "north": 3}[item.get("direction", "east")])
    depth = depth[:, depth.shape[1] // 10 :]
    return np.abs(np.diff(depth, 2, axis=1) / depth[:, 1:-1]).max()


def _l1(item, run, folder):
    """Mean absolute difference over a depth: `scale`, or the mean of what is expected."""
    off, other = _difference(item, run, folder)
    return np.mean(np.abs(off)) / float(item.get("scale", np.mean(np.abs(other))))


def _symmetry(item, run, folder):
    """Largest difference of the depth from its own image: `axis` x, y, or diagonal (rows for columns)."""
    depth = run.depths[-1]
    image = {"x": depth[:, ::-1], "y": depth[::-1], "diagonal": depth.T}[item.get("axis", "x")]
    return np.nanmax(np.abs(depth - image))


QUANTITIES = {
    "depth": _depth,
    "level": _level,
    "max_depth": _maximum,
    "min_depth": lambda item, run, folder: min(np.nanmin(depth) for depth in run.depths),
    "negative_depth": lambda item, run, folder: run.lowest,
    "arrival": _arrival,
    "front": _front,
    "series_error": lambda item, run, folder: np.abs(_against_series(item, run, folder)).max(),
    "series_rmse": lambda item, run, folder: np.sqrt(np.mean(_against_series(item, run, folder) ** 2)),
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
    "bias": lambda item, run, folder: np.mean(_difference(item, run, folder)[0]),
    "largest_error": lambda item, run, folder: np.abs(_difference(item, run, folder)[0]).max(),
    "relative_error": lambda item, run, folder: np.abs(np.divide(*_difference(item, run, folder))).max(),
    "l1": _l1,
    "wiggle": _roughness,
    "symmetry": _symmetry,
    "change": lambda item, run, folder: np.nanmax(np.abs(run.depths[-1] - run.initial)),
    "max_discharge": lambda item, run, folder: max(
        np.abs(run.solver.discharge_x).max(), np.abs(run.solver.discharge_y).max()
    ),
    "iou": _iou,
    "wet_area": _wet_area,
    "volume": _volume,
}
