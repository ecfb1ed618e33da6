"""Slabs of voxels to one block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Voxels
from dtwin_plugin.data.voxels import NO_CLASS
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = (
    12_000_000  # cells of one block: 0.7 GB with ten classes; 60 km2 of GeoTOP from its bottom to its top is 2 million
)


def expect_room(cells: int, what: str) -> None:
    """Raise InputError where a block would have too many cells."""
    if cells > MOST:
        raise InputError(
            "The area has {count} cells in {file}; at most {limit} are read at once.",
            hint="Choose a smaller area, or fewer heights.",
            count=cells,
            file=what,
            limit=MOST,
        )


def joined(pieces: Iterable[Voxels]) -> Voxels:
    """Return the block around pieces of one cell size and classes; cells between them are unknown.

    Raises
    ------
    InputError
        If there are none, they do not lie on the same cells, or the block is too large.

    Examples
    --------
    >>> def piece(x, number):
    ...     return Voxels(np.array([[[number]]], np.int16), None, x, 0.0, 0.0, (1.0, 1.0, 1.0), ("a", "b"))
    >>> joined([piece(0.0, 0), piece(2.0, 1)]).classes.ravel().tolist()
    [0, -1, 1]
    """
    parts: list[Voxels] = []
    count = 0
    for piece in pieces:  # what is too large is refused while it comes, before it fills the memory
        count += piece.classes.size
        if count > MOST:
            raise InputError(
                "The area has more than {limit} cells, which is what is read at once.",
                hint="Choose a smaller area, or fewer heights.",
                limit=MOST,
            )
        parts.append(piece)
    if not parts:
        raise InputError("There are no voxels in the area.", hint="Choose another area.")
    first = parts[0]
    if len(parts) == 1:
        return first
    if any((p.cell_size, p.names, p.crs, set(p.layers)) != (first.cell_size, first.names, first.crs, set(first.layers))
           for p in parts):  # fmt: skip
        raise InputError("Voxels of one cell size and one list of classes are expected.")
    low = np.min([_corner(part) for part in parts], axis=0)
    starts = [np.rint((_corner(part) - low) / part.cell_size).astype(int) for part in parts]
    shape = tuple(int(n) for n in np.max([s + p.classes.shape for s, p in zip(starts, parts)], axis=0))
    expect_room(int(np.prod(shape)), mark("the voxels"))
    classes = np.full(shape, NO_CLASS, np.int16)
    with_chances = all(part.probability is not None for part in parts)
    chances = np.full((*shape, len(first.names)), np.nan, np.float32) if with_chances else None
    layers = {n: np.full(shape, np.nan if v.dtype.kind == "f" else 0, v.dtype) for n, v in first.layers.items()}
    for start, part in zip(starts, parts):
        place = _place(start, part.classes.shape)
        classes[place] = part.classes
        if chances is not None:
            chances[place] = part.probability
        for name, values in layers.items():
            values[place] = part.layers[name]
    x, y, z = (float(edge) for edge in low)
    return replace(first, classes=classes, probability=chances, x_min=x, y_min=y, z_min=z, layers=layers)


def _corner(part: Voxels) -> NDArray[np.float64]:
    return np.array([part.x_min, part.y_min, part.z_min])


def _place(start: NDArray[np.int64], shape: Sequence[int]) -> tuple[slice, ...]:
    return tuple(slice(int(begin), int(begin) + size) for begin, size in zip(start, shape))
