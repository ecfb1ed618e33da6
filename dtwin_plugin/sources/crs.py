"""The CRS policy: everything is in RD New (EPSG:28992) and m NAP (EPSG:5709); other coordinates are transformed here.

RD and NAP are tied to ETRS89 by RDNAPTRANS2018. PROJ knows it only where its grids are installed, and otherwise answers
with an approximation without a word: 25 cm off in the plane at best, and 43 m in height. Therefore the transformation
is written out here, and `require_grids` refuses to go on without `nl_nsgi_rdcorr2018.tif` and `nl_nsgi_nlgeo2018.tif`.

Coordinates are always in traditional GIS order: x, y(, height) or longitude, latitude(, height), never latitude first.
Longitudes and latitudes are in degrees. WGS 84 is taken as ETRS89, from which it drifts 2.5 cm a year: less than 1 m
until the 2030s, and within what a WGS 84 coordinate without an epoch can mean.

References
----------
NSGI (2022). RDNAPTRANS2018: Coordinate transformation to and from Stelsel van de Rijksdriehoeksmeting and Normaal
Amsterdams Peil. Version of 27 June 2022, variant 1. Grids: PROJ-data, folder nl_nsgi, CC BY 4.0.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD, RD_BOUNDS, RD_NAP, is_rd, normalise
from dtwin_plugin.errors import CrsError
from dtwin_plugin.translate import mark

from .osgeo_scope import osgeo

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    _Transform = Callable[[NDArray[np.float64]], NDArray[np.float64]]

GRIDS = ("nl_nsgi_rdcorr2018.tif", "nl_nsgi_nlgeo2018.tif")

# ETRS89 -> RD, variant 1. The datum transformation works at the fixed ellipsoidal height of 43 m (NSGI 2022, 2.2.1);
# its parameters are those of 2.2.2, the projection that of 2.4. No "null" grid: outside the grids there is no answer.
_HORIZONTAL = (
    "+step +proj=push +v_3 +step +proj=set +v_3=43 +step +proj=cart +ellps=GRS80 "
    "+step +proj=helmert +x=-565.7346 +y=-50.4058 +z=-465.2895 +rx=-0.395023 +ry=0.330776 +rz=-1.876073 +s=-4.07242 "
    "+convention=coordinate_frame +exact +step +proj=cart +inv +ellps=bessel "
    "+step +proj=hgridshift +inv +grids=nl_nsgi_rdcorr2018.tif "
    "+step +proj=sterea +lat_0=52.156160556 +lon_0=5.387638889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel "
    "+step +proj=set +v_3=0 +step +proj=pop +v_3"
)
_RADIANS = "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
_PIPELINES = {
    RD: _RADIANS + _HORIZONTAL,
    RD_NAP: _RADIANS + "+step +proj=vgridshift +grids=nl_nsgi_nlgeo2018.tif " + _HORIZONTAL,
}
# ETRS89 and what is taken as ETRS89, and whether its third coordinate is an ellipsoidal height [m].
_ETRS89 = {
    **dict.fromkeys(("EPSG:4258", "EPSG:9067", "EPSG:4326", "OGC:CRS84", "EPSG:9286"), False),
    **dict.fromkeys(("EPSG:4937", "EPSG:7931", "EPSG:4979", "OGC:CRS84h"), True),
}
_RD_DATUM = {"EPSG:4289", "EPSG:28991"}  # longitude and latitude on RD's own ellipsoid, and RD before 1970: exact

# Amsterdam, Dam: RD x, y [m], NAP [m] and what RDNAPTRANS2018 makes of it: longitude, latitude [degrees], height [m].
# Without the horizontal grid the longitude is 7e-7 degrees (5 cm) larger, without the vertical one the height is 0 m.
_KNOWN = ((121_000.0, 487_000.0, 0.0), (4.8879700431, 52.3698263053, 42.98851))
_DEGREES, _METRES = 1e-8, 1e-3  # 1 mm both ways, the accuracy of RDNAPTRANS2018 (NSGI 2022, 1.4)

_OUTSIDE = re.compile(r"utside|err = 20(49|5[0-3])")  # PROJ's own numbers for a coordinate where there is no answer

_local = threading.local()  # a transformation belongs to the thread that made it
_version = 0  # of the search path and network setting; a change makes earlier transformations worthless


def use_grids(folder: str | Path) -> None:
    """Let PROJ look for grids in a folder too; the folders it knows stay."""
    with osgeo() as lib:
        paths = list(lib.osr.GetPROJSearchPaths())
        if str(folder) not in paths:
            lib.osr.SetPROJSearchPaths([*paths, str(folder)])
    _forget()


def grids_in_use() -> bool:
    """Tell whether RDNAPTRANS2018 really is used, by transforming a known point."""
    try:
        found = _apply(_rdnaptrans(RD_NAP, inverse=True), np.array([_KNOWN[0]]))[0]
    except RuntimeError:
        return False
    error = np.abs(found - _KNOWN[1])
    return bool(error[:2].max() < _DEGREES and error[2] < _METRES)


def require_grids() -> None:
    """Refuse to go on without the grids of RDNAPTRANS2018.

    Raises
    ------
    CrsError
        If they are not in use.
    """
    if getattr(_local, "checked", None) == _version:
        return
    if not grids_in_use():
        raise CrsError(
            "Coordinates cannot be transformed to or from RD New and NAP correctly, because PROJ does not find the "
            "grids {horizontal} and {vertical}.",
            hint="Put both files (from PROJ-data, folder nl_nsgi) in the folder proj of the QGIS profile, or set "
            "PROJ_NETWORK=ON to let PROJ fetch them; without them results are up to 112 m off.",
            horizontal=GRIDS[0],
            vertical=GRIDS[1],
        )
    _local.checked = _version


def to_rd(coordinates: ArrayLike, crs: str | int | None) -> NDArray[np.float64]:
    """Transform coordinates to RD New, and heights to m NAP.

    Parameters
    ----------
    coordinates : array_like
        Shape (n, 2) or (n, 3): x, y or longitude, latitude, and a height; a row with NaN gives NaN. The height is
        transformed where the CRS says what it is (EPSG:4979), and kept where the CRS has two dimensions (EPSG:4326).
    crs : str or int
        Of the coordinates, in any usual spelling.

    Returns
    -------
    ndarray
        float64, of the same shape [m].

    Raises
    ------
    CrsError
        If the CRS is unknown, a point lies outside the Netherlands, or the grids are missing.
    """
    points, name = _checked(coordinates, crs)
    if is_rd(name):
        return points
    require_grids()
    result = _by_rows(points, lambda rows: _rows_to_rd(rows, name), name)
    _require_rd(result, name)
    return result


def from_rd(coordinates: ArrayLike, crs: str | int | None) -> NDArray[np.float64]:
    """Transform coordinates in RD New and m NAP to another CRS, the inverse of `to_rd`.

    Raises
    ------
    CrsError
        If the CRS is unknown, a point lies outside the Netherlands, or the grids are missing.
    """
    points, name = _checked(coordinates, crs)
    if is_rd(name):
        return points
    require_grids()
    _require_rd(points, RD)
    return _by_rows(points, lambda rows: _rows_from_rd(rows, name), name)


def between(coordinates: ArrayLike, source: str, target: str) -> NDArray[np.float64]:
    """Transform x and y between two systems neither of which is RD New; raises CrsError where that cannot be done."""
    points, name = _checked(coordinates, source)
    return _by_rows(points, lambda rows: _apply(_proj(name, target), rows), name)


def is_geographic(crs: str) -> bool:
    """Tell whether the coordinates of a system are degrees."""
    with osgeo() as lib:
        return bool(reference_of(lib, crs).IsGeographic())


def utm_of(longitude: float, latitude: float) -> str:
    """Return the zone of UTM that a place lies in.

    >>> utm_of(13.4, 52.5), utm_of(151.7, -32.9)
    ('EPSG:32633', 'EPSG:32756')
    """
    return f"EPSG:{32600 if latitude >= 0 else 32700}"[:-2] + f"{int(min(max((longitude + 180) // 6, 0), 59)) + 1:02d}"


def extent_to_rd(bounds: tuple[float, float, float, float], crs: str | int | None) -> Extent:
    """Return the RD rectangle around a rectangle (x min, y min, x max, y max) in another CRS."""
    return Extent(*_around(to_rd(_outline(bounds), crs)))


def extent_from_rd(extent: Extent, crs: str | int | None) -> tuple[float, float, float, float]:
    """Return the rectangle in another CRS (x min, y min, x max, y max) around a rectangle in RD."""
    return _around(from_rd(_outline(extent.bounds), crs))


def _outline(bounds: tuple[float, ...], steps: int = 21) -> NDArray[np.float64]:
    """Return points along the edges: straight edges bend in another CRS, so corners alone are not enough."""
    x, y = np.linspace(bounds[0], bounds[2], steps), np.linspace(bounds[1], bounds[3], steps)
    sides = [(x, np.full(steps, edge)) for edge in (bounds[1], bounds[3])]
    sides += [(np.full(steps, edge), y) for edge in (bounds[0], bounds[2])]
    return np.concatenate([np.column_stack(side) for side in sides])


def _around(points: NDArray[np.float64]) -> tuple[float, float, float, float]:
    (x_min, y_min), (x_max, y_max) = points[:, :2].min(axis=0).tolist(), points[:, :2].max(axis=0).tolist()
    return x_min, y_min, x_max, y_max


def _checked(coordinates: ArrayLike, crs: str | int | None) -> tuple[NDArray[np.float64], str]:
    points = np.array(coordinates, np.float64)
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise CrsError("Coordinates need shape (n, 2) or (n, 3); found {shape}.", shape=points.shape)
    name = normalise(crs)
    if name is None:
        raise CrsError(
            "The coordinate reference system {crs} is not known.",
            hint="State it as an EPSG code, such as EPSG:28992 for RD New.",
            crs=repr(crs),
        )
    if name == "EPSG:4978" and points.shape[1] == 2:
        raise CrsError("Geocentric coordinates (EPSG:4978) need X, Y and Z; found two columns.")
    return points, name


def _by_rows(points: NDArray[np.float64], transform: _Transform, name: str) -> NDArray[np.float64]:
    """Transform the rows without NaN; the others stay NaN."""
    result = np.full_like(points, np.nan)
    known = np.isfinite(points).all(axis=1)
    if known.any():
        try:
            result[known] = transform(points[known])
        except RuntimeError as error:
            raise _outside(name) if _OUTSIDE.search(str(error)) else _impossible(name, error) from error
    return result


def _rows_to_rd(points: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if name in _RD_DATUM:
        return _apply(_proj(name, RD), points)
    spatial = _has_height(name, points)
    if name not in _ETRS89:
        points = _apply(_proj(name, "EPSG:4937" if spatial else "EPSG:4258"), points)
    return _apply(_rdnaptrans(RD_NAP if spatial else RD), points)


def _rows_from_rd(points: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if name in _RD_DATUM:
        return _apply(_proj(RD, name), points)
    spatial = _has_height(name, points)
    degrees = _apply(_rdnaptrans(RD_NAP if spatial else RD, inverse=True), points)
    return degrees if name in _ETRS89 else _apply(_proj("EPSG:4937" if spatial else "EPSG:4258", name), degrees)


def _has_height(name: str, points: NDArray[np.float64]) -> bool:
    """Tell whether there is a third coordinate that is a height in the CRS itself, so not in m NAP."""
    if points.shape[1] == 2:
        return False
    if name in _ETRS89:
        return _ETRS89[name]
    with osgeo() as lib:
        return bool(reference_of(lib, name).GetAxesCount() == 3)


def _apply(transformation: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return transformed points; a plane transformation leaves a height as it is."""
    with osgeo() as lib:
        found = np.array(lib.call(transformation.TransformPoints, points), np.float64)[:, : points.shape[1]]
    if not np.isfinite(found).all():
        raise RuntimeError(mark("A coordinate falls outside the area of the transformation"))
    return found


