"""What files and services of named arrays have in common, and the search for axes and variables by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dtwin_plugin.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

Window = Mapping[str, tuple[int, int]]  # dimension -> first and the one after the last, as the source counts
_AXES = {
    "x": ("x", "easting", "x_coordinate", "x_coordinaat", "projection_x_coordinate"),
    "y": ("y", "northing", "y_coordinate", "y_coordinaat", "projection_y_coordinate"),
    "z": ("z", "height", "hoogte", "level", "diepte", "depth"),
    "layer": ("layer", "laag", "unit", "name"),
}


class Arrays(Protocol):
    """Named arrays with named dimensions, of which only what is asked is read.

    Attributes
    ----------
    name : str
        Of the file or the service, for messages.
    """

    name: str

    def dimensions(self) -> Mapping[str, Mapping[str, int]]:
        """Return for each array the sizes of its dimensions, in the order in which it is kept."""

    def attributes(self, name: str) -> Mapping[str, Any]:
        """Return what is told about an array, or about the whole for "" as a name."""

    def read(self, names: Sequence[str], window: Window, progress: Progress) -> dict[str, NDArray[Any]]:
        """Return arrays, cut to a window, as float32 or float64 with NaN where nothing is known."""

    def texts(self, name: str) -> list[str]:
        """Return an array of texts."""


def find(arrays: Arrays, names: Sequence[str]) -> str | None:
    """Return the array of the first of some names that is there, whatever its case."""
    known = {name.lower(): name for name in arrays.dimensions()}
    return next((known[name] for name in names if name in known), None)


def axis_name(dimensions: Mapping[str, int], axis: str) -> str | None:
    """Return which dimension is an axis ("x", "y", "z" or "layer").

    >>> axis_name({"Layer": 1, "Y": 2}, "y"), axis_name({"a": 1}, "x")
    ('Y', None)
    """
    known = {name.lower(): name for name in dimensions}
    return next((known[name] for name in _AXES[axis] if name in known), None)


def axes_of(arrays: Arrays, name: str, axes: Sequence[str]) -> dict[str, str]:
    """Return the dimension of an array for each axis; others may have one value only.

    Raises
    ------
    FormatError
        If one is absent, or there is another with more values.
    """
    dimensions = arrays.dimensions()[name]
    found = {axis: axis_name(dimensions, axis) for axis in axes}
    missing = [axis for axis, dimension in found.items() if dimension is None]
    others = [key for key, size in dimensions.items() if key not in found.values() and size != 1]
    if missing or others:
        raise FormatError(
            "{file} has {name} on the dimensions {found}; expected {expected}.",
            file=arrays.name,
            name=name,
            found=", ".join(dimensions) or "-",
            expected=", ".join(axes),
        )
    return {axis: str(dimension) for axis, dimension in found.items()}


def ordered(values: NDArray[Any], dimensions: Sequence[str], wanted: Sequence[str]) -> NDArray[Any]:
    """Return an array with its axes in another order, without those that are not wanted.

    >>> ordered(np.zeros((1, 2, 3)), ("time", "a", "b"), ("b", "a")).shape
    (3, 2)
    """
    kept = [name for name in dimensions if name in wanted]
    squeezed = values.reshape([size for name, size in zip(dimensions, values.shape) if name in wanted])
    return squeezed.transpose([kept.index(name) for name in wanted])


def clean(values: NDArray[Any], missing: Sequence[Any], scale: Any, offset: Any) -> NDArray[Any]:
    """Return values as numbers with a fraction, scaled, and NaN where they are one of `missing`.

    >>> clean(np.array([10, -127], np.int16), [-127], 0.5, None).tolist()
    [5.0, nan]
    """
    kind = values.dtype if values.dtype.kind == "f" else np.result_type(values.dtype, np.float32)
    result = values.astype(kind)  # a copy: what GDAL gives may be read-only
    for value in missing:
        if isinstance(value, (int, float)) and value == value:
            result[values == np.asarray(value).astype(values.dtype)] = np.nan
    if isinstance(scale, (int, float)) and scale != 1:
        result *= scale
    if isinstance(offset, (int, float)) and offset:
        result += offset
    return result


def crs_code(arrays: Arrays) -> str | None:
    """Return the EPSG code that an axis or the whole states as an attribute "epsg"; None if there is none."""
    for name in ("", *(key for key, sizes in arrays.dimensions().items() if len(sizes) <= 1)):
        for key, value in arrays.attributes(name).items():
            if key.lower() == "epsg" and re.fullmatch(r"\d{4,6}(\.0)?", str(value)):
                return f"EPSG:{int(float(value))}"
    return None
