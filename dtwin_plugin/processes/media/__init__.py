"""Carriers to values that travel, and back: the one place that knows how a kind of field is written on a server.

`encode` is what a server answers and what a client asks with; `decode` its inverse. The same carrier gives the same
bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress, Silent

from . import cityjson, feature_json, files, gml, grids, packages, plain
from .formats import GEOJSON, GEOPACKAGE, GML, JSON_FG, WRITTEN, chosen, known, suffix_of
from .value import JSON, Link, Value, essence, value_of

__all__ = [
    "WRITTEN", "Link", "Value", "chosen", "decode", "encode", "essence", "known", "suffix_of", "value_of",
]  # fmt: skip

_PLAIN = ("number", "integer", "boolean", "choice", "text", "datetime", "extent", "table")


def encode(item: Field, carrier: Any, media_type: str = "", progress: Progress | None = None) -> Value:
    """Return a carrier as a value.

    Parameters
    ----------
    item : Field
        What the carrier is.
    carrier : object
        As `KINDS` of `models.base` says; a file as a path, as text, or as what writes itself.
    media_type : str
        One of `WRITTEN[item.kind]`; the first where empty.

    Raises
    ------
    FormatError
        If the kind is not written as this media type.
    CrsError
        If it must be transformed for it, and cannot be.

    Examples
    --------
    >>> encode(Field("rain", "Rain", "number", "mm"), 2.5).as_json()
    2.5
    """
    progress = progress or Silent()
    if item.kind in _PLAIN:
        return Value(plain.encoded(item, carrier), "text/plain" if item.kind == "text" else JSON)
    if item.kind == "file":
        return files.encoded(item, carrier, media_type)
    wanted = known(media_type) if media_type else WRITTEN[item.kind][0]
    if wanted not in WRITTEN[item.kind]:
        raise FormatError(
            "{field} cannot be written as {found}; possible are {known}.",
            field=item.title,
            found=media_type,
            known=", ".join(WRITTEN[item.kind]),
        )
    if item.kind == "features" and wanted in (JSON_FG, GEOJSON):
        return feature_json.encoded(carrier, wanted, progress)
    if item.kind == "features" and wanted == GML:
        return gml.encoded(carrier, progress)
    if wanted == GEOPACKAGE:
        return packages.encoded(item, carrier, wanted, progress)
    if item.kind == "surfaces":
        return cityjson.encoded(carrier, progress)
    if item.kind == "grid":
        return grids.encoded(item, carrier, wanted, progress)
    return files.encoded(item, carrier, wanted, progress)


def decode(
    item: Field,
    value: Value,
    folder: Path,
    *,
    to_rd: bool = False,
    progress: Progress | None = None,
) -> Any:
    """Return the carrier that a value holds.

    Parameters
    ----------
    folder : path
        Where a value that stays a file is kept: kinds "file", "points", "mesh" and "layer", given as its path.
    to_rd : bool
        Transform what is in another reference system to RD New, as models want their inputs; otherwise it stays as it
        came, where its carrier can hold it.

    Raises
    ------
    FormatError
        If it is not what the field and its media type say.
    CrsError
        If it must be in RD New and cannot be.

    Examples
    --------
    >>> decode(Field("rain", "Rain", "number", "mm"), Value("2.5"), Path("."))
    2.5
    """
    progress = progress or Silent()
    if item.kind in _PLAIN:
        return plain.decoded(item, value, to_rd)
    if item.kind in ("file", "points", "mesh", "layer"):
        return files.decoded(item, value, folder)
    if item.kind == "features":
        return _FEATURES[_form_of_features(value)](item, value, to_rd, progress)
    return _DECODERS[item.kind](item, value, to_rd, progress)


def _form_of_features(value: Value) -> str:
    """Return what features are written as: by what they begin with, as servers err in media types."""
    head = value.data[:16].lstrip() if isinstance(value.data, (bytes, str)) else ""
    text = head if isinstance(head, bytes) else head.encode("utf-8", "replace")
    if text.startswith((b"SQLite", b"U1FMaXRl")):  # the latter is base64 of the former
        return GEOPACKAGE
    return GML if text.startswith((b"<", b"\xef\xbb\xbf<")) else GEOJSON


_FEATURES: dict[str, Callable[..., Any]] = {
    GEOPACKAGE: packages.decoded,
    GML: gml.decoded,
    GEOJSON: feature_json.decoded,
}
_DECODERS: dict[str, Callable[..., Any]] = {
    "grid": grids.decoded,
    "surfaces": cityjson.decoded,
    "voxels": packages.decoded,
}
