"""What stays a file: results in a format of their own, point clouds, meshes, layer definitions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress, Silent

from .formats import BINARY, COPC, NETCDF, known, suffix_of
from .value import Value, from_base64

_LARGEST = 512 << 20  # bytes that travel as one value


def encoded(item: Field, carrier: Any, media_type: str = "", progress: Progress | None = None) -> Value:
    """Return a file by its path, a text, or what writes itself as bytes.

    Raises
    ------
    InputError
        If it is too large to travel by value.
    """
    if isinstance(carrier, Path):
        if carrier.stat().st_size > _LARGEST:
            raise InputError(
                "{file} is larger than {limit} MB, too large to be sent.",
                hint="Give a smaller file.",
                file=carrier.name,
                limit=_LARGEST >> 20,
            )
        return Value(carrier.read_bytes(), media_type or BINARY)
    if isinstance(carrier, str):
        return Value(carrier.encode("utf-8"), media_type or "text/plain")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"value{suffix_of(media_type)}"
        if item.kind == "mesh":
            from dtwin_plugin.sources.ugrid_write import write_ugrid

            return Value(write_ugrid(carrier, path).read_bytes(), NETCDF)
        if item.kind == "points":
            from dtwin_plugin.sources.copc import write_copc

            path = Path(folder) / "value.copc.laz"
            write_copc(carrier, path, progress=progress or Silent())
            return Value(path.read_bytes(), COPC)
        carrier.write(path)
        return Value(path.read_bytes(), media_type or BINARY)


def decoded(item: Field, value: Value, folder: Path) -> Path:
    """Return the path of a file with a value, in `folder`, named after the field; raises FormatError."""
    binary = isinstance(value.data, str) and known(value.media_type) in (BINARY, NETCDF, COPC)
    data = from_base64(value.data, item.title) if binary else value.as_bytes()
    path = folder / f"{item.name}{suffix_of(value.media_type)}"
    path.write_bytes(data)
    return path
