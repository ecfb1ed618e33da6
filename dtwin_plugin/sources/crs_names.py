"""Which system a file means by its definition, also where it states no code or calls it by a name of its own."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.crs import RD, RD_NAP, normalise
from dtwin_plugin.errors import CrsError

from .crs import reference_of
from .osgeo_scope import osgeo


def name_of(reference: Any) -> str | None:
    """Return the EPSG name of an `osr.SpatialReference`, looked up by its definition where it states none.

    Of a compound the horizontal part is named, except RD New with NAP. None if there is no CRS at all.

    Raises
    ------
    CrsError
        If it is one without an EPSG code.
    """
    if reference is None or reference.IsLocal():
        return None
    if reference.GetAuthorityCode(None):
        whole = f"EPSG:{reference.GetAuthorityCode(None)}"
        if not reference.IsCompound() or whole == RD_NAP:
            return normalise(f"{reference.GetAuthorityName(None)}:{reference.GetAuthorityCode(None)}")
    kind = "PROJCS" if reference.IsProjected() else "GEOGCS"
    if reference.GetAuthorityCode(kind):
        return f"EPSG:{reference.GetAuthorityCode(kind)}"
    with osgeo() as lib:
        alike = ["IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT"]
        if reference.IsSame(reference_of(lib, RD), alike) or _has_parameters_of_rd(reference):
            return RD
        matches = lib.call(reference.FindMatches)
    if matches and matches[0][1] >= 70:  # GDAL's confidence [%] that the name and the parameters agree
        return f"EPSG:{matches[0][0].GetAuthorityCode(None)}"
    raise CrsError(
        "The coordinate reference system {crs} has no EPSG code.",
        hint="Convert the data to RD New (EPSG:28992) first.",
        crs=repr(reference.GetName()),
    )


_RD_PARAMETERS = {
    "latitude_of_origin": 52.15616055555555,
    "central_meridian": 5.38763888888889,
    "scale_factor": 0.9999079,
    "false_easting": 155_000.0,
    "false_northing": 463_000.0,
}


def _has_parameters_of_rd(reference: Any) -> bool:
    """Tell whether a projection is that of RD New under another name, as GIS of old write it without its datum."""
    return "stereographic" in str(reference.GetAttrValue("PROJECTION")).lower() and all(
        abs(reference.GetProjParm(name, float("nan")) - value) < 1e-6 for name, value in _RD_PARAMETERS.items()
    )
