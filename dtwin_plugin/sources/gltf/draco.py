"""KHR_draco_mesh_compression, through the optional package DracoPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError, MissingDependencyError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unpack(data: bytes | memoryview, file: str) -> tuple[NDArray[np.int64] | None, dict[int, NDArray[Any]]]:
    """Return the faces (None for points) and the attributes by their unique id.

    Raises
    ------
    MissingDependencyError
        If DracoPy is not installed.
    FormatError
        If the bytes are no Draco.
    """
    try:
        import DracoPy
    except ImportError as error:
        raise MissingDependencyError("DracoPy", "read geometry that is packed with Draco") from error
    try:
        found = DracoPy.decode(bytes(data))
    except (ValueError, RuntimeError, OSError, MemoryError, DracoPy.FileTypeException) as error:
        raise FormatError("{file} has Draco data that cannot be unpacked.", file=file) from error
    faces = getattr(found, "faces", None)
    attributes = {int(item["unique_id"]): np.asarray(item["data"]) for item in found.attributes}
    return (None if faces is None else np.asarray(faces, np.int64).reshape(-1, 3)), attributes
