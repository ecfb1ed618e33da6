"""What sources of files with city objects are told: the file, and which of its objects are wanted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


class ObjectsFile:
    """A file with city objects.

    Parameters
    ----------
    path : path
        Opened when it is described or read.
    lod : str, optional
        A level of detail ("2.2"), or "highest" of each object; all if absent.
    types : collection of str, optional
        Types of objects ("Building"); parts go with their whole. All if absent.
    assume_crs : str, optional
        Coordinate reference system of a file that states none.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        lod: str | None = None,
        types: Collection[str] | None = None,
        assume_crs: str | None = None,
    ) -> None:
        self.path = Path(path)
        self._lod, self._types = lod, None if types is None else frozenset(types)
        self._assume_crs = assume_crs
