"""The fields of a case file as arrays: formulas, expressions, rasters, columns of a table, areas, numbers."""

from dataclasses import dataclass

import numpy as np

from dtwin_plugin.errors import FormatError

from . import formulas
from .tables import column, read_table

SHAPE = ("rows", "columns", "x_min", "y_min")


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


def read_raster(path, band=1):
    """Return values (NaN = no data) and their domain; anything that GDAL reads, packed by gzip or zip too."""
    from osgeo import gdal

    gdal.UseExceptions()
    name = {".gz": f"/vsigzip/{path}", ".zip": f"/vsizip/{path}"}.get(path.suffix.lower(), str(path))
    if path.suffix.lower() == ".zip" and path.is_file():  # the raster in it
        inside = [n for n in gdal.ReadDir(name) or [] if n.lower().endswith((".asc", ".tif", ".tiff", ".dem"))]
        name = f"{name}/{inside[0]}" if inside else name
    try:
        dataset = gdal.Open(name)
        values = dataset.GetRasterBand(int(band)).ReadAsArray().astype(float)
    except (RuntimeError, AttributeError) as error:
        raise FormatError("The raster {file} of the case cannot be read: {error}.", file=path, error=error) from error
    empty = dataset.GetRasterBand(int(band)).GetNoDataValue()
    if empty is not None:
        values[values == np.float32(empty)] = np.nan
        values[values == empty] = np.nan
    x_min, size, skew, y_max, skew_y, height = dataset.GetGeoTransform()
    if skew or skew_y or abs(abs(height) - size) > 1e-6 * size:
        raise FormatError("The raster {file} of the case must have square cells that stand upright.", file=path)
    if height > 0:  # the first row in the south
        values, y_max = values[::-1], y_max + size * values.shape[0]
    return values, grid_of(*values.shape, size, x_min, y_max - values.shape[0] * size)


def sampled(values, source, domain):
    """Return the values at the centres of other cells, NaN beside them; of smaller cells the mean of whole blocks."""
    factor = int(round(domain.cell_size / source.cell_size))
    if factor > 1:
        values, source = blocks(values, source, factor)
    row = np.floor((source.y_max - domain.y) / source.cell_size + 1e-6).astype(int)
    col = np.floor((domain.x - source.x_min) / source.cell_size + 1e-6).astype(int)
    known = (row >= 0) & (row < values.shape[0]) & (col >= 0) & (col < values.shape[1])
    result = np.full(domain.x.shape, np.nan)
    result[known] = values[row[known], col[known]]
    return result


def blocks(values, domain, factor):
    """Return the means of blocks of cells, and their domain."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.data.resample import coarsened

    grid = Grid(values, domain.x_min, domain.y_max, domain.cell_size)
    coarse = np.asarray(coarsened(grid, domain.cell_size * factor).values, float)
    size = domain.cell_size * factor
    return coarse, grid_of(*coarse.shape, size, domain.x_min, domain.y_max - coarse.shape[0] * size)


def field(spec, domain, folder):
    """Return the values of a field on the cells; see docs/models/case-files.md for what may describe it."""
    if not isinstance(spec, dict):
        if isinstance(spec, str):
            return formulas.expression(spec, domain)
        return np.broadcast_to(np.asarray(spec, float), domain.x.shape)
    values = _values(spec, domain, folder)
    if "classes" in spec:
        values = _classes(spec, values)
    if "fill" in spec:
        values = np.where(np.isnan(values), float(spec["fill"]), values)
    return (
        values * float(spec.get("scale", 1.0)) + float(spec.get("add", 0.0)) if {"scale", "add"} & set(spec) else values
    )


def _values(spec, domain, folder):
    if "raster" in spec:
        values, source = read_raster(folder / spec["raster"], spec.get("band", 1))
        found = sampled(values, source, domain)
        if not np.isfinite(found).any():
            raise FormatError("The raster {file} does not lie over the terrain of the case.", file=spec["raster"])
        return found
    if "areas" in spec:
        from .areas import covered

        values = np.array(field(spec.get("default", np.nan), domain, folder))
        for area in spec["areas"]:
            values[covered(area, domain, folder)] = float(area["value"])
        return values
    if "radial" in spec:
        return formulas.profile(domain, spec["radial"], folder)
    if "csv" in spec:
        line = column(read_table(folder / spec["csv"]), spec["column"], spec["csv"])
        if line.size != domain.x.shape[1]:
            raise FormatError(
                "The table {file} must have a row for each of {columns} columns of cells; found {found}.",
                file=spec["csv"],
                columns=domain.x.shape[1],
                found=line.size,
            )
        return np.tile(line, (domain.x.shape[0], 1))
    if "expression" in spec:
        return formulas.expression(spec["expression"], domain)
    if "values" in spec:
        return np.array(spec["values"], float)
    return _formula(spec, domain)


def _formula(spec, domain):
    name = spec.get("formula")
    if name not in formulas.FORMULAS:
        known = ", ".join(formulas.FORMULAS)
        raise FormatError("Formula {name} is not known; known: {known}.", name=name, known=known)
    arguments = {k: v for k, v in spec.items() if k not in ("formula", "scale", "add", *SHAPE)}
    try:
        return formulas.FORMULAS[name](domain, **arguments)
    except TypeError as error:
        raise FormatError("Formula {name}: {error}.", name=name, error=error) from error


def _classes(spec, values):
    """Return the value of the class that each cell has."""
    table = {float(key): float(value) for key, value in spec["classes"].items()}
    known = np.unique(values[np.isfinite(values)])
    missing = [f"{code:g}" for code in known if code not in table]
    if missing and "default" not in spec:
        raise FormatError("The classes {missing} of the case have no value.", missing=", ".join(missing))
    result = np.full(values.shape, float(spec.get("default", np.nan)))
    for code, value in table.items():
        result[values == code] = value
    return result


def terrain(case, folder):
    """Return the heights of a case [m] and their domain."""
    spec = case["terrain"]
    if not isinstance(spec, dict):
        raise FormatError(
            'The terrain of the case must be an object, such as {"expression": "0.01 * x", "rows": 4, "columns": 5}.'
        )
    if "raster" in spec:
        values, domain = read_raster(folder / spec["raster"], spec.get("band", 1))
        values = values * float(spec.get("scale", 1.0)) + float(spec.get("add", 0.0))
        factor = float(case.get("cell_size", domain.cell_size)) / domain.cell_size
        if abs(factor - round(factor)) > 1e-6 or factor < 1 - 1e-6:
            raise FormatError(
                "The cell size {size} of the case must be a whole multiple of that of its terrain, {found}.",
                size=case["cell_size"],
                found=domain.cell_size,
            )
        return blocks(values, domain, round(factor)) if factor > 1.5 else (values, domain)
    corner = (spec.get("x_min", 0.0), spec.get("y_min", 0.0))
    if "values" in spec:
        values = np.array(spec["values"], float)
        return values, grid_of(*values.shape, case["cell_size"], *corner)
    columns = (
        len(column(read_table(folder / spec["csv"]), spec["column"], spec["csv"])) if "csv" in spec else spec["columns"]
    )
    domain = grid_of(spec["rows"], columns, case["cell_size"], *corner)
    return np.array(field(spec, domain, folder)), domain
