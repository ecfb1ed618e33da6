"""Grids as GeoTIFF, by the same writer as results in the toolbox, so that the bytes are the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress

from .formats import GEOTIFF, known
from .value import Value, from_base64

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def encoded(item: Field, grid: Grid, media_type: str, progress: Progress) -> Value:
    """Return a grid as a Cloud Optimized GeoTIFF."""
    from dtwin_plugin.sources.raster_write import write_cog

    with tempfile.TemporaryDirectory() as folder:
        return Value(write_cog(grid, Path(folder) / "value.tif", progress=progress).read_bytes(), GEOTIFF)


def decoded(item: Field, value: Value, to_rd: bool, progress: Progress) -> Grid:
    """Return the grid of a GeoTIFF; raises FormatError where it is none."""
    from dtwin_plugin.sources.raster_whole import read_whole

    data = from_base64(value.data, item.title) if isinstance(value.data, str) else value.data
    if not isinstance(data, bytes) or not data.startswith(_MAGIC):
        raise FormatError(
            "{field} is {found}; expected a GeoTIFF.",
            hint="Ask for image/tiff, or tell who keeps the server.",
            field=item.title,
            found=known(value.media_type) or "no raster",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "value.tif"
        path.write_bytes(data)
        return read_whole(path, to_rd=to_rd, progress=progress)