def _rdnaptrans(which: str, inverse: bool = False) -> Any:
    """Return RDNAPTRANS2018 from ETRS89 to RD (and NAP), or back; RuntimeError if a grid is missing."""

    def make(lib: Any) -> Any:
        options = lib.osr.CoordinateTransformationOptions()
        # GDAL keeps transformations by their text, and PROJ leaves a grid that it once missed out of them for ever,
        # without a word. A parameter that PROJ does not know makes the text new after each change of the settings.
        fresh = _PIPELINES[which].replace("+proj=pipeline", f"+proj=pipeline +settings={_version}", 1)
        options.SetOperation(fresh, inverse)
        return lib.call(lib.osr.CreateCoordinateTransformation, None, None, options)

    return _cached((which, inverse), make)


def _proj(source: str, target: str) -> Any:
    """Return PROJ's transformation between two CRS's, refusing guesses where the two datums have no known relation."""

    def make(lib: Any) -> Any:
        options = lib.osr.CoordinateTransformationOptions()
        options.SetBallparkAllowed(False)
        ends = reference_of(lib, source), reference_of(lib, target)
        return lib.call(lib.osr.CreateCoordinateTransformation, *ends, options)

    return _cached((source, target), make)


def _cached(key: tuple[Any, ...], make: Callable[[Any], Any]) -> Any:
    if getattr(_local, "version", None) != _version:
        _local.version, _local.transformations = _version, {}
    if key not in _local.transformations:
        with osgeo() as lib:
            _local.transformations[key] = make(lib)
    return _local.transformations[key]


def reference_of(lib: Any, name: str) -> Any:
    """Return a system as an `osr.SpatialReference` whose axes are x, y or longitude, latitude."""
    reference = lib.osr.SpatialReference()
    lib.call(reference.SetFromUserInput, name)
    reference.SetAxisMappingStrategy(lib.osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def _require_rd(points: NDArray[np.float64], name: str) -> None:
    x_min, x_max, y_min, y_max = RD_BOUNDS
    x, y = points[:, 0], points[:, 1]
    # NaN rows compare False and pass.
    if ((x < x_min) | (x > x_max) | (y < y_min) | (y > y_max)).any():
        raise _outside(name)


def _outside(name: str) -> CrsError:
    return CrsError(
        "A coordinate, read as {crs}, lies outside the Netherlands, where RD New and NAP are not defined.",
        hint="Check the coordinate reference system and the order of the coordinates (x, y or longitude, latitude).",
        crs=name,
    )


def _impossible(name: str, error: Exception) -> CrsError:
    return CrsError(
        "Coordinates cannot be transformed between {crs} and RD New: {reason}.",
        hint="Convert the data to RD New (EPSG:28992) first.",
        crs=name,
        reason=str(error).rstrip("."),
    )


def _forget() -> None:
    global _version
    _version += 1
