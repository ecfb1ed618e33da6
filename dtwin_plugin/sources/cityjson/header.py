"""What comes beside the city objects: version, transform, CRS, templates."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import normalise
from dtwin_plugin.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VERSION = re.compile(r"(1\.0|1\.1|2\.0)(\.\d+)*$")


@dataclass(frozen=True)
class Header:
    """The checked members of a CityJSON object, other than its city objects and vertices.

    Attributes
    ----------
    scale, translate : ndarray or None
        Shape (3,), of the transform; None without one.
    crs : str or None
        Normalised; None if absent or unknown.
    stated_crs : str or None
        As the file writes it.
    """

    file: str
    version: str
    scale: NDArray[np.float64] | None = None
    translate: NDArray[np.float64] | None = None
    crs: str | None = None
    stated_crs: str | None = None
    templates: dict[str, Any] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    appearance: dict[str, int] = field(default_factory=dict)

    def real(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coordinates [units of the CRS] of vertices as they are stored, in place; shape (n, 3)."""
        if self.scale is not None and self.translate is not None:
            vertices *= self.scale
            vertices += self.translate
        return vertices


def header_of(members: dict[str, Any], file: str) -> Header:
    """Return the checked header.

    Raises
    ------
    FormatError
        If it is no CityJSON object of a version that is read here, or a member is not what it should be.
    """
    kind = members.get("type")
    if kind == "CityJSONFeature":
        raise FormatError(
            "{file} starts with a CityJSONFeature; expected a line with the CityJSON object before it.",
            hint="Add the line with the version, transform and metadata.",
            file=file,
        )
    if kind != "CityJSON":
        message = '{file} is JSON but no CityJSON: expected "type": "CityJSON", found {found}.'
        raise FormatError(message, file=file, found=short(kind))
    version = members.get("version")
    match = _VERSION.match(version) if isinstance(version, str) else None
    if not match:
        raise FormatError(
            "{file} is CityJSON of version {found}; read are 1.0, 1.1 and 2.0.",
            hint="Upgrade it with cjio.",
            file=file,
            found=short(version),
        )
    stated = _stated_crs(_mapping(members, "metadata", file))
    scale, translate = _transform(members, file)
    return Header(
        file,
        match.group(1),
        scale,
        translate,
        normalise(stated),
        stated,
        _mapping(members, "geometry-templates", file),
        tuple(sorted(_mapping(members, "extensions", file))),
        appearance_counts(_mapping(members, "appearance", file)),
    )


def appearance_counts(appearance: dict[str, Any]) -> dict[str, int]:
    """Return the number of materials, textures and texture vertices."""
    return {name: len(items) for name, items in appearance.items() if isinstance(items, list) and items}


def short(value: Any) -> str:
    """Return a value as text of at most 60 characters, for messages."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _mapping(members: dict[str, Any], name: str, file: str) -> dict[str, Any]:
    value = members.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = "{file}: {name} is {found}; expected an object."
        raise FormatError(message, file=file, name=repr(name), found=short(value))
    return value


def _stated_crs(metadata: dict[str, Any]) -> str | None:
    """Return the CRS as it is written; before 1.0 it stood in metadata.crs.epsg, and some files of 1.0 have it yet."""
    stated = metadata.get("referenceSystem")
    older = metadata.get("crs")
    if stated is None and isinstance(older, dict):
        stated = older.get("epsg")
    return None if stated is None or stated == "" else str(stated)


def _transform(members: dict[str, Any], file: str) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    transform = _mapping(members, "transform", file)
    if not transform:
        return None, None
    return _triple(transform, "scale", file), _triple(transform, "translate", file)


def _triple(transform: dict[str, Any], name: str, file: str) -> NDArray[np.float64]:
    values: Any = transform.get(name)
    if not is_numbers(values, 3):
        message = "{file}: transform.{name} is {found}; expected three numbers."
        raise FormatError(message, file=file, name=name, found=short(values))
    if name == "scale" and 0 in values:
        message = "{file}: transform.scale is {found}, which brings all coordinates together; expected no zeros."
        raise FormatError(message, file=file, found=short(values))
    return np.array(values, np.float64)


def is_numbers(values: Any, count: int) -> bool:
    """Tell whether a value is a list of so many finite numbers."""
    return (
        isinstance(values, list)
        and len(values) == count
        and all(type(value) in (int, float) and _finite(value) for value in values)
    )


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond any float
        return False
