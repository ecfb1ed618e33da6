"""The reading of tiles one after another: what is told once, and which objects wait for more surfaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, PointCloud, Surfaces
from dtwin_plugin.progress import Progress

from .carriers import points_from, surfaces_from
from .notes import SENTENCES
from .objects import Piece, merged

if TYPE_CHECKING:
    from .carriers import Placed

_MOST_HELD = 4_000_000  # triangles that wait for others of their object: about 0.5 GB


class Reading:
    """Makes carriers of tiles.

    Parameters
    ----------
    file : str
        The tileset, for messages.
    progress : Progress
        Hears what is left out.
    """

    def __init__(self, file: str, progress: Progress) -> None:
        self._file, self._progress = file, progress
        self._told: set[str] = set()
        self._visits: Counter[str] = Counter()
        self._held: list[Piece] = []
        self._count = 0

    def carriers(
        self, placed: list[Placed], notes: list[str], extent: Extent | None, tile: str
    ) -> Iterator[Surfaces | PointCloud]:
        """Yield the points of a tile, and its surfaces if none of its objects can lie in another tile too."""
        for note in sorted(set(notes) - self._told):
            self._progress.warn(SENTENCES[note])
            self._told.add(note)
        self._visits[tile] += 1
        if self._visits[tile] > 1:  # one content at several places of a tileset is not one object
            tile = f"{tile}@{self._visits[tile]}"
        with np.errstate(invalid="ignore", over="ignore"):  # what is no finite number is left out
            for xyz, part, columns in placed:
                if part.triangles is None:
                    points = points_from(xyz, part, columns, extent)
                    if len(points):
                        yield points
            piece = surfaces_from(placed, extent, tile)
        if piece is None:
            return
        if not any(piece.keys):
            yield piece.surfaces
            return
        self._held.append(piece)
        self._count += len(piece.surfaces)
        if self._count > _MOST_HELD:
            self._progress.warn(
                "The area of {file} is so large that objects in several tiles can come in parts.", file=self._file
            )
            yield from self.rest()

    def rest(self) -> Iterator[Surfaces]:
        """Yield the objects that waited, each with all its surfaces."""
        held, self._held, self._count = self._held, [], 0
        if held:
            yield merged(held)
