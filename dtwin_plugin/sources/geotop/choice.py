"""Which netCDF file holds GeoTOP and which the layers of REGIS II or DGM; others are rasters."""

from __future__ import annotations

from pathlib import Path

from .netcdf import NetcdfArrays, mentions


def is_geotop(path: Path) -> bool:
    """Tell whether a netCDF file has the arrays of GeoTOP; it is opened only where it mentions them."""
    if not mentions(path, b"lithok"):
        return False
    known = {name.lower(): sizes for name, sizes in NetcdfArrays(path).dimensions().items()}
    return len(known.get("lithok", known.get("lithoklasse", ()))) >= 3  # x, y and z


def is_regis(path: Path) -> bool:
    """Tell whether a netCDF file has tops and bottoms of layers; it is opened only where it mentions them."""
    if not mentions(path, b"top", b"bot", b"lay") and not mentions(path, b"top", b"bot", b"laag"):
        return False
    arrays = NetcdfArrays(path).dimensions()
    known = {name.lower(): sizes for name, sizes in arrays.items()}
    bottom = known.get("botm", known.get("bottom"))
    return "top" in known and bottom is not None and len(known["top"]) == len(bottom) == 3  # layer, y, x
