"""Which files hold voxels or layers of the ground; what opens them is imported only where a file may be one."""

from __future__ import annotations

from pathlib import Path


def is_geotop(path: Path) -> bool:
    """Tell whether a netCDF file has the arrays of GeoTOP."""
    from .geotop.choice import is_geotop as found

    return found(path)


def is_regis(path: Path) -> bool:
    """Tell whether a netCDF file has tops and bottoms of layers."""
    from .geotop.choice import is_regis as found

    return found(path)


def looks_like_geotop(head: bytes) -> bool:
    """Tell whether a text file begins with the names of a GeoTOP export."""
    from .geotop.text import looks_like_geotop as found

    return found(head)
