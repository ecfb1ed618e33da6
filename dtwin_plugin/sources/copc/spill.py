"""Points that are more than the memory should hold: in files beside the result, by columns of the octree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import numpy as np

from dtwin_plugin.data import PointCloud

from .records import DTYPES, fill

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1_000_000  # points
_DEEPEST = 5  # levels of columns: 1024 files at most


class Spill:
    """Collects points as records in memory, and from `most` on in a file; gives them back by column.

    Parameters
    ----------
    folder : Path
        For the files; the caller removes it.
    most : int
        Points in memory.
    point_format : int
        Of the records.
    """

    def __init__(self, folder: Path, most: int, point_format: int) -> None:
        self._folder, self._most = folder, most
        self.point_format, self._dtype = point_format, DTYPES[point_format]
        # Room is taken where it is written to, and not before.
        self._held, self._in_memory = np.zeros(most, self._dtype), 0
        self._spilled = False
        self.count = 0
        self.low, self.high = np.full(3, 2**31, np.int64), np.full(3, -(2**31), np.int64)

    def add(self, cloud: PointCloud) -> None:
        """Take points in; raises InputError where a coordinate does not fit."""
        for start in range(0, len(cloud), self._most):
            rows: NDArray[np.int64] = np.arange(start, min(start + self._most, len(cloud)))
            part = cloud if len(rows) == len(cloud) else cloud.take(rows)
            if self._in_memory + len(part) > self._most:
                self._flush()
            low, high = fill(self._held[self._in_memory : self._in_memory + len(part)], part)
            self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)
            self.count += len(part)
            self._in_memory += len(part)

    def columns(
        self, low: NDArray[np.int64], side: int, heed: Callable[[], None]
    ) -> Iterator[tuple[int, NDArray[np.void]]]:
        """Yield the level of the columns, and the records of each, which are about `most` or fewer.

        Parameters
        ----------
        low, side : ndarray, int
            Of the cube of the octree.
        heed : callable
            Called every block; raises where the user wants to stop.
        """
        if not self._spilled:
            yield 0, self._held[: self._in_memory]
            return
        self._flush()
        self._held = np.empty(0, self._dtype)
        level = 1
        while level < _DEEPEST and self.count / 2 ** (2 * level) > self._most / 4:
            level += 1
        files = self._split(level, low, side, heed)
        self._folder.joinpath("all").unlink()
        for file in files:
            yield level, np.fromfile(file, self._dtype)
            file.unlink()

    def _flush(self) -> None:
        """Move what is in memory to the file."""
        if not self._in_memory:
            return
        self._spilled = True
        self._folder.mkdir(exist_ok=True)
        with self._folder.joinpath("all").open("ab") as stream:
            self._held[: self._in_memory].tofile(stream)
        self._in_memory = 0

    def _split(self, level: int, low: NDArray[np.int64], side: int, heed: Callable[[], None]) -> list[Path]:
        """Write each point to the file of its column."""
        found = set()
        for start in range(0, self.count, _BLOCK):
            heed()
            file = self._folder / "all"
            block = np.fromfile(file, self._dtype, min(_BLOCK, self.count - start), offset=start * self._dtype.itemsize)
            x, y = ((block["place"][:, axis].astype(np.int64) - low[axis]) * 2**level // side for axis in (0, 1))
            column = x * 2**level + y
            rows = np.argsort(column, kind="stable")
            block, column = block[rows], column[rows]
            starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
            for first, last in zip(starts, np.r_[starts[1:], len(column)]):
                name = self._folder / str(column[first])
                found.add(name)
                with name.open("ab") as stream:
                    block[first:last].tofile(stream)
        return sorted(found)
