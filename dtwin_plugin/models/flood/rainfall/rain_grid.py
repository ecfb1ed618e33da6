"""Rain as a series of rasters: radar, with a band for each step, in cells coarser than the terrain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from ...base import Field, Values
from ...problem import ERROR, WARNING, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

MM, MINUTE, HOUR = 1e-3, 60.0, 3600.0  # m, s, s
MOST = 500.0  # mm/h in a step; more never fell in the Netherlands, and is another unit or a code for no data
LATE = 1.5  # a step so many times as long as the usual one has lost steps before it
LISTED = 5  # places that one sentence names

GRID_FIELDS = (
    Field(
        "rain_grid",
        "Rain as rasters",
        "grid",
        optional=True,
        advanced=True,
        series=True,
        doc="A raster with a band for each step, such as radar, used instead of the total; the time of a band ends its "
        "step. Cells may be larger than the terrain's.",
    ),
    Field(
        "rain_grid_unit",
        "Unit of the rain as rasters",
        "choice",
        default="mm",
        choices={"mm": "Millimetres in each step", "mm h-1": "Millimetres per hour"},
        advanced=True,
        doc="KNMI radar gives mm in each step of 5 minutes.",
    ),
    Field(
        "rain_grid_step",
        "Step of the rain as rasters",
        "number",
        "min",
        5.0,
        0.5,
        1440,
        advanced=True,
        doc="Used where the bands have no times of their own.",
    ),
    Field(
        "rain_gaps",
        "Gaps in the rain",
        "choice",
        default="stop",
        choices={"stop": "Stop before the run", "dry": "Count as no rain"},
        advanced=True,
        doc="What to do where the rasters have no data over the terrain, or where steps are missing.",
    ),
)


class GridRain:
    """Rain on cells coarser than the terrain's, by steps.

    Parameters
    ----------
    times : tuple of float
        Ends of the steps and, first, the start of the first [s].
    rates : ndarray
        Shape (steps, rows, cols) [m s-1].
    row, column : ndarray
        Which row and column of `rates` hold for each row and column of the terrain; -1 is outside: no rain.

    Examples
    --------
    >>> rain = GridRain((0.0, 300.0), np.array([[[1e-5, 2e-5]]]), np.array([0, -1]), np.array([0, 0, 1]))
    >>> rain.rate(0.0).tolist(), rain.rate(300.0)
    ([[1e-05, 1e-05, 2e-05], [0.0, 0.0, 0.0]], 0.0)
    """

    def __init__(
        self,
        times: tuple[float, ...],
        rates: NDArray[np.float64],
        row: NDArray[np.integer],
        column: NDArray[np.integer],
    ) -> None:
        self.times = times
        self._rates = np.pad(rates, ((0, 0), (0, 1), (0, 1)))  # the last row and column hold for outside
        self._row, self._column = row, column
        self._kept: tuple[int, NDArray[np.float64]] = (-1, np.zeros((0, 0)))

    def rate(self, time: float) -> NDArray[np.float64] | float:
        """Return the rain [m s-1] of the step at `time` [s], shape (rows, cols) of the terrain; 0 after the last."""
        index = int(np.searchsorted(self.times, time + 1e-6, side="right")) - 1
        if not 0 <= index < len(self._rates):
            return 0.0
        if self._kept[0] != index:
            cells = self._rates[index][np.ix_(self._row, self._column)]
            cells.setflags(write=False)  # who is given it twice can know that it is the same
            self._kept = (index, cells)
        return self._kept[1]


def grid_rain_of(values: Values, terrain: Grid) -> GridRain:
    """Return the rain of a run from the rasters of `GRID_FIELDS`, for the cells of the terrain; gaps are no rain."""
    grid: Grid = values["rain_grid"].window(terrain.extent)  # radar of a whole country is large
    ends, steps = _steps(values)
    cells = np.nan_to_num(_bands(grid).astype(float), nan=0.0) * MM
    usual = float(steps.min())
    if values["rain_grid_unit"] == "mm":
        cells /= np.where(steps > LATE * usual, usual, steps)[:, None, None]
    else:
        cells /= HOUR
    times, rates = _with_gaps(ends, steps, usual, cells)
    row, column = _places(grid, terrain)
    return GridRain(times, rates, row, column)


def grid_start_of(values: Values) -> datetime | None:
    """Return when the first step of the rasters starts; None where the bands have no times."""
    grid: Grid = values["rain_grid"]
    if grid.times is None:
        return None
    _, steps = _steps(values)
    found = grid.times[0].astype("datetime64[s]") - np.timedelta64(round(float(steps[0])), "s")
    return datetime.fromisoformat(str(found))


def _with_gaps(
    ends: NDArray[np.float64], steps: NDArray[np.float64], usual: float, cells: NDArray[np.float64]
) -> tuple[tuple[float, ...], NDArray[np.float64]]:
    """Return the times and rates with a dry step where steps are missing: a band holds for no longer than is usual."""
    times, rates = [float(ends[0] - steps[0])], []
    for end, step, band in zip(ends, steps, cells):
        if step > LATE * usual:
            times.append(float(end - usual))
            rates.append(np.zeros_like(band))
        times.append(float(end))
        rates.append(band)
    return tuple(times), np.stack(rates)


def _steps(values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the end and the length of each step [s]; the first is as long as the shortest, which is the usual one."""
    grid: Grid = values["rain_grid"]
    count = len(_bands(grid))
    if grid.times is None or count < 2:
        step = values["rain_grid_step"] * MINUTE
        return step * (1.0 + np.arange(count)), np.full(count, step)
    moments = (grid.times - grid.times[0]) / np.timedelta64(1, "s")
    usual = float(np.diff(moments).min())
    return moments + usual, np.diff(moments, prepend=-usual)


