"""The images of rain in one HDF5 file of the KNMI, and where their cells lie.

The layout is that of the KNMI's HDF5 data format (Roozekrans and Holleman 2003, KNMI internal report IR 2003-05):
groups `overview`, `geographic` and `image1` and on. A value PV means the amount of rain that the formula of its
calibration gives, but for two codes: no measurement, and outside the image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError, SourceError

from ..osgeo_scope import osgeo

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMULA = re.compile(r"GEO\s*=\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*\*\s*PV\s*\+\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")
_CALIBRATION = re.compile(r"image(\d+)_calibration_calibration_formulas")
_NUMBER = re.compile(r"\+?(\w+)=([-+\d.eE]+)")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_KILOMETRES = 10_000.0  # the radius of the earth is below it in km, and above it in m


@dataclass(frozen=True)
class Place:
    """Where the cells of an image lie: rows and columns, the north-west corner and the cells in m of a projection."""

    shape: tuple[int, int]
    left: float
    top: float
    width: float
    height: float
    projection: str


@dataclass(frozen=True)
class Image:
    """Rain in a period.

    Attributes
    ----------
    begin, end : datetime64[s]
        UTC.
    rain : ndarray
        float32 [mm] in the period, shape (rows, cols); NaN where it was not measured.
    """

    begin: np.datetime64
    end: np.datetime64
    rain: NDArray[np.float32]
    place: Place


def images_of(file: Path, name: str) -> Iterator[Image]:
    """Yield the images in a file, of which `name` is told in errors.

    Raises
    ------
    SourceError
        If GDAL reads no HDF5 here.
    FormatError
        If it is no rain radar of the KNMI: another quantity, no times, no place.
    """
    with osgeo() as lib:
        facts = _facts(lib, file, name)
        place = place_of(facts, name)
        numbers = sorted(int(found[1]) for found in map(_CALIBRATION.fullmatch, facts) if found)
        if not numbers:
            raise _strange(name, "no image with a calibration")
        for number, (begin, end) in zip(numbers, _periods(facts, numbers, name)):
            yield Image(begin, end, _rain(lib, file, facts, number, place, name), place)


def _facts(lib: Any, file: Path, name: str) -> dict[str, str]:
    """Return all attributes of a file, by group and name."""
    if lib.gdal.GetDriverByName("HDF5") is None:
        raise SourceError("This QGIS reads no HDF5.", hint="Install the HDF5 driver of GDAL (package gdal-hdf5).")
    try:
        dataset = lib.call(lib.gdal.OpenEx, str(file), lib.gdal.OF_RASTER, allowed_drivers=["HDF5", "HDF5Image"])
    except RuntimeError as error:
        raise _strange(name, "no HDF5") from error
    if dataset is None:
        raise _strange(name, "no HDF5")
    return {key: str(value).strip() for key, value in dataset.GetMetadata().items()}


def place_of(facts: Mapping[str, str], name: str) -> Place:
    """Return where the images lie, which is stated in km and cells.

    >>> facts = {"number_rows": "765", "number_columns": "700", "column_offset": "0", "row_offset": "3650"}
    >>> facts = {**facts, "pixel_size_x": "1", "pixel_size_y": "-1"}
    >>> facts = {f"geographic_geo_{key}": value for key, value in facts.items()}
    >>> facts["geographic_map_projection_projection_proj4_params"] = (
    ...     "+proj=stere +lat_0=90 +lon_0=0 +lat_ts=60 +a=6378.14 +b=6356.75 +x_0=0 y_0=0"
    ... )
    >>> place_of(facts, "radar.h5").top
    -3650000.0
    """
    try:
        rows, columns, left, top, width, height = (
            float(facts[f"geographic_geo_{key}"])
            for key in ("number_rows", "number_columns", "column_offset", "row_offset", "pixel_size_x", "pixel_size_y")
        )
        text = facts["geographic_map_projection_projection_proj4_params"]
        given = {key: float(value) for key, value in _NUMBER.findall(text)}
        a, b = (given[key] * (1000.0 if given[key] < _KILOMETRES else 1.0) for key in ("a", "b"))
        pole, meridian, true = given["lat_0"], given["lon_0"], given["lat_ts"]
    except (KeyError, ValueError) as error:
        raise _strange(name, f"no place ({error})") from error
    if "proj=stere" not in text or pole != 90 or not (6e6 < b <= a < 7e6) or not (width > 0 > height):
        raise _strange(name, f"the projection {text}")
    projection = f"+proj=stere +lat_0=90 +lon_0={meridian!r} +lat_ts={true!r} +a={a!r} +b={b!r} +no_defs"
    km = 1000.0
    return Place((int(rows), int(columns)), left * width * km, top * height * km, width * km, height * km, projection)


def _periods(facts: Mapping[str, str], numbers: list[int], name: str) -> list[tuple[np.datetime64, np.datetime64]]:
    """Return begin and end of each image: those of the product, or, of a forecast, the moments of the images."""
    if len(numbers) == 1:
        begin, end = (_moment(facts, f"overview_product_datetime_{which}", name) for which in ("start", "end"))
        if not begin < end:
            raise _strange(name, "a period without length")
        return [(begin, end)]
    ends = [_moment(facts, f"image{number}_image_datetime_valid", name) for number in numbers]
    step = ends[1] - ends[0]
    return [(end - step, end) for end in ends]


def _moment(facts: Mapping[str, str], key: str, name: str) -> np.datetime64:
    """Return a time such as 28-JUN-2011;20:05:00.000."""
    found = re.match(r"(\d{2})-([A-Za-z]{3})-(\d{4});(\d{2}:\d{2}:\d{2})", facts.get(key, ""))
    if not found or found[2].upper() not in _MONTHS:
        raise _strange(name, "no time")
    month = _MONTHS.index(found[2].upper()) + 1
    return np.datetime64(f"{found[3]}-{month:02d}-{found[1]}T{found[4]}", "s")


def _rain(lib: Any, file: Path, facts: Mapping[str, str], number: int, place: Place, name: str) -> NDArray[np.float32]:
    quantity = facts.get(f"image{number}_image_geo_parameter", "")
    if quantity and "MM" not in quantity.upper():
        raise FormatError(
            "{file} has {found}; expected rain in mm.",
            hint="Choose a product of rain amounts, such as RTCOR or MFBS, and not reflectivity.",
            file=name,
            found=quantity,
        )
    formula = _FORMULA.search(facts[f"image{number}_calibration_calibration_formulas"])
    if not formula:
        raise _strange(name, "no calibration that is a line")
    try:
        image = lib.call(lib.gdal.Open, f'HDF5:"{file}"://image{number}/image_data')
        raw = lib.call(image.ReadAsArray)
    except RuntimeError as error:
        raise _strange(name, "a damaged image") from error
    if raw is None or raw.shape != place.shape:
        raise _strange(name, f"an image of {getattr(raw, 'shape', 'no')} cells")
    rain = (float(formula[1]) * raw.astype(np.float64) + float(formula[2])).astype(np.float32)
    for code in ("missing_data", "out_of_image"):
        stated = facts.get(f"image{number}_calibration_calibration_{code}", "").split()
        if stated:
            rain[raw == float(stated[0])] = np.nan
    return rain


def _strange(name: str, what: str) -> FormatError:
    return FormatError(
        "{file} is no rain radar of the KNMI: it has {what}.",
        hint="Choose HDF5 files with rain amounts.",
        file=name,
        what=what,
    )
