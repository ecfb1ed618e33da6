"""The fields of a case file as arrays: formulas, rasters, columns of a CSV file, numbers."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dtwin_plugin.errors import FormatError


@dataclass(frozen=True)
class Domain:
    """Cells with the coordinates of their centres [m]; x to the east and y to the north from the south-west corner."""

    x: np.ndarray
    y: np.ndarray
    cell_size: float
    x_min: float
    y_max: float

    def cell(self, x, y):
        """Return row and column of the cell that holds a point."""
        row, column = int((self.y_max - y) // self.cell_size), int((x - self.x_min) // self.cell_size)
        if not (0 <= row < self.x.shape[0] and 0 <= column < self.x.shape[1]):
            raise FormatError("The point x {x}, y {y} of the case lies outside its terrain.", x=x, y=y)
        return row, column


def grid_of(rows, columns, cell_size, x_min=0.0, y_min=0.0):
    x = x_min + (np.arange(columns) + 0.5) * cell_size
    y = y_min + (rows - np.arange(rows) - 0.5) * cell_size
    return Domain(*np.meshgrid(x, y), cell_size, x_min, y_min + rows * cell_size)


def read_raster(path):
    """Return values (NaN = no data) and their domain; anything that GDAL reads."""
    from osgeo import gdal

    gdal.UseExceptions()
    try:
        dataset = gdal.Open(str(path))
    except RuntimeError as error:
        raise FormatError("The raster {file} of the case cannot be read: {error}.", file=path, error=error) from error
    values = dataset.GetRasterBand(1).ReadAsArray().astype(float)
    empty = dataset.GetRasterBand(1).GetNoDataValue()
    if empty is not None:
        values[values == np.float32(empty)] = np.nan
        values[values == empty] = np.nan
    x_min, size, _, y_max, _, _ = dataset.GetGeoTransform()
    return values, grid_of(*values.shape, size, x_min, y_max - values.shape[0] * size)


def read_table(path):
    """Return the columns of a CSV file with a header as arrays of float."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    return {name.strip(): np.array([float(row[name]) for row in rows]) for name in rows[0]}


def plane(domain, height=0.0, slope_x=0.0, slope_y=0.0):
    return height + slope_x * domain.x + slope_y * domain.y


def random(domain, low=0.0, high=1.0, seed=0, island=None, size=10):
    values = np.random.default_rng(seed).uniform(low, high, domain.x.shape)
    if island is not None:
        middle = tuple(slice(n // 2 - size, n // 2 + size) for n in values.shape)
        values[middle] = island
    return values


def v_catchment(domain, channel=20.0, side_slope=0.05, slope=0.02):
    """Two planes towards a channel between them, which falls to the south; Di Giammarco et al. (1996).

    The southernmost row holds nothing but the end of the channel, so that no water leaves elsewhere.
    """
    across = np.abs(domain.x - (domain.x.min() + domain.x.max()) / 2)
    heights = np.maximum(across - channel / 2, 0) * side_slope + slope * domain.y
    heights[-1, across[-1] > channel / 2] = np.nan
    return heights


def inside_channel(domain, channel=20.0, inside=0.15, outside=0.015):
    middle = (domain.x.min() + domain.x.max()) / 2
    return np.where(np.abs(domain.x - middle) < channel / 2, inside, outside)


def bowls(domain):
    """The bed of test 2 of the Environment Agency (Neelz and Pender 2013): 4 by 4 bowls; means over the cells."""
    steps = (np.arange(10) - 4.5) / 10 * domain.cell_size
    total = 0.0
    for dx in steps:
        for dy in steps:
            x, y = domain.x + dx, domain.y + dy
            cx, cy = np.cos(2 * np.pi * x / 500), np.cos(2 * np.pi * y / 500)
            total = total + 8.66783 - x / 2000 + y / 1500 - 3 / 32 + 5 / 32 * (cx + cy) - 3 / 32 * cx * cy
    return total / len(steps) ** 2


def wave(domain, n, u, time):
    """Depth of a wave on a horizontal plane that runs at u; Hunter et al. (2005)."""
    return (7 / 3 * n**2 * u**2 * np.maximum(u * time - domain.x, 0)) ** (3 / 7)


def sheet(domain, n, rain, slope):
    """Normal depth of steady flow under rain [m s-1] on a plane that falls to the east."""
    return (n * rain * domain.x / np.sqrt(slope)) ** 0.6


FORMULAS = {f.__name__: f for f in (plane, random, v_catchment, inside_channel, bowls, wave, sheet)}


def field(spec, domain, folder):
    """Return the values of a field on the cells: a number, an array, or a dict with formula, raster, csv or level."""
    if isinstance(spec, dict):
        if "raster" in spec:
            return read_raster(folder / spec["raster"])[0]
        if "csv" in spec:
            return np.tile(read_table(folder / spec["csv"])[spec["column"]], (domain.x.shape[0], 1))
        name = spec.get("formula")
        if name not in FORMULAS:
            raise FormatError("Formula {name} is not known; known: {known}.", name=name, known=", ".join(FORMULAS))
        return FORMULAS[name](domain, **{key: value for key, value in spec.items() if key not in ("formula", *SHAPE)})
    return np.broadcast_to(np.asarray(spec, float), domain.x.shape)


SHAPE = ("rows", "columns")


def terrain(case, folder):
    """Return the heights of a case [m] and their domain."""
    spec = case["terrain"]
    if "raster" in spec:
        return read_raster(folder / spec["raster"])
    if "values" in spec:
        values = np.array(spec["values"], float)
        return values, grid_of(*values.shape, case["cell_size"], spec.get("x_min", 0.0), spec.get("y_min", 0.0))
    rows = spec["rows"]
    columns = len(read_table(folder / spec["csv"])[spec["column"]]) if "csv" in spec else spec["columns"]
    domain = grid_of(rows, columns, case["cell_size"])
    return field(spec, domain, folder), domain
