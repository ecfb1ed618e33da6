"""Rain radar as a series of grids in RD."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress

from ..osgeo_scope import osgeo
from ..raster_resample import Cells, target_cells
from .files import radar_files
from .images import Image, Place, images_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL = 1000.0  # m, as the radar's own
COUNTRY = Extent(0, 300_000, 300_000, 630_000)  # RD, where nothing else is asked
_MOST = 500e6  # values in memory: 2 GB


def read_radar(path: Path, extent: Extent | None, progress: Progress) -> tuple[Grid, float]:
    """Return the rain [mm] in each step, on cells of 1 km in RD, and the length of a step [s].

    Each cell has the value of the radar's cell that its middle lies in: no amount is smoothed. The times end the steps.

    Parameters
    ----------
    path : Path
        An HDF5 file, a folder of them, or a tar or zip with them.
    extent : Extent or None
        Cells that touch it, in RD; None is the whole country.

    Raises
    ------
    InputError
        If the steps differ in length or overlap, the area lies beside the radar, or the series is too large.
    SourceError, FormatError
        If a file cannot be read, or is no rain radar.
    Cancelled
        If the user stops it.
    """
    cells = target_cells(extent or COUNTRY, CELL)
    found: dict[np.datetime64, NDArray[np.float32]] = {}
    steps: set[float] = set()
    places: dict[Place, tuple[NDArray[np.intp], NDArray[np.intp]]] = {}
    for name, file in radar_files(path):
        if progress.is_cancelled():
            raise Cancelled
        for image in images_of(file, name):
            if image.place not in places:
                places[image.place] = _positions(image.place, cells)
            if image.end in found:
                raise InputError("{file} has the same moment as another file: {time} UTC.",
                                 hint="Choose files of one product.", file=name, time=str(image.end))  # fmt: skip
            found[image.end] = _sampled(image, *places[image.place])
            steps.add(float((image.end - image.begin) / np.timedelta64(1, "s")))
        if len(found) * cells.rows * cells.columns > _MOST:
            raise InputError("The series is too large.", hint="Choose a smaller area or a shorter period.")
    if len(steps) > 1:
        raise InputError("The files have steps of different lengths: {steps} s.", hint="Choose files of one product.",
                         steps=", ".join(f"{step:g}" for step in sorted(steps)))  # fmt: skip
    if all(np.isnan(values).all() for values in found.values()):
        raise InputError("{file} has no rain radar in this area.", hint="Choose another area.", file=path.name)
    ends = np.array(sorted(found), "datetime64[s]")
    values = np.stack([found[end] for end in ends])
    return Grid(values, cells.x_min, cells.y_max, CELL, RD, "mm", ends, "rain"), steps.pop()


def _sampled(image: Image, row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float32]:
    rows, columns = image.place.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return np.where(inside, image.rain[row.clip(0, rows - 1), column.clip(0, columns - 1)], np.float32(np.nan))


def _positions(place: Place, cells: Cells) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column in the image of each cell's middle.

    PROJ's way from RD without its grids is 1 m off, which does not matter to cells of 1 km; so it needs no grids.
    """
    x = cells.x_min + (np.arange(cells.columns) + 0.5) * cells.size
    y = cells.y_max - (np.arange(cells.rows) + 0.5) * cells.size
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    there = _between(place.projection, points)
    column = np.floor((there[:, 0] - place.left) / place.width).astype(np.intp)
    row = np.floor((there[:, 1] - place.top) / place.height).astype(np.intp)
    shape = (cells.rows, cells.columns)
    return row.reshape(shape), column.reshape(shape)


def _between(projection: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points of RD in a projection; longitude and latitude are kept as they are on any ellipsoid.

    That is what the KNMI does: the corners that it states are longitudes and latitudes of WGS 84.
    """
    with osgeo() as lib:

        def reference(text: str) -> object:
            made = lib.osr.SpatialReference()
            lib.call(made.SetFromUserInput, text)
            made.SetAxisMappingStrategy(lib.osr.OAMS_TRADITIONAL_GIS_ORDER)
            return made

        own = " ".join(["+proj=longlat", *(part for part in projection.split() if part[:3] in ("+a=", "+b="))])
        for begin, end in (("EPSG:28992", "EPSG:4326"), (f"{own} +no_defs", projection)):
            change = lib.call(lib.osr.CreateCoordinateTransformation, reference(begin), reference(end))
            points = np.array(lib.call(change.TransformPoints, points), np.float64)[:, :2]
    return points
