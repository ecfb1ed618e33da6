"""Areas of a case as cells: rectangles, circles, polygons, lines, points, parts of an edge, files of any of them."""

from pathlib import Path

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.data.geometries import Geometries
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.errors import FormatError

from .tables import column, read_table

SHAPES = ("rectangle", "circle", "polygon", "line", "point", "edge", "file", "raster")


def numbered(spec, domain, folder):
    """Return for each cell the number of the part of the area that holds its centre, 0 for none; parts from 1 on."""
    found, count = np.zeros(domain.x.shape, int), 0
    for part in spec if isinstance(spec, list) else [spec]:
        cells = _shape(part, domain, folder)
        found = np.where(cells > 0, cells + count, found)
        count += int(cells.max(initial=0))
    return found


def covered(spec, domain, folder):
    """Return which cells lie in an area.

    Raises
    ------
    FormatError
        If it holds no cell.
    """
    found = numbered(spec, domain, folder) > 0
    if not found.any():
        raise FormatError(
            "An area of the case lies outside its terrain or holds no cell: {area}.", area=str(spec)[:200]
        )
    return found


def _shape(spec, domain, folder):
    kind = next((name for name in SHAPES if name in spec), None)
    if kind is None:
        raise FormatError("An area must have one of {known}; found {area}.", known=", ".join(SHAPES), area=str(spec))
    value = spec[kind]
    if kind == "rectangle":
        x_min, y_min, x_max, y_max = value
        return _inside(domain, x_min, x_max, y_min, y_max)
    if kind == "circle":
        x, y, radius = value
        return ((domain.x - x) ** 2 + (domain.y - y) ** 2 < radius**2).astype(int)
    if kind == "edge":
        return _edge(value, spec.get("from", -np.inf), spec.get("to", np.inf), domain)
    if kind == "raster":
        from .fields import field

        return (np.nan_to_num(field({"raster": value}, domain, folder)) > 0).astype(int)
    if kind == "file":
        files = sorted(folder.glob(value)) if "*" in value else [folder / value]
        if not files:
            raise FormatError("The case has no file {file}.", file=value)
        shapes = [shape for file in files for shape in _read(file)]
    else:
        shapes = [(kind, [value] if kind == "polygon" else value)]
    return _cells(shapes, domain)


def _inside(domain, x_min, x_max, y_min, y_max):
    return ((domain.x > x_min) & (domain.x < x_max) & (domain.y > y_min) & (domain.y < y_max)).astype(int)


def _edge(side, low, high, domain):
    along = domain.x if side in ("north", "south") else domain.y
    found = np.zeros(domain.x.shape, bool)
    line = {"north": np.s_[0], "south": np.s_[-1], "west": np.s_[:, 0], "east": np.s_[:, -1]}.get(side)
    if line is None:
        raise FormatError("An edge is north, east, south or west; found {side}.", side=side)
    found[line] = True
    return (found & (along > low) & (along < high)).astype(int)


def _cells(shapes, domain):
    grid = Grid(np.zeros(domain.x.shape), domain.x_min, domain.y_max, domain.cell_size)
    rings = [
        [[[tuple(point) for point in _closed(ring)] for ring in value]] for kind, value in shapes if kind == "polygon"
    ]
    found = labels(Geometries.build("polygon", rings), grid).astype(int) if rings else np.zeros(domain.x.shape, int)
    count = len(rings)
    for kind, value in shapes:
        if kind == "polygon":
            continue
        count += 1
        points = np.atleast_2d(np.asarray(value, float))[:, :2]
        if kind == "line":  # a point every tenth of a cell finds all cells but those that it only grazes
            steps = np.hypot(*np.diff(points, axis=0).T) / domain.cell_size * 10
            pieces = [np.linspace(a, b, int(n) + 2) for a, b, n in zip(points[:-1], points[1:], steps)]
            points = np.concatenate(pieces)
        row = np.floor((domain.y_max - points[:, 1]) / domain.cell_size).astype(int)
        col = np.floor((points[:, 0] - domain.x_min) / domain.cell_size).astype(int)
        known = (row >= 0) & (row < found.shape[0]) & (col >= 0) & (col < found.shape[1])
        found[row[known], col[known]] = count
    return found


def _closed(ring):
    points = [tuple(point[:2]) for point in ring]
    return points if points[0] == points[-1] else [*points, points[0]]


def _read(path):
    """Return kind and coordinates of the shapes of a file: x,y in CSV (one polygon, or one for each id), or vectors."""
    if path.suffix.lower() in (".csv", ".txt", ".xy"):
        return _read_csv(path)
    from osgeo import ogr

    ogr.UseExceptions()
    try:
        source = ogr.Open(str(path))
        layer = source.GetLayer(0)
        return [shape for feature in layer for shape in _parts(feature.GetGeometryRef())]
    except (RuntimeError, AttributeError) as error:
        raise FormatError("The file {file} of the case cannot be read: {error}.", file=path, error=error) from error


def _parts(geometry):
    from osgeo import ogr

    kind = ogr.GT_Flatten(geometry.GetGeometryType())
    if kind == ogr.wkbPolygon:
        yield "polygon", [geometry.GetGeometryRef(n).GetPoints() for n in range(geometry.GetGeometryCount())]
    elif kind in (ogr.wkbLineString, ogr.wkbPoint):
        yield ("line" if kind == ogr.wkbLineString else "point"), geometry.GetPoints()
    else:
        for n in range(geometry.GetGeometryCount()):
            yield from _parts(geometry.GetGeometryRef(n))


def _read_csv(path):
    table = read_table(path)
    names = [name.lower() for name in table]
    x, y = ("x", "y") if {"x", "y"} <= set(names) else list(table)[:2]
    points = np.column_stack([column(table, x, path), column(table, y, path)])
    group = next((name for name in table if name.lower() in ("id", "polygon", "number", "nr")), None)
    ids = table[group] if group else np.zeros(len(points))
    return [("polygon", [points[ids == one].tolist()]) for one in dict.fromkeys(ids.tolist())]


def of_polygons(paths, domain):
    """Return which cells lie in any of the polygons of CSV files."""
    return _cells([shape for path in paths for shape in _read(Path(path))], domain) > 0