def _bands(grid: Grid) -> NDArray[np.float32]:
    return grid.values if grid.values.ndim == 3 else grid.values[None]


def _places(grid: Grid, terrain: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the row and column of the rain for each row and column of the terrain; -1 outside."""
    rows, columns = terrain.shape
    x = terrain.x_min + (np.arange(columns) + 0.5) * terrain.cell_size
    y = terrain.y_max - (np.arange(rows) + 0.5) * terrain.cell_size
    column = np.floor((x - grid.x_min) / grid.cell_size).astype(np.int64)
    row = np.floor((grid.y_max - y) / grid.cell_size).astype(np.int64)
    height, width = grid.shape
    return np.where((row >= 0) & (row < height), row, -1), np.where((column >= 0) & (column < width), column, -1)


def check_grid(values: Values) -> Iterator[Problem]:
    """Yield where and when the rasters have no rain, rain below 0 or more than ever fell, over the terrain."""
    grid, terrain = values["rain_grid"], values["terrain"]
    row, column = _places(grid, terrain)
    bands = _bands(grid)[:, np.unique(row[row >= 0])][:, :, np.unique(column[column >= 0])]
    level = ERROR if values["rain_gaps"] == "stop" else WARNING
    _, steps = _steps(values)
    if (steps <= 0).any():
        yield Problem("DT127", "rain_grid", "The times of the bands of the rain must increase.", {}, ERROR)
        return
    yield from _check_numbers(values, bands, steps)
    beyond = float(1 - (row >= 0).mean() * (column >= 0).mean())
    empty = np.flatnonzero(np.isnan(bands).any(axis=(1, 2)))
    if beyond > 0 or empty.size:
        yield Problem(
            "DT124",
            "rain_grid",
            "The rain as rasters lies beside {beyond} of the terrain, and has cells without data over it in {count} of "
            "{bands} steps: {times}.",
            {"beyond": f"{beyond:.1%}", "count": int(empty.size), "bands": len(bands), "times": _when(values, empty)},
            level,
        )
    missing = np.flatnonzero(steps > LATE * steps.min())
    if missing.size:
        yield Problem(
            "DT125",
            "rain_grid",
            "The rain as rasters misses steps before {count} of its bands: {times}.",
            {"count": int(missing.size), "times": _when(values, missing)},
            level,
        )


def _check_numbers(values: Values, bands: NDArray[np.float32], steps: NDArray[np.float64]) -> Iterator[Problem]:
    if not bands.size or np.isnan(bands).all():
        return
    hourly = HOUR / steps.min() if values["rain_grid_unit"] == "mm" else 1.0
    wrong = np.flatnonzero(((bands < 0) | (bands * hourly > MOST)).any(axis=(1, 2)))
    if wrong.size:
        yield Problem(
            "DT126",
            "rain_grid",
            "The rain as rasters runs from {low:.6g} to {high:.6g} in the unit chosen; expected 0 to {most} mm per "
            "hour in every step, which {count} steps are not: {times}. It may be another unit or a code for no data.",
            {
                "low": float(np.nanmin(bands)),
                "high": float(np.nanmax(bands)),
                "most": MOST,
                "count": int(wrong.size),
                "times": _when(values, wrong),
            },
            ERROR,
        )


def _when(values: Values, bands: NDArray[np.integer]) -> str:
    """Return the times of some bands, or their numbers where they have no times."""
    times = values["rain_grid"].times
    named = [f"{band + 1}" if times is None else f"{band + 1} ({times[band]})" for band in bands[:LISTED]]
    return ", ".join(named) + (", ..." if len(bands) > LISTED else "") if named else "-"
